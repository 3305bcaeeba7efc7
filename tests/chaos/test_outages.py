"""The ledger fails under a running Rounds: it says so everywhere, refuses with a sentence, and goes on by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.chaos.conftest import Weather
from tests.chaos.storm import SETTLE_S, Plan
from tests.e2e.processes import LEFT, Serve, free_port
from tests.e2e.workspace import LOOK_EVERY_S, Workspace

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

ANN, RECORD, LIST0 = "U1", "C1", "C3"


class Readiness:
    """What `/readyz` of one Rounds says."""

    def __init__(self, workspace: Workspace, serve: Serve) -> None:
        self._http = workspace.http
        self._address = f"127.0.0.1:{free_port()}"
        serve.environment["ROUNDS_ADMIN_LISTEN"] = self._address

    async def asked(self, path: str = "readyz") -> tuple[int, dict[str, Any]]:
        async with self._http.get(f"http://{self._address}/{path}") as answer:
            return answer.status, await answer.json()

    async def metrics(self) -> str:
        async with self._http.get(f"http://{self._address}/metrics") as answer:
            return await answer.text()

    async def says(self, status: int) -> dict[str, Any]:
        """Wait for that status; returns the whole answer."""
        async with asyncio.timeout(SETTLE_S):
            while True:
                found, answer = await self.asked()
                if found == status:
                    return answer
                await asyncio.sleep(LOOK_EVERY_S)


def fine(said: dict[str, Any]) -> bool:
    return bool(said["ok"] and said["store"] and said["slack"]) and "store_says" not in said


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
async def test_an_outage_is_said_and_refused_with_a_sentence_and_over_when_it_is_over(
    weather: Weather, name: str
) -> None:
    async with weather(name, Plan(kills=0, slots=0)) as storm:
        serve, slack = storm.serves[0], storm.workspace
        ready = Readiness(slack, serve)
        await serve.start().serving()
        await slack.connected()
        assert fine(await ready.says(200))

        await storm.ledger.fail([serve])
        said = await ready.says(503)
        assert (said["ok"], said["store"]) == (False, False)
        assert storm.ledger.trouble in said["store_says"]
        assert "rounds_ledger_answers 0.0" in await ready.metrics()
        assert (await ready.asked("healthz"))[0] == 200
        assert "The storage is down" in await slack.ask(ANN, RECORD, "run list0")
        await serve.logged("the ledger cannot be used")

        await storm.ledger.mend([serve])
        assert fine(await ready.says(200))
        assert "rounds_ledger_answers 1.0" in await ready.metrics()
        await serve.logged("the ledger can be used again")
        assert "Running *list0*" in await slack.ask(ANN, RECORD, "run list0")
        await slack.until(lambda state: state.roots(RECORD, "list0"), "run that was asked for again", within=SETTLE_S)
        state = await slack.state()
        assert (len(state.roots(RECORD, "list0")), state.doubled()) == (1, {})
        await asyncio.to_thread(serve.terminate)
        assert "Traceback" not in serve.said, "that is for mistakes of ours"


async def test_rounds_stops_in_time_while_its_ledger_is_away(weather: Weather) -> None:
    async with weather("postgresql", Plan(kills=0, slots=0)) as storm:
        serve = storm.serves[0]
        await serve.start().serving()
        await storm.ledger.fail([serve])
        await serve.logged("the ledger cannot be used")
        await asyncio.to_thread(serve.terminate)
        assert (serve.process.returncode, "Traceback" in serve.said) == (0, False)
        await storm.ledger.mend([serve])


async def test_rounds_stops_in_time_while_its_ledger_hangs(weather: Weather) -> None:
    async with weather("postgresql", Plan(kills=0, slots=0)) as storm:
        serve, other = storm.serves
        await serve.start().serving()
        async with storm.ledger.frozen():
            await asyncio.to_thread(serve.terminate)
        assert serve.process.returncode == 0
        assert LEFT in serve.said
        assert "store-read" in serve.said, "which thread it was is said"
        storm.workspace.serve = other
        await other.start().serving()
        await storm.workspace.until(lambda s: s.roots(LIST0, "list0"), "a run of who took over", within=SETTLE_S)
        assert (await storm.workspace.state()).doubled() == {}
