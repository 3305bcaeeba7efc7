"""What somebody writes of times is read by their own clock."""

import pytest

from bot.domain.people import Person
from bot.engine.desk import Desk


class Town:
    """Ann lives in Amsterdam; of Ben, Slack says no zone, and of Cem one that this machine does not know."""

    async def person(self, user):
        zones = {"UANN": "Europe/Amsterdam", "UBEN": None, "UCEM": "Europe/Atlantis"}
        return Person(user, user, user, zone=zones[user]) if user in zones else None


@pytest.mark.parametrize(
    ("who", "hour"), [("UANN", "17:00"), ("UBEN", "18:00"), ("UCEM", "18:00"), ("USTRANGER", "18:00")]
)
async def test_times_of_day_are_those_of_whoever_writes_them(story, who, hour):
    await story.configured("channel: C0OPS\nchecks: {cache: {kind: disk, path: /, every: 1m}}")
    story.desk = Desk(story.store, story.clock, lambda: story.configuration, people=Town())
    until, _ = await story.desk.end_of_quiet("until 18:00", who)
    assert until == await story.desk.moment("until 18:00", who)
    assert f"{until:%H:%M %Z}" == f"{hour} UTC"
