"""Reads `rounds.yml` into a `Configuration`, and says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from bot.config.build import Builder
from bot.config.configuration import Configuration
from bot.config.document import Document, read_document
from bot.config.document import Path as FieldPath
from bot.config.problems import ConfigError, Problem
from bot.config.schema import FileModel
from bot.config.validate import validated


def load(path: Path, *, environment: Mapping[str, str], allow_missing: bool = False) -> Configuration:
    """The configuration of a file.

    Args:
        environment: what `${NAME}` is filled in from.
        allow_missing: variables that are not set are no mistake (for CI).

    Raises:
        ConfigError: with every mistake in the file.
    """
    shown = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        sentence = "does not exist; name another with --config or ROUNDS_CONFIG"
        raise ConfigError([Problem(shown, 1, "", sentence)]) from None
    except (OSError, UnicodeDecodeError) as error:
        what = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"cannot be read: {error.strerror}"
        raise ConfigError([Problem(shown, 1, "", what)]) from None
    return parse(text, file=shown, environment=environment, allow_missing=allow_missing)


def parse(
    text: str, *, file: str = "rounds.yml", environment: Mapping[str, str] | None = None, allow_missing: bool = False
) -> Configuration:
    """The configuration of a text; see `load`."""
    document = read_document(text, file=file, environment=environment or {}, allow_missing=allow_missing)
    if not isinstance(document.value, dict):
        expected = "expected `channel:`, `checks:` and `checklists:`"
        raise ConfigError([*document.problems, document.problem((), f"is empty or no mapping; {expected}")])
    problems = list(document.problems)
    model = validated(FileModel, document.value, document, (), problems)
    if model is None:
        raise ConfigError(problems)
    zone = _zone(model.timezone, document, ("timezone",), problems)
    builder = Builder(model, document, zone, problems)
    configuration = builder.build()
    if problems:
        raise ConfigError(problems)
    return configuration


def _zone(name: str | None, document: Document, path: FieldPath, problems: list[Problem]) -> ZoneInfo:
    chosen = name or tzlocal.get_localzone_name() or "UTC"
    try:
        return ZoneInfo(chosen)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        expected = "expected one such as Europe/Amsterdam"
        problems.append(document.problem(path, f"{chosen!r} is no IANA time zone; {expected}"))
        return ZoneInfo("UTC")
