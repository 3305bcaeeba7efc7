"""Where Slack refuses a chart, people see a picture of it; and where that fails, too, its numbers in words."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from PIL import Image

from bot.domain.notifications import Letter, Series
from bot.slack.cards import evidence
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.notifier import SlackNotifier
from bot.slack.plot import HEIGHT, TOP, WIDTH, picture
from tests.e2e.processes import Sandbox
from tests.slack.states import incident, incident_view

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def series(*values, unit="%"):
    return Series("used_percent", unit, tuple((NOW + timedelta(hours=n), value) for n, value in enumerate(values)))


def pixels(drawn):
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
        return image.convert("RGB")


@pytest.mark.parametrize("values", [(80, 82, 93), (5, 5, 5), (0.0, -1e12, 1e12), (1e-9, 2e-9, 3e-9)], ids=str)
@pytest.mark.parametrize("unit", ["%", "B", "", "<!channel>" * 20])
def test_any_numbers_make_a_picture(values, unit):
    assert len(pixels(picture(series(*map(float, values), unit=unit), "UTC")).getcolors(1 << 20)) > 3


def test_what_rises_is_seen_to_rise():
    image = pixels(picture(series(80.0, 82.0, 93.0), "UTC"))
    line = [(x, y) for x in range(WIDTH) for y in range(HEIGHT) if image.getpixel((x, y)) == (18, 100, 163)]
    (_, first), (_, last) = min(line), max(line)
    assert first - last > HEIGHT / 2
    assert last >= TOP - 6


@pytest.fixture
async def slack(tmp_path, monkeypatch):
    """A local Slack, and what brings letters to it; it refuses our charts, because they break its rules."""
    drawn = evidence.chart
    monkeypatch.setattr(evidence, "chart", lambda *given: {**drawn(*given), "title": "x" * 200})
    sandbox = Sandbox.start(tmp_path, seed={"channels": [{"id": "C1", "name": "operations"}]})
    async with aiohttp.ClientSession() as http:
        client = web_client(sandbox.bot_token, base_url=sandbox.api, session=http)
        yield sandbox, client, SlackNotifier(client, Directory(client, dict)), http
    sandbox.stop()


async def told(client, notifier):
    view = replace(incident_view("x", incident("x")), series=series(80.0, 82.0, 93.0))
    root = await client.chat_postMessage(channel="C1", text="an incident")
    await notifier.post(Letter("k1", "C1", "evidence", view, thread_ts=root["ts"]))
    replies = await client.conversations_replies(channel="C1", ts=root["ts"])
    (_, reply) = replies["messages"]
    return reply["blocks"]


async def test_a_picture_stands_in_the_place_of_the_chart_and_its_numbers_below(slack):
    _, client, notifier, _ = slack
    image, words, *_ = await told(client, notifier)
    assert image["type"] == "image"
    assert "from 80 % to 93 %" in image["alt_text"]
    assert "from 80 % to 93 %" in words["text"]["text"]
    known = await client.files_info(file=image["slack_file"]["id"])
    assert known["file"]["name"] == "used_percent.png"


async def test_without_the_picture_the_words_come_all_the_same(slack):
    sandbox, client, notifier, http = slack
    headers = {"X-Sandbox-Token": sandbox.token}
    fault = {"method": "files.getUploadURLExternal", "status": "500"}
    async with http.post(f"{sandbox.url}_control/fault", json=fault, headers=headers) as answer:
        assert answer.status == 200
    words, *rest = await told(client, notifier)
    assert "from 80 % to 93 %" in words["text"]["text"]
    assert "image" not in {block["type"] for block in rest}
