"""What Slack tells us of people and user groups as it happens, so that nobody is called who has left."""

from __future__ import annotations

from bot.slack.directory import Directory
from bot.slack.ears import Ears, Heard
from bot.slack.people import group_of, person_of


def register(ears: Ears, directory: Directory) -> None:
    """Hear of people and groups."""

    @ears.event("team_join")
    @ears.event("user_change")
    async def person_changed(heard: Heard) -> None:
        if (person := person_of(heard.event.get("user"))) is not None:
            await directory.learn([person])

    @ears.event("subteam_created")
    @ears.event("subteam_updated")
    async def group_changed(heard: Heard) -> None:
        # These events carry the whole group, its members included.
        raw = heard.event.get("subteam") or {}
        if (group := group_of(raw)) is not None:
            await directory.learn(groups=[group])
        else:
            directory.forget_group(str(raw.get("id") or ""))
