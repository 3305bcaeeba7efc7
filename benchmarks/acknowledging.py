"""How soon `/rounds status` is acknowledged, against a bare Bolt app that does one SELECT and one response-url post.

Each is a process of its own in front of a sandbox of its own, by Socket Mode and by HTTP; the sandbox measures from
sending an envelope to its acknowledgement. In turn: one at a time, each as soon as the one before is acknowledged, so
that it comes while that one's answer is still being made; one at a time with a pause, so that it does not; and in
bursts of fifty.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from benchmarks.figures import Comparison, Options
from tests.e2e.processes import Sandbox, Serve, free_port

ONE_AT_A_TIME, BURST = 60, 50
PAUSE_S = 0.05
"""Until the answer to the one before has surely arrived, as with a person who reads it."""
GOAL_ONE, GOAL_BURST = 0.2, 1.0
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

CONFIGURATION = """
channel: "#operations"
checks:
  root: {kind: disk, path: /}
"""

STOCK = textwrap.dedent(
    """
    import asyncio, os, sqlite3
    from aiohttp import web
    from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    database = sqlite3.connect(os.environ["DATABASE_FILE"], check_same_thread=False)
    database.execute("CREATE TABLE IF NOT EXISTS incident (id INTEGER PRIMARY KEY, title TEXT)")
    client = AsyncWebClient(token="xoxb-sandbox", base_url=os.environ["SLACK_API_BASE_URL"])
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/rounds")
    async def rounds(ack, respond):
        await ack()
        rows = await asyncio.to_thread(lambda: database.execute("SELECT * FROM incident").fetchall())
        await respond(text=f"{len(rows)} incidents")

    async def main():
        port = os.environ.get("PORT")
        if port is None:
            await AsyncSocketModeHandler(app, "xapp-sandbox").connect_async()
        else:
            runner = web.AppRunner(app.web_app("/slack/events"))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", int(port)).start()
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
    """
)


class Bench:
    """A sandbox, and somebody who types into it."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._http = http

    async def ask(self) -> float:
        """Milliseconds until `/rounds status` is acknowledged."""
        body = {"as": "U1", "channel": "C1", "command": "/rounds", "text": "status"}
        headers = {"X-Sandbox-Token": self._sandbox.token}
        async with self._http.post(f"{self._sandbox.url}_control/command", json=body, headers=headers) as answer:
            told = await answer.json()
        if not told.get("acked"):
            raise RuntimeError(f"not acknowledged: {told}")
        return float(told["ack_ms"])

    async def one_at_a_time(self) -> list[float]:
        return [await self.ask() for _ in range(ONE_AT_A_TIME)]

    async def with_pauses(self) -> list[float]:
        found = []
        for _ in range(ONE_AT_A_TIME):
            await asyncio.sleep(PAUSE_S)
            found.append(await self.ask())
        return found

    async def burst(self) -> list[float]:
        return list(await asyncio.gather(*(self.ask() for _ in range(BURST))))


def _seed(port: int | None) -> dict[str, object]:
    seed: dict[str, object] = {"channels": [{"id": "C1", "name": "operations"}]}
    if port is not None:
        seed |= {"request_url": f"http://127.0.0.1:{port}/slack/events", "signing_secret": SECRET}
    return seed


async def _rounds(stack: ExitStack, folder: Path, port: int | None, http: aiohttp.ClientSession) -> Bench:
    sandbox = Sandbox.start(folder, seed=_seed(port))
    stack.callback(sandbox.stop)
    serve = Serve(folder, api=sandbox.api, configuration=CONFIGURATION)
    if port is not None:
        del serve.environment["SLACK_APP_TOKEN"]
        serve.environment |= {"SLACK_SIGNING_SECRET": SECRET, "ROUNDS_PUBLIC_LISTEN": f"127.0.0.1:{port}"}
    stack.callback(serve.stop)
    await serve.start().logged("Rounds is serving")
    return Bench(sandbox, http)


async def _stock(stack: ExitStack, folder: Path, port: int | None, http: aiohttp.ClientSession) -> Bench:
    sandbox = Sandbox.start(folder, seed=_seed(port))
    stack.callback(sandbox.stop)
    environment = Serve(folder, api=sandbox.api).environment
    environment |= {"DATABASE_FILE": str(folder / "stock.db"), "SLACK_SIGNING_SECRET": SECRET}
    environment |= {"PORT": str(port)} if port is not None else {}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STOCK, env=environment, stdout=asyncio.subprocess.PIPE
    )
    stack.callback(lambda: process.returncode is None and process.terminate())
    assert process.stdout is not None
    await process.stdout.readline()
    return Bench(sandbox, http)


async def _ready(bench: Bench) -> None:
    """The first ones load what is loaded once."""
    for _ in range(100):
        try:
            for _ in range(5):
                await bench.ask()
        except RuntimeError:
            await asyncio.sleep(0.2)
        else:
            return


async def _compare(transport: str, rounds: int) -> list[Comparison]:
    async with aiohttp.ClientSession() as http:
        with ExitStack() as stack:
            folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
            ports = [free_port() if transport == "http" else None for _ in range(2)]
            ours = await _rounds(stack, folders[0], ports[0], http)
            theirs = await _stock(stack, folders[1], ports[1], http)
            await _ready(ours)
            await _ready(theirs)
            one = await _in_turn(rounds, 0.50, ours.one_at_a_time, theirs.one_at_a_time)
            calm = await _in_turn(rounds, 0.50, ours.with_pauses, theirs.with_pauses)
            many = await _in_turn(rounds, 0.99, ours.burst, theirs.burst)
    return [
        Comparison(f"{transport}, one at a time, p50", "ms", *one, goal=GOAL_ONE),
        Comparison(f"{transport}, one at a time with pauses, p50", "ms", *calm, goal=GOAL_ONE),
        Comparison(f"{transport}, bursts of {BURST}, p99", "ms", *many, goal=GOAL_BURST),
    ]


async def _in_turn(rounds: int, share: float, *each: Callable[[], Awaitable[list[float]]]) -> list[list[float]]:
    """That quantile of each side, turn after turn."""
    found: list[list[float]] = [[] for _ in each]
    for _ in range(rounds):
        for n, measure in enumerate(each):
            found[n].append(_quantile(await measure(), share))
    return found


def _quantile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def measure(options: Options) -> Iterator[Comparison]:
    """Both transports."""
    for transport in ("socket", "http"):
        yield from asyncio.run(_compare(transport, options.rounds))
