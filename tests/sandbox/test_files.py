"""Uploads in three steps, and what becomes of them."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from tests.sandbox.town import Start, Town, until

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


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
    async with town.http.get(info["url_private"]) as got:
        assert (await got.read(), got.content_type) == (PNG, "image/png")


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
    async with town.http.get(info["url_private"]) as got:
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
    async with town.http.get(f"{town.url}/files-pri/T0LOCAL-{file['id']}/a.txt") as got:
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
