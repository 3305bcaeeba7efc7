"""Posting, changing, deleting and reading messages."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.block_kit import validate
from tests.sandbox.town import Start, Town

DIVIDER = [{"type": "divider"}]
METADATA = {"event_type": "incident", "event_payload": {"id": 12, "tags": ["a"]}}


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_posted_message_is_answered_whole(town: Town) -> None:
    answer = await town.client().chat_postMessage(channel="C1", text="hi", blocks=DIVIDER, metadata=METADATA)
    message = answer["message"]
    assert message["bot_profile"]["name"] == "rounds"
    assert (message["user"], message["bot_id"], message["app_id"], message["team"]) == (
        "U0BOT",
        "B0BOT",
        "A0ROUNDS",
        "T0LOCAL",
    )
    assert message["metadata"] == METADATA
    assert message["blocks"][0]["block_id"]


async def test_timestamps_are_unique_and_rise(start: Start) -> None:
    town = await start(wall=lambda: 1_700_000_000.0, rate_limits=False)
    stamps = [(await town.client().chat_postMessage(channel="C1", text="x"))["ts"] for _ in range(20)]
    assert stamps == sorted(set(stamps))
    assert stamps[0] == "1700000000.000000"


async def test_metadata_is_told_only_to_those_who_ask(town: Town) -> None:
    client = town.client()
    posted = await client.chat_postMessage(channel="C1", text="hi", metadata=METADATA)
    await client.chat_postMessage(channel="C1", text="re", thread_ts=posted["ts"], metadata=METADATA)
    for read in (client.conversations_history, client.conversations_replies):
        more = {"ts": posted["ts"]} if read == client.conversations_replies else {}
        plain = await read(channel="C1", **more)
        asked = await read(channel="C1", include_all_metadata=True, **more)
        assert all("metadata" not in message for message in plain["messages"])
        assert all(message["metadata"] == METADATA for message in asked["messages"])


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("x", "invalid_arguments"),
        ([], "invalid_metadata_format"),
        ({"event_type": ""}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {"a": None}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"a": {"b": {"c": 1}}}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"a": "x" * 9000}}, "metadata_too_large"),
    ],
)
async def test_bad_metadata_is_refused(town: Town, metadata: Any, code: str) -> None:
    body = {"channel": "C1", "text": "x", "metadata": metadata}
    assert await error(town.client().api_call("chat.postMessage", json=body)) == code


async def test_an_update_with_blocks_shows_no_edited_and_one_with_text_does(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postMessage(channel="C1", text="a", blocks=DIVIDER, metadata=METADATA))["ts"]
    message = (await client.chat_update(channel="C1", ts=ts, text="b", blocks=DIVIDER))["message"]
    assert "edited" not in message
    assert message["metadata"] == METADATA
    message = (await client.chat_update(channel="C1", ts=ts, text="c"))["message"]
    assert message["edited"]["user"] == "U0BOT"
    assert "blocks" not in message
    state = (await town.get("state"))["channels"][0]["messages"]
    assert [(one["text"], one["updated"]) for one in state] == [("c", 2)]


async def test_only_own_messages_can_be_changed(town: Town) -> None:
    client = town.client()
    theirs = (await town.control("message", as_="U1", channel="C1", text="mine"))["ts"]
    assert await error(client.chat_update(channel="C1", ts=theirs, text="x")) == "cant_update_message"
    assert await error(client.chat_delete(channel="C1", ts=theirs)) == "cant_delete_message"
    assert await error(client.chat_update(channel="C1", ts="1.000001", text="x")) == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_read_or_changed(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postEphemeral(channel="C1", user="U1", text="psst"))["message_ts"]
    assert (await client.conversations_history(channel="C1"))["messages"] == []
    assert await error(client.chat_update(channel="C1", ts=ts, text="x")) == "message_not_found"
    assert await error(client.chat_delete(channel="C1", ts=ts)) == "message_not_found"
    state = (await town.get("state"))["channels"][0]["messages"]
    assert state[0]["ephemeral_for"] == "U1"
    assert await error(client.chat_postEphemeral(channel="C1", user="U9", text="x")) == "user_not_in_channel"


async def test_channels_refuse_as_in_slack(town: Town) -> None:
    client = town.client()
    assert await error(client.chat_postMessage(channel="C3", text="x")) == "channel_not_found"
    assert await error(client.conversations_info(channel="C3")) == "channel_not_found"
    assert await error(client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
    await town.control("channel", channel="C1", member=False)
    assert await error(client.chat_postMessage(channel="C1", text="x")) == "not_in_channel"
    assert await error(client.conversations_history(channel="C1")) == "not_in_channel"
    await client.conversations_join(channel="C1")
    posted = await client.chat_postMessage(channel="C1", text="x")
    await town.control("channel", channel="C1", archived=True)
    assert await error(client.chat_postMessage(channel="C1", text="x")) == "is_archived"
    assert await error(client.chat_update(channel="C1", ts=posted["ts"], text="y")) == "is_archived"
    assert await error(client.conversations_join(channel="C1")) == "is_archived"
    await town.control("channel", channel="C2", deleted=True)
    assert await error(client.chat_postMessage(channel="C2", text="x")) == "channel_not_found"
    assert await error(client.api_call("chat.postMessage", json={"channel": "D1"})) == "no_text"


async def test_a_public_channel_takes_messages_with_the_scope_for_that(start: Start) -> None:
    town = await start(scopes=["chat:write", "chat:write.public"])
    await town.control("channel", channel="C1", member=False)
    assert (await town.client().chat_postMessage(channel="C1", text="x"))["ok"]


async def test_a_channel_may_be_named_and_a_person_be_written_to(town: Town) -> None:
    client = town.client()
    assert (await client.chat_postMessage(channel="#operations", text="x"))["channel"] == "C1"
    assert (await client.chat_postMessage(channel="U2", text="x"))["channel"] == "D2"


async def test_threads_keep_their_figures(town: Town) -> None:
    client = town.client()
    parent = (await client.chat_postMessage(channel="C1", text="incident"))["ts"]
    first = (await town.control("message", as_="U1", channel="C1", text="on it", thread_ts=parent))["ts"]
    wide = await client.chat_postMessage(channel="C1", text="over", thread_ts=first, reply_broadcast=True)
    assert wide["message"]["thread_ts"] == parent
    history = (await client.conversations_history(channel="C1"))["messages"]
    assert [message["text"] for message in history] == ["over", "incident"]
    assert history[0]["subtype"] == "thread_broadcast"
    assert (history[1]["reply_count"], history[1]["reply_users"], history[1]["latest_reply"]) == (
        2,
        ["U1", "U0BOT"],
        wide["ts"],
    )
    assert await error(client.chat_postMessage(channel="C1", text="x", thread_ts="0")) == "invalid_thread_ts"
    await client.chat_delete(channel="C1", ts=parent)
    replies = (await client.conversations_replies(channel="C1", ts=parent))["messages"]
    assert [message.get("subtype") for message in replies] == ["tombstone", None, "thread_broadcast"]
    await client.chat_delete(channel="C1", ts=wide["ts"])
    assert len((await client.conversations_replies(channel="C1", ts=parent))["messages"]) == 2


async def test_a_reply_to_a_message_that_is_gone_lands_in_the_channel(town: Town) -> None:
    client = town.client()
    parent = (await client.chat_postMessage(channel="C1", text="incident"))["ts"]
    await client.chat_delete(channel="C1", ts=parent)
    answer = await client.chat_postMessage(channel="C1", text="resolved", thread_ts=parent, reply_broadcast=True)
    assert "thread_ts" not in answer["message"]
    assert "subtype" not in answer["message"]
    history = (await client.conversations_history(channel="C1"))["messages"]
    assert [message["text"] for message in history] == ["resolved"]


async def test_guests_see_only_the_channels_they_are_in(start: Start) -> None:
    people = [{"id": "U1", "name": "ann"}, {"id": "U2", "name": "gus", "is_restricted": True}]
    town = await start(people=people, channels=[{"id": "C1", "name": "one", "members": ["U1"]}])
    assert (await town.try_control("message", as_="U2", channel="C1", text="x"))[0] == 403
    await town.control("channel", channel="C1", add="U2")
    assert (await town.control("message", as_="U2", channel="C1", text="x"))["ok"]


async def test_history_is_read_in_pages_and_windows(start: Start) -> None:
    town = await start(rate_limits=False)
    client = town.client()
    stamps = [(await client.chat_postMessage(channel="C1", text=str(number)))["ts"] for number in range(7)]
    texts = []
    cursor = None
    for more in (True, True, False):
        page = await client.conversations_history(channel="C1", limit=3, cursor=cursor)
        texts += [message["text"] for message in page["messages"]]
        assert page["has_more"] is more
        if not more:
            break
        cursor = page["response_metadata"]["next_cursor"]
        await client.chat_postMessage(channel="C1", text="later")
    assert texts == list("6543210")

    async def between(**window: Any) -> str:
        found = await client.conversations_history(channel="C1", **window)
        return "".join(message["text"] for message in found["messages"] if message["text"] != "later")

    assert await between(oldest=stamps[2], latest=stamps[4]) == "3"
    assert await between(oldest=stamps[2], latest=stamps[4], inclusive=True) == "432"
    assert await between(latest=stamps[1], inclusive=True, limit=1) == "1"
    assert await error(client.conversations_history(channel="C1", oldest="soon")) == "invalid_ts_oldest"
    assert await error(client.conversations_history(channel="C1", cursor="!")) == "invalid_cursor"


async def test_a_permalink_leads_to_the_page(town: Town) -> None:
    client = town.client()
    ts = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    link = (await client.chat_getPermalink(channel="C1", message_ts=ts))["permalink"]
    assert link == f"{town.url}/archives/C1/p{ts.replace('.', '')}"
    async with town.http.get(link, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, f"/#C1/{ts}")


async def test_people_and_groups_are_found(town: Town) -> None:
    client = town.client()
    user = (await client.users_info(user="U1"))["user"]
    assert (user["name"], user["profile"]["email"], user["is_bot"]) == ("ann", "ann@example.com", False)
    assert (await client.users_lookupByEmail(email="BEN@example.com"))["user"]["id"] == "U2"
    assert await error(client.users_lookupByEmail(email="nobody@example.com")) == "users_not_found"
    assert await error(client.users_info(user="U9")) == "user_not_found"
    assert [one["id"] for one in (await client.users_list())["members"]] == ["U1", "U2", "U3", "U0BOT"]
    group = (await client.usergroups_list(include_users=True))["usergroups"][0]
    assert (group["handle"], group["users"]) == ("sre", ["U1", "U2"])
    assert "users" not in (await client.usergroups_list())["usergroups"][0]
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1", "U2"]
    assert await error(client.usergroups_users_list(usergroup="S9")) == "no_such_subteam"


async def test_channels_are_listed_by_kind_and_page(town: Town) -> None:
    client = town.client()

    async def names(**how: Any) -> list[str]:
        return [one.get("name") or one["id"] for one in (await client.conversations_list(**how))["channels"]]

    assert await names() == ["operations", "general"]
    assert await names(types="private_channel") == []
    assert await names(types="im") == ["D1", "D2", "D3"]
    await town.control("channel", channel="C3", member=True)
    assert await names(types="private_channel") == ["platform-team"]
    first = await client.conversations_list(limit=1)
    second = await client.conversations_list(limit=1, cursor=first["response_metadata"]["next_cursor"])
    assert [one["id"] for one in (*first["channels"], *second["channels"])] == ["C1", "C2"]
    assert second["response_metadata"]["next_cursor"] == ""
    await town.control("channel", channel="C2", archived=True)
    assert await names(exclude_archived=True) == ["operations"]
    assert (await client.conversations_members(channel="C1"))["members"] == ["U1", "U2", "U3", "U0BOT"]
    assert (await client.users_conversations())["channels"][0]["id"] == "C1"


async def test_a_reset_brings_the_seed_back(town: Town) -> None:
    await town.client().chat_postMessage(channel="C1", text="x")
    await town.control("channel", channel="C2", deleted=True)
    await town.control("reset")
    state = await town.get("state")
    assert [channel["id"] for channel in state["channels"]] == ["C1", "C2", "C3", "D1", "D2", "D3"]
    assert not any(channel["messages"] for channel in state["channels"])


async def test_an_update_links_bare_names_unless_it_forbids_it(town: Town) -> None:
    """chat.update has another default than chat.postMessage, so a text from the world may ping a channel."""
    client = town.client()
    words = "@here look at #general and &lt;@here&gt; <https://example.com/#general|@here> @ann"
    ts = (await client.chat_postMessage(channel="C1", text=words))["ts"]
    assert await town.texts("C1") == [words]
    assert (await client.chat_update(channel="C1", ts=ts, text=words, parse="none"))["text"] == words
    linked = "<!here> look at <#C2|general> and &lt;@here&gt; <https://example.com/#general|@here> @ann"
    assert (await client.chat_update(channel="C1", ts=ts, text=words))["text"] == linked
    named = (await client.chat_postMessage(channel="C1", text="@ann @sre @nobody", link_names=True))["message"]
    assert named["text"] == "<@U1> <!subteam^S1> @nobody"
    assert await error(client.chat_update(channel="C1", ts=ts, text="x", parse="maybe")) == "invalid_arguments"


async def test_what_a_person_types_becomes_rich_text(town: Town) -> None:
    typed = "<@U0BOT> *look* at `df -h` _now_, not 2 * 3 * 4 or snake_case_name\n```\n<!channel> &lt;b&gt;\n```\nbye"
    await town.control("message", as_="U1", channel="C1", text=typed)
    message = (await town.get("state"))["channels"][0]["messages"][0]
    assert message["text"] == typed
    section, code, last = message["blocks"][0]["elements"]
    assert section["elements"] == [
        {"type": "user", "user_id": "U0BOT"},
        {"type": "text", "text": " "},
        {"type": "text", "text": "look", "style": {"bold": True}},
        {"type": "text", "text": " at "},
        {"type": "text", "text": "df -h", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "now", "style": {"italic": True}},
        {"type": "text", "text": ", not 2 * 3 * 4 or snake_case_name"},
    ]
    assert (code["type"], code["elements"]) == (
        "rich_text_preformatted",
        [{"type": "text", "text": "<!channel> <b>"}],
    )
    assert last["elements"] == [{"type": "text", "text": "bye"}]
    assert validate.blocks(message["blocks"], surface="message") == []
