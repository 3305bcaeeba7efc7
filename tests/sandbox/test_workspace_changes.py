"""Reactions, pins, bookmarks, schedules, channels; and the events they make."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.town import Json, Start, Town, until

EVENTS = [
    "reaction_added",
    "reaction_removed",
    "member_joined_channel",
    "member_left_channel",
    "channel_archive",
    "channel_rename",
    "channel_created",
    "channel_deleted",
    "subteam_updated",
    "subteam_members_changed",
    "user_change",
    "team_join",
    "subteam_created",
    "group_archive",
    "tokens_revoked",
    "app_uninstalled",
    "message.im",
    "pin_added",
]
SCOPES = [
    *("channels:read", "channels:manage", "channels:join", "channels:history", "chat:write", "groups:read"),
    *("im:history", "pins:read", "pins:write", "reactions:read", "reactions:write", "usergroups:read", "users:read"),
    *("bookmarks:read", "bookmarks:write", "emoji:read", "dnd:read", "users.profile:read", "team:read", "groups:write"),
]
MANIFEST = {
    "features": {"bot_user": {"display_name": "rounds"}, "app_home": {"home_tab_enabled": True}},
    "oauth_config": {"scopes": {"bot": SCOPES}},
    "settings": {"event_subscriptions": {"bot_events": EVENTS}, "socket_mode_enabled": True},
}


@pytest.fixture
async def town(start: Start) -> Town:
    """With an app that may do much and hears everything."""
    return await start(manifest=MANIFEST)


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def heard(town: Town, *acts: Any) -> list[Json]:
    """The events that happen while these are done."""
    socket = await town.socket()
    await socket.receive_json()
    seen: list[Json] = []
    for act in acts:
        await act
    # The marker is told last, so all before it has come when it comes.
    town.slack.delivery.event({"event": {"type": "marker"}})
    while True:
        envelope = await socket.receive_json(timeout=60)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        if envelope["payload"]["event"]["type"] == "marker":
            break
        seen.append(envelope["payload"]["event"])
    await socket.close()
    return seen


async def test_reactions_come_and_go_and_are_told(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    seen = await heard(
        town,
        town.control("react", as_="U1", channel="C1", ts=ts, name="eyes"),
        client.reactions_add(channel="C1", timestamp=ts, name=":eyes:"),
        town.control("react", as_="U1", channel="C1", ts=ts, name="eyes", remove=True),
    )
    assert [(event["type"], event["user"]) for event in seen] == [
        ("reaction_added", "U1"),
        ("reaction_added", "U0BOT"),
        ("reaction_removed", "U1"),
    ]
    assert seen[0]["item"] == {"type": "message", "channel": "C1", "ts": ts}
    assert (await client.reactions_get(channel="C1", timestamp=ts))["message"]["reactions"] == [
        {"name": "eyes", "count": 1, "users": ["U0BOT"]}
    ]
    assert await error(client.reactions_add(channel="C1", timestamp=ts, name="eyes")) == "already_reacted"
    assert await error(client.reactions_remove(channel="C1", timestamp=ts, name="tada")) == "no_reaction"
    assert await error(client.reactions_add(channel="C1", timestamp=ts, name="no such!")) == "invalid_name"
    assert (await town.try_control("react", as_="U1", channel="C1", ts=ts, name="?"))[0] == 400


async def test_pins_hold_messages(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    seen = await heard(town, client.pins_add(channel="C1", timestamp=ts))
    assert [event["type"] for event in seen] == ["pin_added"]
    assert await error(client.pins_add(channel="C1", timestamp=ts)) == "already_pinned"
    assert [item["message"]["ts"] for item in (await client.pins_list(channel="C1"))["items"]] == [ts]
    await client.pins_remove(channel="C1", timestamp=ts)
    assert await error(client.pins_remove(channel="C1", timestamp=ts)) == "no_pin"


async def test_bookmarks_are_kept_with_the_channel(town: Town) -> None:
    client = town.client()
    added = await client.bookmarks_add(channel_id="C1", title="Board", type="link", link="https://example.com")
    identity = added["bookmark"]["id"]
    await client.bookmarks_edit(channel_id="C1", bookmark_id=identity, title="Wall")
    assert [one["title"] for one in (await client.bookmarks_list(channel_id="C1"))["bookmarks"]] == ["Wall"]
    bad = client.bookmarks_add(channel_id="C1", title="x", type="link", link="javascript:alert(1)")
    assert await error(bad) == "invalid_link"
    await client.bookmarks_remove(channel_id="C1", bookmark_id=identity)
    assert await error(client.bookmarks_remove(channel_id="C1", bookmark_id=identity)) == "not_found"


async def test_a_message_is_posted_when_its_time_has_come(start: Start) -> None:
    town = await start(wall=lambda: 1_700_000_000.95)
    client = town.client()
    await client.chat_scheduleMessage(channel="C1", post_at=1_700_000_001, text="soon")
    later = await client.chat_scheduleMessage(channel="C1", post_at=1_700_003_600, text="later")
    listed = (await client.chat_scheduledMessages_list())["scheduled_messages"]
    assert [(one["text"], one["post_at"]) for one in listed] == [("soon", 1_700_000_001), ("later", 1_700_003_600)]
    await until(lambda: town.slack.workspace.channels["C1"].messages)
    assert await town.texts("C1") == ["soon"]
    identity = later["scheduled_message_id"]
    await client.chat_deleteScheduledMessage(channel="C1", scheduled_message_id=identity)
    again = client.chat_deleteScheduledMessage(channel="C1", scheduled_message_id=identity)
    assert await error(again) == "invalid_scheduled_message_id"
    assert (await client.chat_scheduledMessages_list())["scheduled_messages"] == []
    assert await error(client.chat_scheduleMessage(channel="C1", post_at=1_600_000_000, text="x")) == "time_in_past"
    far = 1_700_000_000 + 121 * 86_400
    assert await error(client.chat_scheduleMessage(channel="C1", post_at=far, text="x")) == "time_too_far"


async def test_channels_are_made_and_changed_and_told(town: Town) -> None:
    client = town.client()
    channel = (await client.conversations_create(name="incident-12"))["channel"]["id"]
    seen = await heard(
        town,
        client.conversations_invite(channel=channel, users="U1,U2"),
        client.conversations_rename(channel=channel, name="incident-13"),
        client.conversations_archive(channel=channel),
    )
    assert [event["type"] for event in seen] == [
        "member_joined_channel",
        "member_joined_channel",
        "channel_rename",
        "channel_archive",
    ]
    assert await error(client.conversations_setTopic(channel=channel, topic="x")) == "is_archived"
    assert await error(client.conversations_archive(channel=channel)) == "already_archived"
    assert await error(client.conversations_archive(channel="C2")) == "cant_archive_general"
    assert (await client.conversations_setTopic(channel="C1", topic="Rounds"))["channel"]["topic"]["value"] == "Rounds"
    assert (await client.conversations_setPurpose(channel="C1", purpose="Work"))["purpose"] == "Work"
    assert await error(client.conversations_setTopic(channel="C1", topic="x" * 251)) == "too_long"
    assert await error(client.conversations_create(name="operations")) == "name_taken"
    assert await error(client.conversations_create(name="Not Good")) == "invalid_name_specials"
    assert await error(client.conversations_create(name="x" * 81)) == "invalid_name_maxlength"
    assert await error(client.conversations_invite(channel="C1", users="U1")) == "already_in_channel"
    assert await error(client.conversations_invite(channel="C1", users="U9")) == "user_not_found"


async def test_what_administrators_do_is_told(town: Town) -> None:
    seen = await heard(
        town,
        town.control("channel", channel="C1", archived=True),
        town.control("channel", channel="C2", member=False),
        town.control("channel", channel="C2", member=True),
        town.control("channel", channel="C2", remove="U3", name="all"),
        town.control("channel", channel="C2", add="U3"),
        town.control("usergroup", usergroup="S1", users=["U2", "U3"]),
        town.control("person", person="U3", is_restricted=True),
        town.control("channel", channel="C2", deleted=True),
    )
    assert [event["type"] for event in seen] == [
        "channel_archive",
        "member_left_channel",
        "member_joined_channel",
        "member_left_channel",
        "channel_rename",
        "member_joined_channel",
        "subteam_updated",
        "subteam_members_changed",
        "user_change",
        "channel_deleted",
    ]
    assert (seen[7]["added_users"], seen[7]["removed_users"]) == (["U3"], ["U1"])
    assert seen[8]["user"]["is_restricted"]


async def test_people_and_groups_come_and_change(town: Town) -> None:
    seen = await heard(
        town,
        town.control("person", person="U9", name="dora", tz="Asia/Tokyo"),
        town.control("person", person="U9", real_name="Dora D.", deleted=True),
        town.control("usergroup", usergroup="S9", handle="night", users=["U2"]),
        town.control("usergroup", usergroup="S9", disabled=True),
    )
    assert [event["type"] for event in seen] == ["team_join", "user_change", "subteam_created", "subteam_updated"]
    assert (seen[0]["user"]["tz"], seen[1]["user"]["deleted"], seen[1]["user"]["real_name"]) == (
        "Asia/Tokyo",
        True,
        "Dora D.",
    )
    assert (seen[2]["subteam"]["users"], seen[3]["subteam"]["date_delete"]) == (["U2"], 1)
    assert [group["id"] for group in (await town.client().usergroups_list())["usergroups"]] == ["S1"]
    assert (await town.try_control("message", as_="U9", channel="C1", text="still here"))[0] == 403


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("person", {"person": "U9"}, 404),
        ("person", {"person": "U1", "tz": "Mars/Base"}, 400),
        ("person", {"person": "U1", "presence": "asleep"}, 400),
        ("usergroup", {"usergroup": "S9"}, 404),
        ("usergroup", {"usergroup": "S1", "users": "U1"}, 400),
        ("usergroup", {"usergroup": "S1", "users": ["U9"]}, 404),
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(town: Town, what: str, body: Json, status: int) -> None:
    before = await town.get("state")
    assert (await town.try_control(what, **body))[0] == status
    assert await town.get("state") == before


async def test_a_private_channel_tells_those_who_may_read_groups(town: Town) -> None:
    seen = await heard(
        town,
        town.control("channel", channel="C3", member=True),
        town.control("channel", channel="C3", archived=True),
    )
    assert [(event["type"], event["channel"]) for event in seen] == [
        ("member_joined_channel", "C3"),
        ("group_archive", "C3"),
    ]


async def test_the_app_hears_of_its_own_end(town: Town) -> None:
    seen = await heard(town, town.control("token", error="token_revoked"), town.control("token", error=""))
    assert [event["type"] for event in seen] == ["tokens_revoked", "app_uninstalled"]
    assert seen[0]["tokens"]["bot"] == ["U0BOT"]


async def test_changes_of_direct_messages_are_told(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postMessage(channel="D1", text="a"))["ts"]
    seen = await heard(town, client.chat_update(channel="D1", ts=ts, text="b"), client.chat_delete(channel="D1", ts=ts))
    assert [event.get("subtype") for event in seen] == ["message_changed", "message_deleted"]
    assert (seen[0]["previous_message"]["text"], seen[0]["message"]["text"]) == ("a", "b")


async def test_a_bad_token_can_be_played(town: Town) -> None:
    await town.control("token", error="token_revoked")
    assert await error(town.client().auth_test()) == "token_revoked"
    await town.control("token", error="")
    assert (await town.client().auth_test())["ok"]
    assert (await town.try_control("token", error="tired"))[0] == 400


async def test_small_methods_answer(town: Town) -> None:
    client = town.client()
    assert (await client.emoji_list())["emoji"] == {}
    assert (await client.dnd_info(user="U1"))["dnd_enabled"] is False
    assert (await client.users_getPresence(user="U1"))["presence"] == "active"
    await town.control("person", person="U1", presence="away")
    assert (await client.users_getPresence(user="U1"))["presence"] == "away"
    assert (await client.users_profile_get(user="U1"))["profile"]["real_name"] == "Ann"
    assert (await client.team_info())["team"]["domain"] == "local"
    assert (await client.bots_info(bot="B0BOT"))["bot"]["user_id"] == "U0BOT"


async def test_events_that_nobody_subscribed_to_are_not_sent(start: Start) -> None:
    town = await start()
    await town.control("channel", channel="C1", archived=True)
    await asyncio.sleep(0)
    assert not town.slack.delivery.busy
