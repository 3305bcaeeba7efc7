"""What becomes of a message when Slack is not in a good mood."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.domain.notifications import (
    CannotLookUp,
    ChannelUnusable,
    Letter,
    MessageGone,
    NotDelivered,
    NoticeView,
    PerhapsDelivered,
    Series,
    Undeliverable,
)
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.notifier import SlackNotifier
from tests.slack.states import incident, incident_view

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FOUND = {"event_type": "rounds_outbox", "event_payload": {"key": "k1"}}


def letter(**more):
    return Letter(**{"key": "k1", "channel": "C1", "reason": "notice", "view": NoticeView("hello", NOW), **more})


class Moody:
    """A Web API that answers as it is told, and remembers what it was asked."""

    def __init__(self):
        self.answers, self.asked = {}, []

    def will(self, method, *answers):
        self.answers[method] = list(answers)

    async def api(self, request):
        method = request.match_info["method"]
        body = await request.json() if request.content_type == "application/json" else dict(request.query)
        self.asked.append((method, body))
        queue = self.answers.get(method, [])
        answer = queue.pop(0) if len(queue) > 1 else queue[0] if queue else {"ok": True}
        if answer == "drop":
            request.transport.close()
            return web.Response()
        if answer == "hang":
            await asyncio.Event().wait()
        if isinstance(answer, web.Response):
            return answer
        return web.json_response({"channel": "C1", "ts": "1.000001", **answer})

    def calls(self, method):
        return [body for name, body in self.asked if name == method]


PATIENCE_S = 60.0
"""How long a call may take that ends: a busy machine is no mood of Slack's."""

HASTE_S = 2.0
"""How long a call is waited for that never ends: long enough to have been made."""


