"""Forms: files, the conversation they were opened from, limits of a choice."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from tests.sandbox.town import Connect, Json, Start, Town, until


def trigger(town: Town) -> str:
    return town.slack.triggers.make("U1")


def form(**element: Any) -> Json:
    words = {"type": "plain_text", "text": "x"}
    block = {"type": "input", "block_id": "b", "label": words, "element": {"action_id": "a", **element}}
    return {"type": "modal", "callback_id": "form", "title": words, "submit": words, "blocks": [block]}


async def test_a_form_takes_files_of_the_person_who_fills_it(town: Town, bot: AsyncApp, connect: Connect) -> None:
    seen: list[Json] = []

    @bot.view("form")
    async def submitted(ack, view) -> None:
        await ack()
        seen.append(view["state"]["values"]["b"]["a"])

    await connect(town, bot)
    asked = form(type="file_input", filetypes=["png"], max_files=1)
    opened = await town.client().views_open(trigger_id=trigger(town), view=asked)
    where = {"as_": "U1", "view_id": opened["view"]["id"]}
    headers = {"X-Sandbox-Token": town.slack.token}
    files: list[str] = []
    for who, name in (("U1", "a.png"), ("U1", "b.png"), ("U1", "c.txt"), ("U2", "d.png")):
        address = f"{town.url}/_control/upload?as={who}&name={name}"
        async with town.http.post(address, data=b"x", headers=headers) as answer:
            files.append((await answer.json())["file"]["id"])
    one, another, words, foreign = files
    assert (await town.control("submit", **where, values={}))["errors"] == {"b": "Please complete this required field."}
    told = await town.control("submit", **where, values={"b": {"a": [one, another]}})
    assert told["errors"] == {"b": "Add at most 1 files."}
    told = await town.control("submit", **where, values={"b": {"a": [words]}})
    assert told["errors"] == {"b": "c.txt is not of the kinds that fit here: png."}
    assert (await town.try_control("submit", **where, values={"b": {"a": [foreign]}}))[0] == 404
    assert (await town.try_control("submit", **where, values={"b": {"a": one}}))[0] == 400
    assert (await town.control("submit", **where, values={"b": {"a": [one]}}))["acked"]
    assert [(file["id"], file["name"]) for file in seen[0]["files"]] == [(one, "a.png")]


async def test_a_form_with_files_needs_the_scope_to_read_them(start: Start) -> None:
    town = await start(scopes=["chat:write"])
    with pytest.raises(SlackApiError) as caught:
        await town.client().views_open(trigger_id=trigger(town), view=form(type="file_input"))
    assert (caught.value.response["error"], caught.value.response["needed"]) == ("missing_scope", "files:read")


async def test_a_form_begins_with_the_conversation_it_was_opened_from(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    seen: list[Json] = []

    @bot.command("/rounds")
    async def rounds(ack, command, client) -> None:
        await ack()
        element = {"type": "conversations_select", "default_to_current_conversation": True}
        await client.views_open(trigger_id=command["trigger_id"], view=form(**element, response_url_enabled=True))

    @bot.view("form")
    async def submitted(ack, body) -> None:
        await ack()
        seen.append(body)

    await connect(town, bot)
    await town.control("command", as_="U1", channel="C2", command="/rounds", text="")
    view = await until(lambda: town.slack.views.top("U1"))
    await town.control("submit", as_="U1", view_id=view.id, values={})
    assert seen[0]["view"]["state"]["values"]["b"]["a"]["selected_conversation"] == "C2"
    assert seen[0]["response_urls"][0]["channel_id"] == "C2"


async def test_a_choice_may_be_limited(town: Town) -> None:
    asked = form(type="multi_users_select", max_selected_items=1)
    view = (await town.client().views_open(trigger_id=trigger(town), view=asked))["view"]
    told = await town.control("submit", as_="U1", view_id=view["id"], values={"b": {"a": ["U1", "U2"]}})
    assert told["errors"] == {"b": "Choose at most 1."}
