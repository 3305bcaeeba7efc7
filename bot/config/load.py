"""Reads `rounds.yml` into a `Configuration`, and says everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from bot.config.build import Builder
from bot.config.build_checklists import no_zone
from bot.config.configuration import Configuration
from bot.config.document import MAX_BYTES, Document, read_document
from bot.config.document import Path as FieldPath
from bot.config.problems import ConfigError, Problem, discreet
from bot.config.salvage import salvaged
from bot.config.schema import FileModel
from bot.config.validate import validated

SECTIONS = ("checks", "checklists", "escalations", "people", "roles")
"""What an included file may add to."""

SECRET_BYTES = 64_000


def load(path: Path, *, environment: Mapping[str, str], allow_missing: bool = False) -> Configuration:
    """The configuration of a file and of those that it includes.

    Args:
        environment: what `${NAME}` is filled in from.
        allow_missing: variables and secret files that are not there are no mistake (for CI).

    Raises:
        ConfigError: with every mistake in the files.
    """
    secrets: set[str] = set()
    try:
        configuration = _loaded(path, environment, allow_missing, secrets)
    except ConfigError as error:
        raise ConfigError(discreet(error.problems, secrets)) from None
    return replace(configuration, warnings=tuple(discreet(configuration.warnings, secrets)))


def _loaded(path: Path, environment: Mapping[str, str], allow_missing: bool, secrets: set[str]) -> Configuration:
    digest = hashlib.sha256()

    def read(file: Path) -> Document:
        text = _text(file)
        digest.update(f"{len(text)} {text}".encode())
        return read_document(
            text,
            file=str(file),
            environment=environment,
            allow_missing=allow_missing,
            read_secret=_secret,
            secrets=secrets,
        )

    document = read(path)
    files = [path]
    if isinstance(document.value, dict):
        for n, pattern in enumerate(_patterns(document)):
            found = _found(path.parent, pattern)
            if not found:
                document.problems.append(document.problem(("include", n), f"{pattern!r} matches no file"))
            for file in found:
                if any(file.samefile(known) for known in files):
                    continue  # two patterns may mean one file, or the file that they stand in
                files.append(file)
                included = read(file)
                if isinstance(included.value, dict):
                    document.include(included, SECTIONS)
                elif included.value is not None:
                    expected = f"is no mapping; expected one or more of: {', '.join(SECTIONS)}"
                    document.problems += [*included.problems, included.problem((), expected)]
    return replace(_configuration(document, path.parent, tuple(files)), digest=digest.hexdigest())


def parse(text: str, *, file: str = "rounds.yml", environment: Mapping[str, str] | None = None) -> Configuration:
    """The configuration of a text that includes nothing; see `load`."""
    configuration = _configuration(read_document(text, file=file, environment=environment or {}), Path(), ())
    return replace(configuration, digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _found(folder: Path, pattern: str) -> list[Path]:
    """The files that a pattern of `include:` means, by name; none if it is no pattern at all."""
    root = Path(pattern).anchor
    try:
        return sorted(file for file in (Path(root) if root else folder).glob(pattern[len(root) :]) if file.is_file())
    except (ValueError, IndexError, OSError):  # what pathlib raises for an empty or impossible one
        return []


def _text(path: Path) -> str:
    shown = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError([Problem(shown, 1, "", f"is larger than {MAX_BYTES:,} bytes; no configuration is")])
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        sentence = "does not exist; name another with --config or ROUNDS_CONFIG, or write one with `rounds new`"
        raise ConfigError([Problem(shown, 1, "", sentence)]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(shown, 1, "", "is not UTF-8 text")]) from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a `ValueError`
        what = f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        raise ConfigError([Problem(shown, 1, "", what)]) from None


def _secret(path: str) -> str:
    with Path(path).open("rb") as file:
        return file.read(SECRET_BYTES).decode("utf-8")


def _patterns(document: Document) -> list[str]:
    given = document.value.get("include")
    return [pattern for pattern in given if isinstance(pattern, str)] if isinstance(given, list) else []


def _configuration(document: Document, folder: Path, files: tuple[Path, ...]) -> Configuration:
    if not isinstance(document.value, dict):
        expected = "expected `channel:`, `checks:` and `checklists:`"
        raise ConfigError([*document.problems, document.problem((), f"is empty or no mapping; {expected}")])
    problems = list(document.problems)
    model = validated(FileModel, document.value, document, (), problems) or salvaged(document.value)
    if model is None:
        raise ConfigError(_first(document, problems))
    zone = _zone(model.timezone, document, ("timezone",), problems)
    builder = Builder(model, document, zone, problems, read=lambda name: _text(folder / name))
    configuration = builder.build()
    if problems:
        raise ConfigError(_first(document, problems))
    return replace(configuration, files=files)


def _first(document: Document, problems: list[Problem]) -> list[Problem]:
    """Without what only follows: a value that could not be read is empty, which is no second mistake."""
    own = set(document.problems)
    unread = {problem.field for problem in own}
    return [problem for problem in problems if problem in own or problem.field not in unread]


def _zone(name: str | None, document: Document, path: FieldPath, problems: list[Problem]) -> ZoneInfo:
    chosen = name or tzlocal.get_localzone_name() or "UTC"
    try:
        return ZoneInfo(chosen)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(document.problem(path, no_zone(chosen)))
        return ZoneInfo("UTC")
