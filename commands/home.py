"""App Home: drawn when somebody opens it, and kept up to date from then on."""

from __future__ import annotations

import re
from contextlib import suppress

from slack_bolt.async_app import AsyncApp

from bot.domain.incidents import Refused
from bot.engine.desk import Asked, Desk, Repeated
from bot.slack.ears import Ears, Heard


def register(app: AsyncApp, desk: Desk, ears: Ears) -> None:
    """Hear that a Home was opened; every other event is acknowledged, so that Slack does not repeat it."""

    @ears.event("app_home_opened", when=lambda event: event.get("tab") == "home")
    async def opened(heard: Heard) -> None:
        user = heard.event["user"]
        with suppress(Repeated, Refused):
            await desk.open_home(user, Asked(by=user, via="home", key=heard.key))

    @app.event(re.compile(".*"))
    async def anything_else() -> None:
        return
