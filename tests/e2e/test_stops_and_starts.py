"""Stopping, starting, and a Slack that is away: nothing is lost, nothing is told twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import OPERATIONS, Reach
from tests.e2e.processes import ROOT, Sandbox, Serve, free_port
from tests.e2e.workspace import Said, State, Workspace

ANN, BEN = "U1", "U2"

CONFIGURATION = """
timezone: UTC
channel: "#operations"
checks:
  backup:
    kind: files
    path: {folder}/backup.tar.gz
    every: 5s
    open_after: 1
    close_after: 1
    escalation: climb
  invoices: {{kind: files, path: {folder}/backup.tar.gz, escalation: slow}}
  exports: {{kind: files, path: {folder}/backup.tar.gz, escalation: slow}}
checklists:
  morning: {{title: Morning health check, at_start: true, items: [backup]}}
escalations:
  climb:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 1s, notify: ["user:ben"]}}
  slow:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 1h, notify: ["user:ben"]}}
"""

Begin = Callable[..., Serve]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    started = Sandbox.start(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start a Rounds of this test's own."""
    serves: list[Serve] = []

    def start(api: str) -> Serve:
        (tmp_path / "backup.tar.gz").touch()
        serves.append(Serve(tmp_path, api=api, configuration=CONFIGURATION.format(folder=tmp_path)))
        return serves[-1].start()

    yield start
    for serve in serves:
        serve.stop()
        assert not serve.complained, serve.said


def carding(check: str) -> Callable[[State], Said | None]:
    return lambda state: state.the(OPERATIONS, f" {check}: ", "nobody has it yet")


async def test_a_stop_loses_nothing_and_a_start_doubles_nothing(sandbox: Sandbox, begin: Begin, reach: Reach) -> None:
    serve = begin(sandbox.api)
    slack: Workspace = reach(sandbox, serve)
    await slack.connected()
    await slack.until(lambda state: state.the(OPERATIONS, "Morning health check"), "digest")

    # Somebody starts it a second time on the same database.
    second = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot.cli", "serve"],
        cwd=ROOT,
        env=serve.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 2
    assert f"Another Rounds works on {serve.database}. Stop it first" in second.stderr.replace("\n", " ")
    assert "Traceback" not in second.stderr

    # One incident whose message stands although the answer got lost, and one whose call hangs when the stop comes.
    await slack.act("fault", method="chat.postMessage", status="drop_after_commit", count=1)
    await slack.command(ANN, OPERATIONS, "escalate invoices")
    await slack.until(carding("invoices"), "first incident")
    await slack.act("fault", method="chat.postMessage", status="timeout", seconds=30, count=1)
    await slack.command(ANN, OPERATIONS, "escalate exports")
    await asyncio.to_thread(serve.terminate)
    assert serve.process.returncode == 0
    assert not (await slack.state()).online

    # On its way back, the first ticket for a connection is refused; another one is fetched.
    await slack.act("fault", status="refuse_ticket", count=1)
    serve.start()
    await slack.connected()
    cards = [await slack.until(carding(check), f"incident about {check}") for check in ("invoices", "exports")]
    for card in cards:
        await slack.click(BEN, card.button("acknowledge"))
    for check in ("invoices", "exports"):
        card = await slack.until(lambda state, check=check: state.the(OPERATIONS, check, f"<@{BEN}> has it"), check)
        await slack.until(lambda state, card=card: state.replies(card, "has it"), f"acknowledgement of {check}")
    await slack.until(lambda state: len(state.roots(OPERATIONS, "Morning health check")) == 2, "digest of this start")
    assert (await slack.state()).doubled() == {}


async def test_slack_is_away_at_the_start_and_hears_everything_once_it_is_there(
    tmp_path: Path, begin: Begin, reach: Reach
) -> None:
    port = free_port()
    serve = begin(f"http://127.0.0.1:{port}/api/")
    (tmp_path / "backup.tar.gz").unlink()
    await serve.logged("escalated incident=1")
    sandbox = Sandbox.start(tmp_path, port=port)
    try:
        slack: Workspace = reach(sandbox, serve)
        card = await slack.until(carding("backup"), "incident")
        await slack.until(lambda state: state.replies(card, "Escalated", f"<@{BEN}>"), "second step")
        await slack.until(lambda state: state.the(OPERATIONS, "Morning health check"), "digest")
        await slack.connected()
        assert "Wrong now" in await slack.ask(ANN, OPERATIONS, "status")
        assert (await slack.state()).doubled() == {}
        await asyncio.to_thread(serve.terminate)
    finally:
        sandbox.stop()
