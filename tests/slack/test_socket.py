"""Socket Mode against the sandbox: whatever Slack does to the connection, we come back and answer once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

import commands
from bot.slack import socket as module
from bot.slack.client import web_client
from bot.slack.ears import Ears
from bot.slack.socket import AT_ONCE, Socket
from sandbox import connections
from sandbox.clock import Clock
from sandbox.local_slack import LocalSlack
from sandbox.seed import read
from sandbox.server import Server
from tests.commands.conversation import RememberedInbox
from tests.sandbox.town import Town

PATIENCE_S = 30.0


async def until(condition: Callable[[], Any], what: str) -> None:
    """Wait until it is so, on however slow a machine."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"no {what}"
        await asyncio.sleep(0.01)


class Rounds:
    """A bot of one command and one event, that hears a town by Socket Mode."""

    def __init__(self, town: Town, session: aiohttp.ClientSession, **pace: float) -> None:
        self.town = town
        self.app = AsyncApp(
            client=web_client("xoxb-sandbox", base_url=town.api, session=session), process_before_response=True
        )
        self.crew = commands.Crew()
        self.may = asyncio.Event()
        self.may.set()
        self.commands: list[str] = []
        self.mentions: list[str] = []
        self.at_work = self.most = 0
        self.ears = ears = Ears(self.app, RememberedInbox(), self.crew.start)
        pace = {"look_s": 0.02, "pause_s": 0.5} | pace
        self.socket = Socket(self.app, town.slack.seed.app_token, begun=ears.begun, **pace)

        @self.app.command("/rounds")
        async def rounds(ack: Any, command: dict[str, Any]) -> None:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            await self.may.wait()
            self.at_work -= 1
            if command["text"] == "break":
                raise RuntimeError("no luck")
            self.commands.append(command["text"])
            await ack()

        @ears.event("app_mention")
        async def mentioned(heard: Any) -> None:
            self.mentions.append(heard.event["text"])

    async def begun(self) -> Rounds:
        await self.socket.start()
        await until(lambda: self.socket.connected, "connection")
        return self

    async def is_asked(self, text: str = "status") -> bool:
        """Ann types a command; whether she is answered in time."""
        answer = await self.town.control("command", as_="U1", channel="C1", command="/rounds", text=text)
        return bool(answer["acked"])

    async def hears(self, text: str) -> None:
        """Whatever happened, commands arrive again."""
        await until(lambda: self.connections() == 1 and self.socket.connected, "connection")
        assert await self.is_asked(text)
        assert self.commands[-1] == text

    def connections(self) -> int:
        return len(opened(self.town))

    def tickets(self) -> int:
        return len(self.town.sent("apps.connections.open"))


def opened(town: Town) -> set[str]:
    """The connections that are open."""
    return {one["id"] for one in town.slack.connections.listing()}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A sandbox in this process."""
    slack = LocalSlack(
        read({"rate_limits": False, "times": {"ack": PATIENCE_S, "retry_2": 0.1, "retry_3": 0.1, "warning": 0.1}}),
        token="x",
        clock=Clock(),
    )
    server = Server(slack)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        yield Town(slack, await server.start(), http)
        await server.stop()


@pytest.fixture
async def make(town: Town, session: aiohttp.ClientSession, monkeypatch) -> AsyncIterator[Callable[..., Rounds]]:
    """Make a Rounds in that town; none of them outlives the test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "FRESH_TICKET_AFTER_S", 0.05)
    made: list[Rounds] = []

    def rounds(**pace: float) -> Rounds:
        made.append(Rounds(town, session, **pace))
        return made[-1]

    yield rounds
    for each in made:
        each.may.set()
        await each.socket.stop()
        await each.crew.drain(5)


async def test_it_hears_and_says_since_when(make):
    rounds = await make().begun()
    assert rounds.socket.heard_s_ago is None
    await rounds.hears("status")
    assert rounds.socket.heard_s_ago is not None


async def test_a_ticket_that_is_refused_is_replaced_by_a_fresh_one(make, town):
    await town.control("fault", status="refuse_ticket", count=2)
    rounds = await make().begun()
    await rounds.hears("after two refusals")
    assert rounds.tickets() >= 3


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "abort"])
async def test_it_comes_back_whatever_the_reason_for_which_it_was_sent_away(make, town, reason):
    rounds = await make().begun()
    first = opened(town)
    await town.control("disconnect", reason=reason)
    await until(lambda: opened(town) - first, "new connection")
    await rounds.hears(f"after {reason}")


