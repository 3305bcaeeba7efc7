"""The sandbox as a process of its own, and its seed file."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.seed import load, read

ROOT = Path(__file__).parents[2]


async def run(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_prints_one_line_serves_and_ends_quietly(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"people": [{"id": "U7", "name": "dora"}], "usergroups": []}))
    process = await run("--port", "0", "--seed", str(seed), "--token", "given")
    assert process.stdout is not None
    line = json.loads(await process.stdout.readline())
    assert line == {
        "url": line["url"],
        "api": f"{line['url']}api/",
        "control_token": "given",
        "bot_token": "xoxb-sandbox",
        "app_token": "xapp-sandbox",
    }
    async with aiohttp.ClientSession() as http, http.get(f"{line['url']}_control/state") as answer:
        state = await answer.json()
    assert [person["real_name"] for person in state["people"]] == ["Dora"]
    assert [channel["id"] for channel in state["channels"]] == ["C1", "C2", "C3", "D7"]
    process.terminate()
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_a_bad_seed_or_port_is_a_sentence(tmp_path: Path) -> None:
    process = await run("--port", "0", "--seed", str(tmp_path / "nothing.json"))
    _, err = await process.communicate()
    assert (process.returncode, err.count(b"\n")) == (2, 1)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    process = await run("--port", str(server.sockets[0].getsockname()[1]))
    _, err = await process.communicate()
    assert (process.returncode, err.count(b"\n")) == (2, 1)
    server.close()


@pytest.mark.parametrize(
    "seed",
    [
        [],
        {"persons": []},
        {"people": {}},
        {"people": ["U1"]},
        {"people": [{"id": "U1"}]},
        {"people": [{"id": "U1", "name": "ann", "tz": "Mars/Base"}]},
        {"channels": [{"id": "C1"}]},
        {"usergroups": [{"id": "S1", "handle": "sre", "users": 3}]},
        {"times": {"ack": "soon"}},
        {"times": []},
        {"manifest": []},
        {"manifest": {"features": []}},
        {"manifest": {"features": {"slash_commands": [{}]}}},
        {"bot": {"colour": "red"}},
    ],
)
def test_a_seed_that_makes_no_sense_is_refused_in_a_sentence(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read(seed)


def test_a_seed_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    for content in ("{", "[" * 100_000, '{"times": NaN}'):
        path.write_text(content)
        with pytest.raises(ValueError, match="not JSON"):
            load(path)


def test_a_manifest_gives_commands_shortcuts_events_and_scopes() -> None:
    manifest = {
        "features": {
            "bot_user": {"display_name": "watch"},
            "slash_commands": [{"command": "/w", "description": "d", "should_escape": True}],
            "shortcuts": [{"type": "global", "callback_id": "c", "name": "n", "description": "d"}],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    seed = read({"manifest": manifest})
    assert seed.bot_name == "watch"
    assert (seed.manifest.scopes, seed.manifest.events) == (("chat:write",), ("app_mention",))
    assert [command.command for command in seed.manifest.commands] == ["/w"]
    assert read({"manifest": manifest, "scopes": ["users:read"]}).manifest.scopes == ("users:read",)


PLAIN = {"display_information": {"name": "Rounds"}}
COMMAND = {"command": "/rounds", "description": "d"}
SHORTCUT = {"type": "global", "callback_id": "c", "name": "n", "description": "d"}


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"display_information": {"name": "N" * 36}}, "name in the manifest has 36 characters; Slack takes 35"),
        ({"display_information": {"description": "D" * 141}}, "Slack takes 140"),
        ({"display_information": {"long_description": "short"}}, "at least 174"),
        ({"display_information": {"background_color": "navy"}}, "like #12343b"),
        ({"features": {"bot_user": {"display_name": "b" * 81}}}, "Slack takes 80"),
        ({"features": {"slash_commands": [{"command": "/" + "r" * 32, "description": "d"}]}}, "Slack takes 32"),
        ({"features": {"slash_commands": [{"command": "rounds", "description": "d"}]}}, "must be like /rounds"),
        ({"features": {"slash_commands": [{"command": "/rounds"}]}}, "description is missing"),
        ({"features": {"slash_commands": [COMMAND | {"usage_hint": "u" * 1001}]}}, "Slack takes 1000"),
        ({"features": {"slash_commands": [COMMAND, COMMAND]}}, "slash_commands in the manifest has /rounds twice"),
        ({"features": {"slash_commands": [COMMAND] * 51}}, "has 51 items; Slack takes 50"),
        ({"features": {"shortcuts": [SHORTCUT] * 11}}, "has 11 items; Slack takes 10"),
        ({"features": {"shortcuts": [SHORTCUT | {"type": "local"}]}}, "must be message or global"),
        ({"features": {"shortcuts": [SHORTCUT | {"description": "d" * 151}]}}, "Slack takes 150"),
        ({"oauth_config": {"scopes": {"bot": [], "bot_optional": ["pins:write"]}}}, "names pins:write, which bot does"),
        ({"settings": {"event_subscriptions": {"bot_events": ["x"] * 101}}}, "Slack takes 100"),
        ({"settings": {"event_subscriptions": {"bot_events": [1]}}}, "must be a list of words"),
    ],
)
def test_a_manifest_that_slack_would_not_take_is_refused(manifest: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read({"manifest": manifest})


def test_what_a_manifest_does_not_switch_on_is_off() -> None:
    found = read({"manifest": PLAIN}).manifest
    assert (found.home_tab, found.interactivity, found.socket_mode, found.commands) == (False, False, False, ())
    readable = {"features": {"app_home": {"messages_tab_read_only_enabled": True}}}
    assert (found.messages_open, read({"manifest": readable}).manifest.messages_open) == (True, False)


def test_our_own_manifest_is_one_that_slack_takes() -> None:
    found = load(None, ROOT / "manifest.yml").manifest
    assert found.command("/rounds")
    assert found.interactivity
    assert found.socket_mode


def test_a_manifest_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    with pytest.raises(ValueError, match="The manifest file cannot be read: No such file"):
        load(None, path)
    path.write_text("a: [")
    with pytest.raises(ValueError, match="The manifest file is not YAML"):
        load(None, path)
    path.write_text("- a")
    with pytest.raises(ValueError, match="The manifest must be an object"):
        load(None, path)


def test_the_sandbox_imports_nothing_of_ours() -> None:
    words = ("bot", "commands", "checks", "storage")
    for path in (ROOT / "sandbox").rglob("*.py"):
        for line in path.read_text().splitlines():
            assert not line.startswith(
                tuple(f"{verb} {word}{end}" for verb in ("from", "import") for word in words for end in (".", " "))
            ), path
