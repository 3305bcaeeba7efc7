"""`rounds serve`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from bot.app import App
from bot.cli.common import fail
from bot.cli.configured import configuration_or_exit
from bot.cli.log_lines import log_to_stderr
from bot.config.settings import SECRETS, BadSettings, load_settings, logs_json
from bot.domain.ledger import LedgerAway
from bot.stopping import leave_in_time
from storage.migrate import SchemaTooNew
from storage.opening import StoreBusy, Unreachable


def serve(config: Path | None, *, log_level: str) -> None:
    """Serve until stopped; what keeps it from starting is told in a sentence."""
    try:
        settings, as_json = load_settings(os.environ, config=config), logs_json(os.environ)
    except BadSettings as error:
        fail(str(error), code=2)
    configuration = configuration_or_exit(settings.config)
    for name in SECRETS:
        os.environ.pop(name, None)  # nothing that we start shall inherit them
    if log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        fail(f"--log-level: {log_level} is none; expected DEBUG, INFO, WARNING or ERROR", code=2)
    level = log_level.upper()

    def mask_logs(secrets: Iterable[str]) -> None:
        log_to_stderr(secrets, level=level, as_json=as_json)

    mask_logs([*settings.secrets, *configuration.secrets])

    async def main() -> None:
        await App(settings, configuration, on_secrets=mask_logs, on_stop=leave_in_time).serve()

    try:
        asyncio.run(main())
    except (StoreBusy, SchemaTooNew, ValueError) as error:
        fail(str(error), code=2)
    except (Unreachable, LedgerAway) as error:
        fail(
            f"the database cannot be used: {error}. Is DATABASE_URL right? `rounds doctor` says more",
            code=2,
        )
    except OSError as error:
        fail(
            f"cannot start: {error}. Is another Rounds running? Set ROUNDS_ADMIN_LISTEN to another address."
            " So with ROUNDS_PUBLIC_LISTEN, if that is set.",
            code=2,
        )
