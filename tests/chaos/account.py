"""The account after a storm: what stands in Slack, held against the calendar and against the ledger."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.chaos.storm import CALLED, CHECKLISTS, EVERY_S, LEASE_S, STEPS, Storm
from tests.e2e.workspace import Said, State

_NAMED = re.compile(r"(\S+Z) (missed|coalesced)")
_FOUND = re.compile(r"found what an earlier attempt had left in Slack key=(\S+)")
_NOTICED = "the ledger cannot be used"


@dataclass
class Account:
    """Figures, and everything that is wrong."""

    kills: int = 0
    outages: int = 0
    noticed: int = 0
    """Times that Rounds said in its log that the ledger cannot be used."""
    frozen: int = 0
    slots: int = 0
    own: int = 0
    missed: int = 0
    coalesced: int = 0
    messages: int = 0
    found: int = 0
    """Ambiguous sends that the look-up found standing in Slack."""
    incidents: int = 0
    steps: int = 0
    doubled: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, int]:
        """What is printed."""
        return {
            "kills": self.kills,
            "outages of the ledger": self.outages,
            "frozen for two leases": self.frozen,
            "slots": self.slots,
            "own digest": self.own,
            "missed": self.missed,
            "coalesced": self.coalesced,
            "messages": self.messages,
            "found by look-up": self.found,
            "incidents": self.incidents,
            "later steps told": self.steps,
            "doubled": len(self.doubled),
            "otherwise wrong": len(self.wrong),
        }


def table(accounts: dict[str, Account]) -> str:
    """The accounts side by side."""
    lines = [f"    {'':<22}" + "".join(f"{name:>12}" for name in accounts)]
    for figure in Account().figures:
        counts = "".join(f"{account.figures[figure]:>12}" for account in accounts.values())
        lines.append(f"    {figure:<22}{counts}")
    return "\n" + "\n".join(lines)


def draw_up(storm: Storm, state: State, last: dict[str, str]) -> Account:
    """The whole account. `last` is the slot with which that of each list ends."""
    log = "".join(serve.said for serve in storm.serves)
    account = Account(storm.kills, storm.outages, log.count(_NOTICED), storm.frozen, doubled=state.doubled())
    account.found = len(set(_FOUND.findall(log)))
    _slots(account, storm, state, last)
    _messages(account, storm, state)
    _steps(account, storm, state)
    _cards(account, storm, state)
    _leases(account, storm)
    return account


def expected(storm: Storm, last: str) -> list[str]:
    """Every slot of a list, by the calendar alone: each five seconds from when it was serving to the last."""
    moment = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    slots: list[str] = []
    while moment.timestamp() > storm.serving_since:
        slots.append(f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        moment -= timedelta(seconds=EVERY_S)
    return slots[::-1]


def _slots(account: Account, storm: Storm, state: State, last: dict[str, str]) -> None:
    """Each slot stands in Slack once: with a digest of its own, or named in one later digest."""
    states = {(row["checklist"], row["slot"]): row["state"] for row in storm.ledger.rows("SELECT * FROM run")}
    for name in CHECKLISTS:
        digests: dict[str, list[Said]] = {}
        named: dict[str, list[tuple[str, str]]] = {}
        for message in state.messages:
            if message.key is None or not message.key.startswith(f"run:{name}:"):
                continue
            slot = message.key.split(":", 2)[2]
            digests.setdefault(slot, []).append(message)
            for gap, why in _NAMED.findall(message.text):
                named.setdefault(gap, []).append((slot, why))
        for slot in expected(storm, last[name]):
            account.slots += 1
            own, gaps, told = len(digests.get(slot, ())), named.get(slot, []), states.get((name, slot))
            match own, gaps:
                case 1, []:
                    account.own += 1
                    if told != "complete":
                        account.wrong.append(f"{name} {slot} has a digest, and the ledger says {told}")
                case 0, [(where, why)]:
                    account.missed += why == "missed"
                    account.coalesced += why == "coalesced"
                    if where <= slot or told != why:
                        account.wrong.append(f"{name} {slot} is named {why} by {where}, and the ledger says {told}")
                case _:
                    account.wrong.append(f"{name} {slot} has {own} digests and is named by {gaps}; ledger: {told}")


def _messages(account: Account, storm: Storm, state: State) -> None:
    """Every message that the ledger calls sent stands once; none stands that it does not know."""
    standing = Counter(m.key for m in state.messages if m.key is not None)
    account.messages = sum(standing.values())
    outbox = {row["key"]: row["state"] for row in storm.ledger.rows("SELECT key, state FROM outbox")}
    account.wrong += [f"{key} was sent, and stands nowhere" for key in outbox if _lost(outbox[key], standing[key])]
    account.wrong += [f"{key} can never be delivered" for key, how in outbox.items() if how in ("failed", "dropped")]
    account.wrong += [f"{key} stands, and the ledger does not know it" for key in standing.keys() - outbox.keys()]


def _lost(how: str, count: int) -> bool:
    return how == "sent" and count == 0


def _steps(account: Account, storm: Storm, state: State) -> None:
    """Every step of every incident fired, and was told once, in its thread, to whom it calls.

    What Rounds says of itself (a machine so busy that it stood still) nobody waits for: its steps may still be to come,
    and those that have not come are told nowhere.
    """
    query = """
        SELECT step.incident_id, step.position, step.state, incident.subject
        FROM step JOIN incident ON incident.id = step.incident_id ORDER BY step.incident_id, step.position
    """
    rows = storm.ledger.rows(query)
    lines = {
        (row["incident_id"], row["text"])
        for row in storm.ledger.rows("SELECT * FROM timeline WHERE reason = 'escalated'")
    }
    account.incidents = len({row["incident_id"] for row in rows})
    told: Counter[tuple[int, int]] = Counter()
    roots = _roots(state)
    for message in state.messages:
        if message.key is None or not message.key.endswith(":escalated"):
            continue
        incident, step = int(message.key.split(":")[1]), int(re.findall(r"\(step (\d) of", message.text)[0])
        told[incident, step] += 1
        root = roots.get(f"incident:{incident}:1:opened")
        if CALLED[step] not in message.text or root is None or message.thread_ts != root.ts:
            account.wrong.append(f"{message.key} calls nobody, or stands in no thread: {message.text}")
    for row in rows:
        incident, step = row["incident_id"], row["position"] + 1
        if row["state"] != "fired":
            if not row["subject"].startswith("self:"):
                account.wrong.append(f"step {step} of #{incident} is {row['state']}")
        elif step == 1:
            if f"incident:{incident}:1:opened" not in roots:
                account.wrong.append(f"#{incident} was not told")
        elif told.pop((incident, step), 0) != 1 or (incident, f"step {step} of {STEPS}") not in lines:
            account.wrong.append(f"step {step} of #{incident} was not told once")
        else:
            account.steps += 1
    account.wrong += [f"step {step} of #{incident} was told, and never fired" for incident, step in told]


def _roots(state: State) -> dict[str, Said]:
    return {m.key: m for m in state.messages if m.key and m.key.endswith(":opened")}


def _cards(account: Account, storm: Storm, state: State) -> None:
    """Every incident's card shows what the ledger says of it."""
    roots = _roots(state)
    for row in storm.ledger.rows("SELECT id, state FROM incident"):
        card = roots.get(f"incident:{row['id']}:1:opened")
        if card is not None and card.shows("Recovered") != (row["state"] == "resolved"):
            account.wrong.append(f"#{row['id']} is {row['state']}, and its card says {card.text}")


def _leases(account: Account, storm: Storm) -> None:
    """No run is left that nobody works on."""
    query = "SELECT checklist, slot, state FROM run WHERE state IN ('new', 'running') AND due_at < :before"
    (ended,) = storm.ledger.rows("SELECT max(due_at) AS at FROM run")
    left = storm.ledger.rows(query, before=ended["at"] - int(LEASE_S * 1_000_000))
    account.wrong += [f"{row['checklist']} {row['slot']} is still {row['state']}" for row in left]
