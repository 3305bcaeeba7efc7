"""Names to ids: nobody is told that Ben does not exist only because Slack was asked a moment ago."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.directory import Directory


class SlowSlack:
    """Answers lists when it is let, or refuses."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.asked = 0
        self.refusals: list[Exception] = []

    async def _answer(self, **answer: Any) -> dict[str, Any]:
        self.asked += 1
        await self.let.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        return answer

    async def users_list(self, **_: Any) -> dict[str, Any]:
        return await self._answer(members=[{"id": "U2", "name": "ben"}])

    async def usergroups_list(self, **_: Any) -> dict[str, Any]:
        return await self._answer(usergroups=[{"id": "S1", "handle": "sre"}])

    async def conversations_list(self, **_: Any) -> dict[str, Any]:
        return await self._answer(channels=[{"id": "C1", "name": "operations"}])


def refusal(code: str) -> SlackApiError:
    return SlackApiError("refused", {"ok": False, "error": code})


@pytest.fixture
def slack() -> SlowSlack:
    return SlowSlack()


@pytest.fixture
def directory(slack: SlowSlack) -> Directory:
    return Directory(slack, dict)  # type: ignore[arg-type]


async def test_whoever_asks_while_a_list_is_being_read_waits_for_it(slack, directory):
    first, second = (asyncio.ensure_future(directory.channel_id("#operations")) for _ in range(2))
    await asyncio.sleep(0)
    slack.let.set()
    assert await asyncio.gather(first, second) == ["C1", "C1"]
    assert slack.asked == 1


async def test_people_are_met_before_the_first_message_mentions_one(slack, directory):
    slack.let.set()
    assert directory.mention("user:ben") == "@ben (not found in Slack)"
    assert await directory.meet_people()
    assert directory.mention("user:ben") == "<@U2>"
    assert directory.mention("usergroup:sre") == "<!subteam^S1>"


async def test_when_slack_was_away_people_are_met_as_soon_as_it_is_back(slack, directory):
    slack.let.set()
    slack.refusals = [aiohttp.ServerDisconnectedError(), TimeoutError()]
    assert not await directory.meet_people()
    assert await directory.meet_people()
    assert directory.mention("user:ben") == "<@U2>"


async def test_a_list_that_slack_refuses_is_not_asked_for_with_every_message(slack, directory):
    slack.let.set()
    slack.refusals = [refusal("internal_error"), refusal("ratelimited")]
    assert not await directory.meet_people()
    assert not await directory.meet_people()
    assert slack.asked == 2


async def test_what_slack_refuses_for_good_is_not_waited_for(slack, directory):
    slack.let.set()
    slack.refusals = [refusal("missing_scope"), refusal("paid_teams_only")]
    assert await directory.meet_people()


async def test_a_channel_that_slack_has_not_told_us_is_not_called_unknown(slack, directory):
    slack.let.set()
    slack.refusals = [refusal("internal_error")]
    assert await directory.channel_id("#operations") is None
    assert not directory.channels_known
