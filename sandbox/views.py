"""Modals and Home tabs: what is open for whom, three deep, each change with a new hash."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.block_kit.values import current_conversation
from sandbox.clock import Clock
from sandbox.json_types import Json
from sandbox.seed import Seed

DEPTH = 3
"""Modals on top of each other (docs.slack.dev/surfaces/modals)."""


class ViewRefused(Exception):
    """Its text is Slack's error code."""


@dataclass(eq=False)
class View:
    """`given` is the view as the bot sent it, `filled` what the person has entered: block id → action id → value.
    `channel` is the conversation from which it was opened."""

    id: str
    user: str
    given: Json
    hash: str
    root: str
    previous: str | None
    channel: str = ""
    filled: dict[str, Json] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.given.get("type", ""))

    @property
    def blocks(self) -> list[Json]:
        blocks = self.given.get("blocks")
        return blocks if isinstance(blocks, list) else []


class Views:
    def __init__(self, seed: Seed, clock: Clock, tell: Callable[[Json], None], new_id: Callable[[str], str]) -> None:
        self._seed = seed
        self._clock = clock
        self._tell = tell
        self._new_id = new_id
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def clear(self) -> None:
        self.stacks.clear()
        self.homes.clear()

    def open(self, user: str, given: Json, *, channel: str = "") -> View:
        """On top of what is open for that person, at most three deep."""
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= DEPTH:
            raise ViewRefused("push_limit_reached")
        self._check_external_id(given, None)
        made = self._new_id("V")
        root, previous = (stack[0].id, stack[-1].id) if stack else (made, None)
        view = View(made, user, given, self._hash(), root, previous, channel)
        view.filled = current_conversation(view.blocks, channel)
        stack.append(view)
        self._told(user)
        return view

    def publish(self, user: str, given: Json, hash_: str) -> View:
        """The Home tab of one person. It keeps its id from one publishing to the next."""
        view = self.homes.get(user)
        if view is None:
            made = self._new_id("V")
            view = self.homes[user] = View(made, user, given, self._hash(), made, None)
        else:
            self._check_hash(view, hash_)
            view.given, view.hash, view.filled = given, self._hash(), {}
        self._tell({"type": "home", "user": user, "view": self.web(view)})
        return view

    def update(self, view: View, given: Json, hash_: str = "") -> None:
        """Values of inputs whose block id and action id stay are kept, as in Slack."""
        self._check_hash(view, hash_)
        if given.get("type") != view.kind:
            raise ViewRefused("invalid_arguments")
        self._check_external_id(given, view)
        view.given, view.hash = given, self._hash()
        if view.kind == "home":
            self._tell({"type": "home", "user": view.user, "view": self.web(view)})
        else:
            self._told(view.user)

    def close(self, view: View) -> None:
        """Only this one; those on top of it stay."""
        stack = self.stacks.get(view.user, [])
        if view in stack:
            stack.remove(view)
            self._told(view.user)

    def close_all(self, user: str) -> None:
        if self.stacks.pop(user, None):
            self._told(user)

    def top(self, user: str) -> View | None:
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def find(self, view_id: str) -> View | None:
        return next((view for view in self._all() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        return next(
            (view for view in self._all() if external_id and view.given.get("external_id") == external_id), None
        )

    def _all(self) -> list[View]:
        return [*(view for stack in self.stacks.values() for view in stack), *self.homes.values()]

    def _check_hash(self, view: View, hash_: str) -> None:
        if hash_ and hash_ != view.hash:
            raise ViewRefused("hash_conflict")

    def _check_external_id(self, given: Json, mine: View | None) -> None:
        other = self.find_external(str(given.get("external_id") or ""))
        if other is not None and other is not mine:
            raise ViewRefused("duplicate_external_id")

    def _hash(self) -> str:
        return f"{int(self._clock.now())}.{secrets.token_hex(4)}"

    def _told(self, user: str) -> None:
        self._tell({"type": "modals", "user": user, "stack": [self.web(view) for view in self.stacks.get(user, [])]})

    def web(self, view: View, *, values: dict[str, Json] | None = None) -> Json:
        """As views.open answers, and as interaction payloads carry it."""
        given, seed = view.given, self._seed
        return {
            "id": view.id,
            "team_id": seed.team,
            "type": view.kind,
            "title": given.get("title"),
            "close": given.get("close"),
            "submit": given.get("submit"),
            "blocks": view.blocks,
            "private_metadata": given.get("private_metadata") or "",
            "callback_id": given.get("callback_id") or "",
            "external_id": given.get("external_id") or "",
            "state": {"values": view.filled if values is None else values},
            "hash": view.hash,
            "clear_on_close": bool(given.get("clear_on_close", False)),
            "notify_on_close": bool(given.get("notify_on_close", False)),
            "submit_disabled": bool(given.get("submit_disabled", False)),
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "app_id": seed.app_id,
            "app_installed_team_id": seed.team,
            "bot_id": seed.bot_id,
        }

    def state(self) -> Json:
        return {
            "homes": {user: self.web(view) for user, view in self.homes.items()},
            "modals": {user: [self.web(view) for view in stack] for user, stack in self.stacks.items() if stack},
        }
