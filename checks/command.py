"""A command of yours ends well, and the numbers in its output are within limits.

Why: what no other kind asks, a script can, and the plugins written for Nagios are many.

What to do: run the command by hand as the user of Rounds, with the same few variables (PATH, HOME, LANG, TZ); the
evidence holds what it said.
"""

from __future__ import annotations

import math
import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator

from checks._apart import patience
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._json import JsonPath, number, parsed, steps
from checks._nagios import said
from checks._process import OUTPUT_LIMIT, SIGNALLED, Ended, run
from checks._regex import LONGEST, Re2Pattern, compiled, found
from checks._text import clean, whole_words
from checks._types import AbsolutePath, MetricName
from checks._units import duration

_ABOUT = 60
"""Characters that a sentence has room for."""


def _with_group(pattern: str, which: str = "the pattern") -> str:
    if not compiled(pattern).groups:
        raise ValueError(f"{which} needs a group in parentheses around the number")
    return pattern


def _place(text: str) -> str:
    # As a pattern, `$` at the beginning could match nothing: behind the end there is no number.
    if text.startswith("$"):
        steps(text)
        return text
    return _with_group(text)


OutputPlace = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST),
    AfterValidator(_place),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["lag: ([0-9.]+) s", "$.queues.mail.depth"]}),
]
"""Where a number stands in a text: a pattern of RE2 whose first group it is, or a path into JSON, begun with `$`."""

_NAGIOS = {0: None, 1: Outcome.WARNING, 2: Outcome.CRITICAL}


_SHELL = frozenset(("|", "||", "&&", ">", ">>", "<", "2>&1", "2>/dev/null", ">/dev/null"))
"""What ends or leads a command in a shell; `;` is for `find -exec` as well."""


