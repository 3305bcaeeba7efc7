"""What a transaction did, for the log: said once it is committed, with the ids that lead from a slot to its message.

`run` leads to `incident`, `incident` and `run` to the `key` of a message (`run:morning:…`, `incident:12:1:opened`), and
the key to where it stands in Slack (`channel`, `ts`), which the courier logs.
"""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)


class Trail:
    """The notes of one transaction."""

    def __init__(self) -> None:
        self._about: dict[str, Any] = {}
        self._notes: list[tuple[str, dict[str, Any]]] = []

    def about(self, **ids: Any) -> None:
        """From here on every note carries these, too."""
        self._about |= ids

    def note(self, what: str, **ids: Any) -> None:
        """Something that happens if this transaction is committed."""
        self._notes.append((what, self._about | ids))

    def tell(self) -> None:
        """It is committed."""
        for what, ids in self._notes:
            log.info("%s", what, extra=ids)
