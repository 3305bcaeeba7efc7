"""The command line."""

from __future__ import annotations

import errno
import os
import sys

import typer

from bot.cli import check_config, demo, doctor, health, kinds, manifest, migrate, new, pings, run, schema, serve, why
from bot.cli.common import UNKNOWN, ForMonitoring

app = typer.Typer(
    name="rounds",
    help="Makes a team's operations rounds in Slack. `rounds demo` shows it, without a workspace.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("demo")(demo.demo)
app.command("new")(new.new)
app.command("serve")(serve.serve)
app.command("run", cls=ForMonitoring)(run.run)
app.command("why")(why.why)
app.command("check-config")(check_config.check_config)
app.command("doctor")(doctor.doctor)
app.command("kinds")(kinds.kinds)
app.command("pings")(pings.pings)
app.command("schema")(schema.schema)
app.command("manifest")(manifest.manifest)
app.command("migrate")(migrate.migrate)
app.command("health")(health.health)


def main() -> None:
    """The console script `rounds`."""
    try:
        app()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        # What is left in the buffer would fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"What there is to say cannot be written: {error.strerror}.\n")
        sys.exit(UNKNOWN)
