"""How long things live and wait, in seconds. Slack's values by default; tests make them short."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Times:
    """Sources: docs.slack.dev (handling user interaction, events-api, using-socket-mode); guesses say so."""

    ack: float = 3.0
    """An envelope must be acknowledged within this."""
    retry_1: float = 0.0
    """From a failed delivery of an event to its first repetition."""
    retry_2: float = 60.0
    retry_3: float = 300.0
    trigger: float = 3.0
    """A trigger_id opens a view for this long, once."""
    ticket: float = 30.0
    """A websocket address of apps.connections.open is good for this long, once. Slack does not publish it: a guess."""
    response_url: float = 1800.0
    """Five posts in 30 minutes."""
    mimetype: float = 0.5
    """An uploaded file has an empty mimetype for this long (Slack works on it in the background): a guess."""
    warning: float = 10.0
    """From a `disconnect` with reason `warning` to the close."""

    @property
    def retries(self) -> tuple[float, float, float]:
        return (self.retry_1, self.retry_2, self.retry_3)

    def changed(self, given: Mapping[str, Any]) -> "Times":
        """With some of them replaced; a sentence as ValueError for an unknown name or something that is no duration."""
        known = [field.name for field in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"There is no time {name!r}; there are {', '.join(known)}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
                raise ValueError(f"The time {name!r} must be seconds from 0 to 86400, not {value!r}.")
        return replace(self, **{name: float(value) for name, value in given.items()})
