"""`rounds manifest` and `rounds schema`: what other tools are given."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import yaml

from bot.cli.manifest import PLACES, scopes

ROOT = Path(__file__).parents[2]


def test_the_manifest_is_printed_as_it_is(rounds):
    assert rounds("manifest").stdout == (ROOT / "manifest.yml").read_text(encoding="utf-8")


def test_it_is_yaml_that_names_the_command_and_the_scopes(rounds):
    given = yaml.safe_load(rounds("manifest").stdout)
    assert given["features"]["slash_commands"][0]["command"] == "/rounds"
    assert "chat:write" in scopes()


def test_over_http_every_request_of_slacks_goes_to_one_address_and_nothing_else_differs(rounds):
    plain = yaml.safe_load(rounds("manifest").stdout)
    given = yaml.safe_load(rounds("manifest", "--http", "https://rounds.example.com/").stdout)
    url = "https://rounds.example.com/slack/events"
    assert given["settings"].pop("socket_mode_enabled") is False
    assert given["settings"]["event_subscriptions"].pop("request_url") == url
    assert given["settings"]["interactivity"].pop("request_url") == url
    assert given["settings"]["interactivity"].pop("message_menu_options_url") == url
    assert [command.pop("url") for command in given["features"]["slash_commands"]] == [url]
    assert plain["settings"].pop("socket_mode_enabled") is True
    assert given == plain


def test_slack_sends_nothing_to_an_address_without_tls(rounds):
    assert "--http must begin with https://" in rounds("manifest", "--http", "http://a", code=2).stderr


def test_a_wheel_carries_the_manifest_where_it_is_looked_for(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert packed.read("bot/manifest.yml") == (ROOT / "manifest.yml").read_bytes()
    assert PLACES[1].relative_to(ROOT) == Path("bot/manifest.yml")


def test_the_schema_is_that_of_the_documents(rounds):
    told = rounds("schema").stdout
    assert told == (ROOT / "docs" / "rounds.schema.json").read_text(encoding="utf-8")
    assert json.loads(told)["properties"]["channel"]
