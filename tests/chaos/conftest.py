"""What the storms need: a sandbox, a ledger, and the Rounds on it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.chaos.ledgers import Ledger, SqliteLedger, postgresql
from tests.chaos.storm import SEED, Plan, Storm, configuration
from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import Workspace

LONG = os.environ.get("ROUNDS_CHAOS") == "long"
"""`make test-chaos`: minutes of it. Else a short form, for every run of the tests."""

Weather = Callable[..., AbstractAsyncContextManager[Storm]]


@asynccontextmanager
async def ledger_in(folder: Path, name: str) -> AsyncIterator[Ledger]:
    """An empty database of that sort, of the test's own."""
    if name == "sqlite":
        yield SqliteLedger(folder)
    else:
        async with postgresql() as ledger:
            yield ledger


@pytest.fixture
def weather(tmp_path: Path) -> Weather:
    """Begin a storm over a ledger of that name; `module` is what is started instead of Rounds."""

    @asynccontextmanager
    async def begin(name: str, plan: Plan, *, module: tuple[str, ...] = ("bot.cli", "serve")) -> AsyncIterator[Storm]:
        folder = tmp_path / f"{name}-{module[-1]}"
        folder.mkdir()
        for check in ("fine", "left", "right"):
            (folder / check).touch()
        async with AsyncExitStack() as stack:
            ledger = await stack.enter_async_context(ledger_in(folder, name))
            sandbox = Sandbox.start(folder, seed=SEED)
            stack.callback(sandbox.stop)
            serves = [_serve(folder, n, sandbox, ledger, module) for n in range(ledger.replicas)]
            for serve in serves:
                stack.callback(serve.stop)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            workspace = Workspace(sandbox, serves[0], http)
            yield Storm(workspace, ledger, serves, plan, folder=folder, seed=20260302)

    return begin


def _serve(folder: Path, number: int, sandbox: Sandbox, ledger: Ledger, module: tuple[str, ...]) -> Serve:
    own = folder / f"serve{number}"
    own.mkdir()
    serve = Serve(own, api=sandbox.api, configuration=configuration(folder), module=module, piped=True)
    serve.environment["DATABASE_URL"] = ledger.url
    return serve
