"""Signed HTTP instead of Socket Mode, to a real Bolt app that checks the signatures."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from tests.sandbox.town import Json, Start, Town, until

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
async def address() -> AsyncIterator[web.AppRunner]:
    """A server whose application is put in by the test."""
    runners: list[web.AppRunner] = []

    async def serve(application: web.Application) -> str:
        runner = web.AppRunner(application)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def test_commands_events_and_clicks_reach_a_bolt_app(start: Start, address) -> None:
    seen: list[Json] = []
    app = AsyncApp(token="xoxb-sandbox", signing_secret=SECRET)

    @app.command("/rounds")
    async def rounds(ack, command) -> None:
        await ack(f"you said {command['text']}")

    @app.event("app_mention")
    async def mentioned(event) -> None:
        seen.append(event)

    @app.action("go")
    async def pressed(ack, body) -> None:
        await ack()
        seen.append(body)

    town: Town = await start(request_url=await address(app.web_app("/slack/events")), signing_secret=SECRET)
    app.client.base_url = town.api
    assert (await town.get("state"))["bot"]["online"]
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds", text="a & b")
    assert answer["response"] == {"text": "you said a &amp; b"}
    await town.control("message", as_="U1", channel="C1", text="<@U0BOT> hi")
    await until(lambda: seen)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    posted = await town.client().chat_postMessage(
        channel="C1", text="x", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert (await town.control("click", as_="U1", channel="C1", ts=posted["ts"], action_id="go"))["acked"]
    assert [one["type"] for one in seen] == ["app_mention", "block_actions"]


async def test_a_wrong_secret_is_noticed_by_the_bot(start: Start, address) -> None:
    app = AsyncApp(token="xoxb-sandbox", signing_secret="another")

    @app.command("/rounds")
    async def rounds(ack) -> None:
        await ack()

    town: Town = await start(request_url=await address(app.web_app("/slack/events")), signing_secret=SECRET)
    app.client.base_url = town.api
    assert not (await town.control("command", as_="U1", channel="C1", command="/rounds"))["acked"]


async def test_an_event_that_fails_is_repeated_with_slacks_headers(start: Start, address) -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def broken(request: web.Request) -> web.Response:
        seen.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=500)

    application = web.Application()
    application.router.add_post("/slack/events", broken)
    times = {"retry_1": 0, "retry_2": 0, "retry_3": 0}
    town: Town = await start(request_url=await address(application), signing_secret=SECRET, times=times)
    await town.control("message", as_="U1", channel="C1", text="<@U0BOT> hi")
    await until(lambda: not town.slack.delivery.busy)
    assert seen == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]


async def test_a_bot_that_does_not_answer_is_given_up(start: Start) -> None:
    town = await start(request_url="http://127.0.0.1:9/", signing_secret=SECRET)
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds")
    assert not answer["acked"]
    assert town.sent("/rounds")[0]["status"] == "connection_failed"


async def test_a_request_url_is_verified_as_when_it_is_entered(start: Start, address) -> None:
    app = AsyncApp(token="xoxb-sandbox", signing_secret=SECRET)
    url = await address(app.web_app("/slack/events"))
    good = await start(request_url=url, signing_secret=SECRET)
    assert await good.control("verify_url") == {"ok": True, "verified": True, "problem": ""}
    strange = await start(request_url=url, signing_secret="another")
    assert (await strange.control("verify_url"))["problem"] == "http_error"

    async def deaf(_: web.Request) -> web.Response:
        return web.json_response({"challenge": "no idea"})

    other = web.Application()
    other.router.add_post("/slack/events", deaf)
    wrong = await start(request_url=await address(other), signing_secret=SECRET)
    assert (await wrong.control("verify_url"))["problem"] == "challenge_failed"
    nobody = await start(request_url="http://127.0.0.1:1/slack/events", signing_secret=SECRET)
    assert (await nobody.control("verify_url"))["problem"] == "connection_failed"
    socket = await start()
    assert (await socket.try_control("verify_url"))[0] == 400
