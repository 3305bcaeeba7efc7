"""`rounds pings`: where jobs report."""

from __future__ import annotations

import pytest

from bot.domain.pings import token_of

SECRET = "0123456789abcdef0123456789abcdef"
CONFIGURATION = """
channel: "#c"
checks:
  backup: {kind: heartbeat, expect: 24h}
  root: {kind: disk, path: /}
"""


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """A file with one heartbeat, a secret, and an address to listen on."""
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    monkeypatch.setenv("ROUNDS_PING_SECRET", SECRET)
    monkeypatch.setenv("ROUNDS_PUBLIC_LISTEN", "127.0.0.1:8919")
    return tmp_path


def test_each_heartbeat_has_its_address(rounds, configured):
    assert rounds("pings").stdout == f"backup\thttp://127.0.0.1:8919/ping/{token_of(SECRET, 'backup')}\n"


def test_the_address_can_be_told_as_jobs_reach_it(rounds, configured):
    assert "https://rounds.example.com/ping/" in rounds("pings", "--base", "https://rounds.example.com/").stdout


def test_what_no_job_can_call_is_refused(rounds, configured):
    assert "--base must begin with http" in rounds("pings", "--base", "rounds.example.com", code=2).stderr


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("ROUNDS_PING_SECRET", ""), "ROUNDS_PING_SECRET is not set"),
        (("ROUNDS_PING_SECRET", "short"), "has 5 characters; expected at least 16"),
        (("ROUNDS_PUBLIC_LISTEN", ""), "set ROUNDS_PUBLIC_LISTEN"),
        (("ROUNDS_PUBLIC_LISTEN", "nowhere"), "ROUNDS_PUBLIC_LISTEN must be an address"),
    ],
)
def test_what_is_missing_is_said(rounds, configured, monkeypatch, given, sentence):
    monkeypatch.setenv(*given)
    assert sentence in rounds("pings", code=2).output


def test_without_a_heartbeat_there_is_no_address(rounds, configured):
    (configured / "rounds.yml").write_text('channel: "#c"\nchecks:\n  root: {kind: disk, path: /}\n')
    assert "No check is of the kind heartbeat" in rounds("pings", code=2).output
