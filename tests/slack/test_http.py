"""Slack over HTTP: only what Slack signed a moment ago is heard, and a stranger can neither break nor flood us."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

import commands
from bot.slack.client import web_client
from bot.slack.ears import Ears
from bot.slack.http import WINDOW_S, HttpTransport, signed
from bot.slack.ids import PATH
from bot.web.public import PublicListener
from tests.commands.conversation import RememberedInbox, Slack

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_700_000_000.0
BODY = b"token=x&command=%2Frounds&text=status"


def signature(body, at, secret=SECRET):
    return "v0=" + hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()


def headers(body, *, at=None, **more):
    at = str(int(time.time())) if at is None else at
    given = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature(body, at)}
    return given | {name.replace("_", "-"): value for name, value in more.items()}


def test_the_example_of_slacks_own_guide_is_signed():
    # docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    given = {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    assert signed(SECRET.encode(), given, body, now=1531420618.0)


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_a_signature_is_good_for_five_minutes(seconds, good):
    at = str(int(NOW) + seconds)
    assert signed(SECRET.encode(), headers(BODY, at=at), BODY, now=NOW) is good
    assert WINDOW_S == 300


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "-1700000000"},
        {"X-Slack-Request-Timestamp": "1700000000.0"},
        {"X-Slack-Request-Timestamp": "١٧٠٠٠٠٠٠٠٠"},
        {"X-Slack-Request-Timestamp": "9" * 5_000},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=é" + "0" * 63},
        {"X-Slack-Signature": signature(BODY, "1700000000")[3:]},
        {"X-Slack-Signature": signature(BODY, "1700000000").replace("v0", "v1")},
        {"X-Slack-Signature": signature(BODY, "1700000000").upper()},
        {"X-Slack-Signature": signature(BODY, "1700000000", secret="another secret")},
        {"X-Slack-Signature": signature(BODY + b"&", "1700000000")},
        {"X-Slack-Signature": signature(BODY, "1700000001")},
    ],
)
def test_anything_else_is_not_signed_and_does_no_harm(given):
    good = headers(BODY, at="1700000000")
    assert signed(SECRET.encode(), good, BODY, now=NOW)
    assert not signed(SECRET.encode(), good | given if given else {}, BODY, now=NOW)


class Over:
    """A Rounds of one command and one event, behind the public listener."""

    def __init__(self, slack, http):
        self.http = http
        self.crew = commands.Crew()
        self.heard = []
        app = AsyncApp(
            client=web_client("xoxb-1", base_url=f"{slack.base}api/"),
            process_before_response=True,
            request_verification_enabled=False,
        )
        self.ears = ears = Ears(app, RememberedInbox(), self.crew.start)
        self.transport = HttpTransport(app, SECRET, begun=ears.begun)
        self.listener = PublicListener(("127.0.0.1", 0), None, (PATH, self.transport.answer))

        @app.command("/rounds")
        async def rounds(ack, command):
            self.heard.append(command["text"])
            await ack("heard")

        @ears.event("app_mention")
        async def mentioned(heard):
            self.heard.append(heard.event["text"])

    async def begun(self):
        self.address = "http://{}:{}".format(*await self.listener.start())
        return self

    async def given(self, body, given, path=PATH):
        async with self.http.post(self.address + path, data=body, headers=given) as answer:
            return answer.status, await answer.text(), answer.headers


@pytest.fixture
async def slack():
    async with Slack().served() as slack:
        yield slack


@pytest.fixture
async def over(slack):
    async with aiohttp.ClientSession() as http:
        rounds = await Over(slack, http).begun()
        yield rounds
        await rounds.listener.stop()


FORM = {"Content_Type": "application/x-www-form-urlencoded"}
JSON = {"Content_Type": "application/json"}


async def test_a_signed_command_is_answered(over):
    body = urlencode({"command": "/rounds", "text": "status", "user_id": "U1", "team_id": "T1"}).encode()
    status, text, _ = await over.given(body, headers(body, **FORM))
    assert (status, text) == (200, "heard")
    assert over.heard == ["status"]
    assert over.transport.heard_s_ago is not None


async def test_a_command_of_ours_is_begun_as_it_was_typed_and_acknowledged_with_nothing(over):
    begun = []
    over.ears.command("/rounds")(begun.append)
    said = {"command": "/rounds", "text": "log 100 % & «ü» +1", "user_id": "U1", "trigger_id": ""}
    body = urlencode(said).encode()
    status, text, _ = await over.given(body, headers(body, **FORM))
    assert (status, text, begun, over.heard) == (200, "", [said], [])
    assert over.transport.heard_s_ago is not None


async def test_a_command_that_cannot_be_begun_gets_no_acknowledgement(over, caplog):
    @over.ears.command("/rounds")
    def begin(payload):
        raise RuntimeError("no luck")

    body = urlencode({"command": "/rounds", "text": "status"}).encode()
    assert (await over.given(body, headers(body, **FORM)))[0] == 500
    assert "no luck" in caplog.text


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ({"command": "/rounds", "ssl_check": "1"}, FORM),  # Slack's question whether our TLS is good
        ({"payload": json.dumps({"type": "block_actions", "command": "/rounds"})}, FORM),
        ({"command": "/rounds"}, JSON),
    ],
)
async def test_what_only_looks_like_a_command_begins_nothing(over, said, given):
    over.ears.command("/rounds")(lambda payload: pytest.fail("nobody typed a command"))
    body = urlencode(said).encode()
    await over.given(body, headers(body, **given))


async def test_a_command_that_is_not_signed_begins_nothing(over):
    over.ears.command("/rounds")(lambda payload: pytest.fail("Slack did not say so"))
    body = urlencode({"command": "/rounds", "text": "status"}).encode()
    given = headers(body, **FORM)
    assert (await over.given(body + b"&more=1", given))[0] == 401


async def test_slacks_question_whether_this_address_is_ours_is_answered_with_its_challenge(over):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    status, text, _ = await over.given(body, headers(body, **JSON))
    assert status == 200
    assert "3eZbrw1a" in text


async def test_an_event_that_slack_repeats_is_acknowledged_and_has_its_effect_once(over):
    event = {"type": "app_mention", "user": "U1", "text": "hi", "channel": "C1"}
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}).encode()
    for attempt in ("", "1", "2"):
        again = {"X_Slack_Retry_Num": attempt, "X_Slack_Retry_Reason": "http_timeout"} if attempt else {}
        assert (await over.given(body, headers(body, **JSON, **again)))[0] == 200
    await over.crew.drain(10)
    assert over.heard == ["hi"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[" * 100_000, b"\xff\xfe", b"", b"ssl_check=1", b'{"type":"url_verification","challenge":"x"}', BODY],
)
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "1000000000", "X-Slack-Signature": signature(BODY, "1000000000")},
    ],
)
async def test_what_is_not_signed_is_not_even_parsed(over, body, given, caplog):
    status, text, _ = await over.given(body, given | {"Content-Type": "application/json"})
    assert (status, text) == (401, "not signed\n")
    assert over.heard == []
    assert "Traceback" not in caplog.text


async def test_the_log_tells_of_strangers_once_a_minute_and_not_for_each(over, caplog):
    for _ in range(20):
        await over.given(b"x", {})
    assert caplog.text.count("Slack did not sign") == 1


async def test_a_body_that_is_larger_than_slacks_are_is_refused_whoever_signed_it(over):
    body = b"x" * (2 << 20)
    assert (await over.given(io.BytesIO(body), headers(body)))[:2] == (413, "request entity too large\n")


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/events/", "/slack/events/x", "/healthz", "/readyz", "/ping/x"])
async def test_there_is_nothing_else(over, path):
    status, text, answered = await over.given(b"", headers(b""), path=path)
    assert (status, text) == (404, "not found\n")
    assert "Server" not in answered


async def test_slack_only_posts(over):
    async with over.http.get(over.address + PATH) as answer:
        assert (answer.status, await answer.text()) == (405, "method not allowed\n")
