"""`rounds doctor`: everything that Rounds needs, looked at once."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import typer
from rich.console import Console
from rich.text import Text
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli import manifest, places
from bot.cli.acquaintances import channels, targets
from bot.cli.common import counted
from bot.config.configuration import Configuration
from bot.config.settings import SECRETS, BadSettings, api_base_url, config_path, database_url, slack_by_http
from bot.domain.diagnosis import Diagnosis, Verdict, fine, wrong
from bot.domain.masking import Masker
from bot.slack.client import TIMEOUT_S, leave_out_proxy, web_client
from bot.slack.examination import Examination
from bot.slack.ids import PATH

_STYLE = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.PROBLEM: "bold red"}


def doctor(config: Path | None, *, as_json: bool) -> None:
    """Look at everything, and exit with the worst of it."""
    logging.getLogger("bot").setLevel(logging.CRITICAL)  # what Slack refuses becomes a line of ours
    configuration, told = places.configuration(config_path(os.environ, config), os.environ)
    told += places.ledger(database_url(os.environ))
    told += places.messages(database_url(os.environ), now=datetime.now(UTC))
    told += places.temporary()
    if configuration is not None:
        told += places.heartbeats(configuration, os.environ)
    told += asyncio.run(slack(os.environ, configuration, now=lambda: datetime.now(UTC)))
    worst = Verdict.worst(one.verdict for one in told)
    masker = Masker(
        [
            *(value for name in SECRETS if (value := os.environ.get(name))),
            *(configuration.secrets if configuration else ()),
        ]
    )
    if as_json:
        document = {"verdict": worst.value, "diagnoses": [asdict(one) for one in told]}
        typer.echo(masker.mask(json.dumps(document, ensure_ascii=False, indent=2)))
    else:
        _show(told, masker)
    raise typer.Exit(worst.exit_code)


def _show(told: list[Diagnosis], masker: Masker) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for one in told:
        line = Text.assemble((f"{one.verdict.value:<8}", _STYLE[one.verdict]), (f"{one.area:<14}", "dim"))
        line.append(masker.mask(one.sentence))
        if one.what_to_do:
            line.append(f"; {masker.mask(one.what_to_do)}", style="bold")
        out.print(line)
    counts = {verdict: sum(one.verdict is verdict for one in told) for verdict in Verdict}
    found = [counted(count, verdict.value) for verdict, count in counts.items() if count and verdict is not Verdict.OK]
    out.print(", ".join(found) or "Ready for `rounds serve`.", style="bold")


async def slack(
    environment: Mapping[str, str], configuration: Configuration | None, *, now: Callable[[], datetime]
) -> list[Diagnosis]:
    """What Slack says of our tokens, and of those whom the configuration names."""
    bot_token, app_token = environment.get("SLACK_BOT_TOKEN", ""), environment.get("SLACK_APP_TOKEN", "")
    if bot_token.startswith("xapp-") and app_token.startswith("xoxb-"):
        sentence = "SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's token"
        return [wrong("slack", sentence, "swap them: the bot's begins with xoxb-, the app-level one with xapp-")]
    told = [*_form(bot_token, "SLACK_BOT_TOKEN", "xoxb-"), *_transport(environment)]
    try:
        base_url = api_base_url(environment)
    except BadSettings as error:
        return [*told, wrong("slack", str(error).rstrip("."), "unset it, unless this is a test")]
    leave_out_proxy(base_url or AsyncWebClient.BASE_URL, os.environ)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        client = web_client(bot_token, base_url=base_url, session=session)
        examination = Examination(client, scopes=manifest.scopes(), now=now)
        if app_token.startswith("xapp-"):
            told.append(await examination.app_token(app_token))
        if not bot_token.startswith("xoxb-"):
            return told
        accepted = await examination.bot_token()
        told += accepted
        if configuration is not None and accepted[0].verdict is Verdict.OK:
            told += await examination.channels(channels(configuration))
            told += await examination.people(targets(configuration), configuration.people)
    return told


def _form(token: str, name: str, begin: str) -> Iterator[Diagnosis]:
    """What can be said of a token without asking anybody."""
    create = "create the app from `rounds manifest`, install it, and set the variable; or try `rounds demo`"
    if not token:
        yield wrong("slack", f"{name} is not set", create)
    elif not token.startswith(begin):
        yield wrong("slack", f"{name} is of another kind; it must begin with {begin}", create)


def _transport(environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    """How Slack reaches us."""
    try:
        if slack_by_http(environment):
            where = environment["ROUNDS_PUBLIC_LISTEN"]
            yield fine("slack", f"Slack comes by HTTP, signed, to {PATH} at {where} (`rounds manifest --http`)")
            return
    except BadSettings as error:
        yield wrong("slack", str(error).rstrip("."), "without an app-level token, Slack has no other way")
        return
    yield from _form(environment.get("SLACK_APP_TOKEN", ""), "SLACK_APP_TOKEN", "xapp-")
    if environment.get("SLACK_SIGNING_SECRET"):
        yield fine("slack", "SLACK_APP_TOKEN is set, so Slack comes by Socket Mode; SLACK_SIGNING_SECRET is not used")
