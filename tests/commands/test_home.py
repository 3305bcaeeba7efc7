"""App Home is drawn when somebody opens it; every other event is taken note of and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import commands
from bot.slack import news
from bot.slack.ears import Ears
from tests.commands.conversation import ANN, RememberedInbox
from tests.commands.test_buttons import Registered

OPENED = {"type": "app_home_opened", "user": ANN, "tab": "home", "channel": "D1", "event_ts": "1.0"}


async def test_opening_the_home_asks_for_it_to_be_drawn(ann, recording):
    assert await ann.happens(OPENED) == []
    ((what, args, _),) = recording.asked
    assert (what, args[0]) == ("open_home", ANN)
    assert args[1].key == "event:Ev1"


async def test_opening_the_messages_tab_draws_nothing(ann, recording):
    await ann.happens({**OPENED, "tab": "messages"})
    assert recording.asked == []


@pytest.mark.parametrize("event", ["message", "reaction_added", "team_join", "of_a_later_slack"])
async def test_an_event_that_is_not_ours_is_acknowledged_so_that_slack_does_not_repeat_it(ann, recording, event):
    await ann.happens({"type": event, "user": ANN, "channel": "C1", "ts": "1.0"})
    assert recording.asked == []


async def test_the_same_event_delivered_twice_is_drawn_once(ann_at_work, story):
    await ann_at_work.happens(OPENED)
    await story.after("2s")
    drawn = story.slack.homes[ANN]
    assert "cache:6379 refuses" in str(drawn)
    await ann_at_work.happens(OPENED)
    await story.after("2s")
    assert story.slack.homes[ANN] is drawn


def test_what_is_registered_is_what_the_manifest_asks_slack_for():
    app = Registered()
    ears = Ears(app, RememberedInbox(), commands.Crew().start)  # type: ignore[arg-type]
    commands.register(app, None, commands.Crew(), ears)  # type: ignore[arg-type]
    manifest = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text(encoding="utf-8"))
    asked = {command["command"] for command in manifest["features"]["slash_commands"]}
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert {name for name in [*asked, "/another"] if ears.begun({"command": name})} == asked
    news.register(ears, None)  # type: ignore[arg-type]
    told = {name for name in app.names.pop("event") if isinstance(name, str)}
    assert {"message.im" if name == "message" else name for name in told} == events
    listed = {(one["type"], one["callback_id"]) for one in manifest["features"]["shortcuts"]}
    heard = {("message", name) for name in app.names.pop("message_shortcut")}
    heard |= {("global", name) for name in app.names.pop("global_shortcut")}
    assert heard == listed
    assert set(app.names) == {"action", "view", "options"}
