"""Writes the documents that follow from the code: `python -m bot.docs`; with `--check` it only says which are old."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from bot.cli import app, schema
from bot.config.reference import parameters, rules_in_force
from bot.config.schema import Envelope, FileModel
from bot.config.validate import nested
from bot.domain.near import listed
from checks import Kind, catalogue
from commands.grammar import ALIASES, VERBS

DOCS = Path(__file__).resolve().parents[1] / "docs"

_WRITTEN = "<!-- Written by `make docs` from the code; change it there. -->\n"

_CONFIGURATION = """\
One YAML file, `rounds.yml`; another with `--config` or `ROUNDS_CONFIG`. `rounds new` writes a first one for your
machine, and `rounds check-config` says everything that is wrong with it, with the line. A running Rounds reads it
again when it changes or on SIGHUP; a file with a mistake changes nothing and is told in the channel of record. The
first line lets editors complete and explain:

```yaml
# yaml-language-server: $schema=docs/rounds.schema.json
channel: "#operations"
checks:
  root-disk: {kind: disk, path: /}
  shop:
    kind: http
    url: https://shop.example.com/health
    critical: status != 200 || latency_ms > 5000
    every: 5m
checklists:
  morning:
    schedule: weekdays at 09:00
    items:
      - root-disk
      - shop
      - manual: Read last night's tickets
        evidence: note
```

## How values are written

**Words stay words.** YAML is read by the rules of version 1.2: `on`, `off`, `yes` and `10:30` are text. A key that
stands twice is a mistake.

**Secrets** come from the environment or from files: `${NAME}` must be set, `${NAME:-text}` has a default,
`file:/run/secrets/name` is what that file holds. `${…}` without a default and `file:` are masked wherever they would
be shown. `$NAME` without braces is text, and `rounds check-config` says so.

**Lengths of time**: `30s`, `15m`, `1h30m`, `2 days`, `1w`.

**Schedules** in words: `weekdays at 09:00`, `every day at 06:00 and 18:00`, `monday and friday at 16:00`, `first
monday of the month at 10:00`, `last friday of the month at 15:00`, `on the 1st and 15th at 08:00`, `first monday of
the quarter at 10:00`, `every year on 15 january at 12:00`, `every 6 hours`; or `cron:` with five fields.

**Rules** compare the metrics of a kind ([checks.md](checks.md)): `used_percent > 90`, `status != 200 || latency_ms >
800`, `code in [200, 204]`; with `&&`, `||`, `!`, brackets, `+ - * /`, `min`, `max` and `abs`. A level that you give
replaces the kind's own rule of that level, `off` removes it.

Rules may also ask **what was**: `change(used_percent, "1d") > 0.1` (a tenth more than a day ago), `average(latency_ms,
"1h")`, `lowest(…)`, `highest(…)`, `previous(count)` (at the look before) and `missing_for(count)` (seconds since it
was last reported). Looks are kept for 14 days, hourly roll-ups of them for 400. Where there is too little, that level
is not judged, and the finding says from when on it will be.
"""

_SAYING = """
**Where**: after `/rounds`; after mentioning Rounds in a channel or thread; or in a direct message to it. The answer is
for you alone. In an incident's thread, the incident may be left away: `@rounds ack looking at it`.

**Names**: an incident is `#12` or `12`, or the name of its check. Checks, checklists and items are called by their name
or title; one of several words stands in quotes. The beginning is enough while only one fits: `/rounds sta`, `/rounds
run mor`. What is ambiguous, misspelt or a word from the middle of a name is answered with a button for each command
that was probably meant; so is what is missing: `/rounds ack` offers what can be taken.

**How long**: `90m`, `2h`, `3 days`, `until 18:00`, `until tomorrow`, `until monday 14:00`, `until 2026-12-31`. Times
and days are those of your own time zone in Slack; those of the configuration's `timezone` where Slack does not say.

**To whom**: a step of the escalation policy (`to 2`), a person or group from Slack's list (`to @ben`), or a name that
the configuration knows. A person or group is called at once; the policy goes on from there with its gaps kept.

