"""What Slack tells us of people and user groups as it happens, so that nobody is called who has left."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.directory import Directory
from bot.slack.people import group_of, person_of


def register(app: AsyncApp, directory: Directory) -> None:
    """Hear of people and groups."""

    @app.event("team_join")
    @app.event("user_change")
    async def person_changed(event: dict[str, Any]) -> None:
        if (person := person_of(event.get("user"))) is not None:
            await directory.learn([person])

    @app.event("subteam_created")
    @app.event("subteam_updated")
    async def group_changed(event: dict[str, Any]) -> None:
        # These events carry the whole group, its members included.
        raw = event.get("subteam") or {}
        if (group := group_of(raw)) is not None:
            await directory.learn(groups=[group])
        else:
            directory.forget_group(str(raw.get("id") or ""))
