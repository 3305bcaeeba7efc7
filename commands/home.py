"""App Home: drawn when somebody opens it, and kept up to date from then on."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.incidents import Refused
from bot.engine.desk import Asked, Desk, Repeated


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear that a Home was opened; every other event is acknowledged, so that Slack does not repeat it."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            key = f"event:{body['event_id']}" if body.get("event_id") else ""
            with suppress(Repeated, Refused):
                await desk.open_home(event["user"], Asked(by=event["user"], via="home", key=key))

    @app.event(re.compile(".*"))
    async def anything_else() -> None:
        return
