"""Hostile payloads: presses, dialogs and shortcuts are acknowledged, and none of them does any harm."""

from __future__ import annotations

import itertools
import json

from bot.slack.ids import EVIDENCE, Opens, Press, Shortcut
from tests.commands.conversation import ANN, CHANNEL
from tests.commands.hostility import SECRETS, SHARE, harmless, inputs, unharmed

ACTIONS = (*Press, *Opens, EVIDENCE, "of_a_stranger", "", "x" * 255)
BODIES = (
    {},
    {"user": {"id": "\x00"}},
    {"user": {"id": "<!channel>"}},
    {"user": None},
    {"channel": {"id": "nowhere\x00"}},
    {"channel": None},
    {"message": "none"},
    {"message": {"thread_ts": "now"}},
    {"trigger_id": None},
)


async def test_hostile_presses_are_acknowledged_and_do_no_harm(ann_at_work, slack, story, caplog):
    await ann_at_work.says("run morning", trigger="first")
    await story.settle()
    for n, text in enumerate(itertools.islice(inputs(5), SHARE)):
        action_id = ACTIONS[n % len(ACTIONS)]
        value = text if n % 2 else f"{n % 3}:{text}"
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": f"{n}.2"}
        body = {
            "type": "block_actions",
            "user": {"id": ANN, "team_id": "T1"},
            "team": {"id": "T1"},
            "channel": {"id": CHANNEL},
            "trigger_id": f"{n}.3",
            "response_url": slack.response_url,
            "actions": [action],
            **BODIES[n % len(BODIES)],
        }
        before = len(slack.heard)
        response = await ann_at_work.hears(body)
        assert response.status == 200, f"{action_id} of {value!r} got no acknowledgement"
        await ann_at_work.crew.drain(60)
        for _, given in slack.heard[before:]:
            harmless(given, value)
    await unharmed(story, caplog)


ENTERED = {
    # dialog: what it is about, what is chosen in it, and the fields for words
    Opens.SNOOZE: ("1", {"length": "2h"}, ("until", "why")),
    Opens.ESCALATE: ("1", {"step": "next"}, ("why",)),
    Opens.SKIP: ("RUN:plants", {}, ("why",)),
    Opens.PROVE: ("RUN:plants", {}, ("note", "link")),
    Opens.LOG: ("", {"kind": "issue"}, ("text",)),
}


async def test_hostile_words_in_dialogs_do_no_harm(ann_at_work, slack, story, caplog):
    await ann_at_work.says("run morning", trigger="first")
    await story.settle()
    run_id, item = await story.desk.item("plants")
    for n, text in enumerate(itertools.islice(inputs(6), SHARE)):
        opens = list(ENTERED)[n % len(ENTERED)]
        about, choices, fields = ENTERED[opens]
        before = len(slack.heard)
        pressed = {"type": "button", "action_id": opens.value, "value": about.replace("RUN", str(run_id))}
        view = await ann_at_work.opens(pressed | {"action_ts": f"{n}.4"})
        chosen = {name: {"type": "static_select", "selected_option": {"value": v}} for name, v in choices.items()}
        words = {name: {"type": "plain_text_input", "value": text} for name in fields}
        answer = await ann_at_work.enters(view, turn=f"{n}", **chosen, **words)
        for given in (*(body for _, body in slack.heard[before:]), answer):
            harmless(given, text)
        if (await story.desk.vocabulary()).done:
            await story.desk.untick(run_id, item, story.asked(ANN))
    await unharmed(story, caplog)


MESSAGE_SHORTCUTS = (Shortcut.ACKNOWLEDGE, Shortcut.ESCALATE, Shortcut.LOG)


async def test_hostile_messages_under_shortcuts_do_no_harm(ann_at_work, slack, story, caplog):
    card = story.the("#1 cache")
    for n, text in enumerate(itertools.islice(inputs(7), SHARE)):
        shortcut = (*MESSAGE_SHORTCUTS, Shortcut.RUN, text[:255])[n % 5]
        message = {"type": "message", "text": text, "ts": card.ts if n % 2 else text, "thread_ts": text}
        body = {
            "type": "shortcut" if shortcut == Shortcut.RUN else "message_action",
            "callback_id": shortcut,
            "user": {"id": ANN, "team_id": "T1"},
            "team": {"id": "T1"},
            "channel": {"id": CHANNEL},
            "message": message,
            "trigger_id": f"{n}.5",
            "action_ts": f"{n}.6",
            **BODIES[n // 5 % len(BODIES)],
        }
        before = len(slack.heard)
        response = await ann_at_work.hears(body)
        # What no menu of ours offers gets none: nobody should believe that it was done.
        assert response.status == (200 if shortcut in set(Shortcut) else 404), text
        await ann_at_work.crew.drain(60)
        for _, given in slack.heard[before:]:
            harmless(given, text)
    await unharmed(story, caplog)


async def test_a_secret_in_a_message_is_masked_before_it_stands_in_the_log_dialog(ann_at_work):
    message = {"type": "message", "text": f"it says password={SECRETS[1]}", "ts": "7.7"}
    body = {"type": "message_action", "callback_id": Shortcut.LOG, "user": {"id": ANN}, "team": {"id": "T1"}}
    view = await ann_at_work.dialog(
        {**body, "channel": {"id": CHANNEL}, "message": message, "trigger_id": "1.7", "action_ts": "1.8"}
    )
    assert "it says password=" in json.dumps(view)
    assert SECRETS[1] not in json.dumps(view)
