"""What Slack makes of names in plain text when a call asks for it, or, in chat.update, does not forbid it."""

import re

from sandbox.workspace import Workspace

_NAME = re.compile(r"<[^<>]*>|(?<![\w&;])([@#])([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
RANGES = ("here", "channel", "everyone")


def linked(workspace: Workspace, text: str, *, people: bool) -> str:
    """Bare @here and #general become references; with `people`, @ann and @sre as well. What stands in <…> stays."""
    named: dict[str, str] = {}
    if people:
        named = {person.name: f"<@{person.id}>" for person in workspace.people.values()}
        named |= {group.handle: f"<!subteam^{group.id}>" for group in workspace.groups.values()}
    named |= {word: f"<!{word}>" for word in RANGES}

    def reference(found: re.Match[str]) -> str:
        mark, name = found.group(1), (found.group(2) or "").lower()
        if mark == "@":
            return named.get(name, found.group(0))
        channel = workspace.named(name) if mark == "#" else None
        return f"<#{channel.id}|{channel.name}>" if channel is not None else found.group(0)

    return _NAME.sub(reference, text)
