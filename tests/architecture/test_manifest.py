"""The manifest asks for what the code uses, and for nothing else."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import commands
from bot.slack.ears import Ears
from bot.slack.ids import COMMAND
from commands.grammar import usage_hint
from tests.commands.conversation import RememberedInbox

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text())

# Scopes by Web API method, from Slack's reference of methods.
NEEDS = {
    "apps_connections_open": set(),  # asked with the app-level token
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_replies": {"channels:history", "groups:history"},
    "chat_getPermalink": set(),
    "views_open": set(),
    "views_update": set(),
    "conversations_join": {"channels:join"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "files_info": {"files:read"},
    "files_upload_v2": {"files:write"},
    "usergroups_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read", "users:read.email"},
    "views_publish": set(),
}
# Scopes by event, of those that need one that no method needs.
EVENTS = {"app_mention": "app_mentions:read", "message.im": "im:history"}
NO_METHODS = {"is_connected", "wss_uri", "proxy"}


def _methods_called() -> set[str]:
    """Every Web API method that any of our modules names on a client."""
    known = {name for name in dir(AsyncWebClient) if re.fullmatch(r"[a-z]+_[A-Za-z_.]+2?", name)}
    found = set()
    for folder in ("bot", "commands"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in known and "client" in ast.unparse(node.value):
                    found.add(node.attr)
    return found - NO_METHODS


@pytest.fixture
def app():
    app = AsyncApp(client=AsyncWebClient(token="xoxb-1"), process_before_response=True)
    crew = commands.Crew()
    commands.register(app, desk=None, crew=crew, ears=Ears(app, RememberedInbox(), crew.start))
    return app


def test_every_method_that_the_code_calls_is_known_here():
    assert _methods_called() - NEEDS.keys() == set()


def test_the_scopes_are_exactly_those_that_the_code_needs():
    needed = set().union(*(NEEDS[method] for method in _methods_called())) | {"commands"}
    needed |= {"files:read"}  # files in a dialog
    needed |= {EVENTS[name] for name in MANIFEST["settings"]["event_subscriptions"]["bot_events"] if name in EVENTS}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_the_one_command_is_the_registered_one_with_the_grammars_hint():
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["usage_hint"] == usage_hint()
    assert command["should_escape"] is True


async def test_every_event_in_the_manifest_has_a_listener_of_its_own(app):
    files = [*(ROOT / "commands").rglob("*.py"), *(ROOT / "bot" / "slack").rglob("*.py")]
    source = "\n".join(path.read_text() for path in files)
    listened = set(re.findall(r'@(?:ears|app)\.event\("([a-z_.]+)"', source))
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    # Slack tells of messages in one event, and what sort of place they stand in.
    assert {name.partition(".")[0] for name in subscribed} == listened


def test_it_connects_by_socket_mode_with_a_home_and_buttons():
    settings = MANIFEST["settings"]
    assert settings["socket_mode_enabled"]
    assert settings["interactivity"]["is_enabled"]
    assert not settings["token_rotation_enabled"]
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"]


def test_it_keeps_to_the_lengths_that_slack_allows():
    information, features = MANIFEST["display_information"], MANIFEST["features"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}", information["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
