"""What stands on standard error as the log: a line for people, or one JSON object for programs that collect logs."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.domain.masking import Masker, MaskingFilter

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What the library itself writes on a record; the rest are ours: ids that lead from a slot to its message."""


def ids(record: logging.LogRecord) -> dict[str, Any]:
    """What a record carries in `extra`."""
    return {key: value for key, value in vars(record).items() if key not in _OWN}


class TextLines(logging.Formatter):
    """One line a record: time, level, sentence and ids; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        told = " ".join(f"{key}={value}" for key, value in ids(record).items())
        return "\n".join((f"{first} {told}".rstrip(), *rest))


class JsonLines(logging.Formatter):
    """One JSON object a record, on one line whatever is in it: `time` (UTC), `level`, `logger`, `message`, the ids, and
    `traceback` where there is one. An id that has one of these names is written with `_` after it.
    """

    def format(self, record: logging.LogRecord) -> str:
        written: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if told := self._traceback(record):
            written["traceback"] = told
        for name, value in ids(record).items():
            written[f"{name}_" if name in written else name] = value
        return json.dumps(written, ensure_ascii=True, default=str)

    def _traceback(self, record: logging.LogRecord) -> str:
        # The text is there already where the record was masked; it must not be made anew from the exception.
        thrown = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        return "\n".join(filter(None, (thrown, record.stack_info)))


def log_to_stderr(secrets: Iterable[str], *, level: str = "INFO", as_json: bool = False) -> None:
    """Log to standard error, every record masked; one line of text a record, or one JSON object."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    handler.addFilter(MaskingFilter(Masker(list(secrets))))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "apscheduler", "slack_bolt", "slack_sdk", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
