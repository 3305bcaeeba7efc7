"""`rounds new`: a first configuration for this machine."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from bot.cli import schema
from bot.cli.common import fail
from bot.cli.containers import containers
from bot.cli.machine import candidates
from bot.cli.proposing import Proposal, propose
from bot.config.load import parse
from bot.config.problems import ConfigError

SCHEMA = "rounds.schema.json"
CHANNEL = "#operations"

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9/_.-]*( [<>]=? [0-9.*]+( [0-9.*]+)*)?")
_WORDS = frozenset(("true", "false", "null", "off"))


def new(file: Path, *, yes: bool, force: bool) -> None:
    """Look at this machine, ask which of it shall be looked at from now on, and write that."""
    _may_be_written(file, force=force)
    out = Console(highlight=False, soft_wrap=True)
    held = containers()
    proposals = asyncio.run(propose(candidates(held.candidates)))
    channel = CHANNEL
    unwritable = [one for one in proposals if _filled_in(one.settings)]
    proposals = [one for one in proposals if one not in unwritable]
    filled = "a configuration would fill in the `${` of its name, so write it by hand."
    for remark in (*held.remarks, *(f"Left out: {_sentence(one)}; {filled}" for one in unwritable)):
        out.print(remark, markup=False)
    if not yes:
        out.print("Each of these was found on this machine. Which shall Rounds look at?")
        try:
            proposals = [one for one in proposals if typer.confirm(f"  {_sentence(one)}?", default=True)]
            channel = _channel(typer.prompt("The Slack channel for digests and incidents", default=CHANNEL))
        except typer.Abort:
            out.print()
            fail("Not everything was answered, so nothing was written; `rounds new --yes` asks nothing.", code=2)
    if not proposals:
        fail("Nothing was chosen, so there is nothing to write.", code=2)
    written = text(proposals, channel=channel, host=socket.gethostname())
    try:
        parse(written, file=str(file))
        with file.open("w" if force else "x", encoding="utf-8") as place:
            place.write(written)
        beside = file.with_name(SCHEMA)
        if force or not beside.exists():
            beside.write_text(schema.text(), encoding="utf-8")
    except ConfigError as error:
        fail(f"Nothing was written, because it would not be understood: {error}", code=2)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.", code=2)
    out.print(f"{file}: {len(proposals)} checks in one checklist. Read it: the comments say what was measured.")
    named = "" if file == Path("rounds.yml") else f" --config {file}"
    out.print(f"Then:  rounds run morning{named}")
    out.print(f"       rounds demo --config {file}   shows it in a local Slack")


def _may_be_written(file: Path, *, force: bool) -> None:
    """Before anybody answers ten questions for nothing."""
    try:
        there, folder = file.exists(), file.parent.is_dir()
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.", code=2)
    if there and not force:
        fail(f"{file} is there already; name another file, or overwrite it with --force.", code=2)
    if not folder:
        fail(f"{file} cannot be written: there is no folder {file.parent}.", code=2)
    if not os.access(file if there else file.parent, os.W_OK):
        where = "another file" if there else "a file in another folder, such as ~/rounds.yml"
        fail(f"{file} cannot be written: Permission denied; name {where}.", code=2)


def _filled_in(value: Any) -> bool:
    """Whether what is meant as it stands would be filled in by what reads the file."""
    if isinstance(value, Mapping):
        return any(map(_filled_in, value.values()))
    return "${" in value if isinstance(value, str) else isinstance(value, list) and any(map(_filled_in, value))


def _channel(answer: str) -> str:
    """People leave the # out; an id has none."""
    return f"#{answer}" if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", answer) else answer


def _sentence(proposal: Proposal) -> str:
    what, remark = proposal.candidate.what, proposal.remark
    told = f"{what[0].upper()}{what[1:]}" + (f" ({remark})" if remark else "")
    # A mount may be called anything, and this is one line of a comment.
    return "".join(c if c.isprintable() else "?" for c in told)


def text(proposals: Iterable[Proposal], *, channel: str, host: str) -> str:
    """The file."""
    proposals = list(proposals)
    lines = [
        f"# yaml-language-server: $schema={SCHEMA}",
        f"# The rounds of {re.sub(r'[^A-Za-z0-9_.-]', '', host) or 'this machine'}, begun by `rounds new`.",
        "# Change what you like: `rounds check-config` finds mistakes, `rounds kinds` says what else can be looked at.",
        "",
        "# Where digests and incidents go. Create the channel first; a private one has to invite the bot.",
        f"channel: {_scalar(channel)}",
        "",
        "checks:",
    ]
    for proposal in proposals:
        lines += [f"  # {_sentence(proposal)}", f"  {proposal.candidate.name}:", *_settings(proposal.settings), ""]
    lines += ["checklists:", "  morning:", "    title: Morning round", "    schedule: weekdays at 09:00", "    items:"]
    section = ""
    for proposal in proposals:
        if proposal.candidate.section != section:
            section = proposal.candidate.section
            lines.append(f"      - section: {section}")
        lines.append(f"      - {proposal.candidate.name}")
    lines += [
        "      # What no program can look at, a person ticks off in Slack:",
        "      # - manual: Read last night's tickets",
        "",
        "# Who is called when something is wrong and nobody has acknowledged it:",
        "# escalations:",
        "#   team:",
        '#     - {after: 0m, notify: ["user:ann"]}',
        '#     - {after: 15m, notify: ["usergroup:operations"]}',
    ]
    return "\n".join(lines) + "\n"


def _settings(settings: Mapping[str, Any]) -> list[str]:
    return [f"    {key}: {_scalar(value)}" for key, value in settings.items()]


def _scalar(value: Any) -> str:
    """A value in YAML: plain where that cannot be misread, else in quotation marks as JSON has them."""
    if isinstance(value, str) and (not _PLAIN.fullmatch(value) or value.lower() in _WORDS):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if not isinstance(value, str) else value
