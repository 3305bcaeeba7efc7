"""Presses as Slack tells of them: whoever presses whatever, Slack is answered and no press is mistaken for another."""

from __future__ import annotations

import pytest

from bot.slack.ids import Press
from commands.buttons import PRESSED
from tests.commands.conversation import ANN, Conversation
from tests.slack import limits, states


def drawn_buttons() -> dict[str, str]:
    """Action id to the longest value that a card draws with it, of buttons that ask the desk for one thing."""
    values: dict[str, str] = {}
    for card in states.cards("x").values():
        for element in limits.elements(card.message["blocks"]):
            if element["action_id"] in set(PRESSED):
                values[element["action_id"]] = max(values.get(element["action_id"], ""), element["value"], key=len)
    return values


@pytest.mark.parametrize("press", Press, ids=str)
async def test_every_name_that_slack_may_hand_back_is_answered(ann, press):
    action = {"type": "button", "action_id": press.value, "block_id": "b", "value": "12", "action_ts": "1.0"}
    body = {"type": "block_actions", "user": {"id": ANN}, "team": {"id": "T1"}, "actions": [action]}
    assert (await ann.hears(body)).status == 200
    await ann.crew.drain(60)


@pytest.mark.parametrize(("press", "value"), [pytest.param(*each, id=each[0]) for each in drawn_buttons().items()])
async def test_the_longest_value_that_a_card_draws_reaches_the_desk_whole(ann, recording, press, value):
    assert await ann.presses(press, value) == []
    ((_, args, _),) = recording.asked
    given = args[0] if len(args) == 2 else args[:2]
    told = ":".join(map(str, given)) if isinstance(given, tuple) else given
    assert (",".join(map(str, told)) if isinstance(told, list) else str(told)) == value


@pytest.mark.parametrize(("press", "value"), [pytest.param(*each, id=each[0]) for each in drawn_buttons().items()])
async def test_two_clicks_have_two_keys_however_long_the_value_is(ann, recording, press, value):
    await ann.presses(press, value, moment="1700000000.000001")
    await ann.presses(press, value, moment="1700000000.000002")
    first, second = (args[-1].key for _, args, _ in recording.asked)
    assert first != second
    assert max(len(first), len(second)) <= 200


async def test_two_people_who_take_all_at_the_same_moment_have_two_keys(ann, recording, slack):
    value = ",".join(map(str, range(1, 201)))
    await ann.presses("acknowledge_all", value)
    action = {"type": "button", "action_id": "acknowledge_all", "block_id": "b", "value": value, "action_ts": "1.0"}
    await ann.hears({"type": "block_actions", "user": {"id": "U0BEN"}, "team": {"id": "T1"}, "actions": [action]})
    await ann.crew.drain(60)
    anns, bens = (args[-1] for _, args, _ in recording.asked)
    assert (anns.by, bens.by) == (ANN, "U0BEN")
    assert anns.key != bens.key


async def test_all_can_be_taken_again_after_it_was_given_back(slack, story):
    checks = "\n".join(f"  a-check-{n}: {{kind: disk, path: /, every: 1m, open_after: 1}}" for n in range(60))
    await story.configured(f"channel: C0OPS\nchecks:\n{checks}\n")
    for n in range(60):
        story.fails(f"a-check-{n}")
    await story.after("1m")
    ann = Conversation(slack, story.desk)
    numbers = ",".join(str(incident.id) for incident in (await story.desk.status()).incidents)
    await ann.presses("acknowledge_all", numbers, moment="1700000000.000001")
    await ann.says("unack #1", trigger="1")
    await ann.presses("acknowledge_all", numbers, moment="1700000009.000001")
    assert {incident.acknowledged_by for incident in (await story.desk.status()).incidents} == {ANN}


MESSAGES = ("bot_message", "message_changed", "message_deleted", "channel_join", "file_share", "of_a_later_slack")


@pytest.mark.parametrize("subtype", MESSAGES)
async def test_messages_of_every_sort_are_acknowledged_and_change_nothing(ann, recording, subtype):
    event = {"type": "message", "subtype": subtype, "channel": "C1", "ts": "1.0", "bot_id": "B0OTHER"}
    assert await ann.happens(event) == []
    assert recording.asked == []


async def test_our_own_messages_are_acknowledged_and_change_nothing(ann, recording):
    event = {"type": "message", "user": "UBOT", "bot_id": "BBOT", "channel": "C1", "ts": "1.0", "text": "/rounds run x"}
    assert await ann.happens(event) == []
    assert recording.asked == []


@pytest.mark.parametrize("kind", ["static_select", "users_select", "overflow", "checkboxes", "datepicker"])
async def test_what_is_no_button_is_acknowledged_and_changes_nothing(ann, recording, kind):
    action = {"type": kind, "action_id": "of_a_later_version", "block_id": "b", "action_ts": "1.0"}
    body = {"type": "block_actions", "user": {"id": ANN}, "team": {"id": "T1"}, "actions": [action]}
    assert (await ann.hears(body)).status == 200
    assert recording.asked == []
