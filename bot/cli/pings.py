"""`rounds pings`: where jobs report."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from bot.cli.common import fail
from bot.cli.configured import configuration_or_exit
from bot.config.settings import BadSettings, ping_secret, public_listen


def pings(config: Path | None, *, base: str) -> None:
    """Print the addresses, and how a job calls them."""
    configuration = configuration_or_exit(config)
    try:
        secret, listen = ping_secret(os.environ), public_listen(os.environ)
    except BadSettings as error:
        fail(str(error), code=2)
    if not secret:
        fail("ROUNDS_PING_SECRET is not set; `rounds serve` needs it, too. `openssl rand -hex 16` makes one.", code=2)
    if not base and listen is None:
        fail("Nothing listens for pings: set ROUNDS_PUBLIC_LISTEN, such as 0.0.0.0:8919, or give --base.", code=2)
    if base and not base.startswith(("http://", "https://")):
        fail("--base must begin with http:// or https://; jobs call what is printed.", code=2)
    found = configuration.ping_tokens(secret)
    if not found:
        fail("No check is of the kind heartbeat; `rounds kinds heartbeat` shows how to write one.", code=2)
    start = base.rstrip("/") if base or listen is None else f"http://{listen[0]}:{listen[1]}"
    for name, token in found.items():
        typer.echo(f"{name}\t{start}/ping/{token}")
    typer.echo("Call ADDRESS/start before the job, and ADDRESS/$? after it: `curl -fsS -m 10 --retry 3 …`.", err=True)
