"""What people say and press in Slack. Everything here asks the desk."""

from slack_bolt.async_app import AsyncApp

from bot.engine.desk import Desk
from bot.slack.ears import Ears
from commands import buttons, dialogs, home, mentions, shortcuts, slash
from commands.manners import Crew

__all__ = ["Crew", "register"]


def register(app: AsyncApp, desk: Desk, crew: Crew, ears: Ears) -> None:
    """Everything that Slack may tell us, one line per module."""
    slash.register(app.client, desk, crew, ears)
    mentions.register(app, desk, crew, ears)
    dialogs.register(app, desk, crew)
    shortcuts.register(app, desk, crew)
    buttons.register(app, desk, crew)
    home.register(app, desk, ears)
