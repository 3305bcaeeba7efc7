"""From a slot to the message in Slack by the ids of the log alone, as somebody with only the log would go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Reach
from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import Workspace

CONFIGURATION = """
timezone: UTC
channel: "#operations"
checks:
  backup: {{kind: files, path: {folder}/backup.tar.gz, open_after: 1, escalation: soon}}
checklists:
  morning: {{title: Morning, at_start: true, items: [backup]}}
escalations:
  soon:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 1s, notify: ["user:ben"]}}
"""


def lines(serve: Serve) -> list[dict[str, Any]]:
    """What it has logged, but for what the SDK logs in pieces of its own."""
    return [json.loads(line) for line in serve.said.splitlines() if line.startswith("{")]


def the(found: list[dict[str, Any]], message: str, **ids: Any) -> dict[str, Any]:
    (line,) = [one for one in found if one["message"] == message and ids.items() <= one.items()]
    return line


async def test_a_failing_slot_leads_to_its_incident_and_to_every_message(tmp_path: Path, reach: Reach) -> None:
    sandbox = Sandbox.start(tmp_path)
    serve = Serve(tmp_path, api=sandbox.api, configuration=CONFIGURATION.format(folder=tmp_path))
    serve.environment["ROUNDS_LOG"] = "json"
    try:
        slack: Workspace = reach(sandbox, serve.start())
        await slack.until(lambda state: [m for m in state.messages if m.broadcast], "step that was told, too")
        for told in ("digest", "opened", "escalated"):  # in which order, Slack's pace decides
            await serve.logged(f'"told: {told}"')
        state, found = await slack.state(), lines(serve)
    finally:
        serve.stop()
        sandbox.stop()

    run = the(found, "run done", checklist="morning", not_ok=["backup"])
    assert run["slot"].startswith("start:")
    opened = the(found, "incident opened", run=run["run"], slot=run["slot"], about="check:backup")
    climbed = the(found, "incident escalated", incident=opened["incident"], state="open")
    assert climbed["time"] > opened["time"]
    for line, key in (
        (the(found, "told: digest", subject=f"run:{run['run']}"), f"run:morning:{run['slot']}"),
        (the(found, "told: opened", subject=f"incident:{opened['incident']}"), "incident:1:1:opened"),
        (the(found, "told: escalated", subject=f"incident:{opened['incident']}"), "incident:1:2:escalated"),
    ):
        assert line["key"] == key
        (message,) = [m for m in state.messages if m.ts == line["ts"]]
        assert (message.channel, message.key) == (line["channel"], key)