**The log**: `/rounds log action restarted the queue` writes an action, `log issue …` an issue, anything else a note. In
an incident's thread the entry is about that incident. `/rounds report` tells a day (`today`, `yesterday`, `monday`,
`2026-03-02`), with a button that posts it whole as a Markdown file.
"""

_KEPT = """
## What is kept, and for how long

Rounds forgets by itself, once an hour and a little at a time. There is nothing to set.

| what | for how long |
| --- | --- |
| rounds with their items, results and evidence; pings | 14 days |
| the last round of each checklist | until a later one is 14 days old, at most 400 days: digests compare with it |
| slots that were missed | as long as the digest that names them; until one does, at most 400 days |
| hourly roll-ups of what was measured | 400 days |
| incidents with their timelines | 400 days after they were resolved; longer while a later incident points to them |
| what Rounds said of itself | 90 days |
| versions of the configuration: when, and what changed | 400 days, and always the newest |
| what is known of messages in Slack | as long as the round or incident that they are about |
| the operations log | for good |

Whatever is open is kept for as long as it is: an unresolved incident, a round with an item that nobody has ticked, a
message that is not delivered, a card that is to be redrawn. Messages in Slack stay there; a button on a card whose
round is forgotten says so.
"""

_ENVIRONMENT = """
## Environment

