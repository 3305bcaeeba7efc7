"""Hostile words, typed, said, pressed and read from a log: each is answered, and none of them does any harm."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from bot.config.configuration import ConfiguredCheck
from bot.domain.masking import Masker
from bot.domain.rules import CompiledRules
from bot.domain.watching import Damping
from bot.engine.looking import Looker
from bot.slack.cards.evidence import evidence_card
from bot.slack.ids import Press
from checks import Outcome, Rules
from checks.log import LogCheck
from tests.commands.conversation import INCIDENT_TS, Conversation
from tests.commands.hostility import SECRETS, SHARE, harmless, inputs, unharmed
from tests.looking import look_at
from tests.story import SimulatedClock


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
