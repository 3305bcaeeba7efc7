"""1,000 http checks, a new connection each, judged, masked and stored, against a bare aiohttp loop: CPU seconds.

Ours is what the engine does from claimed runs to committed results, on SQLite as it is served (every commit on disk),
with incidents weighed. Theirs asks and reads, and does nothing else. Each side is a process of its own, on the default
event loop, measured at its second thousand. The server is another process on loopback; its own time does not count.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.figures import Comparison, Options, in_turn

CHECKS = 1_000
AT_ONCE = 100
GOAL = 0.75

SERVER = textwrap.dedent(
    '''
    """Answers as nginx answers for a small page."""
    import asyncio
    PAGE = b"<!DOCTYPE html><html><head><title>Hi</title></head><body>" + b"<p>It works.</p>" * 33 + b"</body></html>"
    HEAD = (
        "HTTP/1.1 200 OK", "Server: nginx/1.22.1", "Date: Sun, 22 Nov 2026 09:00:00 GMT", "Content-Type: text/html",
        f"Content-Length: {len(PAGE)}", "Last-Modified: Tue, 10 Nov 2026 10:00:00 GMT", "Connection: close",
        'ETag: "65c2a0f0-267"', "Accept-Ranges: bytes", "", "",
    )
    ANSWER = "\\r\\n".join(HEAD).encode() + PAGE
    async def serve(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()
    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
    asyncio.run(main())
    '''
)


def measure(options: Options) -> Iterator[Comparison]:
    """CPU seconds of both."""
    with served() as url:
        ours, scheduled, theirs = [], [], []

        def us() -> float:
            looked, with_ticks = _child("ours", url)
            ours.append(looked)
            scheduled.append(with_ticks)
            return looked

        def them() -> float:
            (used,) = _child("theirs", url)
            theirs.append(used)
            return used

        in_turn(options.rounds, us, them)
    yield Comparison(f"{CHECKS:,} checks, looked at, judged, masked and stored", "CPU-s", ours, theirs, GOAL)
    yield Comparison("the same with the rows that plan and hand over the runs", "CPU-s", scheduled, theirs)


@contextmanager
def served() -> Iterator[str]:
    """The address of a web server in a process of its own."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/"
    finally:
        server.terminate()
        server.wait()


def _child(who: str, url: str) -> list[float]:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.http_checks", who, url], check=True, capture_output=True, text=True
    )
    return [float(word) for word in told.stdout.split()]


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _ours(url: str, folder: Path) -> tuple[float, float]:
    from bot.config.load import parse
    from bot.domain.masking import Masker
    from bot.engine.clock import SystemClock
    from bot.engine.interpreter import search_less, take_short_turns
    from bot.engine.looking import Looker
    from bot.engine.queue import RUNS_AT_ONCE
    from bot.engine.runner import Runner
    from bot.engine.ticker import sweep, synchronise, tick
    from checks import Outcome
    from storage.opening import open_store, sqlite_url
    from storage.tx import Tx

    class Clock(SystemClock):
        """The next minute comes when the benchmark wants it."""

        ahead = timedelta()

        def now(self) -> datetime:
            return super().now() + self.ahead

    checks = "\n".join(f"  c{n}: {{kind: http, url: '{url}', every: 1m}}" for n in range(CHECKS))
    configuration = parse(f"channel: '#c'\ntimezone: UTC\nchecks:\n{checks}\n")
    clock = Clock()
    store = open_store(sqlite_url(folder / "rounds.db"), now=clock.now)
    runner = Runner(store, Looker(clock, Masker(["a-configured-secret"])), clock, lambda: configuration)
    await store.write(lambda tx: synchronise(tx, configuration, clock.now()))
    take_short_turns()
    search_less()

    def planned(tx: Tx) -> list[int]:
        tick(tx, configuration, clock.now())
        return sweep(tx, tx.now)

    crew = asyncio.Semaphore(RUNS_AT_ONCE)

    async def work(run_id: int) -> None:
        async with crew:
            await runner.work(run_id)

    async def a_minute() -> tuple[float, float]:
        clock.ahead += timedelta(minutes=1)
        begun = _cpu_s()
        run_ids = await store.write(planned)
        handed_over = _cpu_s()
        await asyncio.gather(*(work(run_id) for run_id in run_ids))
        done = _cpu_s()
        return done - handed_over, done - begun

    await a_minute()
    used = await a_minute()
    for n in range(CHECKS):
        name = f"c{n}"
        found = await store.read(lambda tx, name=name: tx.runs.latest_results(name, limit=3))
        assert [each.outcome for each in found] == [Outcome.OK] * 2, found
        assert "It works" in found[0].evidence[0].text
    await store.close()
    return used


async def _theirs(url: str) -> float:
    import aiohttp

    async def a_minute() -> float:
        places, begun = asyncio.Semaphore(AT_ONCE), _cpu_s()

        async def one() -> int:
            async with places, session.get(url) as answer:
                await answer.read()
                return answer.status

        statuses = await asyncio.gather(*(one() for _ in range(CHECKS)))
        used = _cpu_s() - begun
        assert set(statuses) == {200}
        return used

    connector = aiohttp.TCPConnector(limit=AT_ONCE, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        await a_minute()
        return await a_minute()


def main() -> None:
    """One side, in this process."""
    who, url = sys.argv[1:]
    if who == "ours":
        with tempfile.TemporaryDirectory(prefix="rounds-bench-") as folder:
            print(*asyncio.run(_ours(url, Path(folder))))
    else:
        print(asyncio.run(_theirs(url)))


if __name__ == "__main__":
    main()