| variable | what for |
| --- | --- |
| `SLACK_BOT_TOKEN` | the bot token (`xoxb-…`); only `rounds serve` and `rounds doctor` need it |
| `SLACK_APP_TOKEN` | the app-level token (`xapp-…`) for Socket Mode |
| `SLACK_API_BASE_URL` | another Slack, such as the sandbox's |
| `DATABASE_URL` | where the ledger is kept: `sqlite:///rounds.db` if not set, or `postgresql://…` |
| `ROUNDS_CONFIG` | the configuration file: `rounds.yml` here if not set |
| `SLACK_SIGNING_SECRET` | for Slack over HTTP instead of Socket Mode; counts only where `SLACK_APP_TOKEN` is not set |
| `ROUNDS_PUBLIC_LISTEN` | where Slack (over HTTP) and jobs (pings) reach Rounds: nowhere if not set |
| `ROUNDS_PING_SECRET` | what the ping addresses of `heartbeat` checks are made from; `rounds pings` prints them |
| `ROUNDS_ADMIN_LISTEN` | where `/healthz`, `/readyz` and `/metrics` answer: `127.0.0.1:8918` if not set |
| `ROUNDS_LOG` | how `rounds serve` writes its log: `text` if not set, or `json`, one object a line |
"""


def documents() -> dict[str, Callable[[], str]]:
    """Every document that follows from the code, by its name in `docs/`."""
    return {
        "configuration.md": configuration,
        "checks.md": checks,
        "commands.md": commands,
        "rounds.schema.json": schema.text,
    }


def configuration() -> str:
    """The reference of `rounds.yml`."""
    sections = [f"# Configuration\n\n{_WRITTEN}\n{_CONFIGURATION}"]
    sections += [_section(heading, model) for heading, model in parts()]
    return "".join((*sections, _KEPT, _ENVIRONMENT))


def parts() -> Iterator[tuple[str, type[BaseModel]]]:
    """The parts of the file, each with its heading, outermost first."""
    waiting: list[tuple[str, type[BaseModel]]] = [("The file", FileModel)]
    seen: set[type[BaseModel]] = set()
    while waiting:
        heading, model = waiting.pop(0)
        if model in seen:
            continue
        seen.add(model)
        yield heading, model
        if model is FileModel:
            waiting.append(("Check", Envelope))
        for field in model.model_fields.values():
            if (inner := nested(field.annotation)) is not None:
                waiting.append((inner.__name__.removesuffix("Model"), inner))


def _section(heading: str, model: type[BaseModel]) -> str:
    rows = [(f"`{one.name}`", one.type, one.otherwise, one.description) for one in parameters(model)]
    table = _table(("key", "what it is", "if not given", ""), rows)
    kinds = "\nBeside these stand `kind` and the parameters of that kind: [checks.md](checks.md).\n"
    return f"\n## {heading}\n\n{model.__doc__}\n\n{table}{kinds if model is Envelope else ''}"


def checks() -> str:
    """The catalogue of kinds."""
    kinds = catalogue()
    index = _table(("kind", ""), ((f"[{one.name}](#{one.name})", one.summary) for one in kinds.values()))
    intro = "What can be checked. What every check may have besides: [configuration.md](configuration.md#check).\n"
    return "".join((f"# Checks\n\n{_WRITTEN}\n{intro}\n{index}", *map(_kind, kinds.values())))


def _kind(kind: Kind) -> str:
    given = [
        (f"`{one.name}`", one.type, one.otherwise, one.description)
        for one in parameters(kind.model, leave_out=frozenset(("kind",)))
    ]
    measured = [(f"`{name}`", one.unit, one.summary) for name, one in kind.model.measures.items()]
    told = [
        f"\n## {kind.name}\n\n{kind.summary}\n\n**Why**: {kind.why}\n\n**What to do**: {kind.what_to_do}\n\n"
        f"{_paragraphs(kind.model.__doc__ or '')}\n",
        f"\n{_table(('parameter', 'what it is', 'if not given', ''), given)}" if given else "\nIt has no parameters.\n",
        f"\n{_table(('metric', 'unit', ''), measured)}",
    ]
    for example in kind.model.examples:
        rules = [
            f"# by the kind's own rule, {level} if {rule}\n"
            for level, rule in rules_in_force(kind.model, example)
            if f"{level}:" not in example
        ]
        told.append(f"\n```yaml\n{example}\n{''.join(rules)}```\n")
    return "".join(told)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def commands() -> str:
    """What can be said on the command line and in Slack."""
    told = [f"# Commands\n\n{_WRITTEN}\n## On the command line\n"]
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        told.append(_command(name, command))
    rows = [
        (f"`/rounds {one.usage}`", one.summary, f"`/rounds {one.example}`", f"`/rounds {one.undo}`" if one.undo else "")
        for one in VERBS.values()
    ]
    told.append(f"\n## In Slack\n\n{_table(('say', 'and', 'for example', 'taken back by'), rows)}")
    others = [f"`{alias}` for `{verb}`" for alias, verb in ALIASES.items() if alias]
    told.append(f"\nAlso understood: {listed(others)}. `/rounds` alone is `/rounds status`.\n{_SAYING}")
    return "".join(told)


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = [one.name.upper() if one.required else f"[{one.name.upper()}]" for one in arguments]
    usage = " ".join(("rounds", name, *(["[OPTIONS]"] if options else []), *words))
    rows = [(f"`{one.name.upper()}`", one.help or "", "required" if one.required else "") for one in arguments]
    for one in options:
        spelt = ", ".join(f"`{word}`" for word in (*one.opts, *one.secondary_opts))
        rows.append((spelt, one.help or "", "" if one.default in (None, False) else f"default: {_said(one)}"))
    table = f"\n{_table(('', '', ''), rows)}" if rows else ""
    return f"\n### rounds {name}\n\n    {usage}\n\n{_paragraphs(command.help or '')}\n{table}"


def _said(option: Any) -> str:
    return str(option.opts[0]) if option.default is True else f"`{option.default}`"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(words: list[str], folder: Path = DOCS) -> int:
    """Write what has changed; with `--check`, name it and fail."""
    old = []
    for name, write in documents().items():
        file = folder / name
        text = write()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            old.append(f"docs/{name}")
            if "--check" not in words:
                file.write_text(text, encoding="utf-8")
    if old and "--check" in words:
        sys.stderr.write(f"{listed(old)} no longer say what the code does; run `make docs` and commit.\n")
        return 1
    sys.stdout.write(f"written: {listed(old)}\n" if old else "The documents say what the code does.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
