"""An event is written down, then acknowledged, then has its effect: once, and also if we die in between."""

from __future__ import annotations

import asyncio

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

import commands
from bot.domain.ledger import LedgerAway
from bot.domain.masking import Masker
from bot.engine.desk import Asked, Repeated
from bot.engine.inbox import ATTEMPTS, OVERDUE, Inbox
from bot.slack import ears as module
from bot.slack.ears import Ears

MENTION = {"type": "app_mention", "user": "U1", "text": "password=hunter2hunter2", "blocks": [{"type": "rich_text"}]}


class Process:
    """One Rounds that hears Slack; `heard` is what had its effect. It can be slow, and it can fail."""

    def __init__(self, story):
        self.crew = commands.Crew()
        client = AsyncWebClient(token="xoxb-1")
        self.app = AsyncApp(client=client, process_before_response=True, request_verification_enabled=False)
        self.app._async_middleware_list = []  # no authorisation: it would ask Slack
        self.ears = Ears(self.app, Inbox(story.store, lambda: Masker(["hunter2hunter2"])), self.crew.start)
        self.heard = []
        self.begun = asyncio.Event()
        self.may = asyncio.Event()
        self.may.set()
        self.failing = 0

        @self.ears.event("app_mention", when=lambda event: event.get("text") != "nothing")
        async def mentioned(heard):
            self.begun.set()
            await self.may.wait()
            if self.failing:
                self.failing -= 1
                raise RuntimeError("no luck")
            self.heard.append(heard.event)

        @self.ears.event("app_home_opened")
        async def opened(heard):
            try:
                await story.desk.open_home(heard.event["user"], Asked(by="U1", via="home", key=heard.key))
            except Repeated:
                return
            self.heard.append(heard.event)

    async def told(self, event=MENTION, *, event_id="Ev1"):
        """Slack tells of an event; returns how it was answered."""
        body = {"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": event}
        answer = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        return answer.status

    async def settled(self):
        """Everything that was begun is done."""
        await self.crew.drain(10)

    async def dies(self):
        """What it was at is never finished."""
        await self.begun.wait()
        mine = [task for task in asyncio.all_tasks() if "Crew" in str(task.get_coro())]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)


@pytest.fixture
async def at_work(story):
    """A story with a configuration; the clock is the test's."""
    await story.configured('channel: "#operations"\nchecks:\n  cache: {kind: disk, path: /}')
    return story


async def stored(story):
    """Events in the ledger that have had no effect, without taking them up."""
    rows = await story.store.read(lambda tx: tx.connection.exec_driver_sql("SELECT event FROM inbox").all())
    return [str(row[0]) for row in rows if row[0] not in (None, "null")]


async def test_it_is_acknowledged_when_it_is_written_down_and_before_its_effect(at_work):
    rounds = Process(at_work)
    rounds.may.clear()
    assert await rounds.told() == 200
    assert rounds.heard == []
    assert len(await stored(at_work)) == 1
    rounds.may.set()
    await rounds.settled()
    assert rounds.heard == [MENTION]
    assert await stored(at_work) == []


async def test_what_is_written_down_holds_no_secret_and_no_blocks(at_work):
    rounds = Process(at_work)
    rounds.may.clear()
    await rounds.told()
    (kept,) = await stored(at_work)
    assert "hunter2" not in kept
    assert "rich_text" not in kept
    rounds.may.set()
    await rounds.settled()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(LedgerAway("disk full"), 503, id="the ledger is away, which the store has said"),
        pytest.param(OSError("a mistake"), 500, id="something else"),
    ],
)
async def test_what_cannot_be_written_down_is_not_acknowledged_so_that_slack_tells_it_again(
    at_work, caplog, error, status
):
    rounds = Process(at_work)

    class Broken(Inbox):
        async def keep(self, key, event):
            raise error

    rounds.ears._inbox = Broken(at_work.store, lambda: Masker([]))
    assert await rounds.told() == status
    assert rounds.heard == []
    assert ("Traceback" in caplog.text) == (status == 500)


async def test_what_slack_repeats_has_its_effect_once_whichever_process_hears_it(at_work):
    first, second = Process(at_work), Process(at_work)
    answers = await asyncio.gather(*(process.told() for process in (first, second) * 3))
    assert set(answers) == {200}
    for process in (first, second):
        await process.settled()
    assert len(first.heard) + len(second.heard) == 1
    await first.told(event_id="Ev2")
    await first.settled()
    assert len(first.heard) + len(second.heard) == 2


async def test_what_is_not_wanted_is_acknowledged_and_not_written_down(at_work):
    rounds = Process(at_work)
    assert await rounds.told({**MENTION, "text": "nothing"}) == 200
    assert await stored(at_work) == []


