"""Who may call what."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.town import Json, Start, Town


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_bot_learns_who_it_is_and_what_it_may(town: Town) -> None:
    answer = await town.client().auth_test()
    assert answer["user_id"] == "U0BOT"
    assert answer["bot_id"] == "B0BOT"
    assert answer["url"] == f"{town.url}/"
    assert "channels:history" in answer.headers["x-oauth-scopes"].split(",")


async def test_tokens_are_checked(town: Town) -> None:
    assert await error(town.client("xoxb-other").auth_test()) == "invalid_auth"
    assert await error(town.client("").auth_test()) == "not_authed"
    assert await error(town.client("xapp-sandbox").auth_test()) == "not_allowed_token_type"
    assert await error(town.client().apps_connections_open(app_token="xoxb-sandbox")) == "not_allowed_token_type"


async def test_a_token_may_travel_as_an_argument(town: Town) -> None:
    async with town.http.post(f"{town.api}auth.test", data={"token": "xoxb-sandbox"}) as answer:
        assert (await answer.json())["ok"]


async def test_a_missing_scope_is_named(start: Start) -> None:
    town = await start(scopes=["chat:write", "channels:read"])
    with pytest.raises(SlackApiError) as caught:
        await town.client().users_info(user="U1")
    assert caught.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write,channels:read",
    }
    assert await error(town.client().conversations_list(types="public_channel,private_channel")) == "missing_scope"
    assert await error(town.client().conversations_history(channel="C1")) == "missing_scope"


async def test_an_unknown_method_is_named(town: Town) -> None:
    assert await error(town.client().api_call("chat.shout")) == "unknown_method"


async def test_arguments_travel_in_any_way(town: Town) -> None:
    headers = {"Authorization": "Bearer xoxb-sandbox"}

    async def call(**how: Any) -> Json:
        async with town.http.post(f"{town.api}api.test", headers=headers, **how) as answer:
            return (await answer.json())["args"]

    form = aiohttp.FormData({"a": "1"})
    form.add_field("b", "2", content_type="text/plain")
    assert await call(params={"a": "1"}, data={"b": "2"}) == {"a": "1", "b": "2"}
    assert await call(params={"a": "1"}, json={"b": 2}) == {"a": "1", "b": 2}
    assert await call(data=aiohttp.MultipartWriter("form-data")) == {}
    async with town.http.get(f"{town.api}api.test", params={"a": "1"}) as answer:
        assert (await answer.json())["args"] == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ('{"a": NaN}', "application/json", "invalid_json"),
        ("[" * 100_000, "application/json", "invalid_json"),
        ('{"a":' * 200 + "1" + "}" * 200, "application/json", "invalid_json"),
        ("x", "text/plain", "invalid_post_type"),
    ],
)
async def test_hostile_bodies_are_refused(town: Town, body: str, kind: str, code: str) -> None:
    headers = {"Authorization": "Bearer xoxb-sandbox", "Content-Type": kind}
    async with town.http.post(f"{town.api}chat.postMessage", data=body, headers=headers) as answer:
        assert await answer.json() == {"ok": False, "error": code}


async def test_bytes_that_are_no_text_are_refused(town: Town) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        async with town.http.post(
            f"{town.api}api.test", data=b"\xff\xfe=\xff&--x\r\n", headers={"Content-Type": kind}
        ) as answer:
            assert answer.status in (200, 400, 413)
            assert (await answer.json()).keys() >= {"ok"}


@pytest.mark.parametrize("value", [None, 1, True, [], {}, ["C1"], {"a": 1}, "\ud800", "x" * 5000, "\x00"])
async def test_arguments_of_any_kind_are_answered(town: Town, value: Any) -> None:
    from sandbox.web_api.endpoint import METHODS

    names = ("channel", "ts", "user", "text", "blocks", "view", "metadata", "thread_ts", "cursor", "limit", "users")
    names += ("trigger_id", "view_id", "user_id", "oldest", "types", "name", "timestamp", "file", "files", "hash")
    town.slack.rates.clear()
    for method in METHODS:
        body = dict.fromkeys(names, value)
        async with town.http.post(
            f"{town.api}{method}", json=body, headers={"Authorization": "Bearer xoxb-sandbox"}
        ) as answer:
            told = await answer.json()
            assert told.get("error") != "internal_error", method
            assert answer.status == 200
