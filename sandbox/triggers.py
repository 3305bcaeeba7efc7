"""Trigger ids: what lets the bot open a view for the person who just did something."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

EXPIRED = "trigger_expired"
EXCHANGED = "trigger_exchanged"
"""docs.slack.dev/interactivity/handling-user-interaction names these two; the pages of views.open and views.push name
`expired_trigger_id` and `exchanged_trigger_id`. A bot should know all four."""
INVALID = "invalid_trigger_id"


class TriggerRefused(Exception):
    """Its text is Slack's error code."""


@dataclass
class Trigger:
    """`view` is where it was made, if in a view; `channel` what was open then. `user` may be shown a view in exchange,
    once."""

    id: str
    user: str
    made: float
    view: str | None
    channel: str
    used: bool = False


class Triggers:
    def __init__(self, now: Callable[[], float], lifetime: Callable[[], float]) -> None:
        self._now = now
        self._lifetime = lifetime
        self._made: dict[str, Trigger] = {}

    def make(self, user: str, *, view: str | None = None, channel: str = "") -> str:
        for old in [trigger.id for trigger in self._made.values() if trigger.made < self._now() - 3600]:
            del self._made[old]
        number = 1_000_000 + len(self._made)
        identity = f"{number}.{secrets.randbelow(10**9)}.{secrets.token_hex(8)}"
        made = Trigger(identity, user, self._now(), view, channel)
        self._made[made.id] = made
        return made.id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use it up."""
        trigger = self._made.get(trigger_id)
        if trigger is None:
            raise TriggerRefused(INVALID)
        if trigger.used:
            raise TriggerRefused(EXCHANGED)
        if self._now() - trigger.made > self._lifetime():
            raise TriggerRefused(EXPIRED)
        trigger.used = True
        return trigger

    def clear(self) -> None:
        self._made.clear()
