"""Tokens, addresses and places from the environment; never from the configuration file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.domain.pings import SHORTEST_SECRET

SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "ROUNDS_PING_SECRET")
"""Variables that nothing we start shall inherit, and nobody shall read."""


class BadSettings(Exception):
    """The environment lacks something; the text says what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `rounds serve` needs besides its configuration. Without an app token, Slack comes by HTTP, signed."""

    bot_token: str
    app_token: str
    api_base_url: str | None
    database_url: str
    config: Path
    admin_listen: tuple[str, int]
    public_listen: tuple[str, int] | None = None
    ping_secret: str = ""
    signing_secret: str = ""

    @property
    def hears_pings(self) -> bool:
        """Whether jobs can report to this Rounds."""
        return self.public_listen is not None and bool(self.ping_secret)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        password = urlsplit(self.database_url).password
        given = (
            self.bot_token,
            self.app_token,
            self.ping_secret,
            self.signing_secret,
            unquote(password) if password else "",
        )
        return tuple(secret for secret in given if secret)


def config_path(environment: Mapping[str, str], given: Path | None = None) -> Path:
    """The configuration file: the one given, ROUNDS_CONFIG, or `rounds.yml` here."""
    return given or Path(environment.get("ROUNDS_CONFIG") or "rounds.yml")


def database_url(environment: Mapping[str, str]) -> str:
    """Where the ledger is kept: DATABASE_URL, or `rounds.db` here."""
    return environment.get("DATABASE_URL") or "sqlite:///rounds.db"


def api_base_url(environment: Mapping[str, str]) -> str | None:
    """Another Slack than Slack: SLACK_API_BASE_URL, with one slash at its end.

    Raises:
        BadSettings: it is no URL.
    """
    base_url = environment.get("SLACK_API_BASE_URL") or None
    if base_url is None:
        return None
    if not base_url.startswith(("http://", "https://")):
        raise BadSettings("SLACK_API_BASE_URL must begin with http:// or https://.")
    return base_url.rstrip("/") + "/"


def logs_json(environment: Mapping[str, str]) -> bool:
    """How logs are written: ROUNDS_LOG, `text` (if not set) or `json`.

    Raises:
        BadSettings: it is neither.
    """
    given = environment.get("ROUNDS_LOG") or "text"
    if given not in ("text", "json"):
        raise BadSettings(f"ROUNDS_LOG must be text or json; it is {given!r}.")
    return given == "json"


def admin_listen(environment: Mapping[str, str]) -> tuple[str, int]:
    """Where health is told: ROUNDS_ADMIN_LISTEN, or port 8918 of this machine alone.

    Raises:
        BadSettings: it is no address.
    """
    return _address("ROUNDS_ADMIN_LISTEN", environment.get("ROUNDS_ADMIN_LISTEN") or "127.0.0.1:8918")


def public_listen(environment: Mapping[str, str]) -> tuple[str, int] | None:
    """Where pings are heard: ROUNDS_PUBLIC_LISTEN; nowhere if that is not set.

    Raises:
        BadSettings: it is no address.
    """
    given = environment.get("ROUNDS_PUBLIC_LISTEN")
    return _address("ROUNDS_PUBLIC_LISTEN", given) if given else None


def ping_secret(environment: Mapping[str, str]) -> str:
    """What the addresses of heartbeat checks are made from: ROUNDS_PING_SECRET; empty if that is not set.

    Raises:
        BadSettings: it could be guessed.
    """
    secret = environment.get("ROUNDS_PING_SECRET") or ""
    if secret and len(secret) < SHORTEST_SECRET:
        raise BadSettings(
            f"ROUNDS_PING_SECRET has {len(secret)} characters; expected at least {SHORTEST_SECRET}, "
            "for example from `openssl rand -hex 16`."
        )
    return secret


def slack_by_http(environment: Mapping[str, str]) -> bool:
    """Whether Slack comes to us by HTTP: SLACK_SIGNING_SECRET is set, and no SLACK_APP_TOKEN, which would call it.

    Raises:
        BadSettings: it would come to where nothing listens.
    """
    if environment.get("SLACK_APP_TOKEN") or not environment.get("SLACK_SIGNING_SECRET"):
        return False
    if public_listen(environment) is None:
        raise BadSettings(
            "SLACK_SIGNING_SECRET is set, so Slack is to come by HTTP, but nothing listens: set ROUNDS_PUBLIC_LISTEN, "
            "such as 0.0.0.0:8919, too. For Socket Mode, set SLACK_APP_TOKEN instead."
        )
    return True


def _address(name: str, given: str) -> tuple[str, int]:
    host, _, port = given.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65_535:
        raise BadSettings(f"{name} must be an address such as 127.0.0.1:8918; it is {given!r}.")
    return host.strip("[]") or "127.0.0.1", int(port)


def load_settings(environment: Mapping[str, str], *, config: Path | None = None) -> Settings:
    """Read the environment.

    Raises:
        BadSettings: a token is missing or is not of its kind.
    """
    bot_token = environment.get("SLACK_BOT_TOKEN", "")
    app_token = environment.get("SLACK_APP_TOKEN", "")
    by_http = slack_by_http(environment)
    missing = [name for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if not environment.get(name)]
    if by_http:
        missing.remove("SLACK_APP_TOKEN")
    if missing:
        raise BadSettings(
            f"{' and '.join(missing)} not set. Create the Slack app from manifest.yml and set both tokens "
            "(README, 'Connect a real workspace', for Slack over HTTP, too), or try `rounds demo`, which needs none."
        )
    if app_token and not app_token.startswith("xapp-"):
        raise BadSettings("SLACK_APP_TOKEN must be an app-level token, which begins with xapp-.")
    if not bot_token.startswith("xoxb-"):
        raise BadSettings("SLACK_BOT_TOKEN must be a bot token, which begins with xoxb-.")
    return Settings(
        bot_token=bot_token,
        app_token=app_token,
        api_base_url=api_base_url(environment),
        database_url=database_url(environment),
        config=config_path(environment, config),
        admin_listen=admin_listen(environment),
        public_listen=public_listen(environment),
        ping_secret=ping_secret(environment),
        signing_secret=environment.get("SLACK_SIGNING_SECRET", ""),
    )
