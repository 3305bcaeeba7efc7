"""YAML in which every value knows its line.

YAML is composed to nodes and read by the core schema of YAML 1.2: `on` and `10:30` stay words, duplicate keys are
errors, aliases cannot explode, and `${NAME}` is filled in after parsing, so a secret can never become structure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.config.problems import MOST, ConfigError, Problem
from bot.config.yaml_mistakes import AFTER_A_COMMA, GLUED, IN_BRACES, begins_a_rule, glued, no_tag, not_yaml

Path = tuple[str | int, ...]

UNSET = "is not set; set it in the environment"
"""What is said of a variable that is missing."""

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 40

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# A default holds no further `${`: the search for its end would begin anew at each, and hostile files have 100,000.
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}$]|\$(?!\{))*))?\}")
_NO_VARIABLE = re.compile(r"\$\{[A-Za-z_][\w.-]*(?:\}|:-)")
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_QUOTED = ("'", '"', "|", ">")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Document:
    """A file's values, the line of each, and the secrets that came from the environment."""

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    included: dict[Path, Document] = field(default_factory=dict)
    """Which other file a part of the value came from."""
    text: str = ""
    unread: set[str] = field(default_factory=set)
    """Fields that could not be filled in, where that is no mistake."""
    swallowed: list[Problem] = field(default_factory=list)
    """Entries of a list that YAML takes for the end of the text above them."""

    def include(self, other: Document, sections: tuple[str, ...]) -> None:
        """Add another file's sections to this one's; a name that both have is a problem."""
        self.problems += other.problems
        self.secrets |= other.secrets
        self.unread |= other.unread
        self.swallowed += other.swallowed
        for section, parts in other.value.items():
            if section not in sections or not isinstance(parts, dict):
                known = ", ".join(sections)
                sentence = f"cannot stand in an included file; expected a mapping in one of: {known}"
                self.problems.append(other.problem((section,), sentence))
                continue
            own = self.value.setdefault(section, {})
            if not isinstance(own, dict):
                continue  # this file's own mistake, and told as that
            for name, part in parts.items():
                if name in own:
                    first = self.included.get((section, name), self)
                    self.problems.append(other.problem((section, name), f"is in {first.file}, too; keep one"))
                    continue
                own[name] = part
                self.included[section, name] = other

    def line(self, path: Path) -> int:
        """The line of a value; of its nearest parent if it is not there at all."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, sentence: str) -> Problem:
        """A mistake at this place."""
        if (other := self.included.get(path[:2])) is not None:
            return other.problem(path, sentence)
        return Problem(self.file, self.line(path), _dotted(path), sentence)


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _no_secret(path: str) -> str:
    raise OSError(f"{path} is not read here")


def read_document(
    text: str,
    *,
    file: str,
    environment: Mapping[str, str],
    allow_missing: bool = False,
    read_secret: Callable[[str], str] = _no_secret,
    secrets: set[str] | None = None,
) -> Document:
    """Parse a configuration file.

    Args:
        text: the file's content.
        environment: what `${NAME}` is filled in from.
        allow_missing: a variable or secret file that is not there becomes empty instead of a problem (for CI).
        read_secret: gives the content of a `file:/path`.
        secrets: where those that it finds are added, for who must know them even if it raises.

    Raises:
        ConfigError: it is no YAML at all. Smaller mistakes are collected in the document's `problems`.
    """
    if len(text) > MAX_BYTES:
        raise ConfigError([Problem(file, 1, "", f"is larger than {MAX_BYTES:,} bytes; no configuration is")])
    try:
        tagged = _measured(text, file)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise ConfigError([not_yaml(error, text, file)]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([Problem(file, 1, "", f"is not valid YAML: {error}")]) from None
    found = set[str]() if secrets is None else secrets
    reader = _Reader(Document(file, text=text, problems=tagged, secrets=found), environment, allow_missing, read_secret)
    if node is not None:
        reader.document.value = reader.read(node, (), 0)
    return reader.document


def _measured(text: str, file: str) -> list[Problem]:
    """Refuse what is too much before it is composed: libyaml's composer calls itself for each level, until we die.

    The tags that stand in it, as mistakes: only here can they be told from what YAML makes of a plain word.
    """
    depth = nodes = 0
    tagged: list[Problem] = []
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.NodeEvent):
            if (tag := getattr(event, "tag", None)) and len(tagged) < MOST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                tagged.append(Problem(file, line, "", no_tag(tag.replace("tag:yaml.org,2002:", "!!"))))
            nodes += 1
            if nodes > MAX_NODES:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigError([_too_much(file, line, f"has more than {MAX_NODES:,} values")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigError([_too_much(file, line, f"is nested deeper than {MAX_DEPTH}")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return tagged


def _too_much(file: str, line: int, what: str) -> Problem:
    return Problem(file, line, "", f"{what}; expected a plain configuration")


class _Reader:
    def __init__(
        self,
        document: Document,
        environment: Mapping[str, str],
        allow_missing: bool,
        read_secret: Callable[[str], str],
    ) -> None:
        self.document = document
        self._read_secret = read_secret
        self._environment = environment
        self._allow_missing = allow_missing
        self._nodes = 0
        self._lines = document.text.split("\n")

    def read(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self._nodes += 1
        line = node.start_mark.line + 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            many = self._nodes > MAX_NODES
            what = f"has more than {MAX_NODES:,} values" if many else f"is nested deeper than {MAX_DEPTH}"
            raise ConfigError([_too_much(self.document.file, line, what)])
        # The first mention wins: an alias may bring the same node to several paths, each with its own line.
        self.document.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, n), depth + 1) for n, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # there is no fourth kind
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first_line: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(line, path, "has a key that is no word; expected `name: value`")
                continue
            key = key_node.value
            if key == "<<":
                self._complain(line, path, "`<<` merges nothing here; write the keys out")
                continue
            if AFTER_A_COMMA.fullmatch(key) and value_node.value == "" and not value_node.style:
                self._complain(line, path, IN_BRACES)
                continue
            if GLUED.fullmatch(key) and value_node.value == "" and not value_node.style:
                self._complain(line, path, glued(key))
                continue
            if key in values:
                self._complain(line, (*path, key), f"stands here twice (first in line {first_line[key]}); keep one")
                continue
            first_line[key] = line
            self.document.lines[(*path, key)] = line
            values[key] = self.read(value_node, (*path, key), depth + 1)
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        if not node.style and node.end_mark.line > node.start_mark.line:
            self._swallowed(node, path)
        text: str = f"{node.tag} {node.value}" if begins_a_rule(node.tag) else node.value
        if node.style in _QUOTED or "${" in text or text.startswith("file:/"):
            return self._from_file(self._expanded(text, path, node), path, node)
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if _INT.fullmatch(text):
            return int(text) if len(text) <= 20 else text
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        return text

    def _swallowed(self, node: yaml.ScalarNode, path: Path) -> None:
        """Note an entry that is indented too far, and so has become the end of a text."""
        for number in range(node.start_mark.line + 1, node.end_mark.line + 1):
            entry = self._lines[number].strip() if number < len(self._lines) else ""
            if entry.startswith("- "):
                sentence = f"YAML takes `{entry:.60}` for the end of this text; indent it as the entry above it"
                self.document.swallowed.append(Problem(self.document.file, number + 1, _dotted(path), sentence))

    def _expanded(self, text: str, path: Path, node: yaml.Node) -> str:
        def value(found: re.Match[str]) -> str:
            name, default = found[1], found[2]
            if name in self._environment:
                if default is None:
                    # What has a default in the file is a setting; what has none is treated as a secret.
                    self.document.secrets.add(self._environment[name])
                return self._environment[name]
            if default is None and self._allow_missing:
                self.document.unread.add(_dotted(path))
            elif default is None:
                sentence = f"${{{name}}} {UNSET}, or write ${{{name}:-a default}}"
                self._complain(node.start_mark.line + 1, path, sentence)
            return default or ""

        rest = _VARIABLE.sub("", text)
        if (last := rest.rfind("${")) > rest.rfind("}"):
            sentence = f"{rest[last:]!r:.60} is not closed; expected the }} of ${{NAME}}"
            self._complain(node.start_mark.line + 1, path, sentence)
        elif (odd := _NO_VARIABLE.search(rest)) is not None:
            sentence = f"{odd[0]!r:.60} is no ${{NAME}}: a name has letters, digits and _, and a default no further ${{"
            self._complain(node.start_mark.line + 1, path, sentence)
        return _VARIABLE.sub(value, text)

    def _from_file(self, text: str, path: Path, node: yaml.Node) -> str:
        """`file:/run/secrets/x` is what that file holds; a URL (`file://…`) stays a URL."""
        if not text.startswith("file:/") or text.startswith("file://"):
            return text
        try:
            secret = self._read_secret(text.removeprefix("file:")).rstrip("\r\n")
        except (OSError, ValueError) as error:
            if self._allow_missing:
                self.document.unread.add(_dotted(path))
            else:
                why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                self._complain(node.start_mark.line + 1, path, f"{text} cannot be read: {why}")
            return ""
        self.document.secrets.add(secret)
        return secret

    def _complain(self, line: int, path: Path, sentence: str) -> None:
        self.document.problems.append(Problem(self.document.file, line, _dotted(path), sentence))
        if len(self.document.problems) > MOST:
            raise ConfigError(self.document.problems)
