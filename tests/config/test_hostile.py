"""A file that means harm, or is none of ours, is refused by its size and shape, not by patience."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.config.document import MAX_BYTES, MAX_DEPTH, MAX_NODES, read_document
from bot.config.load import load, parse
from bot.config.problems import ConfigError
from tests.config.right import RIGHT

pytestmark = pytest.mark.timeout(60)


def refusal(text):
    with pytest.raises(ConfigError) as refused:
        parse(text)
    return [str(problem) for problem in refused.value.problems]


def laughs(levels, width=10):
    """Each line ten times the one above: a billion values in nine lines."""
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_a_bomb_of_aliases_ends_at_the_limit_of_values():
    (told,) = refusal(laughs(9))
    assert f"has more than {MAX_NODES:,} values" in told


def test_a_bomb_of_merges_is_no_bomb():
    lines = ["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40))]
    assert refusal("\n".join(lines))


def test_an_alias_to_its_own_parent_ends_at_the_limit_of_depth():
    (told,) = refusal("channel: &a\n  b: *a\n")
    assert f"rounds.yml:1: is nested deeper than {MAX_DEPTH}" in told


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000, "[" * 5_000 + "]" * 5_000, "? " * 9_999]
)
def test_depth_without_end_is_refused_without_falling(text):
    assert refusal(text)


@pytest.mark.parametrize("text", ["${a:-", "${a:-${", "${a-", "${", "${a"])
@pytest.mark.parametrize("end", ["", "}"])
def test_variables_that_never_end_are_not_sought_again_from_each_beginning(text, end):
    read_document(f"a: '{text * (500_000 // len(text))}{end}'", file="f", environment={})


def test_ten_megabytes_are_not_read(tmp_path):
    file = tmp_path / "rounds.yml"
    with file.open("wb") as large:
        large.truncate(10_000_000)
    with pytest.raises(ConfigError, match=f"larger than {MAX_BYTES:,} bytes"):
        load(file, environment={})
    with pytest.raises(ConfigError, match=f"larger than {MAX_BYTES:,} bytes"):
        parse("a" * 10_000_000)


def test_a_device_without_end_is_not_read_to_it():
    with pytest.raises(ConfigError, match=f"larger than {MAX_BYTES:,} bytes"):
        load(Path("/dev/zero"), environment={})


def test_what_is_just_small_enough_is_read_and_refused():
    told, *_ = refusal("channel: '#a'\nchecks:\n" + "  a: [b]\n" * 15_000)
    assert "stands here twice" in told


def test_more_values_than_anybody_writes_are_not_read_to_their_end():
    (told,) = refusal("channel: [" + "a," * 400_000 + "]")
    assert f"has more than {MAX_NODES:,} values" in told


def test_many_mistakes_are_told_in_a_number_that_somebody_reads(tmp_path):
    text = "channel: '#a'\nchecks:\n" + "".join(f"  c{n}: {{kind: dsk}}\n" for n in range(10_000))
    assert len(text) < MAX_BYTES
    told = refusal(text)
    assert len(told) <= 101
    assert "more mistakes" in told[-1]


def test_many_mistakes_of_form_are_told_in_a_number_that_somebody_reads():
    told = refusal("channel: '#a'\nchecklists:\n" + "".join(f"  c{n}: {{itms: [a]}}\n" for n in range(10_000)))
    assert len(told) <= 101


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252", "utf-32"])
def test_another_encoding_is_told(tmp_path, encoding):
    (tmp_path / "rounds.yml").write_bytes("channel: '#café'".encode(encoding))
    with pytest.raises(ConfigError, match=r"is not UTF-8 text|not valid YAML"):
        load(tmp_path / "rounds.yml", environment={})


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "rounds.yml").write_bytes(RIGHT.encode("utf-8-sig"))
    assert load(tmp_path / "rounds.yml", environment={}).checks


def test_line_ends_of_windows_keep_their_lines():
    text = RIGHT.replace("kind: tcp", "kind: tpc").replace("\n", "\r\n")
    (told,) = [one for one in refusal(text) if "did you mean tcp?" in one]
    line = RIGHT.splitlines().index("  database: {kind: tcp, host: db.example.com, port: 5432}") + 1
    assert told.startswith(f"rounds.yml:{line}:")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n# nothing\n",
        "---\n",
        "just words",
        "- a\n- b",
        "5",
        "channel: '" + "${a:-" * 150_000 + "'",
        "a: 1\n---\nb: 2",
        "channel: !!python/object/apply:os.system ['true']",
        "!!python/object/new:type {}",
        "channel: \0",
        "channel: \x07",
        "? {a: b}\n: c",
        "<<: {channel: '#a'}",
        "channel: '#a'\nchecks: {? [a] : b}",
        "1: 2\nnull: 3\ntrue: 4",
        "channel: 2026-11-22",
        "channel: '#a'\nchecks: {a: {kind: [disk]}}",
        "channel: '#a'\nchecks: {a: {kind: {disk: 1}}}",
        "channel: '#a'\nchecks: {a: {kind: null, path: /}}",
        "channel: '#a'\nchecks: {a: {kind: ../disk, path: /}}",
        "channel: '#a'\nchecks: {a: {kind: _curl}}",
        "channel: '#a'\nchecks: {a: {kind: tcp, host: '\\x00', port: 1}}",
        "channel: '#a'\nchecklists: {m: {items: [{}]}}",
        "channel: '#a'\nchecklists: {m: {items: [{check: [a]}]}}",
        "channel: '#a'\nchecklists: [m]",
        "channel: '#a'\ninclude: /etc/passwd",
        "channel: '#a'\nescalations: {a: {b: c}}",
        "channel: '#a'\nchecklists: {m: {schedule: '" + "every " * 5000 + "', items: [{manual: a}]}}",
        "channel: '#a'\nchecklists: {m: {cron: '*/0 * * * *', items: [{manual: a}]}}",
        "channel: '#a'\nchecks: {a: {kind: memory, every: 99999999999999999999d}}",
        "channel: '#a'\nchecks: {a: {kind: memory, open_after: 99999999999999999999999}}",
        "channel: '#a'\ntimezone: ../../etc/passwd\nchecks: {a: {kind: memory}}",
        "channel: '#a'\ntimezone: '" + "a" * 5000 + "'\nchecks: {a: {kind: memory}}",
        "channel: '#a'\nchecks: {a: {kind: memory, warning: '" + "(" * 280 + "'}}",
        "channel: '#a'\nchecks: {a: {kind: log, path: /a, match: '" + "(a{1000}){1000}" + "'}}",
    ],
)
def test_nonsense_is_refused_in_sentences(text):
    told = refusal(text)
    assert all(one.startswith("rounds.yml:") for one in told)


def test_the_reader_agrees_with_yaml_on_what_is_plain():
    text = "a: 1\nb: [x, 'y', \"z\"]\nc: {d: true, e: null, f: 1.5}\n"
    assert read_document(text, file="f", environment={}).value == yaml.safe_load(text)


@pytest.mark.timeout(15)  # it took twice as long when each bracket began the search anew, and takes a hundredth
@pytest.mark.parametrize("text", ["[]," * 20_000, "{}," * 20_000, "x " + "(" * 200_000, "{c: (" * 60])
def test_what_was_meant_is_not_sought_again_from_each_bracket(text):
    with pytest.raises(ConfigError, match="is not valid YAML"):
        parse("a: {b: " + text)
