"""Configurations that were right, and what somebody's editor, merge tool or malice made of them.

Everything follows from a seed, so that a number is enough to see a failure again.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from checks import catalogue
from tests.config import broken
from tests.config.right import RIGHT

EXAMPLES = Path(__file__).parents[2] / "examples"

ATOMS = [
    "",
    " ",
    "\n",
    "\t",
    ":",
    "- ",
    "#",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!!int ",
    "|",
    ">",
    "%",
    "@",
    "?",
]
ATOMS += ["null", "true", "-1", "1e999", "0x", "9" * 20, "${A}", "${A:-", "file:/", "\0", "\ufeff", "é", "\U0001f642"]
ATOMS += [
    "5m",
    "every",
    "weekdays at",
    "31 february",
    "> 90 &&",
    "used_percent",
    "user:",
    "#12",
    "0 0 31 2 *",
    "<<: *a",
]
ATOMS += [
    "2026-13-01",
    "\r",
    "\x85",
    "\u2028",
    "\ud7ff",
    "---\n",
    "...\n",
    "!!binary ",
    "!!python/name:os.system ",
    "0o17",
]

VALUES: list[Any] = [
    0,
    5,
    -1,
    1.5,
    1e300,
    float("inf"),
    float("nan"),
    10**30,
    True,
    False,
    None,
    "",
    " ",
    "off",
    "on",
    "x",
]
VALUES += ["5m", "0s", "-5m", "1e9d", "99999999999w", "every 0 minutes", "weekdays at 24:00", "31 february at noon"]
VALUES += ["* * * * *", "0 0 31 2 *", "0 0 29 2 *", "*/0 * * * *", "59 23 29 2 1", "@daily", "every 5 seconds"]
VALUES += [
    "used_percent > 0",
    "1 / 0 > 1",
    "((((((",
    "size([1]) > 0",
    'change(used_percent, "1d") > 0.1',
    "a && b || c",
]
VALUES += [
    "user:",
    "usergroup:a b",
    "user:ann",
    "mailto:a@b",
    "U1",
    "#",
    "#operations",
    "UTC",
    "../UTC",
    "Europe/Amsterdam",
]
VALUES += [
    "/",
    "//",
    "/**/**/*",
    "/[[",
    "/[a-z]*",
    "(a|b",
    "(a{1000}){1000}",
    "http://",
    "http://[::1",
    "https://a/?b#c",
]
VALUES += [
    "a\0b",
    "2026-02-30",
    "2026-12-25",
    "☃" * 500,
    "a" * 5000,
    "${HOME}",
    "${A:-b}",
    "$${A}",
    "file:/etc/hostname",
]
VALUES += [[], {}, [[]], [None], ["a", "b"], {"a": "b"}, {"a": [{"b": "c"}]}, {1: 2}, [{"manual": "a"}], {"check": "a"}]

RULES = [
    "used_percent",
    "free_bytes",
    "latency_ms",
    "status",
    "count",
    "missing",
    ">",
    ">=",
    "<",
    "==",
    "!=",
    "&&",
    "||",
]
RULES += [
    "!",
    "(",
    ")",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    ":",
    "in",
    "[200, 204]",
    "[",
    "]",
    ",",
    "90",
    "1e9",
    "0",
    "0.5",
    "5m",
]
RULES += [
    "min(",
    "max(",
    "abs(",
    "size(",
    "double(",
    "true",
    "false",
    "null",
    "'a'",
    '"1d"',
    'change(count, "1d")',
    "and",
]
RULES += [
    "previous(count)",
    "average(latency_ms, '1h')",
    "missing_for(count)",
    ".",
    ";",
    "\\",
    "has(",
    ".map(x, x)",
    "\n",
]

WORDS = [
    "every",
    "weekdays",
    "weekends",
    "day",
    "hour",
    "minutes",
    "2",
    "15",
    "at",
    "on",
    "the",
    "and",
    "first",
    "last",
]
WORDS += [
    "second",
    "fifth",
    "monday",
    "friday",
    "of",
    "month",
    "quarter",
    "year",
    "january",
    "february",
    "29",
    "30",
    "31",
]
WORDS += [
    "1st",
    "31st",
    "09:00",
    "24:00",
    "2:30",
    "02:30",
    "noon",
    "midnight",
    ",",
    "-",
    "0",
    "1000000",
    "am",
    "pm",
    "hours",
]

CRON = [
    "*",
    "0",
    "59",
    "60",
    "7",
    "8",
    "1-5",
    "5-1",
    "*/5",
    "*/0",
    "1,2,3",
    "mon",
    "sun-sat",
    "jan",
    "29",
    "30",
    "31",
    "2",
    "L",
]
CRON += ["?", "#", "1/2", "1-59/7", "-1", "", "*/99999999", "0-0", "MON-FRI", "feb", "12", "13", "24", "23"]


TIMES = (1, 1, 1, 2, 3, 8)
"""In how many places something is wrong: often in one, so that the rest is still read."""


@cache
def seeds() -> tuple[str, ...]:
    """Real ones: the complete one, those in `examples/`, and one with every example of every kind."""
    texts = [RIGHT, *(file.read_text() for file in sorted(EXAMPLES.glob("*/rounds.yml")))]
    checks = {
        f"{name}-{n}": yaml.safe_load(example)
        for name, kind in catalogue().items()
        for n, example in enumerate(kind.model.examples)
    }
    all_kinds = {"channel": "#a", "timezone": "UTC", "checks": checks, "checklists": {"m": {"items": list(checks)}}}
    texts.append(yaml.safe_dump(all_kinds, sort_keys=False, width=1000))
    return tuple(texts)


def mangled(seed: int) -> bytes:
    """One configuration, wrong in one to eight places."""
    chance = random.Random(seed)
    how = chance.choices((values, lines, letters, bytes_, rules, schedules, mistakes), (30, 20, 15, 10, 10, 10, 5))[0]
    made = how(chance.choice(seeds()), chance)
    return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


def values(text: str, chance: random.Random) -> str:
    """Still YAML: parts of it replaced, taken out, doubled, renamed or put somewhere else."""
    tree = yaml.safe_load(text)
    for _ in range(chance.choice(TIMES)):
        holders = list(_holders(tree))
        if not holders:
            break
        holder, key = chance.choice(holders)
        match chance.randrange(9):
            case 0:
                del holder[key]
            case 4 | 5 | 6:
                holder[key] = chance.choice(elsewhere().get(key, VALUES))
            case 1:
                other, place = chance.choice(holders)
                holder[key] = other[place]  # perhaps itself, or what holds it
            case 2 if isinstance(holder, dict):
                holder[_bent(str(key), chance)] = holder.pop(key)
            case 3:
                holder[key] = chance.choice(([holder[key]], {"a": holder[key]}, [holder[key], holder[key]]))
            case _:
                holder[key] = chance.choice(VALUES)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=chance.choice((20, 1000)))


@cache
def elsewhere() -> dict[Any, list[Any]]:
    """What stands after each word in any of the real ones: a value that may well be right here, too."""
    found: dict[Any, list[Any]] = {}
    for text in seeds():
        for holder, key in _holders(yaml.safe_load(text)):
            found.setdefault(key, []).append(holder[key])
    return found


def _holders(tree: Any, depth: int = 0) -> Any:
    if depth > 20:
        return
    pairs = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, value in pairs:
        yield tree, key
        yield from _holders(value, depth + 1)


def _bent(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) + 1)
    return word[:at] + chance.choice(("", "s", "_", "-", " ", "é", word[at : at + 1] * 2)) + word[at + 1 :]


def lines(text: str, chance: random.Random) -> str:
    """A line lost, doubled, moved, indented, or with what another one says."""
    found = text.splitlines(keepends=True)
    for _ in range(chance.choice(TIMES)):
        if not found:
            break
        at = chance.randrange(len(found))
        key, colon, _ = found[at].partition(": ")
        match chance.randrange(7):
            case 0:
                del found[at]
            case 1:
                found.insert(at, found[at])
            case 2:
                found.insert(chance.randrange(len(found)), found.pop(at))
            case 3:
                found[at] = " " * chance.randint(1, 9) + found[at].lstrip(" ")
            case 4 if colon:
                found[at] = f"{key}: {chance.choice(found).partition(': ')[2].strip() or 'x'}\n"
            case 5 if colon:
                found[at] = (
                    f"{key}: {yaml.safe_dump(chance.choice(VALUES), default_flow_style=True, width=9999).strip()}\n"
                )
            case _:
                found[at] = _bent(found[at].rstrip("\n"), chance) + "\n"
    return "".join(found)


def letters(text: str, chance: random.Random) -> str:
    """Anything anywhere."""
    for _ in range(chance.choice(TIMES)):
        at = chance.randrange(len(text) + 1)
        until = min(len(text), at + chance.choice((0, 0, 1, 3, 12, 30, 200)))
        text = text[:at] + chance.choice(ATOMS) + text[until:]
    return text


def bytes_(text: str, chance: random.Random) -> bytes:
    """Bytes turned over, cut off, in another encoding, or of no text at all."""
    raw = bytearray(
        text.encode(chance.choice(("utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig", "latin-1")), "replace")
    )
    match chance.randrange(4):
        case 0:
            del raw[chance.randrange(len(raw)) :]
        case 1:
            return chance.randbytes(chance.choice((1, 10, 1000, 20_000)))
        case _:
            for _ in range(chance.randint(1, 20)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def rules(text: str, chance: random.Random) -> str:
    """Words of rules in an order that may mean something."""
    return _with(text, ("info", "warning", "critical"), RULES, chance)


def schedules(text: str, chance: random.Random) -> str:
    """Words of schedules, or fields of cron, in an order that may mean something."""
    if chance.random() < 0.3:
        return _with(text, ("cron",), CRON, chance, most=7)
    return _with(text, ("schedule", "every", "due_in", "timeout", "open_after"), WORDS, chance, most=12)


def _with(text: str, keys: tuple[str, ...], words: list[str], chance: random.Random, *, most: int = 25) -> str:
    tree = yaml.safe_load(text)
    named = [part for part in (*tree.get("checks", {}).values(), *tree.get("checklists", {}).values())]
    for part in chance.sample(named, min(len(named), chance.choice(TIMES))):
        key = chance.choice(keys)
        if key == "cron":
            part.pop("schedule", None), part.pop("every", None)
        part[key] = " ".join(chance.choice(words) for _ in range(chance.randint(1, most)))
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000)


def mistakes(text: str, chance: random.Random) -> str:
    """Several of the mistakes that somebody could make, at once."""
    del text
    made = RIGHT
    for right, wrong, *_ in chance.sample(broken.MISTAKES, 5):
        made = made.replace(right, wrong, 1)
    return made
