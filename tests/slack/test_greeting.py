"""Before the first message: channels are joined; where one is missing, whoever would be called is told what to do."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.cards.unusable import call_for_help, explained
from bot.slack.directory import Directory
from bot.slack.greeting import MOST_TOLD, greet

PEOPLE = [
    {"id": "U1", "name": "ann"},
    {"id": "U2", "name": "ben"},
    {"id": "U3", "name": "lea", "deleted": True},
    {"id": "U4", "name": "robot", "is_bot": True},
    *({"id": f"U1{n}", "name": f"person-{n}"} for n in range(9)),
]
SRE = {"id": "S1", "handle": "sre", "users": ["U2", *(f"U1{n}" for n in range(9))]}


class Slack:
    """A workspace with `#operations`; `refuses` is what it says to joining that."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.joined: list[str] = []

    async def auth_test(self) -> dict[str, Any]:
        return {"ok": True, "team_id": "T1", "url": "https://town.example/"}

    async def users_list(self, **_: Any) -> dict[str, Any]:
        return {"members": PEOPLE}

    async def usergroups_list(self, **_: Any) -> dict[str, Any]:
        return {"usergroups": [SRE]}

    async def conversations_list(self, **_: Any) -> dict[str, Any]:
        return {"channels": [{"id": "C1", "name": "operations"}]}

    async def conversations_join(self, *, channel: str) -> dict[str, Any]:
        if self.refuses:
            raise SlackApiError("no", {"ok": False, "error": self.refuses})
        self.joined.append(channel)
        return {"ok": True}


async def greeted(slack: Slack, channel: str = "#operations", called: tuple[str, ...] = ("user:ann",)) -> list[tuple]:
    """Until the first greeting is over; the calls for help."""
    told: list[tuple] = []

    async def help_with(channel, why, people):
        told.append((channel, why, list(people)))

    async def over(_: float) -> None:
        raise asyncio.CancelledError

    with pytest.MonkeyPatch.context() as patch, suppress(asyncio.CancelledError):
        patch.setattr(asyncio, "sleep", over)
        await greet(slack, Directory(slack, dict), lambda: [channel], lambda: called, help_with)  # type: ignore[arg-type]
    return told


async def test_a_public_channel_is_joined_and_nobody_is_bothered():
    slack = Slack()
    assert (await greeted(slack), slack.joined) == ([], ["C1"])


async def test_a_channel_that_slack_does_not_show_is_told_to_whoever_would_be_called():
    assert await greeted(Slack(), "#platform") == [("#platform", "channel_not_found", ["U1"])]


async def test_few_are_told_each_once_and_nobody_who_would_not_read_it():
    called = ("user:lea", "user:robot", "user:nobody", "usergroup:sre", "user:ben", "user:ann")
    ((_, _, people),) = await greeted(Slack(), "#platform", called)
    assert len(people) == len(set(people)) == MOST_TOLD
    assert not {"U3", "U4"} & set(people)


@pytest.mark.parametrize("why", ["is_archived", "missing_scope", "restricted_action"])
async def test_a_channel_that_cannot_be_joined_for_good_is_told(why):
    assert await greeted(Slack(why)) == [("#operations", why, ["U1"])]


@pytest.mark.parametrize("why", ["method_not_supported_for_channel_type", "ratelimited", "fatal_error"])
async def test_a_private_channel_that_we_are_in_and_a_passing_refusal_are_no_trouble(why):
    assert await greeted(Slack(why)) == []


@pytest.mark.parametrize(
    "why", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action", "missing_scope"]
)
def test_the_help_names_the_channel_the_reason_and_the_next_step(why):
    headline, *lines = call_for_help("#operations", why).splitlines()
    assert headline.startswith("Rounds cannot post to #operations: ")
    assert any(line.startswith("• ") for line in lines)
    assert "calls nobody" in lines[0]
    assert why not in headline


def test_a_word_of_slack_that_we_do_not_know_is_left_to_the_reader():
    assert explained("a_new_word <!channel>") == "a_new_word &lt;!channel&gt;."
