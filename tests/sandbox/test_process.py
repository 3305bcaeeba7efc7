"""The sandbox as a process of its own, and its seed file."""

import asyncio
import json
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
            "shortcuts": [{"type": "global", "callback_id": "c", "name": "n"}],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    seed = read({"manifest": manifest})
    assert seed.bot_name == "watch"
    assert (seed.manifest.scopes, seed.manifest.events) == (("chat:write",), ("app_mention",))
    assert [command.command for command in seed.manifest.commands] == ["/w"]
    assert read({"manifest": manifest, "scopes": ["users:read"]}).manifest.scopes == ("users:read",)


def test_the_sandbox_imports_nothing_of_ours() -> None:
    words = ("bot", "commands", "checks", "storage")
    for path in (ROOT / "sandbox").rglob("*.py"):
        for line in path.read_text().splitlines():
            assert not line.startswith(
                tuple(f"{verb} {word}{end}" for verb in ("from", "import") for word in words for end in (".", " "))
            ), path
