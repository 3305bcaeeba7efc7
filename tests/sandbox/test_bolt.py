"""An unmodified Bolt app lives in the sandbox as it would in Slack."""

import asyncio

from slack_bolt.async_app import AsyncApp

from tests.sandbox.town import Connect, Json, Town, until

MODAL = {
    "type": "modal",
    "callback_id": "snooze",
    "title": {"type": "plain_text", "text": "Snooze"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def button(action_id: str, value: str = "1") -> Json:
    text = {"type": "plain_text", "text": action_id}
    return {"type": "button", "action_id": action_id, "value": value, "text": text}


async def test_a_command_is_acknowledged_with_text_that_only_the_caller_sees(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.command("/rounds")
    async def rounds(ack, command) -> None:
        await ack(f"you said {command['text']}")

    await connect(town, bot)
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds", text="status @ben & co")
    assert answer["acked"]
    assert answer["response"] == {"text": "you said status <@U2|ben> &amp; co"}
    shown = (await town.get("state"))["channels"][0]["messages"][0]
    assert shown["ephemeral_for"] == "U1"
    assert (await town.client().conversations_history(channel="C1"))["messages"] == []


async def test_a_command_may_answer_to_its_response_url(town: Town, bot: AsyncApp, connect: Connect) -> None:
    @bot.command("/rounds")
    async def rounds(ack, respond) -> None:
        await ack()
        await respond("for all", response_type="in_channel")

    await connect(town, bot)
    answer = await town.control("command", as_="U1", channel="C3", command="/rounds", text="")
    assert answer["response"] is None
    await until(lambda: town.sent("response_url"))
    assert await town.texts("C3") == ["for all"]


async def test_a_later_answer_to_a_command_replaces_the_first_where_it_says_so(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.command("/rounds")
    async def rounds(ack, respond) -> None:
        await ack()
        await respond("one moment")
        await respond("here it is", response_type="ephemeral", replace_original=True)
        await respond("and another")

    await connect(town, bot)
    await town.control("command", as_="U1", channel="C1", command="/rounds", text="")
    await until(lambda: len(town.sent("response_url")) == 3)
    assert await town.texts("C1") == ["here it is", "and another"]


async def test_an_answer_to_a_command_can_be_deleted(town: Town, bot: AsyncApp, connect: Connect) -> None:
    @bot.command("/rounds")
    async def rounds(ack, respond) -> None:
        await ack()
        await respond("one moment")
        await respond(delete_original=True)

    await connect(town, bot)
    await town.control("command", as_="U1", channel="C1", command="/rounds", text="")
    await until(lambda: len(town.sent("response_url")) == 2)
    assert await town.texts("C1") == []


async def test_a_click_opens_a_modal_and_its_submission_changes_the_message(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.action("snooze")
    async def open_modal(ack, body, client) -> None:
        await ack()
        view = MODAL | {"private_metadata": body["message"]["ts"]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @bot.view("snooze")
    async def submitted(ack, view, client) -> None:
        why = view["state"]["values"]["why"]["text"]["value"]
        if why == "no":
            await ack(response_action="errors", errors={"why": "Too short"})
            return
        await ack()
        await client.chat_update(channel="C1", ts=view["private_metadata"], text="snoozed", blocks=[])

    await connect(town, bot)
    posted = await town.client().chat_postMessage(
        channel="C1", text="disk", blocks=[{"type": "actions", "elements": [button("snooze")]}]
    )
    assert (await town.control("click", as_="U1", channel="C1", ts=posted["ts"], action_id="snooze"))["acked"]
    view = (await until(lambda: town.slack.views.stacks.get("U1")))[0]

    answer = await town.control("submit", as_="U1", view_id=view.id, values={})
    assert answer["errors"] == {"why": "Please complete this required field."}
    answer = await town.control("submit", as_="U1", view_id=view.id, values={"why": {"text": "no"}})
    assert (answer["response_action"], answer["errors"]) == ("errors", {"why": "Too short"})
    answer = await town.control("submit", as_="U1", view_id=view.id, values={"why": {"text": "deploy"}})
    assert (answer["acked"], answer["response_action"]) == (True, None)
    await until(lambda: town.sent("chat.update"))
    assert await town.texts("C1") == ["snoozed"]
    assert (await town.get("state"))["modals"] == {}


async def test_mentions_and_direct_messages_reach_the_bot(town: Town, bot: AsyncApp, connect: Connect) -> None:
    @bot.event("app_mention")
    async def mentioned(event, say) -> None:
        await say("yes?", thread_ts=event["ts"])

    @bot.event("message")
    async def direct(event, say) -> None:
        await say(f"{event['channel_type']}: {event['text']}")

    await connect(town, bot)
    direct_channel = (await town.client().conversations_open(users="U1"))["channel"]["id"]
    mention = await town.control("message", as_="U1", channel="C1", text="<@U0BOT> status")
    await town.control("message", as_="U1", channel=direct_channel, text="help")
    await until(lambda: len(town.sent("chat.postMessage")) == 2)
    replies = (await town.client().conversations_replies(channel="C1", ts=mention["ts"]))["messages"]
    assert [message["text"] for message in replies] == ["<@U0BOT> status", "yes?"]
    assert await town.texts(direct_channel) == ["help", "im: help"]


async def test_opening_home_makes_the_bot_publish_it(town: Town, bot: AsyncApp, connect: Connect) -> None:
    @bot.event("app_home_opened")
    async def opened(event, client) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [{"type": "divider"}]})

    await connect(town, bot)
    assert (await town.control("open_home", as_="U1", tab="home"))["acked"]
    await until(lambda: "U1" in town.slack.views.homes)
    home = (await town.get("state"))["homes"]["U1"]
    await town.control("open_home", as_="U1", tab="home")
    await until(lambda: town.slack.views.homes["U1"].hash != home["hash"])
    assert (await town.get("state"))["homes"]["U1"]["id"] == home["id"]


async def test_each_envelope_goes_to_one_connection_and_all_get_their_turn(town: Town, connect: Connect) -> None:
    seen: list[int] = []

    def app(number: int) -> AsyncApp:
        made = AsyncApp(client=town.client())

        @made.command("/rounds")
        async def rounds(ack) -> None:
            seen.append(number)
            await ack()

        return made

    for number in (1, 2):
        await connect(town, app(number))
    for _ in range(4):
        await town.control("command", as_="U1", channel="C1", command="/rounds")
    assert sorted(seen) == [1, 1, 2, 2]


async def test_a_bot_that_is_not_there_is_told_to_the_person_who_asked(town: Town) -> None:
    answer = await town.control("command", as_="U1", channel="C1", command="/rounds")
    assert not answer["acked"]
    assert [toast["for"] for toast in (await town.get("state"))["toasts"]] == ["U1"]


async def test_the_page_hears_of_changes(town: Town) -> None:
    async with town.http.get(f"{town.url}/_control/events") as stream:
        assert (await stream.content.readline()).startswith(b":")
        await town.client().chat_postMessage(channel="C1", text="hello")
        async with asyncio.timeout(60):
            while b'"type": "message"' not in (line := await stream.content.readline()):
                pass
        assert b'"text": "hello"' in line
