"""Uploads in three steps, and what becomes of them."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from tests.sandbox.town import Start, Town, until

BOT = {"Authorization": "Bearer xoxb-sandbox"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


async def upload(town: Town, content: bytes, name: str = "p95.png", who: str = "U1") -> dict[str, Any]:
    """As a person does it on the page."""
    headers = {"X-Sandbox-Token": town.slack.token}
    where = f"{town.url}/_control/upload"
    async with town.http.post(where, params={"as": who, "name": name}, data=content, headers=headers) as answer:
        return {"status": answer.status, **await answer.json()}


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def picture(file_id: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "a chart", "slack_file": {"id": file_id}}


async def test_an_upload_appears_in_its_thread_a_moment_later(start: Start) -> None:
    town = await start(times={"mimetype": 0.05})
    client = town.client()
    ts = (await client.chat_postMessage(channel="C1", text="incident"))["ts"]
    answer = await client.files_upload_v2(
        channel="C1",
        thread_ts=ts,
        filename="p95.png",
        content=PNG,
        title="p95",
        alt_txt="rising",
        initial_comment="see",
    )
    file = answer["files"][0]
    assert (file["mimetype"], file["shares"], file["title"]) == ("", {}, "p95")
    await until(lambda: len(town.slack.workspace.channels["C1"].messages) == 2)
    reply = (await client.conversations_replies(channel="C1", ts=ts))["messages"][1]
    assert (reply["text"], reply["subtype"]) == ("see", "file_share")
    assert (reply["files"][0]["mimetype"], reply["files"][0]["alt_txt"]) == ("image/png", "rising")
    info = (await client.files_info(file=file["id"]))["file"]
    assert info["shares"]["public"]["C1"] == [{"ts": reply["ts"]}]
    async with town.http.get(info["url_private"], headers=BOT) as got:
        assert (await got.read(), got.content_type) == (PNG, "image/png")


@pytest.mark.parametrize("named", ["#general", "general", "U1", "C404"])
async def test_a_file_goes_to_a_channel_by_its_id_alone(start: Start, named: str) -> None:
    town = await start()
    made = await town.client().files_getUploadURLExternal(filename="p95.png", length=len(PNG))
    async with town.http.post(made["upload_url"], data=PNG):
        pass
    files = [{"id": made["file_id"]}]
    assert await error(town.client().files_completeUploadExternal(files=files, channel_id=named)) == "channel_not_found"
    assert (await town.client().files_completeUploadExternal(files=files, channel_id="C2"))["ok"]


async def test_an_image_block_has_to_wait_until_the_file_is_known(start: Start) -> None:
    town = await start(times={"mimetype": 600})
    client = town.client()
    file_id = (await client.files_upload_v2(channel="C1", filename="p95.png", content=PNG))["files"][0]["id"]
    assert await town.texts("C1") == []
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="x", blocks=[picture(file_id)])
    assert caught.value.response["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    await town.control("times", mimetype=0)
    file_id = (await client.files_upload_v2(filename="p95.png", content=PNG))["files"][0]["id"]
    posted = await client.chat_postMessage(channel="C1", text="x", blocks=[picture(file_id)])
    assert posted["message"]["blocks"][0]["slack_file"] == {"id": file_id}
    shown = (await town.get("state"))["channels"][0]["messages"][0]["blocks"][0]["slack_file"]["url"]
    assert shown == (await client.files_info(file=file_id))["file"]["url_private"]


async def test_text_is_no_picture_whatever_its_name(start: Start) -> None:
    town = await start(times={"mimetype": 0})
    client = town.client()
    script = b"<script>alert(1)</script>"
    file = (await client.files_upload_v2(filename="p95.png", content=script))["files"][0]
    info = (await client.files_info(file=file["id"]))["file"]
    assert info["mimetype"] == "text/plain"
    assert (
        await error(client.chat_postMessage(channel="C1", text="x", blocks=[picture(file["id"])])) == "invalid_blocks"
    )
    async with town.http.get(info["url_private"], headers=BOT) as got:
        assert got.headers["Content-Disposition"] == "attachment"
        assert got.content_type == "application/octet-stream"
        assert "sandbox" in got.headers["Content-Security-Policy"]


async def test_a_deleted_file_is_gone_from_its_message(start: Start) -> None:
    town = await start(times={"mimetype": 0})
    client = town.client()
    file = (await client.files_upload_v2(channel="C1", filename="a.txt", content="x"))["files"][0]
    await client.files_delete(file=file["id"])
    assert await error(client.files_info(file=file["id"])) == "file_not_found"
    assert "files" not in (await client.conversations_history(channel="C1"))["messages"][0]
    async with town.http.get(f"{town.url}/files-pri/T0LOCAL-{file['id']}/a.txt", headers=BOT) as got:
        assert got.status == 404


async def test_an_upload_that_makes_no_sense_is_refused(town: Town) -> None:
    client = town.client()
    assert await error(client.files_getUploadURLExternal(filename="a", length=0)) == "invalid_arguments"
    assert await error(client.files_getUploadURLExternal(filename="a", length=10**10)) == "file_upload_size_restricted"
    assert await error(client.files_completeUploadExternal(files=[{"id": "F9"}])) == "file_not_found"
    asked = await client.files_getUploadURLExternal(filename="a", length=1)
    assert await error(client.files_completeUploadExternal(files=[{"id": asked["file_id"]}])) == "file_not_found"
    async with town.http.post(asked["upload_url"], data=b"") as answer:
        assert answer.status == 413
    async with town.http.post(asked["upload_url"], data=b"x") as answer:
        assert await answer.text() == "OK - 1"
    async with town.http.post(asked["upload_url"], data=b"x") as answer:
        assert answer.status == 404


async def test_an_upload_can_fail(town: Town) -> None:
    await town.control("fault", method="upload", status=500)
    with pytest.raises(SlackRequestError):
        await town.client().files_upload_v2(filename="a.txt", content="x")
    assert not any(file.completed for file in town.slack.files.all.values())


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer xoxb-other"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_file_is_not_given_to_those_without_a_token(town: Town, headers: dict[str, str]) -> None:
    url = (await upload(town, PNG))["file"]["url_private"]
    async with town.http.get(url, headers=headers) as got:
        assert (got.status, got.content_type) == (200, "text/html")
        assert "Sign in" in await got.text()
    async with town.http.get(url, headers={"Sec-Fetch-Site": "same-origin"}) as got:
        assert await got.read() == PNG


async def test_a_token_needs_the_scope_to_read_files(start: Start) -> None:
    town = await start(scopes=["chat:write"])
    url = (await upload(town, PNG))["file"]["url_private"]
    async with town.http.get(url, headers=BOT) as got:
        assert "Sign in" in await got.text()


async def test_a_person_sends_a_file_and_the_bot_hears_of_it(start: Start) -> None:
    events = ["message.im", "file_shared"]
    scopes = {"scopes": {"bot": ["im:history", "files:read"]}}
    settings = {"event_subscriptions": {"bot_events": events}, "socket_mode_enabled": True}
    town = await start(manifest={"oauth_config": scopes, "settings": settings})
    socket = await town.socket()
    await socket.receive_json()
    file = (await upload(town, PNG))["file"]
    assert (file["user"], file["mimetype"], file["size"]) == ("U1", "image/png", len(PNG))
    await town.control("message", as_="U1", channel="D1", text="", files=[file["id"]])
    told: list[dict[str, Any]] = []
    for _ in events:
        envelope = await socket.receive_json()
        told.append(envelope["payload"]["event"])
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    assert [one["type"] for one in told] == ["message", "file_shared"]
    assert (told[0]["subtype"], told[0]["files"][0]["id"]) == ("file_share", file["id"])
    assert (told[1]["file_id"], told[1]["user_id"]) == (file["id"], "U1")
    await socket.close()


async def test_uploads_of_people_that_make_no_sense_are_refused(town: Town) -> None:
    assert (await upload(town, b""))["status"] == 413
    assert (await upload(town, b"x", name=""))["status"] == 400
    assert (await upload(town, b"x", who="U9"))["status"] == 404
    file = (await upload(town, b"x", who="U2"))["file"]["id"]
    for files in ([file], ["F9"], [7]):
        assert (await town.try_control("message", as_="U1", channel="C1", text="x", files=files))[0] == 404
    assert (await town.try_control("message", as_="U1", channel="C1", text=""))[0] == 400
    assert (await town.try_control("message", as_="U1", channel="C1", text="x", files="F1"))[0] == 400