class CommandCheck(Check):
    """Runs a fixed list of words, never a shell: no pipes, no variables, no wildcards.

    It gets no input, and of the environment only PATH, HOME, LANG, TZ and `env`. It and what it started are ended
    before the deadline. Of its output, 64 KB are kept.
    """

    kind: Literal["command"] = "command"
    argv: tuple[str, ...] = Field(min_length=1, description="The program and its arguments, a list of words.")
    env: dict[str, str] = Field({}, description="Further variables of its environment.")
    cwd: AbsolutePath = Field("/", description="The folder to run it in.")
    value: OutputPlace | None = Field(
        None,
        description="Where the number in its output is that becomes the metric `value`: a pattern (RE2) whose first "
        "group it is, or a path into JSON, begun with `$`. Of a list, how many entries it has.",
    )
    values: dict[MetricName, Re2Pattern] = Field(
        {}, description="Several metrics out of its output: name → a pattern (RE2) whose first group is the number."
    )
    json_values: dict[MetricName, JsonPath] = Field(
        {},
        alias="json",
        description="Several metrics out of JSON output: name → path, such as `depth: queues.mail[0].depth`.",
    )
    nagios: bool = Field(False, description="Whether it is a Nagios plugin: its exit code is its judgement.")
    perfdata: dict[MetricName, str] = Field(
        {}, description="Metrics out of a plugin's performance data: name → label; times in s, sizes in bytes."
    )

    measures: ClassVar[Mapping[str, Measure]] = {
        "exit_code": Measure(
            "",
            "how it ended; 128 + the number of a signal that ended it",
            "ended with code {value}",
            lowest=0,
            highest=255,
        ),
        "duration_ms": Measure("ms", "how long it ran", "ran for {value}"),
        "value": Measure("", "the number in its output that `value` asks for", "says {value}"),
    }
    rules: ClassVar[Rules] = Rules(critical="exit_code != 0")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: command, argv: [/opt/shop/bin/self-test, --quick]}",
        "kind: command\nargv: [/opt/shop/bin/queue, --length]\nvalue: '([0-9]+) jobs are waiting'\n"
        "warning: value > 100",
        "kind: command\nargv: [/opt/shop/venv/bin/pip, list, --outdated, --format, json]\nvalue: $\ninfo: value > 20",
        "kind: command\nargv: [chronyc, tracking]\nvalues:\n  offset_s: 'System time *: ([0-9.]+) seconds'\n"
        "  stratum: 'Stratum *: ([0-9]+)'\nwarning: offset_s > 0.1 || stratum > 4",
        "kind: command\nargv: [/usr/lib/nagios/plugins/check_ntp_time, -H, pool.ntp.org]\nnagios: true\n"
        "perfdata: {offset_s: offset}\nwarning: offset_s > 0.5",
    )

    @field_validator("argv")
    @classmethod
    def _words(cls, argv: tuple[str, ...]) -> tuple[str, ...]:
        if not argv[0] or any("\0" in word for word in argv):
            raise ValueError("must be a program and its arguments")
        return argv

    @field_validator("env")
    @classmethod
    def _variables(cls, env: dict[str, str]) -> dict[str, str]:
        for name, value in env.items():
            if not name or "=" in name or "\0" in name + value:
                raise ValueError(f"{name!r} is no name of a variable")
        return env

    @field_validator("values")
    @classmethod
    def _with_a_group(cls, values: dict[str, str]) -> dict[str, str]:
        for name, pattern in values.items():
            _with_group(pattern, f"the pattern of {name}")
        return values

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        names = [*self.measures, *self.values, *self.json_values, *self.perfdata]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: named twice, or measured by this kind itself")
        if self.perfdata and not self.nagios:
            raise ValueError("perfdata is for plugins; set nagios: true")
        return self

    def about(self) -> str:
        words = (os.path.basename(self.argv[0]) or self.argv[0], *self.argv[1:])
        line = shlex.join(words)
        if len(line) <= _ABOUT:
            return line
        # What stands before the first option says most of what is done to what.
        first = tuple(takewhile(lambda word: not word.startswith("-"), words))
        begun = f"{shlex.join(first)} …"
        return begun if len(first) > 1 and len(begun) <= _ABOUT else f"{whole_words(line, _ABOUT - 2)} …"

    def doubts(self) -> Iterator[tuple[str, str]]:
        for before, word in pairwise(self.argv):
            if word in _SHELL and not before.startswith("-"):
                how = 'write argv: [sh, -c, "…"], or a script'
                yield "argv", f"no shell reads {word!r} here: {os.path.basename(self.argv[0])} gets it as a word; {how}"
                return

    def measured(self) -> Mapping[str, Measure]:
        always = {name: one for name, one in self.measures.items() if self.value is not None or name != "value"}
        own = [*self.values, *self.json_values, *self.perfdata]
        return always | {name: Measure("", f"{name} in its output", f"says {name} {{value}}") for name in own}

    def default_rules(self) -> Rules:
        return Rules() if self.nagios else self.rules

    async def look(self, ctx: Context) -> Look:
        ended = await run(self.argv, env=self.env, cwd=self.cwd, patience_s=patience(ctx))
        return self.judge(ended)

    def judge(self, ended: Ended) -> Look:
        """No I/O here.

        Raises:
            CouldNotCheck: a plugin says that it could not look.
        """
        evidence = Evidence(whole_words(shlex.join(self.argv), 200), self._report(ended))
        if ended.late:
            return Look.broken(f"{self.about()} did not end within {duration(ended.took_s)} and was stopped", evidence)
        metrics = [Metric("exit_code", ended.code), Metric("duration_ms", 1000 * ended.took_s)]
        findings = list(self._plugin(ended, metrics)) if self.nagios else []
        findings += self._values(ended, metrics)
        return Look(tuple(metrics), tuple(findings), (evidence,))

    def _plugin(self, ended: Ended, metrics: list[Metric]) -> Iterator[Finding]:
        """What a plugin judged, and its numbers."""
        plugin = said(ended.output)
        told = clean(plugin.text, 300)
        silent = "says nothing"
        if complaint := ended.errors.strip().rpartition(b"\n")[2]:
            silent += f", but complains: {clean(complaint, 300)}"  # an interpreter that is missing, a traceback
        text = told or f"{self.about()} {silent}"
        if ended.code not in _NAGIOS:
            other = f"{self.about()} ended with code {ended.code}: {told or f'it {silent}'}"
            raise CouldNotCheck(text if ended.code == 3 else other)
        if outcome := _NAGIOS[ended.code]:
            yield Finding(outcome, text)
        for name, label in self.perfdata.items():
            if label in plugin.numbers:
                metrics.append(Metric(name, plugin.numbers[label]))

    def _values(self, ended: Ended, metrics: list[Metric]) -> Iterator[Finding]:
        """The numbers that the configuration asks for; one that is missing is a finding."""
        patterns, paths = dict(self.values), dict(self.json_values)
        if self.value is not None:
            (paths if self.value.startswith("$") else patterns)["value"] = self.value
        lacking = []
        for name, pattern in patterns.items():
            match = found(pattern, ended.output)
            value = finite(match[1] if match else None)
            if value is None:
                lacking.append(f"has no number for {name}")
            else:
                metrics.append(Metric(name, value))
        if paths:
            try:
                document = parsed(ended.output)
            except ValueError:
                lacking.append(f"is longer than {OUTPUT_LIMIT >> 10} KB" if ended.cut else "is not JSON")
            else:
                for name, path in paths.items():
                    try:
                        metrics.append(Metric(name, number(document, path)))
                    except LookupError as error:
                        lacking.append(str(error))
        if lacking:
            code = f" ended with code {ended.code}, and" if ended.code else ""
            yield Finding(Outcome.CRITICAL, f"{self.about()}{code}: its output {', '.join(lacking)}")

    def _report(self, ended: Ended) -> str:
        how = "stopped" if ended.late else f"code {ended.code}{_by_signal(ended.code)}"
        parts = [f"{how} after {duration(ended.took_s)}"]
        parts += [clean(stream.rstrip(), 3000) for stream in (ended.output, ended.errors) if stream.strip()]
        return "\n".join(parts)


def finite(text: bytes | None) -> float | None:
    """The number that a text is; `None` if it is none."""
    try:
        value = float(text or b"")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _by_signal(code: int) -> str:
    """Which signal a code stands for; 137 is how a machine without memory ends things."""
    try:
        return f" ({signal.Signals(code - SIGNALLED).name})" if code > SIGNALLED else ""
    except ValueError:
        return ""
