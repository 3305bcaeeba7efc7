"""What may happen next in a simulated world, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from checks import Outcome
from tests.simulation import people
from tests.simulation.due import JOBS
from tests.simulation.replica import Replica
from tests.simulation.team import CHECKS, configuration_text

if TYPE_CHECKING:
    from tests.simulation.world import World

S = 1_000_000
"""Microseconds in a second."""

MOST_SKEW_S = 45.0
"""Clocks are no further off: the courier looks back a minute for what an uncertain attempt left."""

Event = tuple[str, Callable[[], None]]


def possible(world: World) -> list[Event]:
    """All that could happen now, by the name under which `Chances` weighs it."""
    found: list[Event] = [("time", partial(pass_time, world))]
    if world.pending:
        found.append(("answer", world.answer))
    ready = [r for r in world.replicas if r is not None and r.ready and r.alive and r.frozen_until is None]
    for job in world.due.jobs(world.moment()):
        name = "deliver" if job == "deliver" else "job"
        found += [(name, partial(take_turn, world, r, job)) for r in ready if _worth(world, r, job)]
    if ready:
        one = world.random.choice(ready)
        found += [
            ("idle job", partial(idle_turn, world, one)),
            ("click", partial(people.click, world, one)),
            ("repeat", partial(people.repeat, world, one)),
            ("freeze", partial(freeze, world, one)),
        ]
        if any(call.replica is one and call.what == "look" for call in world.pending):
            found.append(("stall", partial(freeze, world, one)))  # in the middle of its work
        if one.text != world.text and not one.busy("reload"):
            found.append(("reload", partial(reload, world, one)))
    found += [("kill", partial(kill, world, r)) for r in world.replicas if r is not None]
    found += [("start", partial(world.start, n)) for n, r in enumerate(world.replicas) if r is None]
    found += [("health", partial(change_health, world)), ("edit", partial(edit, world))]
    found.append(("clock", partial(set_clock, world)))
    found += [(name, partial(people.meddle, world, name)) for name in people.MEDDLING]
    return found


def nothing_but_time(world: World) -> bool:
    """Whether nothing goes on by itself before time does."""
    return not any(name in ("answer", "job", "deliver") for name, _ in possible(world))


def _worth(world: World, replica: Replica, job: str) -> bool:
    """Whether something has happened since that job's last turn there."""
    return not replica.busy(job) and replica.turns.get(job) != (world.waits, world.seen.commits)


def take_turn(world: World, replica: Replica, job: str) -> None:
    """A system job's turn."""
    world.say(f"r{replica.machine} {job}")
    replica.turns[job] = world.waits, world.seen.commits
    replica.begin(job, getattr(replica.engine, job)())


def idle_turn(world: World, replica: Replica) -> None:
    """A turn although nothing is due."""
    job = world.random.choice((*JOBS, "tidy"))
    if not replica.busy(job):
        take_turn(world, replica, job)


def pass_time(world: World) -> None:
    """Time goes on: to what comes next, or a little, or by far too much."""
    dice, now = world.random.random(), world.moment()
    coming = world.due.next_moment(now)
    if dice < 0.5 and coming is not None:
        world.advance(min(coming - now, 3_600 * S))
    elif dice < 0.9:
        world.advance(world.random.randrange(3 * S))
    elif dice < 0.99:
        world.advance(world.random.randrange(30 * S))
    else:
        world.advance(world.random.randrange(1_800 * S))


def kill(world: World, replica: Replica) -> None:
    """A process dies. What it has sent may still arrive; what it has asked the database for may still commit."""
    world.say(f"r{replica.machine} dies")
    world.counts["kills"] += 1
    world.replicas[replica.machine] = None
    replica.die()
    mine = [call for call in world.pending if call.replica is replica]
    world.pending = [call for call in world.pending if call.replica is not replica]
    for call in mine:
        if call.what in ("write", "post", "redraw") and world.random.random() < 0.5:
            world.carry_out(call)


def freeze(world: World, replica: Replica) -> None:
    """It stands still, as under SIGSTOP; the world does not."""
    length = world.random.choice((1, 10, 40, 90)) * S
    world.say(f"r{replica.machine} stands still for {length / S:.0f} s")
    world.counts["freezes"] += 1
    replica.frozen_until = world.at + length


def reload(world: World, replica: Replica) -> None:
    """A process takes the newest configuration into use."""
    world.say(f"r{replica.machine} reloads")
    world.counts["reloads"] += 1
    replica.begin("reload", replica.reload(world.text))


def change_health(world: World) -> None:
    """Something breaks, or is mended."""
    check = world.random.choice(CHECKS)
    outcomes = (Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNKNOWN)
    world.health[check] = world.random.choices(outcomes, (5, 2, 3, 1))[0]
    world.say(f"{check} is {world.health[check].value}")


def edit(world: World) -> None:
    """Somebody edits the configuration."""
    world.text = configuration_text(world.random)
    world.say("the configuration is edited")


def set_clock(world: World) -> None:
    """A machine's clock is set."""
    machine = world.random.randrange(len(world.skew))
    world.skew[machine] = world.random.uniform(-1, 1) * world.random.choice((1.0, MOST_SKEW_S))
    world.counts["clocks set"] += 1
    world.say(f"r{machine}'s clock is {world.skew[machine]:+.1f} s off")
