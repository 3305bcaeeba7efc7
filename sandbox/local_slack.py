"""The whole sandbox in one object: the store, what lives beside it, and the way to the bot."""

import secrets
from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.connections import Connections
from sandbox.delivery import Delivery
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.json_types import Json
from sandbox.rates import Rates
from sandbox.response_urls import ResponseUrls
from sandbox.seed import Seed
from sandbox.times import Times
from sandbox.traffic import Traffic
from sandbox.triggers import Triggers
from sandbox.views import Views
from sandbox.workspace import Workspace


class LocalSlack:
    """`origin` is set once the port is known: http://127.0.0.1:PORT. `suggested` holds the options that the bot offered
    last, by person, block and action."""

    def __init__(self, seed: Seed, *, token: str = "", clock: Clock | None = None) -> None:
        self.seed = seed
        self.token = token or secrets.token_urlsafe(24)
        self.clock = clock or Clock()
        self.times: Times = seed.times
        self.origin = ""
        now: Callable[[], float] = self.clock.now
        self.feed = Feed()
        self.faults = Faults()
        self.rates = Rates(now, enabled=seed.rate_limits)
        self.traffic = Traffic(now, self.feed.tell)
        self.workspace = Workspace(seed, self.clock, self.feed.tell)
        self.views = Views(seed, self.clock, self.feed.tell, self.workspace.new_id)
        self.triggers = Triggers(now, lambda: self.times.trigger)
        self.response_urls = ResponseUrls(now, lambda: self.times.response_url)
        self.suggested: dict[tuple[str, str, str], list[Json]] = {}
        self.connections = Connections(
            app_id=seed.app_id,
            clock=self.clock,
            times=lambda: self.times,
            on_ack=self._acknowledged,
            on_change=lambda: self.feed.tell({"type": "bot", "online": self.online}),
        )
        self.connections.refuse_ticket = lambda: bool(self.faults.draw("apps.connections.open", "refuse_ticket"))
        self.delivery = Delivery(
            transport=self.connections, times=lambda: self.times, faults=self.faults, traffic=self.traffic
        )

    def _acknowledged(self, envelope_id: str, payload: Json | None) -> None:
        self.delivery.acknowledged(envelope_id, payload)

    @property
    def online(self) -> bool:
        return self.delivery.transport.online

    def state(self) -> Json:
        return self.workspace.state(online=self.online) | self.views.state()

    async def reset(self) -> None:
        """Back to the seed. Connections, and with them the bot, stay."""
        await self.delivery.stop()
        for part in (self.faults, self.rates, self.traffic, self.triggers, self.response_urls, self.views):
            part.clear()
        self.suggested.clear()
        self.times = self.seed.times
        self.workspace.fill()
        self.feed.tell({"type": "reset"})

    async def close(self) -> None:
        await self.delivery.stop()
        await self.connections.close()
        self.feed.close()
