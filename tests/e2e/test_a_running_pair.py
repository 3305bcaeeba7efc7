"""The real bot against the real sandbox, both running all the while."""

from __future__ import annotations

import asyncio
import re
import time

from tests.e2e.conftest import (
    BACKUP,
    DOOMED,
    GONE,
    HOME,
    OPERATIONS,
    ORDERS,
    RACE,
    SECOND_S,
    SOON_S,
    THIRD_S,
    Pair,
)
from tests.e2e.workspace import PATIENCE_S, Said, State, Workspace

ANN, BEN, CHI = "U1", "U2", "U3"


async def raised(slack: Workspace, check: str, channel: str) -> Said:
    """Somebody asks for help with a check, which opens an incident at once."""
    answer = await slack.ask(CHI, OPERATIONS, f"escalate {check} please look")
    assert f"{check}; its thread says whom that called" in answer
    return await slack.until(lambda state: state.the(channel, "please look"), f"incident about {check}")


def number(card: Said) -> str:
    found = re.search(r"#(\d+)", card.text)
    assert found is not None, card.text
    return found.group(1)


async def test_the_digest_at_start_has_its_evidence_in_its_thread(slack: Workspace) -> None:
    digest = await slack.until(lambda state: state.the(OPERATIONS, "Morning health check"), "digest")
    assert digest.shows("2 ok, 1 to do by hand", "Look at the dashboard")
    evidence = await slack.until(lambda state: state.replies(digest), "evidence")
    assert [m.shows("invoices", "backup") for m in evidence] == [True]


async def test_an_incident_opens_climbs_is_acknowledged_and_recovers_in_one_message(
    slack: Workspace, pair: Pair
) -> None:
    await slack.until(lambda state: state.the(OPERATIONS, "Morning health check"), "digest")
    pair.backup.unlink()
    card = await slack.until(lambda state: state.the(BACKUP, "Last night's backup"), "incident")
    assert card.shows("Critical", "backup.tar.gz", "nobody has it yet", f"<@{ANN}>")
    assert f"<@{BEN}>" not in card.text or time.time() >= card.opened + SECOND_S

    (called,) = await slack.until(lambda state: state.replies(card, "Escalated"), "second step")
    assert called.shows(f"<@{BEN}>", "step 2 of 3")
    assert called.broadcast
    assert called.at - card.opened >= SECOND_S

    await slack.click(ANN, card.button("acknowledge"))
    has_it = f"<@{ANN}> has it"
    card = await slack.until(lambda state: state.the(BACKUP, "Last night's backup", has_it), "acknowledgement")
    assert not card.has_button("acknowledge")
    until = card.opened + THIRD_S + 2
    await slack.never(lambda state: state.replies(card, "step 3"), "climbed although acknowledged", until=until)

    pair.backup.touch()
    (over,) = await slack.until(lambda state: state.replies(card, "Recovered"), "recovery")
    assert over.broadcast
    card = await slack.until(lambda state: state.the(BACKUP, "Last night's backup", "Recovered after"), "green card")
    told = [m.everything.split("\n")[0] for m in (await slack.state()).replies(card)]
    assert [bool(re.search(word, line)) for word, line in zip(("Escalated", "has it", "Recovered"), told, strict=True)]
    assert len((await slack.state()).roots(BACKUP)) == 1


async def test_what_somebody_types_is_answered_to_them_alone(slack: Workspace) -> None:
    assert "Wrong now" in await slack.ask(ANN, ORDERS, "status")
    assert "Wrong now" in await slack.ask(ANN, ORDERS, "")
    assert "run <checklist or check>".replace("<", "&lt;").replace(">", "&gt;") in await slack.ask(ANN, ORDERS, "help")
    assert "nobody else is called" in await slack.ask(BEN, ORDERS, "help ack")

    assert "Running *invoices*" in await slack.ask(ANN, ORDERS, "run invoices")
    done = await slack.until(lambda state: state.the(ORDERS, "invoices", "1 ok"), "run by hand")
    assert done.shows(f"asked for by <@{ANN}>")

    card = await raised(slack, "orders", ORDERS)
    assert "Escalated" in await slack.ask(BEN, ORDERS, "escalate orders nobody comes")
    await slack.until(lambda state: state.replies(card, "Escalated to", f"<@{BEN}>", "nobody comes"), "second step")
    assert f"You have #{number(card)} orders now" in await slack.ask(BEN, ORDERS, f"ack #{number(card)} on my way")
    await slack.until(lambda state: state.replies(card, f"<@{BEN}> has it", "on my way"), "acknowledgement")
    assert "is resolved" in await slack.ask(BEN, ORDERS, "resolve orders it came")


async def test_a_near_miss_is_answered_with_what_was_probably_meant(slack: Workspace) -> None:
    assert "Did you mean `/rounds status`?" in await slack.ask(ANN, OPERATIONS, "stauts")
    assert "Did you mean `morning`?" in await slack.ask(ANN, OPERATIONS, "run mornign")
    assert "`/rounds run` needs a name: for example" in await slack.ask(ANN, OPERATIONS, "run")
    assert "There is no incident #99" in await slack.ask(ANN, OPERATIONS, "ack 99")
    assert "`mirror` has no open incident" in await slack.ask(ANN, OPERATIONS, "ack mirror")
    assert "Did you mean `mirror`?" in await slack.ask(ANN, OPERATIONS, "escalate miror")
    assert "`/rounds help` lists what you can say" in await slack.ask(ANN, OPERATIONS, "<!channel> &amp; `x`")


