"""Old things are forgotten, and nobody notices."""

import pytest

from bot.domain.incidents import Refused
from checks import Outcome

MONTHLY = """
channel: "#operations"
checks:
  api: {kind: disk, path: /}
  database: {kind: disk, path: /}
checklists:
  month:
    title: First of the month
    schedule: on the 1st at 09:00
    items: [api, database]
"""


async def forgets(story):
    """As it does every hour."""
    await story.engine.tidy()
    await story.settle()


async def test_a_monthly_digest_says_what_has_changed_since_last_month(story):
    await story.configured(MONTHLY)
    story.fails("database")
    await story.after("31 days")
    await forgets(story)
    story.recovers("database")
    story.fails("api", "api:443 refuses connections", outcome=Outcome.WARNING)
    await story.after("15 days")
    await forgets(story)
    await story.after("15 days")
    await forgets(story)
    (second,) = story.roots("First of the month", "New since", "Better since")
    assert second.shows("api (warning)", "database (was: critical)")


async def test_slots_that_were_missed_long_ago_are_named_when_rounds_comes_back(story):
    await story.configured(MONTHLY)
    await story.after("1h")
    await story.crashed_and_back_after("75 days")
    await forgets(story)
    await story.after("31 days")
    digest = story.the("First of the month")
    assert digest.shows("2026-04-01T09:00 missed", "2026-05-01T09:00 missed")


async def test_a_button_of_a_round_that_is_forgotten_is_answered(story):
    await story.configured(MONTHLY.replace("on the 1st at", "every day at").replace("database]", "{manual: Bills}]"))
    await story.after("2h")
    run, _, item = story.the("First of the month").buttons["tick"].partition(":")
    await story.desk.tick(int(run), item, story.asked("ann"))
    await story.after("20 days")
    await forgets(story)
    with pytest.raises(Refused):
        await story.desk.untick(int(run), item, story.asked("ann"))
