"""Small rules that check one JSON value each, and are put together into the shapes of Block Kit.

The sentences are Slack's where they are known ("must be less than 3001 characters").
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """`pointer` is a JSON pointer; `constraint` is the limit that was passed, if there is one."""

    code: str
    message: str
    pointer: str
    constraint: int | None = None

    @property
    def sentence(self) -> str:
        """As in `errors` and `response_metadata.messages`."""
        return f"{self.message} [json-pointer:{self.pointer}]"


@dataclass(frozen=True)
class Node:
    """A value and where it is. Problems are collected in `problems`, which all nodes of one check share."""

    value: Any
    pointer: str
    problems: list[Problem] = field(default_factory=list)

    def fail(self, code: str, message: str, constraint: int | None = None) -> None:
        self.problems.append(Problem(code, message, self.pointer or "/", constraint))

    def child(self, name: str | int) -> "Node":
        return Node(self.value[name], f"{self.pointer}/{name}", self.problems)

    def has(self, name: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def get(self, name: str) -> Any:
        return self.value.get(name) if isinstance(self.value, dict) else None


Rule = Callable[[Node], None]


def string(least: int = 0, most: int | None = None) -> Rule:
    """Characters."""

    def check(node: Node) -> None:
        if not isinstance(node.value, str):
            node.fail("wrong_type", "must be a string")
        elif len(node.value) < least:
            node.fail("too_short", f"must be more than {least - 1} characters", least)
        elif most is not None and len(node.value) > most:
            node.fail("too_long", f"must be less than {most + 1} characters", most)

    return check


def url(most: int) -> Rule:
    """http or https."""
    length = string(1, most)

    def check(node: Node) -> None:
        length(node)
        if isinstance(node.value, str) and not node.value.startswith(("http://", "https://")):
            node.fail("invalid_url", "must be a valid URL")

    return check


def number(least: float | None = None, most: float | None = None, *, whole: bool = False) -> Rule:
    def check(node: Node) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or (whole and not isinstance(value, int)):
            node.fail("wrong_type", "must be an integer" if whole else "must be a number")
        elif least is not None and value < least:
            node.fail("too_small", f"must be greater than or equal to {least:g}")
        elif most is not None and value > most:
            node.fail("too_large", f"must be less than or equal to {most:g}")

    return check


def flag(node: Node) -> None:
    if not isinstance(node.value, bool):
        node.fail("wrong_type", "must be a boolean")


def one_of(*values: str) -> Rule:
    def check(node: Node) -> None:
        if node.value not in values:
            node.fail("invalid_enum", f"must be a valid enum value: {', '.join(values)}")

    return check


def listing(rule: Rule, least: int = 1, most: int | None = None) -> Rule:
    """Items, each checked by the rule."""

    def check(node: Node) -> None:
        if not isinstance(node.value, list):
            node.fail("wrong_type", "must be an array")
            return
        if len(node.value) < least:
            node.fail("too_few", f"no fewer than {least} items allowed", least)
        if most is not None and len(node.value) > most:
            node.fail("too_many", f"no more than {most} items allowed", most)
            return
        for index in range(len(node.value)):
            rule(node.child(index))

    return check


def shape(
    required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None, also: Rule | None = None
) -> Rule:
    """An object with these fields and no others. `type` is always allowed. `also` sees the whole object."""
    needed, fields = required or {}, {**(required or {}), **(optional or {})}

    def check(node: Node) -> None:
        if not isinstance(node.value, dict):
            node.fail("wrong_type", "must be an object")
            return
        for name in needed:
            if not node.has(name):
                node.fail("missing_field", f"missing required field: {name}")
        for name, value in node.value.items():
            if name in fields:
                if value is not None:
                    fields[name](node.child(name))
            elif name != "type":
                node.fail("additional_property", f"invalid additional property: {name}")
        if also is not None:
            also(node)

    return check


def by_type(rules: Mapping[str, Rule], known: Collection[str] = ()) -> Rule:
    """The rule for its `type`. A type that exists elsewhere is unsupported here; another one is unknown."""

    def check(node: Node) -> None:
        if not isinstance(node.value, dict):
            node.fail("wrong_type", "must be an object")
            return
        kind = node.value.get("type")
        if kind is None:
            node.fail("missing_field", "missing required field: type")
        elif isinstance(kind, str) and kind in rules:
            rules[kind](node)
        else:
            place = Node(kind, f"{node.pointer}/type", node.problems)
            code = "unsupported_type" if isinstance(kind, str) and kind in known else "unknown_type"
            place.fail(code, f"unsupported type: {kind}")

    return check


def exactly_one(first: str, second: str) -> Rule:
    def check(node: Node) -> None:
        if node.has(first) == node.has(second):
            node.fail("one_of", f"must define exactly one of `{first}` or `{second}`")

    return check
