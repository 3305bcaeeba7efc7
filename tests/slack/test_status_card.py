"""What is wrong now, as `/rounds status` and App Home tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.incidents import State
from bot.domain.runs import Wanted
from bot.slack.cards import home_view, status_card
from tests.slack.states import People, by_hand, incident, run, status


def test_an_incident_leads_to_its_message_where_that_is_known():
    view = replace(status("x", count=1), waiting=())
    assert "<https://town.example/archives/C0OPS/" in str(status_card(view, People()).blocks)
    assert "*#1 " in str(status_card(replace(view, places={}), People()).blocks)


def _waiting(*wanted: Wanted):
    items = [by_hand(n, f"Look at gauge {n}") for n, _ in enumerate(wanted)]
    items = [replace(i, item=replace(i.item, evidence=w)) for i, w in zip(items, wanted, strict=True)]
    return replace(status("x", count=0), waiting=(run("x", tuple(items)),), reader="U0ANN")


def _buttons(blocks):
    return {b["accessory"]["text"]["text"]: b["accessory"]["action_id"] for b in blocks if "accessory" in b}


@pytest.mark.parametrize(
    "drawn", [lambda v: status_card(v).blocks, lambda v: home_view(v)["blocks"]], ids=["status", "home"]
)
@pytest.mark.parametrize(
    ("wanted", "button"),
    [(Wanted.NONE, {"Tick": "tick"}), *((w, {"Tick …": "prove"}) for w in (Wanted.NOTE, Wanted.LINK, Wanted.FILE))],
)
def test_the_button_of_an_item_asks_for_the_evidence_that_it_wants(drawn, wanted, button):
    assert _buttons(drawn(_waiting(wanted))) == button


def test_the_same_round_asked_for_twice_is_told_apart_by_its_moment():
    view = _waiting(Wanted.NONE)
    first = view.waiting[0]
    later = replace(first, id=first.id + 1, due_at=first.due_at + timedelta(hours=1))
    blocks = status_card(replace(view, waiting=(first, later))).blocks
    places = [b["text"]["text"] for b in blocks if "accessory" in b]
    assert len(places) == len(set(places)) == 2


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "Nothing is wrong that Rounds can see."),
        ([State.OPEN], "1 incident going on; nobody has it yet."),
        ([State.ACKNOWLEDGED], "1 incident going on; somebody has it."),
        ([State.OPEN, State.OPEN], "2 incidents going on; nobody has any of them yet."),
        ([State.OPEN, State.ACKNOWLEDGED, State.OPEN], "3 incidents going on; nobody has 2 of them."),
        ([State.ACKNOWLEDGED, State.ACKNOWLEDGED], "2 incidents going on; somebody has each of them."),
    ],
)
def test_the_headline_says_how_many_are_nobodys(states, said):
    view = replace(status("x", count=0), incidents=tuple(incident("x", state) for state in states), waiting=())
    assert status_card(view).text.splitlines()[0] == said
