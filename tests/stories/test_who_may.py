"""Roles: whoever may not is told why, and nothing happens."""

import pytest

from bot.domain.incidents import Refused
from bot.domain.people import Person
from bot.domain.permissions import why_not
from bot.engine.desk import Desk
from commands.talk import Spoken, answered

YAML = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /, every: 1m, open_after: 1}
checklists:
  morning: {every: 1h, items: [cache, {manual: Look around}]}
roles:
  on-call: {who: ["user:ann"], may: [resolve, escalate, snooze]}
"""


class Town:
    """Ann is on call, Ben is a colleague, Gus a guest, Sue from elsewhere."""

    def __init__(self, story):
        self.story = story

    async def why_not(self, user, may):
        guest, team = user == "GUS", "T2" if user == "SUE" else "T1"
        person = Person(user, user, user, team=team, guest=guest)
        members = {"user:ann": frozenset({"ANN"})}
        return why_not(may, person, self.story.configuration.roles, home="T1", members=members)

    async def why_nobody(self, target):
        return "They have left." if target == "user:ULEFT" else None


@pytest.fixture
async def guarded(story):
    await story.configured(YAML)
    story.desk = Desk(story.store, story.clock, lambda: story.configuration, gate=Town(story))
    story.fails("cache")
    await story.after("1m")
    return story


async def test_a_colleague_acknowledges_and_whoever_is_on_call_resolves(guarded):
    await guarded.desk.acknowledge("#1", guarded.asked("BEN"))
    with pytest.raises(Refused, match="that is for on-call"):
        await guarded.desk.resolve("#1", guarded.asked("BEN"))
    await guarded.desk.resolve("#1", guarded.asked("ANN"))


@pytest.mark.parametrize(("who", "why"), [("GUS", "Guests may not"), ("SUE", "Only people of the workspace")])
async def test_guests_and_strangers_change_nothing(guarded, who, why):
    asked = guarded.asked(who, key="k")
    requests = [
        guarded.desk.acknowledge("#1", asked),
        guarded.desk.acknowledge_all([1], asked),
        guarded.desk.escalate("#1", asked),
        guarded.desk.run("morning", asked, channel="#operations"),
        guarded.desk.run_again(1, asked),
        guarded.desk.tick(1, "look-around", asked),
        guarded.desk.log("hello", asked),
    ]
    for request in requests:
        with pytest.raises(Refused, match=why):
            await request
    (incident,) = (await guarded.desk.status()).incidents
    assert incident.version == 1
    await guarded.desk.acknowledge("#1", guarded.asked("BEN", key="k"))  # the refused request has used up no key


async def test_a_stranger_is_not_told_what_is_wrong_either(guarded):
    for user, allowed in (("SUE", False), ("GUS", True)):
        spoken = Spoken("status", guarded.asked(user), "#operations")
        if allowed:
            assert "#1" in (await answered(guarded.desk, spoken)).text
        else:
            with pytest.raises(Refused, match="Only people of the workspace"):
                await answered(guarded.desk, spoken)


async def test_whoever_has_left_is_not_called_and_the_incident_stays_as_it_was(guarded):
    with pytest.raises(Refused, match="They have left"):
        await guarded.desk.escalate("#1", guarded.asked("ANN", key="k"), to="user:ULEFT")
    (incident,) = (await guarded.desk.status()).incidents
    assert incident.version == 1
    called = await guarded.desk.escalate("#1", guarded.asked("ANN", key="k"), to="user:UBEN")
    assert [step.notify for step in called.steps if step.direct] == [("user:UBEN",)]
