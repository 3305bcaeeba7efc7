"""What people do in a simulated world: they click, Slack delivers a click twice, and they meddle with Slack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.engine.desk import Asked, Desk
from tests.simulation.team import CHECKS, PEOPLE

if TYPE_CHECKING:
    from tests.simulation.replica import Replica
    from tests.simulation.world import World

Request = Callable[[Desk, Asked], Awaitable[Any]]
Click = tuple[str, Request, Asked]


_OF_AN_INCIDENT = (
    "acknowledge",
    "acknowledge",
    "unacknowledge",
    "escalate",
    "call",
    "snooze",
    "unsnooze",
    "resolve",
    "run_again",
    "all",
)
_CALLED = (1, 2, 4, "user:chi", "usergroup:sre")
"""Whom people ask for: steps, and by name."""


def click(world: World, replica: Replica) -> None:
    """Somebody asks for something that they see in Slack, or think they see."""
    name, request = _chosen(world)
    number = len(world.clicked)
    asked = Asked(by=world.random.choice(PEOPLE), via=f"b{number}", key=f"click:{number}")
    world.clicked.append((name, request, asked))
    world.say(f"r{replica.machine} {asked.by} asks: {name}")
    world.counts["clicks"] += 1
    replica.click(name, request(replica.desk, asked))


def repeat(world: World, replica: Replica) -> None:
    """Slack delivers a click once more."""
    if world.clicked:
        name, request, asked = world.random.choice(world.clicked[-20:])
        world.say(f"r{replica.machine} Slack repeats: {name}")
        replica.click(name, request(replica.desk, asked))


def _chosen(world: World) -> tuple[str, Request]:
    chance, rows = world.random, world.ledger.rows
    unresolved = [i.id for i in rows["incident"].values() if i.state != "resolved"]
    over = [i.id for i in rows["incident"].values() if i.resolved_by is not None][-3:]
    listed = [r.id for r in rows["run"].values() if r.checklist == "hand" and r.state in ("waiting", "complete")][-3:]
    dice = chance.random()
    if unresolved and dice < 0.5:
        return _of_an_incident(world, unresolved)
    if over and dice < 0.6:
        number = chance.choice(over)
        return f"reopen #{number}", lambda desk, asked: desk.reopen(f"#{number}", asked)
    if listed and dice < 0.85:
        return _of_an_item(world, chance.choice(listed))
    match chance.randrange(8):
        case 0 | 1:
            check, to = chance.choice(CHECKS), chance.choice((None, None, *_CALLED))
            ask = f"escalate {check} to {to}"
            return ask, lambda desk, asked: desk.escalate(check, asked, to=to, why="it feels slow")
        case 2:
            return "open home", lambda desk, asked: desk.open_home(asked.by, asked)
        case _:
            name = chance.choice(("quick", "hand", "alpha"))
            return f"run {name}", lambda desk, asked: desk.run(name, asked, channel="#hand")


def _of_an_incident(world: World, unresolved: list[int]) -> tuple[str, Request]:
    chance = world.random
    number = chance.choice(unresolved)
    target = f"#{number}"
    what = chance.choice(_OF_AN_INCIDENT)
    match what:
        case "run_again":
            return f"run again #{number}", lambda desk, asked: desk.run_again(number, asked)
        case "snooze":
            until = world.now() + timedelta(seconds=chance.choice((20, 90, 200, 600)))
            return f"snooze #{number}", lambda desk, asked: desk.snooze(target, until, asked)
        case "all":
            return f"acknowledge all {unresolved}", lambda desk, asked: desk.acknowledge_all(unresolved, asked)
        case "call":
            to = chance.choice(_CALLED)
            return f"escalate {target} to {to}", lambda desk, asked: desk.escalate(target, asked, to=to)
    return f"{what} {target}", lambda desk, asked: getattr(desk, what)(target, asked)


def _of_an_item(world: World, run: int) -> tuple[str, Request]:
    chance = world.random
    item = chance.choice([i.item_id for i in world.ledger.rows["run_item"][run] if i.check_name is None])
    what = chance.choice(("tick", "tick", "untick", "skip", "own", "give back"))
    match what:
        case "own":
            return f"own {item}", lambda desk, asked: desk.acknowledge(item, asked)
        case "give back":
            return f"give {item} back", lambda desk, asked: desk.unacknowledge(item, asked)
        case "skip":
            return f"skip {item} of run {run}", lambda desk, asked: desk.skip(run, item, asked, "nobody is there")
    return f"{what} {item} of run {run}", lambda desk, asked: getattr(desk, what)(run, item, asked)


MEDDLING = ("archive", "unarchive", "close", "delete")
_CHANNELS = ("CBETA", "CLISTS", "CHAND")


def meddle(world: World, what: str) -> None:
    """Somebody archives a channel, takes a right away, or deletes a message of ours."""
    slack, chance = world.slack, world.random
    channel = chance.choice(_CHANNELS)
    match what:
        case "archive":
            slack.archived.add(channel)
            slack.were_archived.add(channel)
        case "unarchive":
            slack.archived.discard(channel)
            slack.closed.discard(channel)
        case "close":
            slack.closed.add(channel)
        case "delete":
            found = [m for m in slack.messages[-30:] if not m.gone]
            if not found:
                return
            message = chance.choice(found)
            message.gone = True
            channel = f"{message.key} in {message.channel}"
    world.counts[f"{what}d"] += 1
    world.say(f"{what} {channel}")
