"""What the commands share: reading the configuration, ending with a sentence, and logs that people can read."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperCommand

from bot.cli.log_lines import JsonLines, TextLines
from bot.config.configuration import Configuration
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.config.settings import config_path
from bot.domain.masking import Masker, MaskingFilter

UNKNOWN = 3
"""Nagios's exit code for "could not check"; also that of a configuration that cannot be read."""

MISUSED = 2
"""The exit code of a command line that was not understood, as shells have it."""

errors = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration file; else ROUNDS_CONFIG, else rounds.yml here."),
]


class ForMonitoring(TyperCommand):
    """A command whose exit code is an outcome: what was not understood is "could not check", not critical."""

    def make_context(self, *args: Any, **more: Any) -> typer.Context:
        try:
            return cast(typer.Context, super().make_context(*args, **more))
        except typer.TyperException as error:
            if getattr(error, "exit_code", None) == MISUSED:
                error.exit_code = UNKNOWN
            raise


def counted(number: int, word: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def fail(sentence: str, *, code: int = UNKNOWN) -> NoReturn:
    """End with a sentence that says what to do."""
    errors.print(sentence, style="red", markup=False)
    raise typer.Exit(code)


def configuration_or_exit(path: Path | None, *, allow_missing: bool = False) -> Configuration:
    """The configuration, or every mistake in it on standard error."""
    chosen = config_path(os.environ, path)
    try:
        return load(chosen, environment=os.environ, allow_missing=allow_missing)
    except ConfigError as error:
        for problem in error.problems:
            field = f"{problem.field}: " if problem.field else ""
            place = f"{problem.file}:{problem.line}: "
            errors.print(Text.assemble((place, "dim"), (field, "bold"), problem.sentence))
        fail(f"{chosen}: {counted(len(error.problems), 'mistake')}; nothing was started.")


def log_to_stderr(secrets: Iterable[str], *, level: str = "INFO", as_json: bool = False) -> None:
    """Log to standard error, every record masked; one line of text a record, or one JSON object."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    handler.addFilter(MaskingFilter(Masker(list(secrets))))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "apscheduler", "slack_bolt", "slack_sdk", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
