"""One sandbox and one `rounds serve` for all tests that leave both running; each has its own checks and channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import Workspace

OPERATIONS, BACKUP, RACE, HOME, GONE, DOOMED, ORDERS, PARCELS = (f"C{n}" for n in range(1, 9))

SEED: dict[str, object] = {
    "channels": [
        {"id": OPERATIONS, "name": "operations"},
        {"id": BACKUP, "name": "backup", "bot": False},
        {"id": RACE, "name": "race"},
        {"id": HOME, "name": "home"},
        {"id": GONE, "name": "gone"},
        {"id": DOOMED, "name": "doomed"},
        {"id": ORDERS, "name": "orders"},
        {"id": PARCELS, "name": "parcels"},
    ]
}

SECOND_S, THIRD_S = 8, 24
"""When the second and third step of `climb` are due: between them is time to acknowledge on a busy machine, too."""

SOON_S = 20
"""When the second step of `soon` is due; its incident's channel has to be archived before."""

CONFIGURATION = """
timezone: UTC
channel: "#operations"
checks:
  backup:
    title: Last night's backup
    kind: files
    path: {folder}/backup.tar.gz
    every: 5s
    open_after: 1
    close_after: 1
    escalation: climb
    channel: "#backup"
  invoices: {{kind: files, path: {folder}/invoices, escalation: slow, channel: "#race"}}
  exports: {{kind: files, path: {folder}/exports, escalation: slow, channel: "#home"}}
  mirror: {{kind: files, path: {folder}/mirror, escalation: slow, channel: "#gone"}}
  archive: {{kind: files, path: {folder}/archive, escalation: soon, channel: "#doomed"}}
  orders: {{kind: files, path: {folder}/orders, escalation: slow, channel: "#orders"}}
  parcels: {{kind: files, path: {folder}/parcels, escalation: slow, channel: "#parcels"}}
checklists:
  morning:
    title: Morning health check
    at_start: true
    items:
      - section: Files
      - backup
      - invoices
      - manual: Look at the dashboard
escalations:
  climb:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: {second}s, notify: ["user:ben"]}}
    - {{after: {third}s, notify: ["usergroup:sre"]}}
  soon:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: {soon}s, notify: ["user:ben"]}}
  slow:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 1h, notify: ["user:ben"]}}
"""


@dataclass(frozen=True)
class Pair:
    """A sandbox and the Rounds that serves it."""

    folder: Path
    sandbox: Sandbox
    serve: Serve

    @property
    def backup(self) -> Path:
        return self.folder / "backup.tar.gz"


def _configuration(folder: Path) -> str:
    return CONFIGURATION.format(folder=folder, second=SECOND_S, third=THIRD_S, soon=SOON_S)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The running pair; whatever Rounds wrote to its log as an error fails the last test that used it."""
    folder = tmp_path_factory.mktemp("pair")
    for name in ("backup.tar.gz", "invoices"):
        (folder / name).touch()
    sandbox = Sandbox.start(folder, seed=SEED)
    try:
        serve = Serve(folder, api=sandbox.api, configuration=_configuration(folder))
        try:
            yield Pair(folder, sandbox, serve.start())
        finally:
            serve.stop()
    finally:
        sandbox.stop()
    # One test archives a channel, in which nothing can be redrawn from then on.
    assert [line for line in serve.complained if "is_archived" not in line] == [], serve.said


Reach = Callable[..., Workspace]


@pytest.fixture
async def reach() -> AsyncIterator[Reach]:
    """Reach a sandbox."""
    async with aiohttp.ClientSession() as http:
        yield lambda sandbox, serve: Workspace(sandbox, serve, http)


@pytest.fixture
async def slack(pair: Pair, reach: Reach) -> Workspace:
    """The workspace of the running pair, with Rounds connected to it."""
    workspace = reach(pair.sandbox, pair.serve)
    await workspace.connected()
    return workspace