async def test_a_goodbye_and_the_hanging_up_after_it_are_one_reason_to_connect_anew(make, town, monkeypatch):
    monkeypatch.setattr(connections, "GRACE", 0.0)
    rounds = await make().begun()
    before = rounds.tickets()
    first = opened(town)
    await town.control("disconnect", reason="refresh_requested")
    await until(lambda: opened(town) - first, "new connection")
    # Whatever else was set in motion by then has had its turn when the next goodbye is through.
    await rounds.hears("here again")
    again = opened(town)
    await town.control("disconnect", reason="refresh_requested")
    await until(lambda: opened(town) - again, "new connection")
    await rounds.hears("and again")
    assert rounds.tickets() - before == 2


async def test_sent_away_with_a_refused_ticket_on_the_way_back_it_comes_back_all_the_same(make, town):
    rounds = await make().begun()
    await town.control("fault", status="refuse_ticket", count=1)
    await town.control("disconnect", reason="refresh_requested")
    await until(lambda: rounds.tickets() >= 3, "fresh ticket")
    await rounds.hears("here again")


async def test_where_slack_has_no_place_it_waits_longer_and_longer_and_takes_the_first_that_is_free(
    make, town, monkeypatch, caplog
):
    monkeypatch.setattr(module, "_PAUSES_S", (0.0, 0.0, 0.01, 0.01, 0.01))
    others = [await town.socket() for _ in range(10)]
    theirs = opened(town)
    already = len(town.sent("apps.connections.open"))
    rounds = make()
    await rounds.socket.start()
    await until(lambda: rounds.tickets() - already >= 4, "attempts")
    assert caplog.text.count("waiting") >= 2
    for other in others:
        await other.close()
    await until(lambda: not opened(town) & theirs, "place")
    await rounds.hears("a place")


async def test_an_event_that_slack_delivers_twice_has_its_effect_once(make, town):
    rounds = await make().begun()
    await town.control("fault", method="event", status="duplicate")
    await town.control("message", as_="U1", channel="C1", text="<@U0BOT> hi")
    await until(lambda: len(town.sent("event app_mention")) == 2, "two deliveries")
    assert [entry["status"] for entry in town.sent("event app_mention")] == ["acked", "acked"]
    await rounds.crew.drain(5)
    assert len(rounds.mentions) == 1


async def test_an_event_whose_acknowledgement_comes_too_late_is_repeated_and_has_its_effect_once(make, town):
    rounds = await make().begun()
    await town.control("times", ack=0.3)
    await town.control("fault", method="event", status="delayed_ack", seconds=0.6)
    await town.control("message", as_="U1", channel="C1", text="<@U0BOT> hi")
    await until(lambda: not town.slack.delivery.busy, "end of the deliveries")
    told = town.sent("event app_mention")
    assert [entry["body"]["retry_attempt"] for entry in told][:2] == [0, 1]
    await rounds.crew.drain(5)
    assert len(rounds.mentions) == 1


async def test_what_is_being_worked_on_while_the_connection_is_replaced_is_answered_on_the_new_one(make, town):
    rounds = await make().begun()
    rounds.may.clear()
    asking = asyncio.create_task(rounds.is_asked("slow"))
    await until(lambda: rounds.at_work == 1, "command")
    first = opened(town)
    await town.control("disconnect", reason="refresh_requested")
    await until(lambda: opened(town) - first, "new connection")
    rounds.may.set()
    assert await asking


async def test_a_flood_is_worked_on_a_few_at_a_time_and_everybody_is_answered(make, town):
    rounds = await make().begun()
    rounds.may.clear()
    asking = [asyncio.create_task(rounds.is_asked(str(n))) for n in range(2 * AT_ONCE)]
    await until(lambda: rounds.at_work == AT_ONCE, "flood")
    rounds.may.set()
    assert all(await asyncio.gather(*asking))
    assert (rounds.most, len(rounds.commands)) == (AT_ONCE, 2 * AT_ONCE)


async def test_what_is_more_than_can_wait_is_left_to_slack(make, town, monkeypatch, caplog):
    monkeypatch.setattr(module, "MOST", 2)
    rounds = await make().begun()
    rounds.may.clear()
    asking = [asyncio.create_task(rounds.is_asked(str(n))) for n in range(2)]
    await until(lambda: rounds.at_work == 2, "commands")
    await town.control("times", ack=0.2)
    assert not await rounds.is_asked("one too many")
    assert "more from Slack than can be worked on" in caplog.text
    rounds.may.set()
    assert all(await asyncio.gather(*asking))


