"""Slash commands."""

import re

from sandbox.channel import Channel
from sandbox.delivery import Ack
from sandbox.interactions import answers, parts
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.people import Person
from sandbox.web_api.refusal import Refused


async def run(slack: LocalSlack, *, who: str, channel: str, command: str, text: str) -> Json:
    person = parts.person(slack, who)
    where = parts.seen_channel(slack, who, channel)
    known = slack.seed.manifest.command(command)
    if known is None:
        raise Impossible(f"{command} is not a command of this app.", 404)
    if "commands" not in slack.seed.manifest.scopes:
        raise Impossible("The app has no scope for commands.", 403)
    if where.is_archived:
        raise Impossible(f"{channel} is archived.")
    said = escaped(slack, text) if known.should_escape else text
    ack = await slack.delivery.command(_payload(slack, person, where, command, said))
    parts.complain(slack, who, ack, command)
    return parts.told(ack) | {"response": _answered(slack, person, where, ack)}


def _payload(slack: LocalSlack, person: Person, where: Channel, command: str, text: str) -> Json:
    """All values are strings, as in a form (docs.slack.dev/interactivity/implementing-slash-commands)."""
    seed = slack.seed
    return {
        "token": "verification-token",
        "team_id": seed.team,
        "team_domain": seed.domain,
        "channel_id": where.id,
        "channel_name": where.spoken_name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": seed.app_id,
        "is_enterprise_install": "false",
        "response_url": parts.response_url(slack, where, person.id),
        "trigger_id": slack.triggers.make(person.id, channel=where.id),
    }


def _answered(slack: LocalSlack, person: Person, where: Channel, ack: Ack) -> Json | None:
    if not ack.acked or not ack.payload:
        return None
    try:
        answers.say(slack, where, person.id, ack.payload)
    except Refused as refusal:
        slack.workspace.toast(person.id, f'The answer was refused: "{refusal.code}".')
    return ack.payload


def escaped(slack: LocalSlack, text: str) -> str:
    """With `should_escape`: @ann becomes <@U1|ann>, #general <#C2|general>, and < > & become entities."""
    people = {person.name: person.id for person in slack.workspace.people.values()}
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # What is written as <@U1> already is a reference, not text.
    safe = re.sub(r"&lt;([@#!][^&<>\s]+)&gt;", r"<\1>", safe)

    def reference(found: re.Match[str]) -> str:
        mark, name = found.group(1), found.group(2)
        if mark == "@" and name in people:
            return f"<@{people[name]}|{name}>"
        if mark == "#" and (channel := slack.workspace.named(name)) is not None:
            return f"<#{channel.id}|{channel.name}>"
        return found.group(0)

    return re.sub(r"(?<![\w<])([@#])([a-z0-9][a-z0-9._-]*)", reference, safe)
