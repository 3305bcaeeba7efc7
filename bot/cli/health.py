"""`rounds health`."""

from __future__ import annotations

import http.client
import os

import typer

from bot.cli.common import fail
from bot.config.settings import BadSettings, admin_listen


def health() -> None:
    """Print what it answers."""
    try:
        host, port = admin_listen(os.environ)
    except BadSettings as error:
        fail(str(error), code=1)
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(4096).decode("utf-8", "replace")
    except OSError as error:
        fail(f"no Rounds answers at {host}:{port}: {(error.strerror or str(error)).lower()}", code=1)
    finally:
        connection.close()
    typer.echo(text)
    if answer.status != 200:
        raise typer.Exit(1)
