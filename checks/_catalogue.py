"""Finds every kind of check: one public module in this package is one kind."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checks._contract import Check


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind and its documentation, taken from its module."""

    name: str
    model: type[Check]
    summary: str
    why: str
    what_to_do: str


def _section(docstring: str, title: str) -> str:
    found = re.search(rf"^{title}:\s*(.+?)(?:\n\s*\n|\Z)", docstring, re.DOTALL | re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def _kind(module_name: str) -> Kind:
    module = importlib.import_module(f"checks.{module_name}")
    models = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Check) and member is not Check and member.__module__ == module.__name__
    ]
    if len(models) != 1:
        raise TypeError(f"checks/{module_name}.py must hold exactly one Check, it holds {len(models)}")
    docstring = inspect.cleandoc(module.__doc__ or "")
    return Kind(
        name=module_name,
        model=models[0],
        summary=docstring.partition("\n")[0].strip(),
        why=_section(docstring, "Why"),
        what_to_do=_section(docstring, "What to do"),
    )


@cache
def kind_names() -> list[str]:
    """The names of all kinds, sorted; reads no module."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in names if not name.startswith("_"))


@cache
def kind(name: str) -> Kind:
    """The kind of that name, imported when first asked for.

    Raises:
        KeyError: there is none.
    """
    if name not in kind_names():
        raise KeyError(name)
    return _kind(name)


def catalogue() -> dict[str, Kind]:
    """Every kind by name; imports them all."""
    return {name: kind(name) for name in kind_names()}
