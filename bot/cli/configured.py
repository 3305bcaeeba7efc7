"""The configuration that a command is about."""

from __future__ import annotations

import os
from pathlib import Path

from rich.text import Text

from bot.cli.common import counted, errors, fail
from bot.config.configuration import Configuration
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.config.settings import config_path


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
