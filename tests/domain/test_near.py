"""Near misses, and lists in sentences."""

from __future__ import annotations

import pytest

from bot.domain.near import did_you_mean, listed, nearest


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
