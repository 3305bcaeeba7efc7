"""The composition root: everything is made here, started in order and stopped in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from socket import gethostname

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import commands
from bot.config.configuration import Configuration
from bot.config.differences import differences
from bot.config.settings import Settings
from bot.domain.ledger import LedgerAway
from bot.domain.masking import Masker
from bot.engine.address_book import AddressBook
from bot.engine.clock import SystemClock
from bot.engine.courier import Courier
from bot.engine.desk import Desk
from bot.engine.engine import Engine
from bot.engine.inbox import Inbox
from bot.engine.interpreter import search_less, take_short_turns
from bot.engine.looking import Looker
from bot.engine.meter import Meter
from bot.engine.pings import Pings
from bot.engine.queue import LocalQueue
from bot.engine.runner import Runner
from bot.engine.selfwatch import SelfWatch
from bot.engine.watchdog import Watchdog
from bot.reloading import Reloader
from bot.slack import news
from bot.slack.cards.unusable import call_for_help
from bot.slack.client import TIMEOUT_S, leave_out_proxy, web_client
from bot.slack.directory import Directory
from bot.slack.ears import Ears
from bot.slack.gate import Gate
from bot.slack.greeting import greet
from bot.slack.http import HttpTransport
from bot.slack.ids import PATH
from bot.slack.notifier import SlackNotifier
from bot.slack.places import Places
from bot.slack.socket import Socket
from bot.web.admin import AdminListener, Readiness
from bot.web.metrics import MetricsPage
from bot.web.public import PublicListener
from storage.gauges import Gauges
from storage.opening import open_store
from storage.store import Store

log = logging.getLogger(__name__)

THREADS = 64
"""For checks that must wait in a thread. A dead network disk holds one each; others must still find a place."""

ANSWERS_S = 3.0
"""How long a stop waits for answers to people that are on their way."""

READY_S = 2.0
"""How long `/readyz` waits for the store."""


class App:
    """One `rounds serve`.

    Args:
        on_secrets: told of the secrets of a new configuration, so that logs mask them, too.
        on_stop: told that the order to stop has come.
    """

    def __init__(
        self,
        settings: Settings,
        configuration: Configuration,
        *,
        on_secrets: Callable[[Iterable[str]], None] = lambda _: None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._on_secrets = on_secrets
        self._on_stop = on_stop
        self._configuration = configuration
        self._masks = self._masker_of(configuration)
        self._stop = asyncio.Event()

    def configuration(self) -> Configuration:
        """What is configured now."""
        return self._configuration

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT; then finish what is on its way and stop.

        Raises:
            StoreBusy: another process serves this database.
            LedgerAway: the database went away while we were starting.
            OSError: the admin address is taken.
        """
        take_short_turns()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="look"))
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        leave_out_proxy(self._settings.api_base_url or AsyncWebClient.BASE_URL, os.environ)
        clock = SystemClock()
        # Migrations take their time, and nothing else should wait for them.
        store = await asyncio.to_thread(open_store, self._settings.database_url, now=clock.now)
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                await self._serve(store, clock, session)
        finally:
            await store.close()

    async def _serve(self, store: Store, clock: SystemClock, session: aiohttp.ClientSession) -> None:
        settings = self._settings
        meter = Meter()
        watchdog = Watchdog(meter)
        watchdog.start()

        def count(method: str, outcome: str) -> None:
            meter.calls[method, outcome] += 1

        client = web_client(settings.bot_token, base_url=settings.api_base_url, session=session, count=count)
        directory = Directory(client, lambda: self._configuration.people, AddressBook(store))
        await directory.recall()
        looker = Looker(clock, self._masker(), timezone=self._configuration.timezone)
        # Our HTTP transport verifies Slack's signatures before Bolt sees anything; Socket Mode needs none.
        bolt = AsyncApp(client=client, process_before_response=True, request_verification_enabled=False)
        crew = commands.Crew()
        ears = Ears(bolt, Inbox(store, self._masker), crew.start)
        news.register(ears, directory)
        gate = Gate(directory, lambda: self._configuration.roles)
        commands.register(
            bolt,
            Desk(store, clock, self.configuration, self._masker, gate, places=Places(client), people=directory),
            crew,
            ears,
            directory,
        )
        by_socket, secret = settings.app_token, settings.signing_secret
        transport = (
            Socket(bolt, by_socket, begun=ears.begun) if by_socket else HttpTransport(bolt, secret, begun=ears.begun)
        )
        engine = Engine(
            store=store,
            clock=clock,
            queue=LocalQueue(),
            runner=Runner(store, looker, clock, self.configuration, hears_pings=settings.hears_pings, meter=meter),
            courier=Courier(store, SlackNotifier(client, directory), clock, self.configuration, meter=meter),
            configuration=self.configuration,
            meter=meter,
            selfwatch=SelfWatch(
                store,
                clock,
                self.configuration,
                meter=meter,
                deaf_s=lambda: transport.deaf_s,
                disk_free=store.disk_free,
                ledger_gone=store.file_is_gone,
                name="" if store.embedded else _own_name(settings),
            ),
        )
        reloader = self._reloader(engine, looker)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.ask)
        page = MetricsPage(meter, lambda: self._standing(store), lambda: transport.connected)
        admin = AdminListener(settings.admin_listen, lambda: self._ready(store, transport), page)
        await admin.start()
        await ears.recall()  # before we hear anything new
        public = self._public(store, clock, transport)
        if public is not None:
            await public.start()

        async def help_with(channel: str, why: str, people: Collection[str]) -> None:
            await engine.tell(people, call_for_help(channel, why), topic=f"{channel} {why}")

        greeting = asyncio.create_task(greet(client, directory, self._channels, self._called, help_with))
        search_less()
        await engine.start()
        await transport.start()
        aside = [asyncio.create_task(work) for work in (reloader.watch(), ears.keep_recalling())]
        log.info("Rounds is serving", extra={"configuration": self._configuration.file})
        await self._stop.wait()
        self._on_stop()
        log.info("stopping: finishing what is on its way")
        for task in (greeting, *aside):
            task.cancel()
        await transport.stop()
        if public is not None:
            await public.stop()
        await crew.drain(ANSWERS_S)
        await engine.stop()
        await admin.stop()
        watchdog.stop()
        log.info("stopped")

    def _public(self, store: Store, clock: SystemClock, transport: Socket | HttpTransport) -> PublicListener | None:
        settings = self._settings
        if settings.public_listen is None:
            return None
        secret = settings.ping_secret
        pings = Pings(store, clock, self.configuration, secret=secret, masker=self._masker) if secret else None
        slack = (PATH, transport.answer) if isinstance(transport, HttpTransport) else None
        return PublicListener(settings.public_listen, pings, slack)

    def _masker(self) -> Masker:
        return self._masks

    def _masker_of(self, configuration: Configuration) -> Masker:
        return Masker([*self._settings.secrets, *configuration.secrets])

    def _reloader(self, engine: Engine, looker: Looker) -> Reloader:
        async def use(configuration: Configuration, notice: str) -> None:
            # What is different may name a secret that is new, and one that is not used any more.
            both = Masker([*self._settings.secrets, *self._configuration.secrets, *configuration.secrets])
            changes = [both.mask(each) for each in differences(self._configuration, configuration)]
            self._configuration = configuration
            self._masks = self._masker_of(configuration)
            self._on_secrets([*self._settings.secrets, *configuration.secrets])
            looker.use(self._masker(), timezone=configuration.timezone)
            await engine.reconfigure(both.mask(notice), changes)

        async def complain(text: str) -> None:
            await engine.say(self._masks.mask(text))

        return Reloader(self._settings.config, current=self.configuration, use=use, complain=complain)

    async def _standing(self, store: Store) -> Gauges | None:
        try:
            async with asyncio.timeout(READY_S):
                await store.check()  # one that can be read and not written, as on a full disk, is of no use
                return await store.read(lambda tx: tx.gauges())
        except (LedgerAway, TimeoutError):
            return None  # the store has said so
        except Exception:
            log.exception("the store does not answer")
            return None

    async def _ready(self, store: Store, transport: Socket | HttpTransport) -> Readiness:
        try:
            async with asyncio.timeout(READY_S):
                await store.check()
        except (LedgerAway, TimeoutError) as error:
            trouble = str(error) or f"it has not answered within {READY_S:g} s"
        except Exception:
            log.exception("the store does not answer")
            trouble = "it does not answer; the log says why"
        else:
            trouble = ""
        heard = None if transport.heard_s_ago is None else round(transport.heard_s_ago, 1)
        also: dict[str, str | float | None] = {"transport": transport.name, "heard_s_ago": heard}
        if trouble:
            also["store_says"] = trouble
        return Readiness({"store": not trouble, "slack": transport.connected}, also)

    def _channels(self) -> set[str]:
        """Every channel that something goes to."""
        configuration = self._configuration
        channels = {configuration.channel}
        channels |= {checklist.channel for checklist in configuration.checklists.values()}
        return channels | {check.channel for check in configuration.checks.values()}

    def _called(self) -> list[str]:
        """Whom the escalation policies call; who is called first comes first."""
        steps = [step for policy in self._configuration.policies.values() for step in policy.steps]
        return [target for step in sorted(steps, key=lambda step: step.after) for target in step.notify]


def _own_name(settings: Settings) -> str:
    """Of two processes on one machine each has its own address; a port that the system chooses means nothing."""
    return f"{gethostname()}:{settings.admin_listen[1] or os.getpid()}"
