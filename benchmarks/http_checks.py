"""CPU seconds for 1,000 http checks, each with a new connection, judged and masked, against a bare aiohttp loop.

The server is another process on loopback; its own time does not count.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import textwrap

import aiohttp

from benchmarks.machine import in_turn, machine, told
from bot.config.load import parse
from bot.domain.masking import Masker
from bot.engine.clock import SystemClock
from bot.engine.looking import Looker
from checks import Outcome

CHECKS = 1_000
AT_ONCE = 100
ROUNDS = 5
GOAL = 0.75

SERVER = textwrap.dedent(
    """
    import asyncio
    ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok"
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
    """
)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ours(url: str) -> float:
    checks = "\n".join(f"  c{n}: {{kind: http, url: '{url}', every: 1m}}" for n in range(CHECKS))
    configuration = parse(f"channel: '#c'\ntimezone: UTC\nchecks:\n{checks}\n")
    looker = Looker(SystemClock(), Masker([]))

    async def run() -> float:
        before = _cpu_s()
        results = await looker.look_at_all(configuration.checks.values())
        used = _cpu_s() - before
        bad = [result for result in results if result.outcome is not Outcome.OK]
        assert not bad, bad[0].findings
        return used

    return asyncio.run(run())


def _aiohttp(url: str) -> float:
    async def run() -> float:
        places = asyncio.Semaphore(AT_ONCE)
        connector = aiohttp.TCPConnector(limit=AT_ONCE, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def one() -> int:
                async with places, session.get(url) as answer:
                    await answer.read()
                    return answer.status

            before = _cpu_s()
            statuses = await asyncio.gather(*(one() for _ in range(CHECKS)))
            used = _cpu_s() - before
        assert set(statuses) == {200}
        return used

    return asyncio.run(run())


def main() -> None:
    """Print the figures."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        _ours(url), _aiohttp(url)  # once for the imports
        ours, theirs = in_turn(ROUNDS, lambda: _ours(url), lambda: _aiohttp(url))
    finally:
        server.terminate()
        server.wait()
    print(machine())
    print(
        told(f"{CHECKS:,} http checks, judged and masked, against bare aiohttp", ours, theirs, unit="CPU-s", goal=GOAL)
    )


if __name__ == "__main__":
    main()