async def test_two_people_press_acknowledge_at_once_and_one_has_it(slack: Workspace) -> None:
    card = await raised(slack, "invoices", RACE)
    await asyncio.gather(*(slack.click(who, card.button("acknowledge")) for who in (ANN, BEN)))

    def decided(state: State) -> tuple[list[Said], list[Said]] | None:
        won, lost = state.replies(card, "has it"), [m for who in (ANN, BEN) for m in state.told(who, RACE)]
        return (won, lost) if won and lost else None

    (won,), (lost,) = await slack.until(decided, "winner and loser")
    winner = ANN if won.shows(f"<@{ANN}>") else BEN
    assert lost.only_for == ({ANN, BEN} - {winner}).pop()
    assert lost.text == f"<@{winner}> has acknowledged #{number(card)} already."
    # The same finger twice is no different.
    card = await slack.until(lambda state: state.the(RACE, "has it"), "acknowledged card")
    back = card.button("unacknowledge")
    await asyncio.gather(*(slack.click(winner, back) for _ in range(2)))
    await slack.until(lambda state: state.told(winner, RACE, "nothing to take back"), "second press refused")
    await slack.until(lambda state: len(state.replies(card, "gave it back")) == 1, "one acknowledgement taken back")


async def test_app_home_shows_what_is_wrong_follows_and_can_be_acted_upon(slack: Workspace) -> None:
    card = await raised(slack, "exports", HOME)
    assert (await slack.act("open_home", as_=BEN, tab="home"))["acked"]
    await slack.until(lambda state: "please look" in state.home(BEN), "App Home")

    home = (await slack.look())["homes"][BEN]
    await slack.click(BEN, {"view_id": home["id"], "action_id": "acknowledge", "value": number(card)})
    await slack.until(lambda state: state.replies(card, f"<@{BEN}> has it"), "acknowledgement from App Home")
    line = f"|#{number(card)}> exports* · Warning"

    def follows(state: State) -> bool:
        return any(line in one and "has it" in one for one in state.home(BEN).split("\n"))

    await slack.until(follows, "App Home that follows")


async def test_an_event_that_slack_delivers_twice_works_once(slack: Workspace) -> None:
    await slack.act("fault", method="event", status="duplicate", count=1)
    await slack.act("open_home", as_=CHI, tab="home")
    await slack.until(lambda state: "Due next" in state.home(CHI), "App Home")

    async def deliveries() -> list[dict]:
        log = (await slack.look("log?after=0"))["entries"]
        mine = [e for e in log if e["what"] == "event app_home_opened"]
        return [e for e in mine if e["body"]["payload"]["event"]["user"] == CHI]

    for _ in range(100):
        if len(entries := await deliveries()) == 2:
            break
        await asyncio.sleep(0.1)
    assert [entry["status"] for entry in entries] == ["acked", "acked"]
    assert len({entry["body"]["payload"]["event_id"] for entry in entries}) == 1


async def test_a_manual_item_is_ticked_and_the_tick_taken_back(slack: Workspace) -> None:
    digest = await slack.until(lambda state: state.the(OPERATIONS, "Morning health check"), "digest")
    await slack.click(CHI, digest.button("tick"))
    digest = await slack.until(lambda state: state.the(OPERATIONS, "Morning health check", f"<@{CHI}>"), "tick")
    assert not digest.shows("to do by hand")
    await slack.click(CHI, digest.button("untick"))
    await slack.until(lambda state: state.the(OPERATIONS, "Morning health check", "1 to do by hand"), "open item")


async def test_an_incident_whose_message_was_deleted_is_told_anew(slack: Workspace) -> None:
    card = await raised(slack, "mirror", GONE)
    await slack.call("chat.delete", channel=GONE, ts=card.ts)
    assert "You have" in await slack.ask(ANN, GONE, f"ack #{number(card)}")
    anew = await slack.until(lambda state: state.the(GONE, f"<@{ANN}> has it"), "new card")
    assert anew.ts != card.ts
    await slack.until(lambda state: state.replies(anew, f"<@{ANN}> has it"), "acknowledgement in the new thread")


async def test_when_its_channel_is_archived_an_incident_climbs_on_in_the_channel_of_record(slack: Workspace) -> None:
    card = await raised(slack, "archive", DOOMED)
    await slack.act("channel", channel=DOOMED, archived=True)
    moved = await slack.until(
        lambda state: state.the(OPERATIONS, f"#{number(card)} archive"), "card that moved", within=SOON_S + PATIENCE_S
    )
    (called,) = await slack.until(lambda state: state.replies(moved, "Escalated"), "second step")
    assert called.shows(f"<@{BEN}>")
    await slack.click(BEN, moved.button("acknowledge"))
    await slack.until(lambda state: state.replies(moved, f"<@{BEN}> has it"), "acknowledgement")


async def test_nothing_was_told_twice(slack: Workspace) -> None:
    assert (await slack.state()).doubled() == {}


async def test_a_dialog_snoozes_an_incident_and_the_quiet_can_be_ended(slack: Workspace) -> None:
    card = await raised(slack, "mirror", GONE)
    await slack.click(ANN, card.button("snooze"))

    def dialog(state: State) -> dict | None:
        return next(
            (m for m in state.raw["modals"].get(ANN, []) if any(b["type"] == "input" for b in m["blocks"])), None
        )

    view = await slack.until(dialog, "dialog with its fields")
    length = {"length": {"length": "2h"}}
    answer = await slack.act("submit", as_=ANN, view_id=view["id"], values=length)
    assert answer["ok"], answer
    await slack.until(lambda state: state.replies(card, f"<@{ANN}> snoozed it", "2 h"), "snooze in the thread")
    card = await slack.until(lambda state: state.the(GONE, "mirror", "quiet until"), "card that says so")
    await slack.click(ANN, card.button("unsnooze"))
    await slack.until(lambda state: state.replies(card, f"<@{ANN}> ended the quiet"), "end of the quiet")
