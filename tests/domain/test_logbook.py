"""What people write into the log is read as an issue, an action or a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents import Refused
from bot.domain.logbook import LONGEST, Kind, read_entry

READ = [
    ("the queue is stuck", Kind.NOTE, "the queue is stuck"),
    ("note: the queue is stuck", Kind.NOTE, "the queue is stuck"),
    ("issue the queue is stuck", Kind.ISSUE, "the queue is stuck"),
    ("Issue: the queue is stuck", Kind.ISSUE, "the queue is stuck"),
    ("ACTION – restarted it", Kind.ACTION, "restarted it"),
    ("action - restarted it", Kind.ACTION, "restarted it"),
    ("  action \n restarted it ", Kind.ACTION, "restarted it"),
    ("issues come and go", Kind.NOTE, "issues come and go"),
    ("noteworthy", Kind.NOTE, "noteworthy"),
    ("no issue", Kind.NOTE, "no issue"),
    ("issue: note: twice", Kind.ISSUE, "note: twice"),
]


@pytest.mark.parametrize(("text", "kind", "words"), READ)
def test_the_first_word_says_what_it_is(text, kind, words):
    assert read_entry(text) == (kind, words)


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_where_the_kind_was_said_otherwise_the_first_word_belongs_to_the_text(kind):
    assert read_entry("action replay was on", kind) == (kind, "action replay was on")


@pytest.mark.parametrize("text", ["", "  ", "note", "issue:", "action - "])
def test_an_empty_entry_is_refused_with_an_example(text):
    with pytest.raises(Refused, match=r"is empty. Write for example `/rounds log"):
        read_entry(text)


def test_an_entry_that_no_one_could_read_is_refused_and_not_cut():
    assert read_entry("x" * LONGEST) == (Kind.NOTE, "x" * LONGEST)
    with pytest.raises(Refused, match=f"{LONGEST + 1} characters"):
        read_entry("x" * (LONGEST + 1))


@given(st.text(max_size=100))
def test_no_word_of_a_note_is_lost(text):
    try:
        kind, words = read_entry(f"note: {text}")
    except Refused:
        return
    assert kind is Kind.NOTE
    assert text.strip().endswith(words)
