"""The whole sandbox in one object: the store, what lives beside it, and the way to the bot."""

import secrets
from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.connections import Connections
from sandbox.delivery import Delivery
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.files import Files
from sandbox.http_transport import HttpTransport
from sandbox.json_types import Json
from sandbox.rates import Rates
from sandbox.response_urls import ResponseUrls
from sandbox.seed import Seed
from sandbox.timers import Timers
from sandbox.times import Times
from sandbox.traffic import Traffic
from sandbox.triggers import Triggers
from sandbox.views import Views
from sandbox.workspace import Workspace


class LocalSlack:
    """`origin` is set once the port is known: http://127.0.0.1:PORT. `suggested` holds the options that the bot offered
    last, by person, block and action; `scheduled` messages that wait; `token_problem` is the error that the bot's
    tokens get, such as token_revoked; `http` is the way to the bot if it is not Socket Mode."""

    def __init__(self, seed: Seed, *, token: str = "", clock: Clock | None = None) -> None:
        self.seed = seed
        self.token = token or secrets.token_urlsafe(24)
        self.clock = clock or Clock()
        self.times: Times = seed.times
        self.origin = ""
        self.token_problem = ""
        now: Callable[[], float] = self.clock.now
        self.feed = Feed()
        self.files = Files(team=seed.team, user=seed.bot_user, clock=self.clock, origin=lambda: self.origin)
        self.faults = Faults()
        self.rates = Rates(now, enabled=seed.rate_limits)
        self.traffic = Traffic(now, self.feed.tell)
        self.workspace = Workspace(seed, self.clock, self._tell)
        self.views = Views(seed, self.clock, self._tell, self.workspace.new_id)
        self.triggers = Triggers(now, lambda: self.times.trigger)
        self.response_urls = ResponseUrls(now, lambda: self.times.response_url)
        self.timers = Timers()
        self.scheduled: dict[str, Json] = {}
        self.suggested: dict[tuple[str, str, str], list[Json]] = {}
        self.connections = Connections(
            app_id=seed.app_id,
            clock=self.clock,
            times=lambda: self.times,
            on_ack=self._acknowledged,
            on_change=lambda: self.feed.tell({"type": "bot", "online": self.online}),
            enabled=seed.manifest.socket_mode,
        )
        self.connections.refuse_ticket = lambda: bool(self.faults.draw("apps.connections.open", "refuse_ticket"))
        self.http = self._http_transport() if seed.request_url else None
        self.delivery = Delivery(
            transport=self.http or self.connections,
            times=lambda: self.times,
            faults=self.faults,
            traffic=self.traffic,
        )

    def _http_transport(self) -> HttpTransport:
        return HttpTransport(
            url=self.seed.request_url,
            secret=self.seed.signing_secret,
            clock=self.clock,
            times=lambda: self.times,
            on_ack=self._acknowledged,
        )

    def _acknowledged(self, envelope_id: str, payload: Json | None, problem: str = "") -> None:
        self.delivery.acknowledged(envelope_id, payload, problem)

    @property
    def online(self) -> bool:
        return self.delivery.transport.online

    def state(self) -> Json:
        """What the page draws: docs/sandbox.md."""
        return dict(self.files.shown(self.workspace.state(online=self.online) | self.views.state()))

    def _tell(self, event: Json) -> None:
        self.feed.tell(dict(self.files.shown(event)))

    async def reset(self) -> None:
        """Back to the seed. Connections, and with them the bot, stay."""
        await self.delivery.stop()
        parts = (self.faults, self.rates, self.traffic, self.triggers, self.response_urls, self.views, self.files)
        for part in (*parts, self.timers, self.scheduled, self.suggested):
            part.clear()
        self.times, self.token_problem = self.seed.times, ""
        self.workspace.fill()
        self.feed.tell({"type": "reset"})

    async def close(self) -> None:
        self.timers.clear()
        await self.delivery.stop()
        if self.http is not None:
            await self.http.close()
        await self.connections.close()
        self.feed.close()
