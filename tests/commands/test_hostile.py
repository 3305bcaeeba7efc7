"""A thousand hostile inputs: each is answered, and none of them crashes, pings, tells a secret or breaks a card."""

from __future__ import annotations

import itertools
import json
import logging
import random
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.config.configuration import ConfiguredCheck
from bot.domain.masking import Masker
from bot.domain.rules import CompiledRules
from bot.domain.watching import Damping
from bot.engine.looking import Looker
from bot.slack.cards.evidence import evidence_card
from bot.slack.ids import EVIDENCE, Opens, Press, Shortcut
from checks import Outcome, Rules
from checks.log import LogCheck
from commands.grammar import ALIASES, VERBS
from tests.commands.conversation import ANN, CHANNEL, INCIDENT_TS, Conversation
from tests.looking import look_at
from tests.slack import limits
from tests.story import SimulatedClock

COUNT = 1_000
"""Inputs in all; a sixth at least, and all of what is hostile, for each surface."""

SHARE = 1 + COUNT // 6

SECRETS = ("xoxb-" + "2233445566-abcdefghijklmnop", "hunter2hunter2", "AKIA" + "IOSFODNN7EXAMPLE")
HOSTILE = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "@here",
    "@channel @everyone",
    "<@U0EVIL>",
    "<@U0EVIL|evil>",
    "<!subteam^S0EVIL|@evil>",
    "<#C0EVIL|evil>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "<https://evil.example/?a=1&amp;b|click>",
    "<javascript:alert(1)|click>",
    "<mailto:evil@example.com|mail>",
    "<!date^1^{date}|evil>",
    "<",
    ">",
    "<<<<",
    "<@",
    "<|>",
    "`",
    "```",
    "``` rm -rf / ```",
    "*bold* _it_ ~strike~",
    "> quoted",
    "•",
    "\x00",
    "\x07\x1b[31m\x7f",
    "\r\n",
    "\n\n\n",
    "\t",
    "\u2028\u2029",
    "\u202eevil\u202c",
    "\u2066\u2067",
    "\u200b\u200d\ufeff",
    "\ud800",
    "\udfff\ud83d",
    "שלום",
    "👩‍👩‍👧" * 9,
    "e" + "\u0301" * 60,
    "'; DROP TABLE incident; --",
    '" OR 1=1',
    "%s%n{0}{}${jndi:ldap://evil}",
    "../../etc/passwd",
    "$(reboot) `reboot`",
    "{{7*7}}",
    "x" * 600,
    "&amp;" * 200,
    "#" * 40,
    "9" * 40,
    "#-1",
    "#0",
    "²",
    "٣",
    "1e9",
    "NaN",
    "until 99:99",
    "until 9999-12-31",
    "999999999w",
    "-5m",
    "null",
    "\\",
    f"password={SECRETS[1]}",
    f"token {SECRETS[0]}",
    f"postgres://rounds:{SECRETS[1]}@db/shop",
    f"aws_access_key_id={SECRETS[2]}",
)
VERB = (*VERBS, *(alias for alias in ALIASES if alias), "statsu", "re", "u", "escalete", "LOG", "", "/rounds")
ABOUT = (
    "#1",
    "1",
    "cache",
    "cahce",
    "api",
    "morning",
    "mor",
    "plants",
    "all",
    "to",
    "2h",
    '"The',
    "“the cache”",
    "yesterday",
)

PINGS = re.compile(r"<!(?:channel|here|everyone)|<@U0EVIL|<!subteam\^S0EVIL|<#C0EVIL|evil\.example[^|>]*\|")
OURS = re.compile(rf"<@{ANN}>|<!date\^\d+\^[^>]*>|<https://town\.example/[^>]*>")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def inputs(seed: int) -> Iterator[str]:
    """Commands with something hostile in them, the same ones in every run; every piece comes alone, too."""
    yield from HOSTILE
    chance = random.Random(seed)
    while True:
        words = [chance.choice(VERB), *chance.choices(ABOUT, k=chance.randint(0, 2))]
        words += chance.choices(HOSTILE, k=chance.randint(1, 3))
        if chance.random() < 0.2:
            chance.shuffle(words)
        yield chance.choice((" ", "  ", "\n", "")).join(words)


