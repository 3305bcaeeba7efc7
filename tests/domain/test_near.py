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
