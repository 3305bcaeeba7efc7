"""What a person does with a manual item, and what an item asks for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.incidents import Refused
from bot.domain.runs import Item, ItemState, RunItem, Wanted
from bot.domain.ticking import lay_down, skip, tick, untick

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHO = {"by": "U1", "now": NOW}
PAGE = "https://grafana.example.com/d/1?a=b"


def item(evidence: Wanted = Wanted.NONE) -> RunItem:
    return RunItem(Item("a", "Do *a*", owner="user:ann", evidence=evidence), owner="user:ann")


def test_a_ticked_item_names_who_did_it_and_an_unticked_one_nobody():
    done = tick(item(), **WHO, note="looks good", attached=PAGE)
    assert (done.state, done.by, done.at, done.note) == (ItemState.DONE, "U1", NOW, "looks good")
    assert (done.attached, done.owner) == (PAGE, "user:ann")
    assert untick(done) == item()


def test_a_skipped_item_says_why_and_can_be_opened_again():
    skipped = skip(item(), **WHO, reason="no access today")
    assert (skipped.state, skipped.by, skipped.note) == (ItemState.SKIPPED, "U1", "no access today")
    assert untick(skipped) == item()


def test_an_item_that_nobody_is_asked_for_any_more_was_skipped_by_rounds_and_can_be_opened_again():
    laid_down = lay_down(item(), now=NOW, reason="its checklist is gone")
    assert (laid_down.state, laid_down.by, laid_down.note) == (ItemState.SKIPPED, None, "its checklist is gone")
    with pytest.raises(Refused, match="Rounds has skipped “Do a” already"):
        tick(laid_down, **WHO)
    assert untick(laid_down) == item()


@pytest.mark.parametrize("wanted", list(Wanted), ids=str)
def test_an_item_is_skipped_without_the_evidence_that_it_asks_for(wanted):
    assert skip(item(wanted), **WHO, reason="no access").state is ItemState.SKIPPED


ASKED = [
    # what the item asks for, note, attached → the beginning of what is missing, or nothing
    (Wanted.NONE, None, None, ""),
    (Wanted.NONE, "", None, ""),
    (Wanted.NOTE, "all green", None, ""),
    (Wanted.NOTE, None, None, "a note: what did you see?"),
    (Wanted.NOTE, "", PAGE, "a note: what did you see?"),
    (Wanted.LINK, None, PAGE, ""),
    (Wanted.LINK, "all green", None, "a link to what you saw"),
    (Wanted.FILE, None, PAGE, ""),
    (Wanted.FILE, "all green", None, "a file that shows what you saw"),
]


@pytest.mark.parametrize(("wanted", "note", "attached", "missing"), ASKED)
def test_an_item_is_not_done_without_the_evidence_that_it_asks_for(wanted, note, attached, missing):
    if not missing:
        assert tick(item(wanted), **WHO, note=note, attached=attached).state is ItemState.DONE
        return
    with pytest.raises(Refused) as refused:
        tick(item(wanted), **WHO, note=note, attached=attached)
    assert f"“Do a” is done with {missing}" in str(refused.value)


@pytest.mark.parametrize(
    ("address", "shown", "why"),
    [
        ("javascript:alert(1)", "`javascript:alert(1)`", "begins with https://"),
        ("grafana", "`grafana`", "begins with https://"),
        ("https://", "`https://`", "begins with https://"),
        ("https://a b", "`https://a b`", "spaces, `|`,"),
        ("https://x.example/a|b>c", "`https://x.example/a|b&gt;c`", "spaces, `|`,"),
        ("https://a|<!here>&\u202e`*x*`", "`https://a|&lt;!here&gt;&amp;\u02cb*x*\u02cb`", "spaces, `|`,"),
        ("https://" + "a" * 2_001, f"`https://{'a' * 192}…`", "longer than 2,000"),
    ],
)
def test_what_is_no_web_address_is_no_evidence_and_is_told_as_it_was_given(address, shown, why):
    with pytest.raises(Refused) as refused:
        tick(item(Wanted.LINK), **WHO, attached=address)
    assert f"{shown} is no web address: " in str(refused.value)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "again", [lambda i: tick(i, **WHO), lambda i: skip(i, **WHO, reason="again")], ids=["tick", "skip"]
)
@pytest.mark.parametrize(("state", "word"), [(ItemState.DONE, "done"), (ItemState.SKIPPED, "skipped")])
def test_who_was_first_is_told_to_who_comes_second(again, state, word):
    with pytest.raises(Refused, match=f"<@U9> has {word} “Do a” already"):
        again(replace(item(), state=state, by="U9"))


def test_nothing_is_skipped_without_a_reason():
    with pytest.raises(Refused, match="Say why “Do a” is skipped"):
        skip(item(), **WHO, reason="")


def test_what_is_open_cannot_be_taken_back():
    with pytest.raises(Refused, match="is open; there is nothing to take back"):
        untick(item())
