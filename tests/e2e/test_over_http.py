"""The real bot with Slack over HTTP: the sandbox signs its requests, and strangers' requests are refused."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.domain.pings import token_of
from tests.e2e.processes import START_S, Sandbox, Serve, free_port
from tests.e2e.workspace import Workspace

ANN = "U1"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CONFIGURATION = """
channel: "#operations"
checks:
  backup: {{kind: files, path: {folder}/backup, every: 5s, open_after: 1, close_after: 1}}
  job: {{kind: heartbeat, expect: 24h, open_after: 1, every: 5s}}
"""


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Workspace]:
    """A sandbox that comes by HTTP to a Rounds that has no app-level token."""
    (tmp_path / "backup").touch()
    port = free_port()
    seed: dict[str, object] = {
        "channels": [{"id": "C1", "name": "operations"}],
        "request_url": f"http://127.0.0.1:{port}/slack/events",
        "signing_secret": SECRET,
    }
    sandbox = Sandbox.start(tmp_path, seed=seed)
    serve = Serve(
        tmp_path,
        api=sandbox.api,
        configuration=CONFIGURATION.format(folder=tmp_path),
        SLACK_SIGNING_SECRET=SECRET,
        ROUNDS_PUBLIC_LISTEN=f"127.0.0.1:{port}",
        ROUNDS_PING_SECRET="a secret for the test of pings",
    )
    serve.environment["ROUNDS_ADMIN_LISTEN"] = f"127.0.0.1:{free_port()}"
    del serve.environment["SLACK_APP_TOKEN"]
    try:
        async with aiohttp.ClientSession() as http:
            await serve.start().logged("Rounds is serving")
            yield Workspace(sandbox, serve, http)
    finally:
        serve.stop()
        sandbox.stop()


def public(slack: Workspace) -> str:
    return f"http://{slack.serve.environment['ROUNDS_PUBLIC_LISTEN']}"


async def test_commands_clicks_and_events_have_their_effect(slack: Workspace, tmp_path: Path) -> None:
    assert "Wrong now" in await slack.ask(ANN, "C1", "status")
    (tmp_path / "backup").unlink()
    card = await slack.until(lambda state: state.the("C1", "backup"), "incident")
    await slack.click(ANN, card.button("acknowledge"))
    await slack.until(lambda state: state.replies(card, f"<@{ANN}> has it"), "acknowledgement")
    assert (await slack.act("open_home", as_=ANN, tab="home"))["acked"]
    await slack.until(lambda state: "Wrong now" in state.home(ANN), "App Home")
    async with slack.http.get(f"http://{slack.serve.environment['ROUNDS_ADMIN_LISTEN']}/readyz") as answer:
        told = await answer.json()
    assert (told["ok"], told["slack"], told["transport"]) == (True, True, "http")
    assert told["heard_s_ago"] >= 0
    slack.serve.terminate()


async def test_what_was_acknowledged_has_its_effect_although_rounds_dies_at_that_moment(slack: Workspace) -> None:
    assert (await slack.act("open_home", as_=ANN, tab="home"))["acked"]
    slack.serve.kill()
    slack.serve.start()
    await slack.until(lambda state: "Wrong now" in state.home(ANN), "App Home", within=START_S)


@pytest.mark.parametrize("fault", ["no signature", "wrong signature", "an old one", "no JSON", "huge", "not text"])
async def test_what_slack_did_not_sign_is_refused_without_a_word(slack: Workspace, fault: str) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "x"})
    headers = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=" + "0" * 64}
    if fault == "no signature":
        headers = {}
    if fault == "an old one":
        headers["X-Slack-Request-Timestamp"] = "1000000000"
    given = {"no JSON": "{", "huge": io.BytesIO(b"x" * (2 << 20)), "not text": b"\xff\xfe"}.get(fault, body)
    async with slack.http.post(f"{public(slack)}/slack/events", data=given, headers=headers) as answer:
        assert answer.status in (400, 401, 413)
        assert "x" * 10 not in await answer.text()
    assert "Traceback" not in slack.serve.said


async def test_a_job_reports_a_failure_and_it_is_told(slack: Workspace) -> None:
    address = f"{public(slack)}/ping/{token_of('a secret for the test of pings', 'job')}/1"
    async with slack.http.post(address, data="no space left") as answer:
        assert answer.status == 200
    await slack.until(lambda state: state.the("C1", "reported a failure: no space left"), "incident")
