"""Against the local Slack: what cannot stand where it was meant to says where it stands why it does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.desk import Desk
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.notifier import SlackNotifier
from bot.slack.places import Places
from sandbox.clock import Clock
from sandbox.local_slack import LocalSlack
from sandbox.seed import read
from sandbox.server import Server
from tests.e2e.workspace import Said, State
from tests.sandbox.town import Town

OPERATIONS, CACHE = "C1", "C2"
SEED = {
    "channels": [
        {"id": OPERATIONS, "name": "operations"},
        {"id": CACHE, "name": "cache"},
        {"id": "C3", "name": "closed", "is_private": True, "bot": False},
    ],
    "scopes": [*(f"{what}:read" for what in ("channels", "groups", "usergroups", "users")), "chat:write", "im:write"],
    "rate_limits": False,
}
CONFIGURATION = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /, every: 1m, channel: "#cache", open_after: 1, close_after: 1}
checklists:
  morning: {schedule: every day at 09:00, channel: "#cache", due_in: 10m, items: [cache, {manual: Look around}]}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 5m, notify: ["user:ben"]}
"""


@dataclass
class Place:
    """A story whose Slack is the sandbox."""

    story: object
    town: Town
    client: AsyncWebClient

    async def card(self, *parts: str, channel: str = OPERATIONS) -> Said:
        found = State(await self.town.get("state")).the(channel, *parts)
        assert found is not None
        return found


@pytest.fixture
async def place(story, monkeypatch) -> AsyncIterator[Place]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)  # slack_sdk reads these, even for loopback
    slack = LocalSlack(read(SEED), token="secret", clock=Clock(story.clock.now().timestamp))
    server = Server(slack)
    async with aiohttp.ClientSession() as http:
        town = Town(slack, await server.start(), http)
        client = web_client(slack.seed.bot_token, base_url=town.api, session=http)
        story.slack = SlackNotifier(client, Directory(client, dict))
        yield Place(story, town, client)
        await server.stop()


def once(card: Said, *parts: str) -> bool:
    """The card says it, and says it once: in its blocks for the eye, in its text for everybody else."""
    blocks = card.everything.removeprefix(card.text).replace("`", "")
    return all((blocks.count(part), card.text.count(part)) == (1, 1) for part in parts)


CASES = [
    pytest.param(
        "#cache", {"archived": True}, "it is archived. To get the next one there, unarchive it", id="archived"
    ),
    pytest.param("#cache", {"deleted": True}, "it was deleted or renamed, or it is private", id="deleted"),
    pytest.param("#closed", None, "or, if it is private, say /invite @rounds in it", id="private, never invited"),
    pytest.param("#cache", {"member": False}, "Rounds is not in it", id="not in it, and may not join"),
]


@pytest.mark.parametrize(("channel", "change", "why"), CASES)
async def test_an_incident_says_why_it_stands_elsewhere_and_goes_on_saying_so(place, story, channel, change, why):
    if change:
        await place.town.control("channel", channel=CACHE, **change)
    await story.configured(CONFIGURATION.replace('"#cache"', f'"{channel}"'))
    story.fails("cache")
    await story.after("2m")
    says = (f"This was meant for {channel}, but", why, "To get the next one there")
    assert once(await place.card("#1 cache", "nobody has it yet"), *says)
    await story.desk.acknowledge("#1", story.asked("U1"))
    await story.after("5s")
    assert once(await place.card("#1 cache", "<@U1> has it"), *says)
    story.recovers("cache")
    await story.after("2m")
    assert once(await place.card("#1 cache", "Recovered after"), *says)
    state = State(await place.town.get("state"))
    assert state.doubled() == {}
    assert not any("This was meant for" in reply.text for reply in state.replies(await place.card("#1 cache")))


async def test_an_incident_that_stood_in_its_channel_says_why_it_climbs_on_elsewhere(place, story):
    await story.configured(CONFIGURATION)
    story.fails("cache")
    await story.after("2m")
    assert "This was meant for" not in (await place.card("#1 cache", channel=CACHE)).everything
    await place.town.control("channel", channel=CACHE, archived=True)
    await story.after("5m")
    assert once(await place.card("#1 cache"), "This was meant for #cache, but it is archived.")


async def test_a_digest_that_stands_elsewhere_says_why_also_when_it_is_drawn_anew(place, story):
    await place.town.control("channel", channel=CACHE, archived=True)
    await story.configured(CONFIGURATION)
    await story.after("61m")
    says = "This was meant for #cache, but it is archived."
    digest = await place.card("morning", "1 to do by hand")
    assert once(digest, says)
    run, item = await story.desk.item("look-around")
    await story.desk.tick(run, item, story.asked("U1"))
    await story.after("5s")
    assert once(await place.card("morning", "<@U1>"), says)


@pytest.mark.parametrize("asked_for", ["morning", "check:cache"])
async def test_what_is_run_from_a_private_channel_comes_to_whoever_asked_and_to_nobody_else(place, story, asked_for):
    await story.configured(CONFIGURATION)
    story.desk = Desk(story.store, story.clock, lambda: story.configuration, places=Places(place.client))
    started = await story.desk.run(asked_for, story.asked("U1"), channel="C3")
    await story.after("5s")
    assert started.directly
    state = State(await place.town.get("state"))
    direct = (await place.client.conversations_open(users="U1"))["channel"]["id"]
    (digest,) = state.roots(direct)
    assert "This was meant for" not in digest.everything
    assert state.roots(OPERATIONS) == []


async def test_what_is_run_where_rounds_is_or_may_come_stands_there(place, story):
    await place.town.control("channel", channel=CACHE, member=False)
    await story.configured(CONFIGURATION)
    story.desk = Desk(story.store, story.clock, lambda: story.configuration, places=Places(place.client))
    assert not (await story.desk.run("morning", story.asked("U1"), channel=CACHE)).directly
    assert not (await story.desk.run("morning", story.asked("U1"), channel=OPERATIONS)).directly


async def test_a_channel_that_was_named_by_its_id_is_shown_only_to_those_who_may_know_it(place, story):
    await story.configured(CONFIGURATION.replace('"#cache"', "C3"))
    story.fails("cache")
    await story.after("2m")
    assert "This was meant for <#C3>, but" in (await place.card("#1 cache")).text
