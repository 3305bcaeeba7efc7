"""`rounds serve` with one of its promises broken: in front of these, the account after a storm has to be wrong.

python -m tests.chaos.controls look-up
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partialmethod

from bot.cli import main
from bot.domain.notifications import Delivered, Letter, PerhapsDelivered
from bot.engine.courier import Courier
from bot.slack.notifier import SlackNotifier
from storage.outbox import Outbox
from storage.parcels import Parcel


def without_look_up() -> None:
    """A send whose answer got lost is simply repeated."""
    Courier.__init__ = partialmethod(Courier.__init__, look_up=False)  # type: ignore[assignment,method-assign]


def without_lease() -> None:
    """Whoever comes next may take what somebody else is sending just now."""
    claim = Outbox.claim

    def at_once(self: Outbox, parcel: Parcel, *, token: str, lease: timedelta) -> Parcel | None:
        del lease
        return claim(self, parcel, token=token, lease=timedelta(0))

    Outbox.claim = at_once  # type: ignore[method-assign]


def without_doubt() -> None:
    """A send whose answer got lost is taken for delivered."""
    post = SlackNotifier.post

    async def surely(self: SlackNotifier, letter: Letter) -> Delivered:
        try:
            return await post(self, letter)
        except PerhapsDelivered:
            return Delivered(letter.channel, "1.000001")

    SlackNotifier.post = surely  # type: ignore[method-assign]


BROKEN: Mapping[str, Callable[[], None]] = {
    "look-up": without_look_up,
    "lease": without_lease,
    "doubt": without_doubt,
}

if __name__ == "__main__":
    BROKEN[sys.argv.pop(1)]()
    sys.argv.append("serve")
    main()
