"""Masking: secrets leave a text before it is stored, shown or logged.

Two sources: secrets we were told (every configured one, also URL-encoded, in base64 and as JSON escapes it), and shapes
that give a secret away. What is replaced becomes `«masked»`; what tells the reader which secret it was is kept:
`password=«masked»`. Linear in the length of the text, whatever the text.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable
from typing import Any

from bot.domain import secret_shapes as shapes
from bot.domain.secret_forms import MASK, SHORTEST, forms

__all__ = ["MASK", "Masker", "MaskingFilter"]

DEEPEST = 64
"""Levels of nested JSON that are looked into; deeper ones are replaced as a whole."""

_MASK = MASK.encode()

_NO_SECRETS = frozenset(
    b"yes no true false null none nil undefined empty set unset missing required expired invalid incorrect wrong "
    b"redacted masked hidden is was must and or not to has needs for requires cannot flag option".split()
)
_SHOWN_BLANK = b"*.\xe2\x80\xa2<>[](){}"

_LONG_FLAGS = (b"ort", b"rotocol", b"ager", b"lugin-dir")
"""What follows `-p` in flags that some write with one dash."""

_Handler = Callable[[Any], bytes | None]
"""What replaces a match; `None` leaves it as it is."""


class Masker:
    """Takes secrets out of texts.

    Args:
        secrets: what must never be seen, whatever it looks like. Those shorter than 6 characters are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = shapes.literals(form for secret in secrets for form in forms(secret))

    def mask(self, text: str) -> str:
        """The text without its secrets. Never raises."""
        raw = text.encode("utf-8", "surrogatepass")
        if self._known is not None:
            raw = _sub(self._known, raw, _all)
        if _worth_a_look(raw):
            raw = _sub(shapes.TOKEN, _private_keys(raw), _token)
            for sign, pattern, handler in _PASSES:
                if sign in raw:
                    raw = _sub(pattern, raw, handler)
        return raw.decode("utf-8", "surrogatepass")

    def leaves_alone(self, texts: Iterable[str]) -> bool:
        """Whether one scan over all of them shows that there is nothing to mask in any; if not, `mask` finds out."""
        # A line end is no part of a word, so at the seams a pattern sees what it sees at the ends of a text.
        raw = "\n".join(texts).encode("utf-8", "surrogatepass")
        known = self._known is not None and self._known.search(raw) is not None
        return not known and not _worth_a_look(raw)

    def mask_json(self, value: Any) -> Any:
        """A copy of a JSON-like value without its secrets; a key that names a secret hides whatever text it has."""
        return self._masked_json(value, 0)

    def _masked_json(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self.mask(value)
        if depth > DEEPEST:
            return MASK
        if isinstance(value, dict):
            # As in Kubernetes: {"name": "DB_PASSWORD", "value": "…"}
            told = _names(value.get("name")) or _names(value.get("key"))
            return {
                self.mask(key) if isinstance(key, str) else key: self._masked_item(
                    "secret" if told and key == "value" else key, item, depth + 1
                )
                for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._masked_json(item, depth + 1) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.mask(str(value))

    def _masked_item(self, key: Any, item: Any, depth: int) -> Any:
        counted = isinstance(key, str) and _is_weak(key.encode("utf-8", "surrogatepass")) and not isinstance(item, str)
        if _hides(item) and _names(key) and not counted:
            return MASK
        if isinstance(item, list | tuple) and _names(key, shapes.NAMED_SEVERAL):
            return [MASK if isinstance(each, str) else self._masked_json(each, depth + 1) for each in item]
        return self._masked_json(item, depth)


class MaskingFilter(logging.Filter):
    """Masks log records, their tracebacks and their extra fields. Belongs on handlers: a logger's own filters do not
    see what its children log."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a broken log call must not take its caller down, nor pass unmasked
            message = f"{record.msg!s} {record.args!r}"
        record.msg, record.args = self._masker.mask(message), ()
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._masker.mask(record.exc_text)
        if record.stack_info:
            record.stack_info = self._masker.mask(record.stack_info)
        for name, value in list(record.__dict__.items()):
            if name not in _ORDINARY:
                record.__dict__[name] = self._masker.mask_json({name: value})[name]
        return True


_ORDINARY = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _worth_a_look(text: bytes) -> bool:
    """Most texts hold nothing to hide, and one scan says so."""
    return (b"://" in text and b"@" in text) or shapes.WORTH_A_LOOK.search(text) is not None


def _sub(pattern: Any, text: bytes, handler: _Handler) -> bytes:
    pieces, end = [], 0
    for match in pattern.finditer(text):
        told = handler(match)
        if told is not None:
            pieces += [text[end : match.start()], told]
            end = match.end()
    return b"".join((*pieces, text[end:])) if pieces else text


def _private_keys(text: bytes) -> bytes:
    """Keeps the lines that say what it was. Without an end (a text that was cut) what looks like key is masked."""
    pieces, end, ends_there = [], 0, True
    for begin in shapes.KEY_BEGINS.finditer(text):
        if begin.start() < end:
            continue
        # Looked for once only where there is none: else a text full of beginnings would take quadratic time.
        stop = text.find(b"-----END", begin.end()) if ends_there else -1
        ends_there = stop >= 0
        if stop < 0:
            more = shapes.KEY_GOES_ON.match(text, begin.end())
            stop = more.end() if more else begin.end()
        if text[begin.end() : stop].strip():
            pieces += [text[end : begin.end()], b"\n", _MASK, b"\n"]
            end = stop
    return b"".join((*pieces, text[end:])) if pieces else text


def _all(match: Any) -> bytes:
    return _MASK


def _token(match: Any) -> bytes:
    return (match.group(1) or b"") + _MASK


def _value(match: Any) -> bytes | None:
    """Where the place alone tells a secret."""
    kept, value = match.groups()
    if value.startswith(_MASK) or _blank(value):
        return None
    return bytes(kept + _MASK + match.group()[len(kept) + len(value) :])


def _credential(match: Any) -> bytes | None:
    """After `Bearer`: a token, or the next word of a sentence."""
    value = match.group(2)
    digits, cases = _has_digit(value), value.lower() != value != value.upper()
    return _value(match) if digits or (cases and len(value) >= 16) else None


def _login_data(match: Any) -> bytes | None:
    """Base64 of `name:password`, or of what `AUTH PLAIN` sends; not any other word."""
    try:
        told = base64.b64decode(match.group(2) + b"==", altchars=b"-_" if b"-" in match.group(2) else None)
    except ValueError:
        return None
    said = told.replace(b"\0", b":")
    return _value(match) if b":" in said and said.isascii() and said.decode().isprintable() else None


def _command(match: Any) -> bytes | None:
    """After `mysql … -p` a password follows at once; but `-port` is another flag."""
    return None if match.group(1).endswith(b"-p") and match.group(2) in _LONG_FLAGS else _value(match)


def _lone_login(match: Any) -> bytes | None:
    return _value(match) if _has_digit(match.group(2)) else None


def _assignment(match: Any) -> bytes | None:
    """`key=value` and its like: keeps what is no secret, the quotes, and what follows the value."""
    kept, key, sign, value = match.groups()
    quoted = shapes.OPENING.match(value)
    opening = quoted.group() if quoted else b""
    inner = value[len(opening) :]
    closing = inner[len(inner.rstrip(b"\\\"'")) :] if opening else b""
    inner = inner[: len(inner) - len(closing)] if closing else inner
    if not opening:
        inner, closing = _without_sequel(inner)
    if inner.startswith(_MASK) or _blank(inner) or _refers(inner + closing) or (sign == b":" and inner[:2] == b"//"):
        return None
    spoken = sign.strip() != b"=" and sign[-1:] in b" \t" and not opening
    if (key.startswith(b"/") and spoken) or (_is_weak(key) and (spoken or inner.isdigit())):
        return None  # a path, or a count of what passed
    if key.lower() in (b"pwd", b"oldpwd") and inner.startswith((b"/", b"~")):
        return None  # directories
    if not key.lower().endswith(shapes.STRONG) and (len(inner) < SHORTEST or (spoken and _is_prose(key, inner))):
        return None
    return bytes(kept + opening + _MASK + closing)


def _is_weak(key: bytes) -> bool:
    """`pass`, `smtp.pass`: not `db_pass`."""
    return key.lower().rpartition(b".")[2].lstrip(b"/") in shapes.WEAK


def _is_prose(key: bytes, value: bytes) -> bool:
    """`Unexpected token: identifier` is a sentence; `api_token: identifier` is not."""
    return key.isalpha() and value.isalpha() and value == value.lower()


def _without_sequel(value: bytes) -> tuple[bytes, bytes]:
    """A bare value ends before `, user=…` and before the bracket or comma of what surrounds it."""
    head, comma, tail = value.partition(b",")
    if comma and (b"=" in tail or b":" in tail or not tail):
        return head, comma + tail
    bare = value.rstrip(b",.)]}>")
    return (bare, value[len(bare) :]) if bare else (value, b"")


def _blank(value: bytes) -> bool:
    """What stands where a secret was, or would be: nothing, `***`, `None`, `YES`."""
    return (
        not value.strip(_SHOWN_BLANK)
        or (len(value) > 2 and not value.strip(b"xX"))
        or value.strip(b"<>[](){}.,!").lower() in _NO_SECRETS
    )


def _refers(value: bytes) -> bool:
    """`${DB_PASSWORD}`, `$(cat file)`, `{{ vault.password }}`: where a secret comes from, not the secret."""
    return value.startswith(b"{{") or (
        value.startswith((b"${", b"$(")) and value.rstrip(b"\"',").endswith((b"}", b")"))
    )


def _has_digit(value: bytes) -> bool:
    return any(48 <= byte <= 57 for byte in value)


def _names(key: Any, pattern: Any = shapes.NAMED) -> bool:
    """Whether a key says that its value is a secret."""
    return isinstance(key, str) and bool(pattern.fullmatch(key.encode("utf-8", "surrogatepass")))


def _hides(value: Any) -> bool:
    """Texts and numbers; a flag or nothing tells nothing."""
    if isinstance(value, str):
        return not _blank(value.encode("utf-8", "surrogatepass"))
    return isinstance(value, int | float) and not isinstance(value, bool)


_PASSES: tuple[tuple[bytes, Any, _Handler], ...] = (
    (b"", shapes.HEADER, _value),
    (b":", shapes.COOKIE, _value),
    (b" ", shapes.SCHEME, _credential),
    (b"/", shapes.HOOK, _value),
    (b"://", shapes.DATABASE_LOGIN, _value),
    (b"://", shapes.LOGIN, _value),
    (b"://", shapes.LONE_LOGIN, _lone_login),
    (b"=", shapes.SIGNATURE, _value),
    (b" ", shapes.COMMAND, _command),
    (b"auth", shapes.LOGIN_DATA, _login_data),
    (b"AUTH", shapes.LOGIN_DATA, _login_data),
    (b"-", shapes.FLAG, _assignment),
    (b"alue", shapes.PAIR, _value),
    (b"ontent", shapes.PAIR, _value),
    (b"", shapes.ASSIGNMENT, _assignment),
    (b"</", shapes.ELEMENT, _value),
)
"""In this order, and each only where the bytes before it are: whole headers first, then what stands inside."""
