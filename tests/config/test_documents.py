"""YAML in which words stay words and every value knows its line; includes, and secrets from outside."""

from pathlib import Path

import pytest

from bot.config.document import MAX_BYTES, MAX_DEPTH, MAX_NODES, Document, read_document
from bot.config.load import load
from bot.config.problems import ConfigError

SECRETS = {"TOKEN": "s3cret-token", "PORT": "5432", "EMPTY": "", "TREE": "{a: [1, 2]}", "LINES": "a: 1\nb: 2"}


def read(text: str, environment=None, **how) -> Document:
    return read_document(text, file="rounds.yml", environment=SECRETS if environment is None else environment, **how)


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        read(text)
    return str(error.value)


VALUES = [
    *(pytest.param(word, word, id=f"{word} stays a word") for word in ("on", "off", "yes", "no", "y", "n", "OFF")),
    pytest.param("10:30", "10:30", id="a time stays a word"),
    pytest.param("22:10:05", "22:10:05", id="no sexagesimal numbers"),
    pytest.param("2026-12-25", "2026-12-25", id="a date stays a word"),
    pytest.param("0x1F", "0x1F", id="no hexadecimal numbers"),
    pytest.param("1_000", "1_000", id="no underscores in numbers"),
    pytest.param(".inf", ".inf", id="no infinity"),
    pytest.param("1e999", "1e999", id="no number beyond all numbers"),
    pytest.param("nan", "nan", id="no not-a-number"),
    pytest.param("123456789012345678901", "123456789012345678901", id="a very long number is a word"),
    pytest.param("<<", "<<", id="no merging"),
    pytest.param("12", 12, id="a whole number"),
    pytest.param("-7", -7, id="a negative number"),
    pytest.param("1.5", 1.5, id="a broken number"),
    pytest.param("1e3", 1000.0, id="a power"),
    pytest.param("true", True, id="true"),
    pytest.param("False", False, id="false in any case"),
    pytest.param("null", None, id="null"),
    pytest.param("~", None, id="a tilde is nothing"),
    pytest.param("", None, id="nothing is nothing"),
    pytest.param('"12"', "12", id="a quoted number stays text"),
    pytest.param("'true'", "true", id="a quoted truth stays text"),
    pytest.param('""', "", id="quoted nothing is empty text"),
    pytest.param("|\n  12\n", "12\n", id="a block stays text"),
    pytest.param(">-\n  a\n  b\n", "a b", id="a folded block is text"),
    pytest.param("[on, 1, 'x']", ["on", 1, "x"], id="a list"),
    pytest.param("{on: off, 1: 2}", {"on": "off", "1": 2}, id="keys are words"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_value_is_read_as_people_mean_it(text, value):
    found = read(f"a: {text}").value["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "tag", "repair"),
    [
        ("!!python/object/apply:os.system ['true']", "!!python/object/apply:os.system", "remove it"),
        ("!foo bar", "!foo", "remove it"),
        ("!!str 12", "!!str", '"quoted"'),
        ("! 12", "!", "remove it"),
        ("!include other.yml", "!include", "under `include:`"),
        ("!secret token", "!secret", "${NAME}"),
        ("!env_var TOKEN", "!env_var", "${NAME}"),
    ],
)
def test_a_tag_makes_no_object_and_is_refused_with_its_line_and_repair(text, tag, repair):
    document = read(f"a: 1\nb: {text}")
    assert [problem.line for problem in document.problems] == [2]
    assert document.problems[0].sentence.startswith(f"'{tag}' is a tag")
    assert repair in document.problems[0].sentence


def test_every_tag_is_told_up_to_a_hundred():
    assert len(read("- !foo 1\n" * 300).problems) == 100


def test_every_value_knows_its_line_and_what_is_missing_that_of_its_parent():
    document = read("a: 1\nb:\n  - x\n  - y: 2\n    z: 3\n")
    lines = {path: document.line(path) for path in [("a",), ("b", 0), ("b", 1), ("b", 1, "z"), ("b", 1, "no", "where")]}
    assert list(lines.values()) == [1, 3, 4, 5, 4]


def test_an_alias_is_the_same_value_again():
    assert read("a: &x [1, 2]\nb: *x\n").value == {"a": [1, 2], "b": [1, 2]}


def test_a_key_that_stands_twice_is_a_mistake_that_names_both_lines():
    (problem,) = read("a:\n  b: 1\n  c: 2\n  b: 3\n").problems
    assert (problem.line, problem.field) == (4, "a.b")
    assert "first in line 2" in problem.sentence


BAD = [
    pytest.param("a: [1, 2", "is not valid YAML", id="an open bracket"),
    pytest.param("a: *nowhere", "is not valid YAML", id="an alias to nothing"),
    pytest.param("a: &a [*a]", f"nested deeper than {MAX_DEPTH}", id="an alias within itself"),
    pytest.param("a: " + "[" * 60 + "]" * 60, f"nested deeper than {MAX_DEPTH}", id="sixty levels"),
    pytest.param("[" * 400_000, "", id="four hundred thousand levels"),
    pytest.param(
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
        f"more than {MAX_NODES:,} values",
        id="an alias bomb",
    ),
    pytest.param("a: " + "x" * MAX_BYTES, "is larger than 1,000,000 bytes", id="a file beyond all sizes"),
    pytest.param("a: 1\n---\nb: 2\n", "is not valid YAML", id="two documents"),
    pytest.param("a: \x07", "is not valid YAML", id="a bell"),
    pytest.param("a:\n\t- b", "is not valid YAML", id="a tabulator"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_what_is_no_configuration_is_refused_with_a_sentence(text, sentence):
    said = refused(text)
    assert sentence in said
    assert said.startswith("rounds.yml:")
    assert "Traceback" not in said
    assert len(said) < 500


# --- from the environment

FILLED = [
    pytest.param("${TOKEN}", "s3cret-token", {"s3cret-token"}, id="a variable without a default is a secret"),
    pytest.param("${PORT:-1}", "5432", set(), id="one with a default is a setting"),
    pytest.param("${NOWHERE:-a default}", "a default", set(), id="a default where it is not set"),
    pytest.param("${NOWHERE:-}", "", set(), id="an empty default"),
    pytest.param("a ${PORT:-1} b ${TOKEN} c", "a 5432 b s3cret-token c", {"s3cret-token"}, id="within a text"),
    pytest.param("${PORT:-1}", "5432", set(), id="a number from outside stays text"),
    pytest.param("'${TOKEN}'", "s3cret-token", {"s3cret-token"}, id="in quotes, too"),
    pytest.param('"${TREE:-x}"', "{a: [1, 2]}", set(), id="never structure"),
    pytest.param("${LINES:-x}", "a: 1\nb: 2", set(), id="never more lines"),
    pytest.param("$TOKEN", "$TOKEN", set(), id="a dollar alone is a dollar"),
    pytest.param("${1}", "${1}", set(), id="no name, no variable"),
]


@pytest.mark.parametrize(("text", "value", "secrets"), FILLED)
def test_the_environment_fills_in_text(text, value, secrets):
    document = read(f"a: {text}")
    assert document.value == {"a": value}
    assert document.secrets == secrets
    assert document.problems == []


def test_a_variable_is_not_looked_for_in_what_another_brought():
    assert read("a: ${A:-x}", {"A": "${TOKEN}", "TOKEN": "t"}).value == {"a": "${TOKEN}"}


def test_a_variable_that_is_not_set_is_a_mistake_that_says_how_to_set_it():
    document = read("a: 1\nb: ${NOWHERE}\n")
    (problem,) = document.problems
    assert (problem.line, problem.field) == (2, "b")
    assert "set it in the environment, or write ${NOWHERE:-a default}" in problem.sentence


def test_for_a_check_elsewhere_what_is_missing_is_empty():
    document = read("a: ${NOWHERE}\nb: file:/run/secrets/x\n", allow_missing=True)
    assert (document.value, document.problems) == ({"a": "", "b": ""}, [])


# --- from files


def test_a_secret_file_is_read_without_its_last_line_end_and_is_a_secret():
    document = read("a: file:/run/secrets/db", read_secret={"/run/secrets/db": "p4ss word\n"}.__getitem__)
    assert (document.value, document.secrets) == ({"a": "p4ss word"}, {"p4ss word"})


def test_a_file_url_stays_a_url():
    assert read("a: file:///srv/x").value == {"a": "file:///srv/x"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(None, "No such file", id="one that is not there"),
        pytest.param(b"\xff\xfe\x00", "can't decode", id="one that is no text"),
    ],
)
def test_a_secret_file_that_cannot_be_read_is_a_mistake_at_its_line(tmp_path, content, why):
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    path = written(tmp_path, f'channel: "#ops"\npeople: {{ann: "file:{secret}"}}\n')
    said = mistakes(path)
    assert "rounds.yml:2: people.ann" in said
    assert "cannot be read" in said
    assert why in said


def test_a_secret_file_with_an_impossible_name_is_a_mistake(tmp_path):
    path = written(tmp_path, 'channel: "#ops"\npeople: {ann: "file:/run/\\0"}\n')
    assert "rounds.yml:2: people.ann" in mistakes(path)


# --- files of bytes


def written(folder: Path, text: str | bytes, name="rounds.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistakes(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        load(path, environment={})
    return str(error.value).replace(f"{path.parent}/", "")


MAIN = 'timezone: UTC\nchannel: "#ops"\nchecks:\n  disk: {kind: disk, path: /}\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(MAIN.encode("utf-16"), "is not UTF-8 text", id="in UTF-16"),
        pytest.param("channel: '#büro'".encode("latin-1"), "is not UTF-8 text", id="in Latin-1"),
        pytest.param(b"", "is empty or no mapping", id="empty"),
        pytest.param(b"- a\n- b\n", "is empty or no mapping", id="a list"),
        pytest.param(b"a: " + b"x" * MAX_BYTES, "is larger than 1,000,000 bytes", id="too large"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_a_sentence(tmp_path, text, sentence):
    assert sentence in mistakes(written(tmp_path, text))


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    assert load(written(tmp_path, b"\xef\xbb\xbf" + MAIN.encode()), environment={}).channel == "#ops"


def test_a_file_that_is_not_there_is_a_sentence_that_says_what_to_do(tmp_path):
    assert "does not exist; name another with --config" in mistakes(tmp_path / "rounds.yml")


def test_a_folder_is_a_sentence(tmp_path):
    assert "cannot be read" in mistakes(tmp_path)


# --- includes

WEB = "checks:\n  web: {kind: disk, path: /web}\n"


def including(folder: Path, *patterns: str, main: str = MAIN) -> Path:
    listed = "\n".join(f'  - "{pattern}"' for pattern in patterns)
    return written(folder, f"include:\n{listed}\n{main}")


def test_included_files_add_their_sections_in_the_order_of_their_names(tmp_path):
    written(tmp_path, "checks:\n  b: {kind: disk, path: /b}\n", "conf.d/b.yml")
    written(tmp_path, "checks:\n  a: {kind: disk, path: /a}\npeople: {ann: U1}\n", "conf.d/a.yml")
    written(tmp_path, "nonsense", "conf.d/notes.txt")
    found = load(including(tmp_path, "conf.d/*.yml"), environment={})
    assert list(found.checks) == ["disk", "a", "b"]
    assert dict(found.people) == {"ann": "U1"}
    assert [place.name for place in found.places] == ["rounds.yml", "conf.d", "a.yml", "b.yml"]


def test_the_digest_is_that_of_all_files_as_they_stand_and_knows_no_secret(tmp_path):
    def digest(people="{ann: '${TOKEN}'}", environment=SECRETS):
        written(tmp_path, f"people: {people}\n", "people.yml")
        return load(including(tmp_path, "people.yml"), environment=environment).digest

    assert len(digest()) == 64
    assert digest() == digest(environment={**SECRETS, "TOKEN": "another"})
    assert digest() != digest("{ben: '${TOKEN}'}")


def test_every_file_that_was_looked_at_is_known_also_of_a_configuration_that_cannot_be_used(tmp_path):
    secret, calendar = written(tmp_path, "U1", "ann"), tmp_path / "holidays.ics"
    lists = "checklists: {a: {cron: 0 9 * * *, except: holidays.ics, items: [disk]}}\n"
    written(tmp_path, f"people: {{ann: 'file:{secret}'}}\n{lists}", "more.yml")
    with pytest.raises(ConfigError, match="is no date") as caught:
        load(including(tmp_path, "more.yml", "conf.d/*.yml"), environment={})
    assert {tmp_path / "more.yml", secret, calendar, tmp_path / "conf.d"} <= set(caught.value.places)


def test_a_file_of_holidays_counts_in_the_digest(tmp_path):
    def digest(day):
        written(
            tmp_path,
            f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:{day}\nEND:VEVENT\nEND:VCALENDAR\n",
            "days.ics",
        )
        main = MAIN + "checklists: {a: {cron: 0 9 * * *, except: days.ics, items: [disk]}}\n"
        return load(written(tmp_path, main), environment={}).digest

    assert digest("20261225") != digest("20261226")


def test_secrets_of_an_included_file_are_secrets(tmp_path):
    written(tmp_path, "people: {ann: '${TOKEN}'}\n", "people.yml")
    assert load(including(tmp_path, "people.yml"), environment=SECRETS).secrets == {"s3cret-token"}


def test_a_mistake_in_an_included_file_is_told_with_its_own_file_and_line(tmp_path):
    written(tmp_path, "checks:\n  web:\n    kind: disk\n    pth: /web\n", "web.yml")
    said = mistakes(including(tmp_path, "web.yml"))
    assert "web.yml:4: checks.web.pth" in said
    assert "rounds.yml" not in said


def test_a_name_in_two_files_is_a_mistake_that_names_the_other_file(tmp_path):
    written(tmp_path, WEB, "one.yml")
    written(tmp_path, "# a comment\n" + WEB, "two.yml")
    said = mistakes(including(tmp_path, "one.yml", "two.yml"))
    assert "two.yml:3: checks.web: is in" in said
    assert "one.yml, too; keep one" in said


def test_a_file_named_by_two_patterns_is_read_once(tmp_path):
    written(tmp_path, WEB, "web.yml")
    found = load(including(tmp_path, "web.yml", "w*.yml"), environment={})
    assert list(found.checks) == ["disk", "web"]


def test_a_pattern_that_means_the_file_itself_as_well_does_not_include_it_again(tmp_path):
    written(tmp_path, WEB, "web.yml")
    assert list(load(including(tmp_path, "*.yml"), environment={}).checks) == ["disk", "web"]


def test_an_absolute_path_is_included(tmp_path):
    path = written(tmp_path, WEB, "elsewhere/web.yml")
    assert "web" in load(including(tmp_path, str(path)), environment={}).checks


def test_an_empty_included_file_adds_nothing(tmp_path):
    written(tmp_path, "# nothing yet\n", "web.yml")
    assert list(load(including(tmp_path, "web.yml"), environment={}).checks) == ["disk"]


INCLUDED = [
    pytest.param("channel: '#other'\n", "web.yml:1: channel: cannot stand in an included file", id="a channel"),
    pytest.param("checks: []\n", "web.yml:1: checks: cannot stand in an included file", id="a list of checks"),
    pytest.param("- a\n", "web.yml:1: is no mapping", id="a list"),
    pytest.param("a: *b", "web.yml:1: is not valid YAML", id="no YAML"),
]


@pytest.mark.parametrize(("text", "sentence"), INCLUDED)
def test_what_an_included_file_cannot_be_is_a_mistake_in_that_file(tmp_path, text, sentence):
    written(tmp_path, text, "web.yml")
    assert sentence in mistakes(including(tmp_path, "web.yml"))


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("nothing-*.yml", id="matches no file"),
        pytest.param("", id="an empty one"),
        pytest.param("**x/[", id="no pattern"),
        pytest.param("/", id="the root"),
        pytest.param(".", id="the folder itself"),
        pytest.param("a\\0b", id="an impossible name"),
    ],
)
def test_a_pattern_that_finds_nothing_is_a_mistake_at_its_line(tmp_path, pattern):
    written(tmp_path, WEB, "web.yml")
    said = mistakes(including(tmp_path, "web.yml", pattern))
    assert "rounds.yml:3: include.1" in said


LONG = "opening-sesame-" + "0123456789abcdef" * 8
QUOTED = 10
"""Characters in a row of a secret that nobody has by chance."""


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        pytest.param("timezone: ${TOKEN}", "s3cret-token", id="a zone"),
        pytest.param("timezone: ${TOKEN}", LONG, id="a zone, of which a sentence shows the beginning"),
        pytest.param("checks: {a: {kind: '${TOKEN}'}}", "s3cret-token", id="a kind"),
        pytest.param("checks: {a: {kind: http, url: '${TOKEN}'}}", LONG, id="an address"),
        pytest.param("checks: {a: {kind: '${TOKEN}'}}", "both'and\"quoted", id="marks of two kinds"),
        pytest.param("timezone: ${TOKEN}", "dom\\user:" + LONG, id="a backslash at its beginning"),
        pytest.param("timezone: ${TOKEN}", "first line\n" + LONG, id="several lines"),
        pytest.param("checks: {a: {kind: load, warning: '${TOKEN}'}}", "s3cret-token", id="a rule"),
        pytest.param("people: {ann: 'file:/nowhere/${TOKEN}'}", "s3cret-token", id="a file"),
    ],
)
def test_a_mistake_in_a_secret_is_told_without_the_secret(tmp_path, line, secret):
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, f'channel: "#ops"\n{line}\n'), environment={"TOKEN": secret})
    said = str(caught.value)
    assert "rounds.yml:2" in said
    assert not any(secret[n : n + QUOTED] in said for n in range(len(secret) - QUOTED + 1)), said


def test_a_file_that_goes_while_the_others_are_read_is_a_mistake_and_no_traceback(tmp_path, monkeypatch):
    """A checkout in the middle of a reload, say."""
    first, second = written(tmp_path, WEB, "a.yml"), written(tmp_path, WEB.replace("web", "other"), "b.yml")
    samefile = Path.samefile

    def gone(file, other):
        if file == second:
            second.unlink(missing_ok=True)
        return samefile(file, other)

    monkeypatch.setattr(Path, "samefile", gone)
    assert "b.yml" in mistakes(including(tmp_path, "[a-b].yml"))
    assert first.exists()
