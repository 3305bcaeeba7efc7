"""Somebody in Slack, before a real desk or one that only writes down what it is asked."""

from __future__ import annotations

import pytest

from storage.opening import sqlite_url
from tests.commands.conversation import Conversation, RecordingDesk, Slack


@pytest.fixture
async def slack():
    """Slack, of which nothing is real but what it heard."""
    async with Slack().served() as slack:
        yield slack


@pytest.fixture
def recording():
    """A desk that writes down what it is asked."""
    return RecordingDesk()


@pytest.fixture
def ann(slack, recording):
    """Ann, talking to an app whose desk only writes down."""
    return Conversation(slack, recording)


@pytest.fixture
def database_url(tmp_path):
    """One sort of database is enough here; the stories are told on both."""
    return sqlite_url(tmp_path / "rounds.db")


@pytest.fixture
async def ann_at_work(slack, story):
    """Ann, talking to the real desk of a team whose cache has failed and opened incident #1."""
    await story.configured(TEAM)
    story.fails("cache", "cache:6379 refuses connections")
    await story.after("2m")
    return Conversation(slack, story.desk)


TEAM = """
channel: C0OPS
checks:
  cache: {kind: disk, path: /, every: 1m, open_after: 2}
  api: {kind: disk, path: /}
checklists:
  morning:
    title: Morning <round>
    items: [api, {manual: Water the plants, id: plants}]
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 2h, notify: ["user:ben"]}
"""
