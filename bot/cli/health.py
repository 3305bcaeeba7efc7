"""`rounds health`."""

from __future__ import annotations

import http.client
import os

import typer

from bot.cli.common import fail


def health() -> None:
    """Ask a running `rounds serve` whether it is ready; for container health checks. Exit code 0 if it is."""
    listen = os.environ.get("ROUNDS_ADMIN_LISTEN", "127.0.0.1:8918")
    host, _, port = listen.rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]") or "127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(4096).decode("utf-8", "replace")
    except OSError as error:
        fail(f"no Rounds answers at {listen}: {error}", code=1)
    finally:
        connection.close()
    typer.echo(text)
    if answer.status != 200:
        raise typer.Exit(1)
