"""Every button that a card can draw is answered, and every answer has its button."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import commands
from bot.engine.desk import Started
from bot.slack.cards import home_view
from bot.slack.ears import Ears
from bot.slack.ids import EVIDENCE, Press
from commands.buttons import ANSWERED, PRESSED
from tests.commands.conversation import ANN, CHANNEL, RememberedInbox
from tests.slack import limits, states

ASKS = {
    Press.ACKNOWLEDGE: ("12", "acknowledge", ("12",)),
    Press.ACKNOWLEDGE_ALL: ("12,13", "acknowledge_all", ([12, 13],)),
    Press.UNACKNOWLEDGE: ("12", "unacknowledge", ("12",)),
    Press.RESOLVE: ("12", "resolve", ("12",)),
    Press.RUN_AGAIN: ("12", "run_again", (12,)),
    Press.RUN: ("morning", "run", ("morning",)),
    Press.TICK: ("7:plants", "tick", (7, "plants")),
    Press.UNSNOOZE: ("12", "unsnooze", ("12",)),
    Press.UNTICK: ("7:plants", "untick", (7, "plants")),
}


class Registered:
    """Stands for Bolt's app, and writes down what is registered with it."""

    def __init__(self) -> None:
        self.names: dict[str, list[Any]] = {}

    def __getattr__(self, what: str) -> Any:
        def register(name: Any) -> Any:
            self.names.setdefault(what, []).append(name)
            return lambda listener: listener

        return register


def registered() -> dict[str, list[Any]]:
    """Everything that is heard, by the name of Bolt's decorator."""
    app = Registered()
    crew = commands.Crew()
    commands.register(app, None, crew, Ears(app, RememberedInbox(), crew.start))  # type: ignore[arg-type]
    return app.names


def registered_actions() -> set[str]:
    return {name for name in registered()["action"] if isinstance(name, str)}


def drawn_actions() -> set[str]:
    pages = [card.blocks for card in states.cards("x").values()] + [home_view(states.status("x"))["blocks"]]
    return {element["action_id"] for page in pages for element in limits.elements(page)}


def test_the_table_below_knows_every_button():
    assert set(ASKS) == set(PRESSED)
    assert set(ASKS) | set(ANSWERED) - {EVIDENCE} == set(Press)


@pytest.mark.parametrize("press", ASKS, ids=str)
async def test_a_press_is_acknowledged_and_asks_the_desk_in_the_name_of_whoever_pressed(ann, recording, press):
    value, what, args = ASKS[press]
    assert await ann.presses(press.value, value) == []
    ((asked, given, _),) = recording.asked
    assert (asked, given[: len(args)]) == (what, args)
    assert given[len(args)].by == ANN
    assert given[len(args)].via == "button"


def test_every_registered_action_is_drawn_by_some_card():
    assert registered_actions() - drawn_actions() == set()


def test_every_drawn_action_is_registered():
    assert drawn_actions() - registered_actions() == set()


@pytest.mark.parametrize("action", ["open_link", "open_link_3", "of_an_older_version", "x" * 255])
async def test_what_only_opens_a_page_or_is_older_than_us_is_acknowledged_and_changes_nothing(ann, recording, action):
    assert await ann.presses(action, "12") == []
    assert recording.asked == []


NOT_OURS = {
    Press.TICK: ("", "x", "7", "7:", "²:plants", "-1:plants", f"{'9' * 30}:plants"),
    Press.UNTICK: ("", "7", "٣:plants"),
    Press.RUN_AGAIN: ("", "x", "²", "-1", "9" * 30),
    Press.ACKNOWLEDGE_ALL: ("", "1,,2", "1,²", "all"),
}


@pytest.mark.parametrize(("press", "value"), [(press, value) for press, values in NOT_OURS.items() for value in values])
async def test_a_value_that_no_card_of_ours_draws_is_answered_with_a_sentence(ann, recording, press, value):
    (answer,) = await ann.presses(press.value, value)
    assert "older version" in answer
    assert recording.asked == []


async def test_a_click_that_slack_delivers_twice_carries_the_same_key_and_the_next_click_another(ann, recording):
    await ann.presses("tick", "7:plants", moment="1.0")
    await ann.presses("tick", "7:plants", moment="1.0")
    await ann.presses("tick", "7:plants", moment="2.0")
    first, again, later = (args[2].key for _, args, _ in recording.asked)
    assert first == again != later
    assert "" not in (first, later)


async def test_run_again_of_a_digest_posts_where_it_was_pressed_and_from_home_to_the_person(ann, recording):
    await ann.presses("run", "morning")
    await ann.presses("run", "morning", channel=None)
    assert [given["channel"] for _, _, given in recording.asked] == [CHANNEL, ANN]


async def test_a_run_whose_message_cannot_stand_here_says_where_it_is(ann, recording):
    assert await ann.presses("run", "morning", moment="1.0") == []
    recording.answer = Started("Morning", directly=True)
    (answer,) = await ann.presses("run", "morning", moment="2.0")
    assert "the result comes to you directly" in answer


async def test_what_goes_wrong_at_home_is_told_in_a_direct_message(ann, slack):
    (answer,) = await ann.presses("tick", "x", channel=None)
    assert slack.heard[-1][0] == "chat.postMessage"
    assert slack.heard[-1][1]["channel"] == ANN
    assert "older version" in answer


async def test_slack_is_acknowledged_before_the_desk_has_answered(ann, recording):
    recording.closed = asyncio.Event()
    body = {
        "type": "block_actions",
        "user": {"id": ANN},
        "team": {"id": "T1"},
        "actions": [{"type": "button", "action_id": "tick", "value": "7:plants", "block_id": "b"}],
    }
    assert (await asyncio.wait_for(ann.hears(body), 60)).status == 200
    recording.closed.set()
    await ann.crew.drain(60)
    assert len(recording.asked) == 1


async def test_an_incident_is_acknowledged_given_back_and_resolved_by_its_buttons(ann_at_work, story):
    card = story.the("#1 cache")
    await ann_at_work.presses("acknowledge", card.buttons["acknowledge"], moment="1")
    await story.settle()
    assert card.shows(f"<@{ANN}> has it")
    await story.after("2s")
    await ann_at_work.presses("unacknowledge", card.buttons["unacknowledge"], moment="2")
    await story.after("2s")
    assert card.shows("nobody has it yet")
    await ann_at_work.presses("resolve", card.buttons["resolve"], moment="3")
    await story.after("2s")
    assert card.shows(f"Resolved by <@{ANN}>")
    assert card.buttons == {}
