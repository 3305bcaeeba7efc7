from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from checks._json import number, parsed, steps
from checks._text import clean
from checks._types import Bytes, Duration, MetricName


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("7d", 604800),
        ("250ms", 0.25),
        ("2 days", 172800),
        ("5 minutes", 300),
        ("1 hour 30 min", 5400),
    ],
)
def test_a_duration_is_written_as_people_say_it(written, seconds):
    assert TypeAdapter(Duration).validate_python(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "soon", "5 parsecs", "-5m", "0m", -1, "5m!", "1e400", float("inf"), None, True]
)
def test_what_is_no_duration_is_refused(written):
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(written)


@pytest.mark.parametrize("written", [24, "24", 1.5])
def test_a_duration_without_a_unit_is_refused(written):
    with pytest.raises(ValidationError, match=f"number without a unit; write {written}s, {written}m or {written}h"):
        TypeAdapter(Duration).validate_python(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [(5, 5), ("500B", 500), ("10GB", 10**10), ("10 GiB", 10 << 30), ("1.5kb", 1500), ("2TiB", 2 << 40)],
)
def test_a_size_is_written_as_people_say_it(written, size):
    assert TypeAdapter(Bytes).validate_python(written) == size


@pytest.mark.parametrize("written", ["", "10G", "ten", "-5MB", -5, "5 EB"])
def test_what_is_no_size_is_refused(written):
    with pytest.raises(ValidationError):
        TypeAdapter(Bytes).validate_python(written)


@pytest.mark.parametrize("name", ["Size", "a-b", "1a", "", "true", "in", "a" * 65])
def test_what_is_no_name_of_a_metric_is_refused(name):
    with pytest.raises(ValidationError):
        TypeAdapter(MetricName).validate_python(name)


@pytest.mark.parametrize(
    ("path", "meant"),
    [("a", ("a",)), ("$.a.b", ("a", "b")), ("a[0].b-c", ("a", 0, "b-c")), ("[2][0]", (2, 0)), ("$", ())],
)
def test_a_path_into_json_is_read(path, meant):
    assert steps(path) == meant


@pytest.mark.parametrize("path", ["", "$.", "a..b", "a[", "a[x]", "..a", "a[-1]"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="path"):
        steps(path)


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ('{"a": null}', "a", "has no a"),
        ('{"a": [1]}', "a.b", "has no a.b"),
        ('{"a": {"b": 1}}', "a[0]", "has no a"),
        ('{"a": "NaN"}', "a", "no number"),
        ('{"a": 1e999}', "a", "no number"),
        ('{"a": {}}', "a", "no number"),
    ],
)
def test_what_is_no_number_is_said(text, path, said):
    with pytest.raises(LookupError, match=said):
        number(parsed(text), path)


@pytest.mark.parametrize(
    ("text", "path", "value"), [("[]", "$", 0), ('{"a": [1, "b"]}', "a", 2), ("3", "$", 3), ('{"a": true}', "$.a", 1)]
)
def test_what_stands_for_a_number_is_one(text, path, value):
    assert number(parsed(text), path) == value


def test_text_of_the_world_is_cleaned():
    assert clean(b"a\r\nb\x00\x1b[1m\xff") == "a\nb\ufffd\ufffd[1m\ufffd"
    assert clean("évil\u202etxt", 3) == "évi …"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("token is AKIAIOSFODNN7EXAMPLE", "token is …"),
        ('{"a":"b","key":"AKIAIOSFODNN7EXAMPLE"}', '{"a":"b","key":" …'),
        ("twenty characters ok and more", "twenty characters ok …"),
        ("x" * 30, "x" * 20 + " …"),
        ("short", "short"),
    ],
)
def test_a_cut_leaves_no_half_of_a_word_that_may_be_a_secret(text, kept):
    assert clean(text, 20) == kept
