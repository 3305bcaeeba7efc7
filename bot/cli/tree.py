"""What can be said on the command line: every command with its words and its help.

Only this is read to explain or to complete a line. What a command does is in the module that bears its name, which is
imported when the command runs, because those need half a second or more to be imported together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand

from bot.cli.exit_codes import MISUSED, UNKNOWN

app = typer.Typer(
    name="rounds",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration file; else ROUNDS_CONFIG, else rounds.yml here."),
]

DocumentOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


class ForMonitoring(TyperCommand):
    """A command whose exit code is an outcome: what was not understood is "could not check", not critical."""

    def make_context(self, *args: Any, **more: Any) -> typer.Context:
        try:
            return cast(typer.Context, super().make_context(*args, **more))
        except typer.TyperException as error:
            if getattr(error, "exit_code", None) == MISUSED:
                error.exit_code = UNKNOWN
            raise


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"rounds {version('rounds')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Makes a team's operations rounds in Slack. `rounds demo` shows it, without a workspace."""


def _runnable(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    from bot.cli.completion import runnable

    return runnable(context, incomplete)


def _kind_names(incomplete: str) -> list[str]:
    from bot.cli.kinds import complete

    return complete(incomplete)


@app.command("demo")
def _demo(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration file; else an example, whatever lies here."),
    ] = None,
    port: Annotated[int, typer.Option(help="Where the local Slack listens, on 127.0.0.1; 0 takes any.")] = 8917,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    data: Annotated[Path | None, typer.Option(help="Keep the ledger here; else each demo begins anew.")] = None,
) -> None:
    """Show this machine's rounds in a local Slack workspace. Needs no account, no root, no network."""
    from bot.cli.demo import demo

    demo(config, port=port, browser=browser, data=data)


@app.command("new")
def _new(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("rounds.yml"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing and take everything that is found.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
) -> None:
    """Write a first, commented configuration for this machine: disks, memory, services, containers, logs, backups.

    Everything is looked at before it is proposed, so that the first round is right here.
    """
    from bot.cli.new import new

    new(file, yes=yes, force=force)


@app.command("serve")
def _serve(
    config: ConfigOption = None,
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = "INFO",
) -> None:
    """Serve a Slack workspace: make the rounds on time, until stopped.

    Needs `SLACK_BOT_TOKEN` and `SLACK_APP_TOKEN` (or, for HTTP, `SLACK_SIGNING_SECRET` and `ROUNDS_PUBLIC_LISTEN`);
    keeps its ledger at `DATABASE_URL` (sqlite:///rounds.db here).
    """
    from bot.cli.serve import serve

    serve(config, log_level=log_level)


@app.command("run", cls=ForMonitoring)
def _run(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A checklist or a check; the only checklist if not given.",
            show_default=False,
            autocompletion=_runnable,
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: DocumentOption = False,
) -> None:
    """Run a checklist or one check now, here; Slack and the ledger hear nothing of it.

    Exit code: 0 ok, 1 warning, 2 critical, 3 could not check, or not understood.
    """
    from bot.cli.run import run

    run(name, config, as_json=as_json)


@app.command("why")
def _why(
    about: Annotated[
        str,
        typer.Argument(
            help='An incident (`"#12"`), a check, a checklist (its newest slot) or `CHECKLIST@SLOT`.',
            autocompletion=_runnable,
        ),
    ],
    config: ConfigOption = None,
    as_json: DocumentOption = False,
) -> None:
    """Tell why something is as it is, or why nothing happened: when it was due, who worked on it, what was seen, which
    counters moved, what was told, and where it stands in Slack.

    Reads the ledger at `DATABASE_URL`, also beside a running `rounds serve`, and changes nothing.
    """
    from bot.cli.why import why

    why(about, config, as_json=as_json)


@app.command("check-config")
def _check_config(
    file: Annotated[Path | None, typer.Argument(help="The same as --config FILE.", show_default=False)] = None,
    config: ConfigOption = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Environment variables that are not set are no mistake (for CI).")
    ] = False,
) -> None:
    """Read the configuration, say everything that is wrong with it, and show when each checklist is due. Offline.

    Where there is a ledger (`DATABASE_URL`), also names people, groups and channels that Slack was found not to have.
    """
    from bot.cli.check_config import check_config

    if file is not None and config is not None:
        raise typer.BadParameter("is given twice; leave one of the two out", param_hint="FILE and --config")
    check_config(file or config, allow_missing=allow_missing)


@app.command("doctor")
def _doctor(config: ConfigOption = None, as_json: DocumentOption = False) -> None:
    """Look at tokens, scopes, channels, people, the database and this machine, and say what to do about each.

    Changes and records nothing; may be used beside a running `rounds serve`. Exit code: 0 ok, 1 warnings, 2 problems.
    """
    from bot.cli.doctor import doctor

    doctor(config, as_json=as_json)


@app.command("kinds")
def _kinds(
    name: Annotated[str | None, typer.Argument(help="One kind, in full.", autocompletion=_kind_names)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")] = False,
) -> None:
    """List what can be checked; with a name, everything about that kind."""
    from bot.cli.kinds import kinds

    kinds(name, as_json=as_json)


@app.command("pings")
def _pings(
    config: ConfigOption = None,
    base: Annotated[str, typer.Option(help="How jobs reach Rounds, such as https://rounds.example.com.")] = "",
) -> None:
    """Print the ping address of each heartbeat check; whoever has an address can report for its job.

    Needs `ROUNDS_PING_SECRET`; without `--base`, the addresses begin with `ROUNDS_PUBLIC_LISTEN`.
    """
    from bot.cli.pings import pings

    pings(config, base=base)


@app.command("schema")
def _schema() -> None:
    """Print the JSON Schema of `rounds.yml`.

    Keep it beside the file, and name it in its first line: `# yaml-language-server: $schema=rounds.schema.json`.
    """
    from bot.cli.schema import schema

    schema()


@app.command("manifest")
def _manifest(
    http: Annotated[
        str, typer.Option(help="For Slack over HTTP: how Slack reaches Rounds, such as https://rounds.example.com.")
    ] = "",
) -> None:
    """Print the manifest of the Slack app: create an app from it at api.slack.com/apps."""
    from bot.cli.manifest import manifest

    manifest(http)


@app.command("migrate")
def _migrate() -> None:
    """Bring the database (`DATABASE_URL`) to the newest revision.

    `rounds serve` does so itself when it starts; this is for doing it at a time of your choice, with the bot stopped.
    """
    from bot.cli.migrate import migrate

    migrate()


@app.command("health")
def _health() -> None:
    """Ask a running `rounds serve` whether it is ready; for container health checks. Exit code 0 if it is."""
    from bot.cli.health import health

    health()