async def by_command(ann: Conversation, text: str, n: int) -> list[str]:
    return await ann.says(text, trigger=f"{n}.0")


async def by_mention(ann: Conversation, text: str, n: int) -> list[str]:
    thread = INCIDENT_TS if n % 3 else None
    return await ann.mentions(text, ts=f"1772442200.{n:06d}", thread=thread)


async def by_direct_message(ann: Conversation, text: str, n: int) -> list[str]:
    return await ann.writes(text, ts=f"1772442300.{n:06d}")


async def by_suggestion(ann: Conversation, text: str, n: int) -> list[str]:
    return await ann.presses(Press.SAY, text, moment=f"{n}.1")


SURFACES = {each.__name__: each for each in (by_command, by_mention, by_direct_message, by_suggestion)}


@pytest.mark.parametrize("surface", SURFACES)
async def test_hostile_words_are_answered_and_do_no_harm(ann_at_work, slack, story, caplog, surface):
    await ann_at_work.says("run morning", trigger="first")
    await story.settle()
    for n, text in enumerate(itertools.islice(inputs(len(surface)), SHARE)):
        before = len(slack.heard)
        answers = await SURFACES[surface](ann_at_work, text, n)
        assert answers, f"{text!r} was not answered"
        for _, body in slack.heard[before:]:
            harmless(body, text)
    await unharmed(story, caplog)


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


async def test_hostile_lines_of_a_log_stand_in_evidence_and_do_no_harm(tmp_path):
    """Read by the real kind, looked at as the engine does, and drawn as the answer to "Show evidence"."""
    looker = Looker(SimulatedClock(), Masker())
    lines = [line for text in itertools.islice(inputs(8), SHARE) if (line := " ".join(text.split()))]
    for n in range(0, len(lines), 3):
        file = tmp_path / f"{n}.log"
        file.write_bytes(b"")
        told = LogCheck.model_validate({"path": str(file)})
        rules = CompiledRules.compile(Rules(critical="errors > 0"), told.measured())
        check = ConfiguredCheck("log", "The log", told, rules, timedelta(seconds=60), Damping(), "#operations")
        before = await look_at(looker, check, memory={})
        quoted = "".join(f"ERROR {line}\n" for line in lines[n : n + 3])
        file.write_bytes(quoted.encode(errors="surrogatepass"))
        result = await look_at(looker, check, memory=before.memory)
        assert (result.outcome, bool(result.evidence)) == (Outcome.CRITICAL, True), quoted
        assert not [secret for secret in SECRETS if secret in repr(result)], quoted
        harmless(evidence_card([result]).message, quoted)


def harmless(body: dict, text: str) -> None:
    """What Slack was given pings nobody, tells no secret, and is as Slack takes it."""
    told = json.dumps(body, ensure_ascii=False)
    assert "went wrong" not in told, text
    assert not [secret for secret in SECRETS if secret in told], text
    assert "link_names" not in body, text
    assert body.get("parse") in (None, "none"), text
    if "text" not in body:
        return
    mrkdwn = [each["text"] for each in limits.parsed_texts(body["blocks"])]
    for shown in (body["text"], *mrkdwn):
        assert not PINGS.search(shown), (text, shown)
        assert not [token for token in limits.tokens(shown) if not OURS.fullmatch(token)], (text, shown)
        assert not UNSEEN.search(shown), (text, shown)
    guessed = [each["text"] for each in limits.parsed_texts(body["blocks"]) if not each.get("verbatim")]
    assert all(each.startswith("Is it really over?") for each in guessed), text
    assert limits.problems(body["blocks"]) == [], text
    assert limits.units(body["text"]) <= limits.TEXT, text


async def unharmed(story, caplog) -> None:
    """What was stored can be drawn and tells no secret; nothing that happened was a crash."""
    await story.after("1m")
    for message in story.slack.messages:
        harmless({"text": message.text, "blocks": message.blocks}, "a card")
    kept = str(await story.desk.report())
    assert not [secret for secret in SECRETS if secret in kept]
    ours = [record for record in caplog.records if record.name.partition(".")[0] in ("bot", "commands", "storage")]
    assert [record.getMessage() for record in ours if record.levelno >= logging.ERROR or record.exc_info] == []