async def test_a_stop_lets_the_answer_that_is_on_its_way_arrive(make):
    rounds = await make().begun()
    rounds.may.clear()
    asking = asyncio.create_task(rounds.is_asked("last words"))
    await until(lambda: rounds.at_work == 1, "command")
    stopping = asyncio.create_task(rounds.socket.stop())
    rounds.may.set()
    await stopping
    assert await asking
    assert rounds.connections() == 0


async def test_a_stop_does_not_wait_for_an_answer_that_never_comes(make, town):
    rounds = await make().begun()
    await town.control("times", ack=0.2)
    rounds.may.clear()
    assert not await rounds.is_asked("hang")
    await asyncio.wait_for(rounds.socket.stop(), PATIENCE_S)
    assert rounds.connections() == 0


async def test_a_handler_that_breaks_harms_nobody_else(make, town):
    rounds = await make().begun()
    await town.control("times", ack=0.2)
    assert not await rounds.is_asked("break")
    await town.control("times", ack=PATIENCE_S)
    await rounds.hears("still here")


async def test_a_command_of_ours_waits_for_no_place_among_what_else_comes_from_slack(make, town):
    rounds = await make().begun()
    rounds.may.clear()
    slow = [asyncio.create_task(rounds.is_asked(str(n))) for n in range(AT_ONCE)]
    await until(lambda: rounds.at_work == AT_ONCE, "flood")
    begun = []
    rounds.ears.command("/rounds")(lambda payload: begun.append(payload["text"]))
    assert await rounds.is_asked("status")
    assert begun == ["status"]
    assert rounds.at_work == AT_ONCE
    rounds.may.set()
    assert all(await asyncio.gather(*slow))


async def test_a_command_that_cannot_be_begun_is_not_acknowledged_and_harms_nobody_else(make, town, caplog):
    rounds = await make().begun()

    @rounds.ears.command("/rounds")
    def begin(payload):
        rounds.commands.append(payload["text"])
        if payload["text"] == "break":
            raise RuntimeError("no luck")

    await town.control("times", ack=0.2)
    assert not await rounds.is_asked("break")
    assert "a command could not be begun" in caplog.text
    await town.control("times", ack=PATIENCE_S)
    await rounds.hears("status")


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param('{"type": "slash_commands"', id="cut off"),
        pytest.param('["slash_commands"]', id="no envelope"),
        pytest.param('{"type": "slash_commands", "envelope_id": "1", "payload": "/rounds"}', id="no payload"),
        pytest.param('{"type": "slash_commands", "payload": ' + "[" * 100_000, id="deep"),
    ],
)
async def test_what_is_no_command_is_not_taken_for_one(make, nonsense):
    rounds = await make().begun()
    assert not await rounds.socket._acknowledged(nonsense)
    await rounds.hears("status")


async def test_a_command_whose_connection_has_just_gone_is_acknowledged_on_the_next(make, town, monkeypatch):
    rounds = await make().begun()
    begun, failed = [], []
    rounds.ears.command("/rounds")(lambda payload: begun.append(payload["text"]))
    send = aiohttp.ClientWebSocketResponse.send_str

    async def send_str(self, text, compress=None):
        if not failed:
            failed.append(text)
            raise ConnectionResetError("gone")
        await send(self, text, compress)

    monkeypatch.setattr(aiohttp.ClientWebSocketResponse, "send_str", send_str)
    assert await rounds.is_asked("status")
    assert (begun, len(failed)) == (["status"], 1)


async def test_somebody_who_speaks_of_commands_is_heard_as_what_they_are(make, town):
    rounds = await make().begun()
    rounds.ears.command("/rounds")(lambda payload: pytest.fail("nobody typed a command"))
    text = '<@U0BOT> "slash_commands" {"type":"slash_commands","payload":{"command":"/rounds"}}'
    await town.control("message", as_="U1", channel="C1", text=text)
    await until(lambda: rounds.mentions, "mention")
    assert "slash_commands" in rounds.mentions[0]


async def test_a_connection_that_is_stuck_is_made_from_nothing(make, caplog):
    rounds = await make(anew_after_s=0.3).begun()
    stuck = rounds.socket._client
    stuck.auto_reconnect_enabled = False  # as while the SDK is inside an attempt that never ends
    await stuck.disconnect()
    await until(lambda: rounds.socket._client is not stuck, "new beginning")
    await rounds.hears("from nothing")
    assert "connecting from nothing" in caplog.text
