"""The gate asks Slack who somebody is, remembers it, and hears when that changes."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import commands
from bot.domain.people import Person, UserGroup
from bot.domain.permissions import EVERYBODY, May, Role, Roles
from bot.slack import news
from bot.slack.directory import Directory
from bot.slack.ears import Ears
from bot.slack.gate import Gate
from bot.slack.people import group_of, person_of
from tests.commands.conversation import RememberedInbox


class Slack:
    """Knows some people; refuses to speak of others."""

    def __init__(self, *members: dict[str, Any]) -> None:
        self.known = {member["id"]: member for member in members}
        self.asked: list[str] = []

    async def users_info(self, *, user: str) -> dict[str, Any]:
        self.asked.append(user)
        if user not in self.known:
            raise SlackApiError("no", {"ok": False, "error": "user_not_found"})
        return {"ok": True, "user": self.known[user]}

    async def users_list(self, **_: Any) -> dict[str, Any]:
        return {"members": list(self.known.values())}

    async def usergroups_list(self, **_: Any) -> dict[str, Any]:
        return {"usergroups": [{"id": "S1", "handle": "sre", "name": "SRE", "users": ["U1"]}]}


ANN = {"id": "U1", "name": "ann", "team_id": "T1"}
GUEST = {"id": "U3", "name": "gus", "team_id": "T1", "is_restricted": True}
STRANGER = {"id": "U4", "name": "sue", "team_id": "T2", "is_stranger": True}
ON_CALL = Roles((Role("on-call", ("usergroup:sre",), frozenset((May.RESOLVE,))),), EVERYBODY)


@pytest.fixture
def slack():
    return Slack(ANN, GUEST, STRANGER)


@pytest.fixture
def directory(slack):
    directory = Directory(slack, dict)
    directory.home = "T1"
    return directory


async def test_somebody_is_asked_for_once(slack, directory):
    gate = Gate(directory, Roles)
    assert [await gate.why_not("U1", May.RUN) for _ in range(3)] == [None] * 3
    assert slack.asked == ["U1"]


@pytest.mark.parametrize(("user", "answer"), [("U3", "Guests may not"), ("U4", "Only people of the workspace")])
async def test_guests_and_strangers_are_told_why_and_the_log_has_it(directory, caplog, user, answer):
    refusal = await Gate(directory, Roles).why_not(user, May.ACKNOWLEDGE)
    assert refusal.startswith(answer)
    assert user in caplog.text


async def test_whom_slack_does_not_describe_may_do_what_everybody_may(directory):
    gate = Gate(directory, lambda: ON_CALL)
    assert await gate.why_not("U9", May.ACKNOWLEDGE) is None
    assert await gate.why_not("U9", May.RESOLVE) is not None


async def test_a_role_by_group_follows_the_group(directory):
    gate = Gate(directory, lambda: ON_CALL)
    await directory.meet_people()
    assert await gate.why_not("U1", May.RESOLVE) is None
    await tell(directory, "subteam_updated", subteam={"id": "S1", "handle": "sre", "users": ["U2"]})
    assert await gate.why_not("U1", May.RESOLVE) is not None
    await tell(directory, "subteam_updated", subteam={"id": "S1", "handle": "sre", "date_delete": 1})
    assert directory.mention("usergroup:sre") == "@sre (no such user group in Slack)"


async def test_whoever_has_left_is_not_called_any_more(directory):
    await directory.meet_people()
    assert directory.mention("user:ann") == "<@U1>"
    await tell(directory, "user_change", user={**ANN, "deleted": True})
    assert directory.mention("user:ann") == "@ann (not found in Slack)"
    await tell(directory, "team_join", user={"id": "U7", "name": "new", "team_id": "T1"})
    assert directory.mention("user:new") == "<@U7>"


async def test_after_a_restart_people_are_known_before_slack_answers(slack):
    class Kept:
        async def load(self):
            return [Person("U1", "ann", "Ann")], [UserGroup("S1", "sre", "SRE")]

    directory = Directory(slack, dict, Kept())
    await directory.recall()
    assert (directory.mention("user:ann"), directory.mention("usergroup:sre")) == ("<@U1>", "<!subteam^S1>")


@pytest.mark.parametrize("raw", [None, "U1", [], {}, {"id": ""}, {"id": "U1", "profile": "x"}, {"id": 1, "name": []}])
def test_an_odd_user_object_is_no_reason_to_fall_over(raw):
    person = person_of(raw)
    assert person is None or person.id == str(raw["id"])


@pytest.mark.parametrize("raw", [None, "S1", {}, {"id": "S1", "date_delete": 3}, {"id": "S1", "users": "U1"}])
def test_an_odd_group_object_is_no_reason_to_fall_over(raw):
    group = group_of(raw)
    assert group is None or group.members == frozenset()


async def tell(directory, kind, **event):
    """Slack tells Bolt of an event."""
    app = AsyncApp(
        client=AsyncWebClient(token="xoxb-1"), process_before_response=True, request_verification_enabled=False
    )
    app._async_middleware_list = []  # no authorisation: it would ask Slack
    crew = commands.Crew()
    news.register(Ears(app, RememberedInbox(), crew.start), directory)
    body = {"type": "event_callback", "team_id": "T1", "event": {"type": kind, **event}}
    answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert answer.status == 200
    await crew.drain(10)


LEFT = {"id": "U7", "name": "lea", "team_id": "T1", "deleted": True}
ROBOT = {"id": "U8", "name": "rounds", "team_id": "T1", "is_bot": True}


class Groups(Slack):
    """Has a group with somebody in it, one whose people have left, and an empty one."""

    async def usergroups_list(self, **_: Any) -> dict[str, Any]:
        members = {"S1": ["U7", "U1"], "S2": ["U7"], "S3": []}
        return {"usergroups": [{"id": id_, "handle": id_.lower(), "users": users} for id_, users in members.items()]}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("user:U1", None),
        ("user:ann", None),
        ("user:U7", "“lea” has left"),
        ("user:lea", "nobody who is called “lea”"),
        ("user:U8", "“rounds” is an app"),
        ("user:U99", "nobody who is called “U99”"),
        ("user:nobody", "nobody who is called “nobody”"),
        ("usergroup:S1", None),
        ("usergroup:S2", "Nobody is left in the user group “S2”"),
        ("usergroup:S3", "Nobody is left in the user group “S3”"),
        ("usergroup:S9", "no user group “S9”"),
    ],
)
async def test_whom_a_call_would_not_reach_is_told_before_anybody_relies_on_it(target, why):
    directory = Directory(Groups(ANN, LEFT, ROBOT), dict)
    await directory.meet_people()
    answer = await Gate(directory, Roles).why_nobody(target)
    assert (answer is None) if why is None else (why in answer and "choose somebody else" in answer)


@pytest.mark.parametrize("target", ["user:U1", "user:U99", "user:nobody", "usergroup:S9", "usergroup:sre"])
async def test_while_slack_does_not_say_who_there_is_anybody_may_be_called(target):
    assert await Gate(Directory(Slack(), dict), Roles).why_nobody(target) is None
