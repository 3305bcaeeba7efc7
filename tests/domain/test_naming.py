"""What somebody means by a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.naming import LONGEST, Found, find

OPEN = {"cache": "The cache", "shop-db": "Shop database"}
ALL = {**OPEN, "cachet": "Cachet", "api": "The API", "cert": "", "month-end": "Month’s end"}

FOUND = [
    ("cache", Found("cache"), "to the letter, although another begins so"),
    ("cachet", Found("cachet"), "to the letter, although it is in a later layer"),
    ("CACHE", Found("cache"), "whatever the case"),
    ("cac", Found("cache"), "the beginning: of what comes first"),
    ("cer", Found("cert"), "the beginning of a name in a later layer"),
    ("shop  DATA", Found("shop-db"), "the beginning of a title"),
    ("month’s end", Found("month-end"), "a title"),
    ("the", Found("cache"), "the beginning of a title in the first layer only"),
    ("chace", Found(perhaps=("cache", "cachet"), near=True), "a slip of the finger"),
    ("shop databse", Found(perhaps=("shop-db",), near=True), "a slip in a title"),
    ("end", Found(perhaps=("month-end",), near=True), "a word from the middle of a name"),
    ("data", Found(perhaps=("shop-db",), near=True), "the beginning of a word in the middle of a title"),
    ("d", Found(near=True), "one letter from the middle is too little"),
    ("zebra", Found(near=True), "nothing like it"),
    ("", Found(), "nothing"),
    ("  ", Found(), "blanks"),
    ("x" * 10_000, Found(near=True), "too long for any name"),
]


@pytest.mark.parametrize(("word", "found"), [pytest.param(w, f, id=name) for w, f, name in FOUND])
def test_a_word_means(word, found):
    assert find(word, OPEN, ALL) == found


def test_a_beginning_of_several_is_ambiguous_in_the_order_of_the_alphabet():
    names = {name: "" for name in ("disk-c", "disk-a", "disk-b")}
    assert find("disk", names) == Found(perhaps=("disk-a", "disk-b", "disk-c"))


def test_only_so_many_are_offered():
    names = {f"disk-{n}": "" for n in range(500)}
    assert len(find("disk", names).perhaps) == len(find("dsk-1", names).perhaps) == 5


def test_two_names_with_one_title_are_both_offered():
    assert find("the disk", {"a": "The disk", "b": "The disk"}) == Found(perhaps=("a", "b"))


@given(st.text(max_size=LONGEST), st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=9), max_size=9))
def test_whatever_is_found_is_one_of_the_names(word, names):
    found = find(word, names)
    assert {*found.perhaps, *([found.name] if found.name else [])} <= set(names)
    assert find(next(iter(names)), names).name is not None if names and next(iter(names)).strip() else True