@asynccontextmanager
async def reaching(url, patience_s):
    """A notifier that waits so long for each call."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience_s)) as session:
        client = web_client("xoxb-1", base_url=url, session=session)
        yield SlackNotifier(client, Directory(client, dict))


@pytest.fixture
async def slack():
    moody = Moody()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", moody.api)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    moody.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/api/"
    async with reaching(moody.url, PATIENCE_S) as notifier:
        moody.notifier = notifier
        yield moody
    await runner.cleanup()


def failing(error, **more):
    return {"ok": False, "error": error, **more}


async def test_a_message_carries_its_key_and_unfurls_nothing(slack):
    delivered = await slack.notifier.post(letter())
    assert (delivered.channel_id, delivered.ts) == ("C1", "1.000001")
    (sent,) = slack.calls("chat.postMessage")
    assert sent["metadata"] == FOUND
    assert sent["unfurl_links"] is False
    assert sent["text"] == "hello"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param("drop", PerhapsDelivered, id="a lost connection may have delivered"),
        pytest.param(failing("internal_error"), PerhapsDelivered, id="and Slack's own errors"),
        pytest.param(failing("invalid_auth"), NotDelivered, id="a refused token has not, and is tried again"),
        pytest.param(failing("is_archived"), ChannelUnusable, id="an archived channel needs another"),
        pytest.param(failing("channel_not_found"), ChannelUnusable, id="so does one that is not there"),
        pytest.param(failing("something_new"), NotDelivered, id="an unknown refusal is tried again"),
        pytest.param(failing("msg_too_long"), Undeliverable, id="what does not even fit as text never arrives"),
    ],
)
async def test_every_failure_says_whether_the_message_may_have_arrived(slack, answer, error):
    slack.will("chat.postMessage", answer)
    with pytest.raises(error):
        await slack.notifier.post(letter())


async def test_a_call_that_never_ends_may_have_delivered(slack):
    slack.will("chat.postMessage", "hang")
    async with reaching(slack.url, HASTE_S) as notifier:
        with pytest.raises(PerhapsDelivered):
            await notifier.post(letter())
    assert len(slack.calls("chat.postMessage")) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_without_json_may_have_delivered(slack, status):
    slack.will("chat.postMessage", web.Response(status=status, text="<html>oops</html>"))
    with pytest.raises(PerhapsDelivered):
        await slack.notifier.post(letter())


async def test_a_rate_limit_has_not_delivered_and_says_how_long_to_wait(slack):
    slowly = web.json_response(failing("ratelimited"), status=429, headers={"Retry-After": "7"})
    slack.will("chat.postMessage", slowly)
    with pytest.raises(NotDelivered) as caught:
        await slack.notifier.post(letter())
    assert caught.value.retry_after.total_seconds() == 7


async def test_nobody_there_has_not_delivered(slack):
    async with aiohttp.ClientSession() as session:
        client = web_client("xoxb-1", base_url="http://127.0.0.1:9/api/", session=session)
        with pytest.raises(NotDelivered):
            await SlackNotifier(client, Directory(client, dict)).post(letter())


async def test_not_being_in_a_public_channel_the_bot_joins_and_posts(slack):
    slack.will("chat.postMessage", failing("not_in_channel"), {"ok": True})
    await slack.notifier.post(letter())
    assert slack.calls("conversations.join") == [{"channel": "C1"}]
    assert len(slack.calls("chat.postMessage")) == 2


async def test_a_card_that_slack_refuses_arrives_as_text(slack):
    slack.will("chat.postMessage", failing("invalid_blocks"), {"ok": True})
    await slack.notifier.post(letter())
    card, text = slack.calls("chat.postMessage")
    assert "blocks" in card
    assert "blocks" not in text
    assert text["text"] == "hello"


async def test_a_card_that_we_cannot_draw_arrives_as_a_sentence(slack, caplog):
    await slack.notifier.post(letter(view=NoticeView("disk < full", at=None)))
    (sent,) = slack.calls("chat.postMessage")
    assert sent["text"] == "disk &lt; full (notice)"
    assert "could not be drawn" in caplog.text


async def test_an_uncertain_message_is_found_by_its_key_on_any_page(slack):
    other = {"ts": "1.5", "metadata": {"event_type": "rounds_outbox", "event_payload": {"key": "k10"}}}
    slack.will(
        "conversations.history",
        {"ok": True, "messages": [other], "response_metadata": {"next_cursor": "c2"}},
        {"ok": True, "messages": [{"ts": "1.7", "metadata": FOUND}]},
    )
    found = await slack.notifier.find(letter(), since=NOW)
    assert found.ts == "1.7"
    first, second = slack.calls("conversations.history")
    assert first["oldest"] == f"{NOW.timestamp():.6f}"
    assert first["include_all_metadata"] == "1"
    assert second["cursor"] == "c2"


async def test_a_reply_is_looked_for_in_its_thread(slack):
    slack.will("conversations.replies", {"ok": True, "messages": [{"ts": "2.5", "metadata": FOUND}]})
    assert (await slack.notifier.find(letter(thread_ts="2.0"), since=NOW)).ts == "2.5"
    assert slack.calls("conversations.history") == []


async def test_what_stands_in_the_channel_as_well_is_found_there_when_its_thread_is_gone(slack):
    slack.will("conversations.replies", {"ok": True, "messages": [{"ts": "3.0"}]})
    slack.will("conversations.history", {"ok": True, "messages": [{"ts": "2.5", "metadata": FOUND}]})
    assert (await slack.notifier.find(letter(thread_ts="3.0", broadcast=True), since=NOW)).ts == "2.5"
    assert await slack.notifier.find(letter(thread_ts="3.0"), since=NOW) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(failing("missing_scope"), CannotLookUp, id="we may not look, ever"),
        pytest.param(failing("internal_error"), NotDelivered, id="not now"),
        pytest.param("drop", NotDelivered, id="the look-up itself got lost"),
    ],
)
async def test_a_look_up_that_fails_never_means_that_nothing_is_there(slack, answer, error):
    slack.will("conversations.history", answer)
    with pytest.raises(error):
        await slack.notifier.find(letter(), since=NOW)


async def test_a_thread_that_is_gone_holds_nothing(slack):
    slack.will("conversations.replies", failing("thread_not_found"))
    assert await slack.notifier.find(letter(thread_ts="2.0"), since=NOW) is None


async def test_while_the_channels_are_not_known_nothing_is_posted_by_name(slack):
    slack.will("conversations.list", failing("internal_error"))
    with pytest.raises(NotDelivered, match="has not told us its channels"):
        await slack.notifier.post(letter(channel="#operations"))
    assert slack.calls("chat.postMessage") == []


async def test_a_deleted_message_is_gone_for_redrawing(slack):
    slack.will("chat.update", failing("message_not_found"))
    with pytest.raises(MessageGone):
        await slack.notifier.redraw(NoticeView("hello", NOW), channel_id="C1", ts="1.0")


async def test_where_slack_draws_no_charts_the_numbers_are_told_in_words(slack):
    slack.will("chat.postMessage", failing("invalid_blocks"), {"ok": True})
    series = Series("used_percent", "%", tuple((NOW + timedelta(hours=n), 80.0 + n) for n in range(5)))
    view = replace(incident_view("x", incident("x")), series=series)
    await slack.notifier.post(replace(letter(), view=view, reason="evidence", thread_ts="1.0"))
    drawn, told = slack.calls("chat.postMessage")
    assert "data_visualization" in [block["type"] for block in drawn["blocks"]]
    assert "data_visualization" not in [block["type"] for block in told["blocks"]]
    assert "used_percent: ▁" in str(told["blocks"])
    assert "from 80 % to 84 %" in str(told["blocks"])
