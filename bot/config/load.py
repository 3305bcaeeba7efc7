"""Reads `rounds.yml` into a `Configuration`, and says everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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

_UNJUDGED = "cannot be judged here, as what it is filled in from is missing"


def load(path: Path, *, environment: Mapping[str, str], allow_missing: bool = False) -> Configuration:
    """The configuration of a file and of those that it includes.

    Args:
        environment: what `${NAME}` is filled in from.
        allow_missing: variables and secret files that are not there are no mistake (for CI).

    Raises:
        ConfigError: with every mistake in the files.
    """
    reading = _Reading(environment, allow_missing)
    try:
        configuration = reading.configuration(path)
    except ConfigError as error:
        raise ConfigError(discreet(error.problems, reading.secrets), reading.places) from None
    return replace(
        configuration,
        warnings=tuple(discreet(configuration.warnings, reading.secrets)),
        places=tuple(reading.places),
        digest=reading.digest.hexdigest(),
    )


class _Reading:
    """Reads files, and remembers where it looked and which secrets it found, however it ends."""

    def __init__(self, environment: Mapping[str, str], allow_missing: bool) -> None:
        self._environment = environment
        self._allow_missing = allow_missing
        self.digest = hashlib.sha256()
        self.secrets: set[str] = set()
        self.places: dict[Path, None] = {}
        self._documents: list[Path] = []

    def configuration(self, path: Path) -> Configuration:
        document = self._document(path)
        if isinstance(document.value, dict):
            for n, pattern in enumerate(_patterns(document)):
                self._include(document, n, path.parent, pattern)
        return _configuration(document, lambda name: self._text(path.parent / name))

    def _include(self, document: Document, n: int, folder: Path, pattern: str) -> None:
        found = _found(folder, pattern)
        if not found:
            document.problems.append(document.problem(("include", n), f"{pattern!r} matches no file"))
            # Where it, or the first to match, may appear.
            self.places |= dict.fromkeys((folder / pattern, (folder / pattern).parent))
        for file in found:
            if any(_same(file, known) for known in self._documents):
                continue  # two patterns may mean one file, or the file that they stand in
            self.places[file.parent] = None
            included = self._document(file)
            if isinstance(included.value, dict):
                document.include(included, SECTIONS)
            elif included.value is not None:
                expected = f"is no mapping; expected one or more of: {', '.join(SECTIONS)}"
                document.problems += [*included.problems, included.problem((), expected)]

    def _document(self, file: Path) -> Document:
        text = self._text(file)
        self._documents.append(file)
        return read_document(
            text,
            file=str(file),
            environment=self._environment,
            allow_missing=self._allow_missing,
            read_secret=self._secret,
            secrets=self.secrets,
        )

    def _text(self, file: Path) -> str:
        self.places[file] = None
        text = _text(file)
        self.digest.update(f"{len(text)} {text}".encode())
        return text

    def _secret(self, path: str) -> str:
        self.places[Path(path)] = None
        with Path(path).open("rb") as file:
            return file.read(SECRET_BYTES).decode("utf-8")


def _same(file: Path, known: Path) -> bool:
    try:
        return file.samefile(known)
    except OSError:  # one of them has just gone; whoever reads it says so
        return False


def parse(text: str, *, file: str = "rounds.yml", environment: Mapping[str, str] | None = None) -> Configuration:
    """The configuration of a text that includes nothing; see `load`."""
    configuration = _configuration(read_document(text, file=file, environment=environment or {}), _text_here)
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
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # a device has no size, and no end
        if len(content) > MAX_BYTES:
            raise ConfigError([Problem(shown, 1, "", f"is larger than {MAX_BYTES:,} bytes; no configuration is")])
        return content.decode("utf-8")
    except FileNotFoundError:
        sentence = "does not exist; name another with --config or ROUNDS_CONFIG, or write one with `rounds new`"
        raise ConfigError([Problem(shown, 1, "", sentence)]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(shown, 1, "", "is not UTF-8 text; save it as that")]) from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a `ValueError`
        what = f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        if isinstance(error, PermissionError):
            what += "; give our user the right to"
        raise ConfigError([Problem(shown, 1, "", what)]) from None


def _text_here(name: str) -> str:
    return _text(Path(name))


def _patterns(document: Document) -> list[str]:
    given = document.value.get("include")
    return [pattern for pattern in given if isinstance(pattern, str)] if isinstance(given, list) else []


def _configuration(document: Document, read: Callable[[str], str]) -> Configuration:
    if not isinstance(document.value, dict):
        expected = "expected `channel:`, `checks:` and `checklists:`"
        raise ConfigError([*document.problems, document.problem((), f"is empty or no mapping; {expected}")])
    problems = list(document.problems)
    model = validated(FileModel, document.value, document, (), problems) or salvaged(document.value)
    if model is None:
        raise ConfigError(_first(document, problems))
    zone = _zone(model.timezone, document, ("timezone",), problems)
    builder = Builder(model, document, zone, problems, read=read)
    configuration = builder.build()
    # What is empty only because it is missing here is judged where it is there.
    unjudged = [problem for problem in problems if problem.field in document.unread]
    if len(unjudged) < len(problems):
        raise ConfigError(_first(document, [problem for problem in problems if problem not in unjudged]))
    doubts = (replace(problem, sentence=_UNJUDGED) for problem in unjudged)
    return replace(configuration, warnings=(*dict.fromkeys(doubts), *configuration.warnings))


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
