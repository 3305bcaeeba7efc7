"""Envelopes, acknowledgements, repetitions, connections."""

import asyncio

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from slack_bolt.async_app import AsyncApp

from tests.sandbox.town import Connect, Json, Start, Town, until


async def mention(town: Town) -> None:
    await town.control("message", as_="U1", channel="C1", text="<@U0BOT> hi")


async def test_an_event_that_is_not_acknowledged_comes_three_times_more(start: Start) -> None:
    town = await start(times={"ack": 0.02, "retry_1": 0, "retry_2": 0.02, "retry_3": 0.02})
    socket = await town.socket()
    assert (await socket.receive_json())["type"] == "hello"
    await mention(town)
    seen = [await socket.receive_json(timeout=60) for _ in range(4)]
    assert [envelope["retry_attempt"] for envelope in seen] == [0, 1, 2, 3]
    assert [envelope["retry_reason"] for envelope in seen] == ["", "timeout", "timeout", "timeout"]
    assert len({envelope["payload"]["event_id"] for envelope in seen}) == 1
    assert len({envelope["envelope_id"] for envelope in seen}) == 4
    await until(lambda: len(town.sent("event app_mention")) == 4)
    await socket.close()


async def test_a_late_acknowledgement_ends_the_repetitions(start: Start) -> None:
    town = await start(times={"ack": 0.02, "retry_1": 60})
    socket = await town.socket()
    await socket.receive_json()
    await mention(town)
    envelope = await socket.receive_json()
    await until(lambda: town.sent("event app_mention"))
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await until(lambda: not town.slack.delivery.busy)
    assert [entry["status"] for entry in town.sent("event app_mention")] == ["timeout"]
    await socket.close()


async def test_an_event_can_come_twice(town: Town) -> None:
    socket = await town.socket()
    await socket.receive_json()
    await town.control("fault", method="event", status="duplicate")
    await mention(town)
    first, second = await socket.receive_json(), await socket.receive_json()
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]
    await socket.close()


async def test_an_acknowledgement_can_be_late(start: Start) -> None:
    town = await start(times={"ack": 0.05, "retry_1": 0})
    await town.control("fault", method="event", status="delayed_ack", seconds=0.07)
    socket = await town.socket()
    await socket.receive_json()
    await mention(town)
    first = await socket.receive_json()
    await socket.send_json({"envelope_id": first["envelope_id"]})
    second = await socket.receive_json(timeout=60)
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    await socket.close()


async def test_a_lost_event_is_repeated(start: Start) -> None:
    town = await start(times={"ack": 0.02, "retry_1": 0})
    await town.control("fault", method="event", status="drop_before_commit")
    socket = await town.socket()
    await socket.receive_json()
    await mention(town)
    assert (await socket.receive_json(timeout=60))["retry_attempt"] == 1
    await socket.close()


async def test_commands_are_not_repeated(start: Start) -> None:
    town = await start(times={"ack": 0.02})
    socket = await town.socket()
    await socket.receive_json()
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds")
    assert not answer["acked"]
    toasts = (await town.get("state"))["toasts"]
    assert [toast["text"] for toast in toasts] == ['/rounds failed with the error "operation_timeout".']
    assert (await socket.receive_json())["type"] == "slash_commands"
    assert not town.slack.delivery.busy
    await socket.close()


async def test_a_ticket_is_good_once(town: Town) -> None:
    url = (await town.client().apps_connections_open(app_token="xapp-sandbox"))["url"]
    first = await town.http.ws_connect(url)
    with pytest.raises(WSServerHandshakeError):
        await town.http.ws_connect(url)
    await first.close()


async def test_a_ticket_does_not_live_long(start: Start) -> None:
    moment = [1_700_000_000.0]
    town = await start(wall=lambda: moment[0])
    url = (await town.client().apps_connections_open(app_token="xapp-sandbox"))["url"]
    moment[0] += 31
    with pytest.raises(WSServerHandshakeError):
        await town.http.ws_connect(url)


async def test_a_ticket_can_be_refused(town: Town) -> None:
    await town.control("fault", status="refuse_ticket")
    with pytest.raises(WSServerHandshakeError):
        await town.socket()
    await (await town.socket()).close()


async def test_the_eleventh_connection_is_sent_away(start: Start) -> None:
    town = await start(rate_limits=False)
    sockets = [await town.socket() for _ in range(11)]
    greetings = [await socket.receive_json() for socket in sockets]
    assert [greeting["type"] for greeting in greetings] == ["hello"] * 10 + ["disconnect"]
    assert greetings[9]["num_connections"] == 10
    assert greetings[10]["reason"] == "too_many_websockets"
    assert (await sockets[10].receive()).type is WSMsgType.CLOSE
    assert len((await town.get("connections"))["connections"]) == 10
    for socket in sockets:
        await socket.close()


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled", "too_many_websockets", "abort"])
async def test_a_bot_that_is_disconnected_comes_back(town: Town, bot: AsyncApp, connect: Connect, reason: str) -> None:
    @bot.command("/rounds")
    async def rounds(ack) -> None:
        await ack("here")

    handler = await connect(town, bot)
    handler.client.ping_interval = 0.1
    before = town.slack.connections.listing()[0]["id"]
    assert (await town.control("disconnect", reason=reason))["count"] == 1
    await until(lambda: [one for one in town.slack.connections.listing() if one["id"] != before], seconds=20)
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds")
    assert answer["response"] == {"text": "here"}


async def test_a_warning_leaves_the_connection_at_work(start: Start) -> None:
    town = await start(times={"warning": 60})
    socket = await town.socket()
    await socket.receive_json()
    await town.control("disconnect", reason="warning")
    assert (await socket.receive_json())["reason"] == "warning"
    await mention(town)
    assert (await socket.receive_json())["type"] == "events_api"
    await socket.close()


async def test_an_acknowledgement_counts_on_whichever_connection_it_comes(town: Town) -> None:
    first = await town.socket()
    await first.receive_json()
    asked = asyncio.create_task(town.control("command", as_="U1", channel="C1", command="/rounds"))
    envelope: Json = await first.receive_json()
    await town.control("disconnect", reason="refresh_requested")
    second = await town.socket()
    await second.receive_json()
    await second.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "from the other"}})
    assert (await asked)["response"] == {"text": "from the other"}
    await first.close()
    await second.close()


async def test_nonsense_on_the_socket_is_ignored(town: Town) -> None:
    socket = await town.socket()
    await socket.receive_json()
    for junk in ("", "{", "[]", "null", '{"envelope_id": 3}', '{"envelope_id": "unknown"}', "[" * 5000):
        await socket.send_str(junk)
    await mention(town)
    assert (await socket.receive_json())["type"] == "events_api"
    await socket.close()


async def test_a_ping_of_the_client_is_answered(town: Town) -> None:
    socket = await town.http.ws_connect(
        (await town.client().apps_connections_open(app_token="xapp-sandbox"))["url"], autoping=False
    )
    await socket.receive_json()
    await socket.ping(b"sdk-ping-pong:1")
    pong = await socket.receive()
    assert (pong.type, pong.data) == (WSMsgType.PONG, b"sdk-ping-pong:1")
    await socket.close()
