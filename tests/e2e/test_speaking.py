"""Rounds is spoken to: in a channel, in an incident's thread, directly, and by pressing what was probably meant."""

from __future__ import annotations

from tests.e2e.conftest import PARCELS
from tests.e2e.workspace import Said, State, Workspace, elements

ANN, BEN, CHI, BOT = "U1", "U2", "U3", "U0BOT"


async def test_a_mention_is_answered_to_whoever_mentioned_us_alone(slack: Workspace) -> None:
    await slack.act("message", as_=CHI, channel=PARCELS, text=f"<@{BOT}> oncall")
    (answer,) = await slack.until(lambda state: state.told(CHI, PARCELS, "Who is called"), "an answer")
    assert answer.shows("slow", "1. at once: @ann", "2. after 1 h: @ben")


async def test_a_direct_message_is_answered_where_it_was_written(slack: Workspace) -> None:
    channel = (await slack.call("conversations.open", users=CHI))["channel"]["id"]
    await slack.act("message", as_=CHI, channel=channel, text="help snooze")
    answer = await slack.until(lambda state: state.the(channel, "/rounds snooze"), "an answer")
    assert answer.shows("Quiet for so long", "`/rounds unsnooze` takes it back")


async def test_in_an_incidents_thread_it_is_called_by_nobodys_name(slack: Workspace) -> None:
    await slack.ask(CHI, PARCELS, "escalate parcels where are they")
    card = await slack.until(lambda state: state.the(PARCELS, "where are they"), "incident")
    await slack.act("message", as_=BEN, channel=PARCELS, text=f"<@{BOT}> ack on my way", thread_ts=card.ts)
    await slack.until(lambda state: state.replies(card, f"<@{BEN}> has it", "on my way"), "acknowledgement")
    (answer,) = await slack.until(lambda state: state.told(BEN, PARCELS, "You have #"), "an answer")
    assert answer.thread_ts == card.ts
    await slack.act(
        "message", as_=BEN, channel=PARCELS, text=f"<@{BOT}> escalate to <@{CHI}> a hand", thread_ts=card.ts
    )
    (called,) = await slack.until(lambda state: state.replies(card, "Escalated to", f"<@{CHI}>", "a hand"), "call")
    assert called.broadcast
    await slack.act("message", as_=BEN, channel=PARCELS, text=f"<@{BOT}> resolve", thread_ts=card.ts)
    await slack.until(lambda state: state.the(PARCELS, "where are they", f"Resolved by <@{BEN}>"), "end")


async def pressed(slack: Workspace, who: str, answer: Said) -> None:
    """Press the one button of an answer."""
    (button,) = elements(answer.raw["blocks"])
    await slack.click(who, answer.button(button["action_id"]))


async def test_what_was_probably_meant_is_a_press_away_and_a_press_takes_it_back(slack: Workspace) -> None:
    assert "Did you mean `invoices`?" in await slack.ask(ANN, PARCELS, "run invioces")
    (near,) = (await slack.state()).told(ANN, PARCELS, "invioces")
    await pressed(slack, ANN, near)
    await slack.until(lambda state: state.the(PARCELS, "invoices", "1 ok", f"asked for by <@{ANN}>"), "run")

    assert "Written down as action" in await slack.ask(ANN, PARCELS, "log action tidied up <!here>")
    (written,) = (await slack.state()).told(ANN, PARCELS, "tidied up")
    assert "tidied up @here" in await slack.ask(ANN, PARCELS, "report")
    await pressed(slack, ANN, written)
    await slack.until(lambda state: state.told(ANN, PARCELS, "Taken back: tidied up"), "undoing")
    assert "tidied up" not in await slack.ask(ANN, PARCELS, "report")


async def test_the_report_of_the_day_is_posted_as_a_file(slack: Workspace) -> None:
    await slack.ask(ANN, PARCELS, "log note a party")
    await slack.ask(ANN, PARCELS, "report")
    report = (await slack.state()).told(ANN, PARCELS, "Report of ")[-1]
    await slack.click(ANN, report.button("report_file"))
    await slack.until(lambda state: state.told(ANN, PARCELS, "is posted here"), "an answer")

    def shared(state: State) -> list[Said]:
        return [m for m in state.messages if m.channel == PARCELS and m.raw.get("files")]

    (message,) = await slack.until(shared, "a file")
    (file,) = message.raw["files"]
    assert (file["name"].startswith("report-"), file["name"].endswith(".md")) == (True, True)
