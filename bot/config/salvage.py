"""What can still be read of a file with mistakes, so that all of its mistakes are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.config.problems import MOST
from bot.config.schema import FileModel

_INSTEAD: Mapping[str, Any] = {"channel": "#nowhere"}
_POLICY = [{"after": "0s", "notify": ["user:nobody"]}]
_SECTION = {"section": "a mistake"}
_WHAT_IT_IS = ("section", "manual", "check")


def salvaged(value: Mapping[str, Any]) -> FileModel | None:
    """The file with harmless stand-ins where its mistakes are; never to be used, only to look for more mistakes."""
    kept: dict[Any, Any] = dict(value)
    try:
        return FileModel.model_validate(kept)
    except ValidationError as error:
        if error.error_count() > MOST:
            return None
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            _replace(kept, detail["loc"])
    try:
        return FileModel.model_validate(kept)
    except ValidationError:
        return None


def _replace(file: dict[Any, Any], loc: tuple[str | int, ...]) -> None:
    """Put a stand-in where a mistake is: as little as possible, so that what is beside it is looked at still."""
    section, name = loc[0], loc[1] if len(loc) > 1 else None
    if section in _INSTEAD:
        file[section] = _INSTEAD[str(section)]
    elif name is None or not isinstance(file.get(section), dict):
        file.pop(section, None)
    else:
        file[section] = dict(file[section])
        _replace_part(file[section], str(section), name, loc[2:])


def _replace_part(parts: dict[Any, Any], section: str, name: str | int, rest: tuple[str | int, ...]) -> None:
    if section == "escalations":
        parts[name] = _POLICY
    elif section != "checklists" or not rest or not isinstance(parts.get(name), dict):
        parts.pop(name, None)
    else:
        checklist = parts[name] = dict(parts[name])
        items = checklist.get("items")
        if rest[0] != "items":
            checklist.pop(rest[0], None)
        elif isinstance(items, list) and len(rest) > 1 and isinstance(rest[1], int):
            checklist["items"] = [_item(item, rest[2:]) if n == rest[1] else item for n, item in enumerate(items)]
        else:
            checklist["items"] = [_SECTION]


def _item(item: Any, rest: tuple[str | int, ...]) -> Any:
    """An item without the field that has a mistake; `rest` begins with the form that pydantic took it for."""
    if not isinstance(item, dict):
        return _SECTION
    if len(rest) < 2:
        return item  # a mapping that was tried as a check's name first
    return _SECTION if rest[1] in _WHAT_IT_IS else {key: value for key, value in item.items() if key != rest[1]}
