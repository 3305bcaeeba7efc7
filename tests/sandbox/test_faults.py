"""What goes wrong in Slack can be made to go wrong here."""

import asyncio
from typing import Any

import pytest
from aiohttp import ServerDisconnectedError
from slack_sdk.errors import SlackApiError

from tests.sandbox.town import Town


async def post(town: Town, text: str = "x", **more: Any) -> Any:
    """Without the client's own retries."""
    return await town.client(retry_handlers=[]).chat_postMessage(channel="C1", text=text, **more)


async def test_an_effect_can_be_kept_while_its_answer_is_lost(town: Town) -> None:
    await town.control("fault", method="chat.postMessage", status="drop_after_commit")
    with pytest.raises(ServerDisconnectedError):
        await post(town)
    assert await town.texts("C1") == ["x"]
    assert (await post(town, "y"))["ok"]


async def test_the_sdk_posts_twice_when_the_first_answer_is_lost(town: Town) -> None:
    await town.control("fault", method="chat.postMessage", status="drop_after_commit")
    await town.client().chat_postMessage(channel="C1", text="x")
    assert await town.texts("C1") == ["x", "x"]


async def test_a_call_can_be_lost_before_it_has_an_effect(town: Town) -> None:
    await town.control("fault", method="chat.postMessage", status="drop_before_commit")
    with pytest.raises(ServerDisconnectedError):
        await post(town)
    assert await town.texts("C1") == []


@pytest.mark.parametrize(
    ("status", "code"), [(429, "ratelimited"), (500, "internal_error"), (503, "service_unavailable")]
)
async def test_a_status_comes_as_often_as_asked_for(town: Town, status: int, code: str) -> None:
    await town.control("fault", method="chat.postMessage", status=status, count=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await post(town)
        assert caught.value.response.status_code == status
        assert caught.value.response["error"] == code
        assert caught.value.response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert (await post(town))["ok"]


async def test_an_answer_can_be_no_json(town: Town) -> None:
    await town.control("fault", method="*", status="not_json")
    with pytest.raises(SlackApiError):
        await post(town)
    assert await town.texts("C1") == []


async def test_a_call_can_hang_and_then_be_lost(town: Town) -> None:
    await town.control("fault", method="chat.postMessage", status="timeout", seconds=0.02)
    with pytest.raises(ServerDisconnectedError):
        await post(town)
    assert await town.texts("C1") == []


async def test_a_call_can_be_slow(town: Town) -> None:
    await town.control("fault", method="chat.postMessage", status="slow", seconds=0.1)
    started = asyncio.get_running_loop().time()
    await post(town)
    assert asyncio.get_running_loop().time() - started >= 0.1


async def test_chance_is_the_same_with_the_same_seed(town: Town) -> None:
    async def pattern() -> list[bool]:
        await town.control("fault", clear=True)
        await town.control("fault", method="auth.test", status=500, probability=0.5, count=1000, seed=7)
        seen = []
        for _ in range(20):
            async with town.http.post(f"{town.api}auth.test") as answer:
                seen.append(answer.status == 500)
        return seen

    first = await pattern()
    assert first == await pattern()
    assert len(set(first)) == 2


async def test_faults_end_when_they_are_cleared(town: Town) -> None:
    await town.control("fault", method="*", status=500, count=100)
    await town.control("fault", clear=True)
    assert (await post(town))["ok"]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": "nonsense"},
        {"status": 200},
        {"status": 500, "count": 0},
        {"status": 500, "count": "many"},
        {"status": 500, "probability": 2},
        {"status": "not_json", "method": "event"},
        {"status": "duplicate", "method": "command"},
        {"status": "delayed_ack", "method": "chat.postMessage"},
        {"method": 3, "status": 500},
        {},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(town: Town, fault: dict[str, Any]) -> None:
    status, answer = await town.try_control("fault", **fault)
    assert status == 400
    assert answer["error"].endswith(".")


async def test_a_channel_takes_a_short_burst_and_then_one_message_a_second(start: Any) -> None:
    moment = [1_700_000_000.0]
    town: Town = await start(wall=lambda: moment[0])
    for _ in range(5):
        await post(town)
    with pytest.raises(SlackApiError) as caught:
        await post(town)
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    await town.client().chat_postMessage(channel="C2", text="elsewhere")
    moment[0] += 1
    await post(town)
    with pytest.raises(SlackApiError):
        await post(town)


async def test_a_method_has_so_many_calls_a_minute(start: Any) -> None:
    moment = [1_700_000_000.0]
    town: Town = await start(wall=lambda: moment[0])
    client = town.client()
    for _ in range(20):
        await client.usergroups_list()
    moment[0] += 45
    with pytest.raises(SlackApiError) as caught:
        await client.usergroups_list()
    assert caught.value.response.headers["Retry-After"] == "15"
    await client.users_list()
    moment[0] += 15
    await client.usergroups_list()


async def test_limits_can_be_switched_off(start: Any) -> None:
    town: Town = await start(rate_limits=False)
    for _ in range(30):
        await post(town)
