"""Values that look as if something should be filled in, in words that nothing fills in here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from pydantic import SecretStr

from bot.config.document import Path
from checks import kind, kind_names

_SHELL = re.compile(r"\$([A-Z_][A-Z0-9_]*|[a-z_][a-z0-9_]*)")
_WINDOWS = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")
_WITHIN = re.compile(r"(?:^|(?<=[\s:=]))\$([A-Z_][A-Z0-9_]*)(?![\w$])")
"""A variable within a longer secret. It may be the secret itself all the same, so nothing of it is quoted."""

_MAY_BE_SECRET = ("headers", "env")
"""Parameters whose values are secrets more often than not."""


def unfilled(value: Any, secrets: Collection[str], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places of such values, each with a sentence that says how it is written here.

    Args:
        secrets: what was filled in; a value that holds one is as it was meant.
    """
    if isinstance(value, dict):
        own = _secret_parameters(value) if path[:1] == ("checks",) and len(path) == 2 else frozenset()
        for key, part in value.items():
            if key in own:
                yield from _in_secrets(part, secrets, (*path, key))
            else:
                yield from unfilled(part, secrets, (*path, key))
    elif isinstance(value, list):
        for n, part in enumerate(value):
            yield from unfilled(part, secrets, (*path, n))
    elif isinstance(value, str) and not _filled(value, secrets):
        found = _SHELL.fullmatch(value) or _WINDOWS.fullmatch(value)
        if found:
            yield path, _variable(found)


def _secret_parameters(check: dict[str, Any]) -> frozenset[str]:
    name = check.get("kind")
    return _secrets_of(name) if isinstance(name, str) and name in kind_names() else frozenset()


@cache
def _secrets_of(name: str) -> frozenset[str]:
    fields = kind(name).model.model_fields
    return frozenset((*(key for key, field in fields.items() if _is_secret(field.annotation)), *_MAY_BE_SECRET))


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())


def _in_secrets(value: Any, secrets: Collection[str], path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _in_secrets(part, secrets, (*path, key))
    elif isinstance(value, str) and not _filled(value, secrets) and (sentence := _meant(value)):
        yield path, sentence


def _filled(value: str, secrets: Collection[str]) -> bool:
    return any(secret in value for secret in secrets if secret)


def _meant(value: str) -> str | None:
    if _SHELL.fullmatch(value) or _WINDOWS.fullmatch(value) or _WITHIN.search(value):
        return "is taken as it stands, with its `$` or `%`; to fill in a variable, write `${NAME}`"
    if "${file:" in value:
        return "`${file:…}` is taken as it stands; what a file holds is written `file:/path`, without `${}`"
    if value.startswith("file://"):
        return "`file://…` is taken as it stands; what a file holds is written `file:/path`, with one slash"
    if value.startswith("file:"):
        return "`file:…` is taken as it stands, as its path does not begin with /; write `file:/path`"
    if " file:/" in value:
        return "`file:/…` is taken as it stands, as it is not the whole value; put the whole value into the file"
    if value.startswith("$("):
        return "`$(…)` is taken as it stands: no command is run here; write `${NAME}`, or `file:/path`"
    if value.startswith(("{{", "<%")):
        return "is taken as it stands: there are no templates here; write `${NAME}`, or `file:/path`"
    return None


def _variable(found: re.Match[str]) -> str:
    return f"`{found[0]}` is taken as it stands; to fill in the variable, write `${{{found[1]}}}`"
