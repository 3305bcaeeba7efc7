"""A world's life: misfortune until so many slots have come, then calm, and the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.notifications import RunView
from bot.engine.views import view_of
from bot.slack.cards import card_of, maybe_repeated
from tests.simulation import fate
from tests.simulation.fate import S
from tests.simulation.replica import Replica
from tests.simulation.slack import PEOPLE
from tests.simulation.world import Broken, World

if TYPE_CHECKING:
    from tests.simulation.still import StillWorld

SLOTS = 250
"""Of one world."""

STEPS_A_SLOT = 400
"""More than this, and nothing moves."""


def live(world: World, *, slots: int = SLOTS) -> None:
    """From the first start to the account."""
    while world.slots < slots:
        world.step()
        if world.steps > STEPS_A_SLOT * (slots + 100):
            raise Broken(world.report([f"only {world.slots} slots came in {world.steps} steps"]))
    settle(world)


def settle(world: World) -> None:
    """Nothing fails any more, no slot comes, everybody knows the newest configuration, and what was decided is told."""
    world.say("all is well again")
    world.chances = world.slack.chances = world.chances.calm()
    for machine, replica in enumerate(world.replicas):
        if replica is None:
            world.start(machine)
        elif replica.frozen_until is not None:
            replica.thaw()
    begun = world.steps
    while world.pending or world.due.left(world.moment()) or _behind(world):
        if fate.nothing_but_time(world):
            coming = world.due.next_moment(world.moment(), ahead=("sweep", "deliver"))
            world.advance(1 * S if coming is None else min(coming - world.moment(), 3_600 * S))
        world.step()
        if world.steps - begun > STEPS_A_SLOT * 200:
            raise Broken(world.report([f"it does not settle: {world.due.open}"[:2_000]]))
    replica = next(replica for replica in world.replicas if replica is not None)
    checks = replica.configuration.checks
    wrong = [*world.seen.broken_in_calm(checks=checks, now=world.moment()), *wrong_cards(world, replica)]
    if wrong:
        raise Broken(world.report(wrong))


def _behind(world: World) -> bool:
    """Whether a process has not taken the newest configuration into use yet."""
    return any(r is not None and (not r.ready or r.text != world.text) for r in world.replicas)


def wrong_cards(world: World | StillWorld, replica: Replica, *, latest: int = 1_000_000) -> list[str]:
    """Cards in Slack, of those posted last, that say something else than the ledger."""
    wrong: list[str] = []
    for row in list(world.ledger.rows["message"].values())[-latest:]:
        if row.shown < row.wanted:
            continue  # it waits for its turn
        message = world.slack.standing(row.channel_id, row.ts)
        if message is None or message.channel in world.slack.were_archived:
            continue
        load = partial(view_of, subject=row.subject, configuration=replica.configuration)
        view = world.ledger.read(load, world.now())
        if isinstance(view, RunView) and isinstance(message.view, RunView):
            # A digest tells of incidents and of the round before as they were when it was drawn.
            drawn = message.view
            view = replace(view, incidents=drawn.incidents, before=drawn.before, places=drawn.places)
        if view is None:
            continue
        card = card_of(view, PEOPLE)
        if message.blocks not in (card.blocks, maybe_repeated(card).blocks if message.marked else None):
            wrong.append(f"the card of {row.subject} shows something else than the ledger")
    return wrong


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one world: figures by name, and the report if a promise broke."""

    seed: int
    figures: Counter[str]
    fingerprint: str
    broken: str | None


def life(seed: int, *, slots: int = SLOTS, told: Callable[[str], None] = lambda line: None) -> Life:
    """A world from its beginning to its account."""
    with World(seed, told=told) as world:
        broken = None
        try:
            live(world, slots=slots)
        except Broken as error:
            broken = str(error)
        return Life(seed, _figures(world), world.fingerprint(), broken)


def _figures(world: World) -> Counter[str]:
    rows = world.ledger.rows
    figures = Counter({"worlds": 1, "slots": world.slots, "steps": world.steps})
    figures.update({f"runs {state}": n for state, n in Counter(run.state for run in rows["run"].values()).items()})
    figures.update(world.counts)
    figures.update({f"Slack: {name}": count for name, count in world.slack.happened.items()})
    figures["messages"] = len(world.slack.messages)
    figures["incidents"] = len(rows["incident"])
    figures["steps told"] = sum(key.endswith(":escalated") for key in world.slack.posts)
    return figures
