"""Near misses, and lists in sentences."""

from __future__ import annotations

import pytest

from bot.domain.near import did_you_mean, listed, nearest, nearest_few


@pytest.mark.parametrize(
    ("word", "near"), [("mondy", "monday"), ("MONDAY", "monday"), ("tusday", "tuesday"), ("disk", None), ("", None)]
)
def test_only_what_is_near_is_suggested(word: str, near: str | None) -> None:
    assert nearest(word, ("monday", "tuesday", "tick")) == near
    assert did_you_mean(word, ("monday", "tuesday", "tick")) == (f" (did you mean {near}?)" if near else "")


@pytest.mark.parametrize(
    ("word", "known"),
    [("tsl", "tls"), ("uri", "url"), ("mins", "minutes"), ("hrs", "hours"), ("crit", "critical"), ("chan", "channel"),
     ("disk", "root-disk"), ("escalatoin", "escalations"), ("dsik", "disk"), ("acknowlege_in", "acknowledge_in")],
)  # fmt: skip
def test_slips_and_words_cut_short_are_near(word: str, known: str) -> None:
    assert nearest(word, (known,)) == known


@pytest.mark.parametrize(
    ("word", "known"), [("connections", "escalations"), ("services", "severities"), ("x" * 101, "x" * 100)]
)
def test_words_that_only_share_letters_are_not_near(word: str, known: str) -> None:
    assert nearest(word, (known,)) is None


@pytest.mark.parametrize(
    ("words", "most", "sentence"),
    [([], None, ""), (["a"], None, "a"), (["a", "b"], 2, "a and b"), (["a", "b", "c"], None, "a, b and c"),
     (["a", "b", "c", "d"], 2, "a, b and 2 more")],
)  # fmt: skip
def test_lists_read_like_lists(words: list[str], most: int | None, sentence: str) -> None:
    assert listed(words, most=most) == sentence


def test_among_very_many_words_the_nearest_is_found_as_well() -> None:
    known = [f"service-{n}-disk" for n in range(10_000)] + ["payments-db"]
    assert nearest("paymetns-db", known) == "payments-db"
    assert nearest("service-4711-dsik", known) == "service-4711-disk"


@pytest.mark.parametrize(
    ("word", "near"),
    [("snoze", ["snooze"]), ("cahce", ["cache", "cachet"]), ("zebra", []), ("", [])],
)
def test_beside_the_nearest_only_those_are_told_that_are_nearly_as_near(word: str, near: list[str]) -> None:
    assert nearest_few(word, ("snooze", "unsnooze", "note", "cache", "cachet"), 5) == near
