"""What people say and press in Slack. Everything here asks the desk."""

from slack_bolt.async_app import AsyncApp

from bot.engine.desk import Desk
from bot.slack.cards import Names
from bot.slack.ears import Ears
from commands import buttons, dialogs, home, mentions, shortcuts, slash
from commands.manners import Crew
from commands.verbs.spoken import PLAIN

__all__ = ["Crew", "register"]


def register(app: AsyncApp, desk: Desk, crew: Crew, ears: Ears, names: Names = PLAIN) -> None:
    """Everything that Slack may tell us, one line per module.

    Args:
        names: knows where messages stand; without, answers hold no links to them.
    """
    slash.register(app.client, desk, crew, ears, names)
    mentions.register(app, desk, crew, ears, names)
    dialogs.register(app, desk, crew)
    shortcuts.register(app, desk, crew)
    buttons.register(app, desk, crew, names)
    home.register(app, desk, ears)
