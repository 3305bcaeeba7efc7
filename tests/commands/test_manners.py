"""Nobody is left without an answer, whatever goes wrong here or at Slack."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import pytest

import commands
from bot.domain.ledger import LedgerAway
from commands.manners import AT_ONCE, STORAGE_DOWN
from tests.commands.conversation import ANN, CHANNEL

SECRET = "postgres://rounds:hunter2@db/shop"


async def test_what_goes_wrong_with_us_becomes_a_sentence_with_a_number_that_the_log_knows(ann, recording, caplog):
    recording.failing = ZeroDivisionError(SECRET)
    (answer,) = await ann.says("run morning")
    number = re.search(r"went wrong on our side \(([0-9a-f]{8})\)", answer)
    assert number
    assert SECRET not in answer
    ours = [record for record in caplog.records if record.name == "commands.manners"]
    (record,) = [record for record in ours if record.levelno == logging.ERROR]
    assert record.request == number[1]
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


async def test_a_storage_that_is_down_is_a_sentence_that_says_what_to_do_and_no_traceback(ann, recording, caplog):
    recording.failing = LedgerAway(f"connection to {SECRET} refused")
    for answers in (await ann.says("run morning"), await ann.presses("resolve", "12")):
        assert answers == [STORAGE_DOWN]
    assert "Please try again" in STORAGE_DOWN
    ours = [record for record in caplog.records if record.name == "commands.manners"]
    assert [(record.levelno, record.exc_info) for record in ours] == [(logging.WARNING, None)] * 2


async def test_a_press_that_goes_wrong_is_answered_just_the_same(ann, recording):
    recording.failing = ZeroDivisionError(SECRET)
    (answer,) = await ann.presses("resolve", "12")
    assert "went wrong on our side" in answer


async def test_the_short_way_is_taken_where_it_is_open(ann, slack):
    await ann.says("help")
    assert [name for name, _ in slack.heard] == ["response_url"]


@pytest.mark.parametrize("dead", ["404", "410", "500", "hang up"])
async def test_a_dead_response_url_is_replaced_by_an_ephemeral_message(ann, slack, dead):
    slack.dead = dead
    (answer,) = await ann.says("help")
    ((way, body),) = slack.heard
    assert way == "chat.postEphemeral"
    assert (body["channel"], body["user"]) == (CHANNEL, ANN)
    assert "What you can say" in answer
    assert body["blocks"]


async def test_without_a_response_url_the_answer_is_an_ephemeral_message(ann, slack):
    await ann.says("help", url=None)
    assert [name for name, _ in slack.heard] == ["chat.postEphemeral"]


async def test_if_slack_takes_no_answer_at_all_the_log_knows_and_nothing_else_suffers(ann, slack, caplog):
    slack.dead, slack.refuses = "404", True
    await ann.says("help")
    assert "an answer could not be delivered" in caplog.text
    slack.dead, slack.refuses = "", False
    assert await ann.says("help")


async def test_a_slack_that_does_not_know_a_block_is_given_the_text_of_the_answer(ann, slack):
    slack.no_blocks = True
    (answer,) = await ann.says("help ack")
    ((way, body),) = slack.heard
    assert (way, body["channel"]) == ("chat.postMessage", ANN)
    assert "You have it: nobody else is called." in answer


NOBODY: Any = None
"""Whom nothing is told."""


async def test_a_stop_waits_for_what_was_begun_but_not_for_ever():
    crew, done = commands.Crew(), []

    async def work(pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        done.append(pause_s)

    crew.follow(lambda: work(0.01), NOBODY)
    crew.follow(lambda: work(60), NOBODY)
    await crew.drain(0.5)
    assert done == [0.01]
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_a_flood_of_requests_is_worked_on_a_few_at_a_time_and_all_in_the_end():
    crew, at_work, most, done = commands.Crew(), 0, 0, 0

    async def work() -> None:
        nonlocal at_work, most, done
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0)
        at_work, done = at_work - 1, done + 1

    for _ in range(4 * AT_ONCE):
        crew.follow(work, NOBODY)
    await crew.drain(60)
    assert (most, done) == (AT_ONCE, 4 * AT_ONCE)
