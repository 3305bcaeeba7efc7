"""Fixtures for all tests."""

from __future__ import annotations

import pytest

from tests.story import Story


@pytest.fixture
async def story(tmp_path):
    """A team's Rounds on a simulated clock, with a Slack that remembers what it was told."""
    async with Story.begin(tmp_path) as story:
        yield story