async def test_an_event_whose_process_died_is_taken_up_by_the_next_one(at_work):
    rounds = Process(at_work)
    rounds.may.clear()
    await rounds.told()
    await rounds.dies()
    await at_work.crashed_and_back_after("2m")
    rounds = Process(at_work)
    await rounds.ears.recall()
    await rounds.settled()
    assert [event["user"] for event in rounds.heard] == ["U1"]
    await rounds.ears.recall()
    await rounds.settled()
    assert len(rounds.heard) == 1


async def test_an_embedded_rounds_takes_up_at_its_start_what_was_told_a_moment_ago(at_work):
    rounds = Process(at_work)
    rounds.may.clear()
    await rounds.told()
    await rounds.dies()
    await at_work.crashed_and_back_after("1s")
    rounds = Process(at_work)
    await rounds.ears.recall()
    await rounds.settled()
    # On a database of several, the one that was told a moment ago may be alive and at it.
    assert len(rounds.heard) == (1 if at_work.store.embedded else 0)


async def test_an_effect_that_goes_through_the_desk_happens_once_although_the_event_is_taken_up(at_work):
    rounds = Process(at_work)
    home = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    await rounds.told(home)
    await rounds.settled()
    again = Process(at_work)
    await at_work.store.write(lambda tx: tx.inbox.keep("event:Ev2", home))
    at_work.clock.at += OVERDUE
    await asyncio.gather(*(process.ears.recall() for process in (rounds, again)))
    for process in (rounds, again):
        await process.settled()
    assert len(rounds.heard) + len(again.heard) == 2


async def test_what_is_being_worked_on_is_not_taken_up_a_second_time(at_work):
    rounds = Process(at_work)
    rounds.may.clear()
    await rounds.told()
    at_work.clock.at += 2 * OVERDUE
    await rounds.ears.recall()
    rounds.may.set()
    await rounds.settled()
    assert len(rounds.heard) == 1


async def test_an_effect_that_fails_is_tried_again_and_given_up_in_the_end(at_work, caplog):
    rounds = Process(at_work)
    rounds.failing = 100
    await rounds.told()
    for _ in range(ATTEMPTS + 2):
        await rounds.settled()
        at_work.clock.at += OVERDUE
        await rounds.ears.recall()
    assert 100 - rounds.failing == ATTEMPTS
    assert "gave up on an event" in caplog.text
    assert await stored(at_work) == []


async def test_an_effect_that_fails_once_happens_at_the_next_attempt(at_work):
    rounds = Process(at_work)
    rounds.failing = 1
    await rounds.told()
    await rounds.settled()
    at_work.clock.at += OVERDUE
    await rounds.ears.recall()
    await rounds.settled()
    assert len(rounds.heard) == 1


async def test_an_event_that_only_a_later_version_knows_is_let_go(at_work):
    await at_work.store.write(lambda tx: tx.inbox.keep("event:Ev9", {"type": "of_a_later_rounds"}))
    at_work.clock.at += OVERDUE
    await Process(at_work).ears.recall()
    assert await stored(at_work) == []


async def test_an_event_without_an_id_has_its_effect(at_work):
    rounds = Process(at_work)
    assert await rounds.told(event_id="") == 200
    await rounds.settled()
    assert len(rounds.heard) == 1
    assert await stored(at_work) == []


@pytest.mark.parametrize(
    ("error", "complains"),
    [
        pytest.param(LedgerAway("gone"), False, id="the ledger is away, which the store has said"),
        pytest.param(OSError("a mistake"), True, id="something else"),
    ],
)
async def test_looking_for_what_was_left_goes_on_whatever_is_in_the_way(at_work, monkeypatch, caplog, error, complains):
    rounds, looks, enough = Process(at_work), [], asyncio.Event()
    monkeypatch.setattr(module, "RECALL_S", 0.001)

    class Away(Inbox):
        async def pending(self, *, leave=()):
            looks.append(1)
            if len(looks) == 3:
                enough.set()
            raise error

    rounds.ears._inbox = Away(at_work.store, lambda: Masker([]))
    looking = asyncio.create_task(rounds.ears.keep_recalling())
    async with asyncio.timeout(30):
        await enough.wait()
    looking.cancel()
    assert ("could not look for events" in caplog.text) == complains


async def test_an_event_whose_effect_finds_no_ledger_is_tried_again_without_a_word_of_mistakes(at_work, caplog):
    rounds = Process(at_work)

    @rounds.ears.event("message")
    async def no_luck(heard):
        raise LedgerAway("the disk is full")

    await rounds.told({"type": "message", "text": "hello"})
    await rounds.settled()
    assert len(await stored(at_work)) == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "payload", [{}, {"command": None}, {"command": ["/rounds"]}, {"command": {}}, {"command": "/x"}]
)
def test_what_is_no_command_of_ours_begins_nothing(payload):
    ears = Ears(None, None, lambda work: None)
    ears.command("/rounds")(lambda payload: pytest.fail("it is none"))
    assert not ears.begun(payload)
