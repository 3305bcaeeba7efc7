"""Whether a run that somebody asks for can be posted where they ask for it."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.places import Places


class Slack:
    """Says this of every channel; `D1` is where Ann and Rounds talk alone."""

    def __init__(self, said: dict[str, Any] | str | Exception) -> None:
        self.said = said

    async def conversations_info(self, *, channel: str) -> dict[str, Any]:
        if isinstance(self.said, Exception):
            raise self.said
        if isinstance(self.said, str):
            raise SlackApiError("no", {"ok": False, "error": self.said})
        return {"ok": True, "channel": {"id": channel, **self.said}}

    async def conversations_open(self, *, users: str) -> dict[str, Any]:
        assert users == "U1"
        return {"ok": True, "channel": {"id": "D1"}}


SAID = [
    pytest.param({"is_member": True, "is_private": True}, True, id="a private one that it is in"),
    pytest.param({"is_member": False, "is_private": True}, False, id="a private one that it has left"),
    pytest.param({"is_member": False, "is_private": False}, True, id="a public one, which it joins"),
    pytest.param({"is_member": True, "is_archived": True}, False, id="an archived one"),
    pytest.param("channel_not_found", False, id="a private one that Slack does not show it"),
    pytest.param("missing_scope", False, id="people among themselves"),
    pytest.param("ratelimited", True, id="in doubt it can"),
    pytest.param(TimeoutError(), True, id="in doubt it can, too"),
]


@pytest.mark.parametrize(("said", "takes"), SAID)
async def test_a_channel_takes_what_rounds_may_post_there(said: Any, takes: bool) -> None:
    assert await Places(Slack(said)).takes("C3", "U1") is takes


@pytest.mark.parametrize(("channel", "takes"), [("D1", True), ("D2", False), ("U1", True), ("#operations", True)])
async def test_direct_messages_are_taken_where_they_are_those_with_rounds(channel: str, takes: bool) -> None:
    assert await Places(Slack("fatal_error")).takes(channel, "U1") is takes
