"""`rounds doctor`, against a real sandbox."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.manifest import scopes
from bot.config.load import parse
from bot.slack.client import web_client
from bot.slack.examination import Examination
from storage.inspecting import migrate
from storage.migrate import head
from storage.opening import sqlite_url
from tests.e2e.processes import Sandbox, Serve

GOOD = """
channel: "#operations"
people: {boss: chi@example.com}
checks:
  root-disk: {kind: disk, path: /, warning: used_percent > 99, critical: off}
  memory: {kind: memory, channel: "#general"}
checklists:
  morning:
    items: [root-disk, memory, {manual: Read the tickets, owner: "user:boss"}]
escalations:
  team: [{after: 0m, notify: ["user:ann", "usergroup:sre"]}]
"""


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    seed = {
        "scopes": [*scopes(), "app_mentions:read"],
        "rate_limits": False,
        "channels": [
            {"id": "C1", "name": "operations"},
            {"id": "C2", "name": "general", "bot": False},
            {"id": "C3", "name": "secret", "is_private": True, "bot": False},
            {"id": "C4", "name": "old", "is_archived": True},
        ],
    }
    running = Sandbox.start(tmp_path_factory.mktemp("sandbox"), seed=seed)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """A sandbox whose app was installed before its manifest asked for more."""
    running = Sandbox.start(tmp_path_factory.mktemp("bare"), seed={"scopes": ["chat:write", "channels:read"]})
    yield running
    running.stop()


@pytest.fixture
def doctor(rounds, tmp_path, monkeypatch, sandbox):
    """Call the doctor with everything right, except what a test changes."""
    monkeypatch.setenv("SLACK_API_BASE_URL", sandbox.api)
    monkeypatch.setenv("SLACK_BOT_TOKEN", sandbox.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", sandbox.app_token)
    migrate(sqlite_url(tmp_path / "rounds.db"))

    def call(text=GOOD, *, code, **environment):
        (tmp_path / "rounds.yml").write_text(text)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        told = json.loads(rounds("doctor", "--json", code=code).stdout)
        assert told["verdict"] == ["ok", "warning", "problem"][code]
        return told["diagnoses"]

    return call


def only(told, verdict, area=None):
    return [
        f"{one['sentence']}; {one['what_to_do']}"
        for one in told
        if one["verdict"] == verdict and area in (None, one["area"])
    ]


def test_all_is_well(doctor, rounds):
    told = doctor(code=0)
    assert only(told, "warning") + only(told, "problem") == []
    assert {one["area"] for one in told} == {
        *("configuration", "database", "messages", "places", "slack", "scopes", "clock", "channel", "people")
    }
    shown = rounds("doctor", code=0).stdout
    assert "the bot token is accepted: @rounds in Local" in shown
    assert "#general: the bot will join it" in shown
    assert "user:boss is known" in shown
    assert shown.endswith("Ready for `rounds serve`.\n")
    assert len(shown.splitlines()) == len(told) + 1


def test_what_could_not_be_told_is_told_here(doctor, tmp_path):
    doctor(code=0)
    with sqlite3.connect(tmp_path / "rounds.db") as connection:
        connection.execute("INSERT INTO message (subject, channel, wanted, shown) VALUES ('incident:3', '#old', 1, 0)")
        row = "INSERT INTO outbox (key, subject, reason, in_thread, broadcast, priority, created_at, state, attempts, "
        row += "not_before, error) VALUES (?, 'incident:3', ?, 0, 0, 1, ?, ?, 3, ?, ?)"
        now, long_ago = (int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1e6) for days in (0, 2))
        connection.execute(row, ("a", "opened", now, "pending", now, "is_archived"))
        connection.execute(row, ("b", "escalated", now, "failed", now, "msg_too_long"))
        connection.execute(row, ("c", "recovered", now, "failed", long_ago, "msg_too_long"))
    waits, given_up = only(doctor(code=1), "warning", "messages")
    assert waits.startswith("1 for #old could not be sent yet: is_archived; ")
    assert given_up.startswith("“escalated” of #3, for #old, was given up at ")
    assert given_up.endswith('msg_too_long; `rounds why "#3"` tells all of it')


def test_without_tokens_it_says_how_to_get_them(doctor):
    problems = only(doctor(code=2, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN=""), "problem")
    assert [one.partition(";")[0] for one in problems] == ["SLACK_BOT_TOKEN is not set", "SLACK_APP_TOKEN is not set"]
    assert "rounds manifest" in problems[0]


def test_over_http_no_app_level_token_is_asked_for(doctor):
    http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5"}
    (problem,) = only(doctor(code=2, **http), "problem")
    assert "nothing listens: set ROUNDS_PUBLIC_LISTEN" in problem
    (problem,) = only(doctor(code=2, **http, ROUNDS_PUBLIC_LISTEN="anywhere"), "problem")
    assert "ROUNDS_PUBLIC_LISTEN must be an address" in problem
    told = only(doctor(code=0, **http, ROUNDS_PUBLIC_LISTEN="127.0.0.1:8919"), "ok", "slack")
    assert any("Slack comes by HTTP, signed, to /slack/events at 127.0.0.1:8919" in one for one in told)


def test_with_both_it_says_which_way_slack_comes(doctor):
    told = only(doctor(code=0, SLACK_SIGNING_SECRET="8f742231b10e8888abcd99yyyzzz85a5"), "ok", "slack")
    assert any("comes by Socket Mode; SLACK_SIGNING_SECRET is not used" in one for one in told)


def test_where_nobody_could_report_to_a_heartbeat_it_says_what_to_set(doctor, monkeypatch):
    waiting = GOOD.replace("checklists:", "  backup: {kind: heartbeat, expect: 24h}\nchecklists:")
    (problem,) = only(doctor(waiting, code=2), "problem", "pings")
    assert "nobody could report to backup; set ROUNDS_PUBLIC_LISTEN and ROUNDS_PING_SECRET" in problem
    heard = {"ROUNDS_PUBLIC_LISTEN": "127.0.0.1:8919", "ROUNDS_PING_SECRET": "0123456789abcdef"}
    (fine,) = only(doctor(waiting, code=0, **heard), "ok", "pings")
    assert "`rounds pings` prints where" in fine


def test_tokens_that_were_mixed_up_are_told(doctor):
    (problem,) = only(doctor(code=2, SLACK_BOT_TOKEN="xapp-sandbox", SLACK_APP_TOKEN="xoxb-sandbox"), "problem")
    assert problem.startswith("SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's token; swap them")


def test_tokens_of_another_kind_are_told(doctor):
    problems = only(doctor(code=2, SLACK_BOT_TOKEN="xoxp-sandbox", SLACK_APP_TOKEN="xoxb-sandbox"), "problem")
    assert problems[0].startswith("SLACK_BOT_TOKEN is of another kind; it must begin with xoxb-")
    assert problems[1].startswith("SLACK_APP_TOKEN is of another kind; it must begin with xapp-")


def test_tokens_that_slack_refuses_are_told_and_never_shown(doctor, rounds):
    told = doctor(code=2, SLACK_BOT_TOKEN="xoxb-revoked-1234567", SLACK_APP_TOKEN="xapp-revoked-1234567")
    assert [one.partition(";")[0] for one in only(told, "problem")] == [
        "Slack does not accept SLACK_APP_TOKEN (invalid_auth)",
        "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)",
    ]
    assert "1234567" not in rounds("doctor", code=2).stdout


def test_missing_scopes_are_named(doctor, bare):
    told = doctor(code=2, SLACK_API_BASE_URL=bare.api)
    (problem,) = only(told, "problem", "scopes")
    for scope in set(scopes()) - {"chat:write", "channels:read"}:
        assert scope in problem
    assert "install the app anew" in problem


def test_whoever_cannot_be_looked_up_for_want_of_a_scope_is_not_called_unknown(doctor, bare):
    told = only(doctor(code=2, SLACK_API_BASE_URL=bare.api), "warning", "people")
    assert told == [
        "user:ann cannot be looked up without users:read; mend the scopes first",
        "usergroup:sre cannot be looked up without usergroups:read; mend the scopes first",
        "user:boss cannot be looked up without users:read and users:read.email; mend the scopes first",
    ]


def test_slack_out_of_reach_is_one_problem_each_and_no_traceback(doctor):
    problems = only(doctor(code=2, SLACK_API_BASE_URL="http://127.0.0.1:1/api/"), "problem")
    why = "Slack does not answer as it should at http://127.0.0.1:1/api/: Connection refused"
    assert [one.partition(";")[0] for one in problems] == [why, why]
    assert (
        "must begin with http:// or https://; unset it"
        in only(doctor(code=2, SLACK_API_BASE_URL="slack"), "problem")[0]
    )


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("#oprations", "#oprations is not to be seen (did you mean operations?); create it; if it is private, say"),
        ("#secret", "#secret is not to be seen; create it; if it is private, say `/invite @rounds` in it"),
        ("#old", "#old is archived; unarchive it, or name another one"),
        ("C9", "C9 is not to be seen"),
    ],
)
def test_a_channel_that_cannot_be_used_is_told(doctor, channel, sentence):
    (problem,) = only(doctor(GOOD.replace("#general", channel), code=2), "problem")
    assert problem.startswith(sentence)


def test_people_and_groups_that_nobody_knows_are_told(doctor):
    text = GOOD.replace("user:ann", "user:anne-marie").replace(":sre", ":dba").replace("chi@", "nobody@")
    assert [one.partition(";")[0] for one in only(doctor(text, code=2), "problem", "people")] == [
        "anne-marie is not found in Slack",
        "dba is no user group in Slack",
        "boss is not found in Slack",
    ]


def test_an_id_that_is_nobodys_is_told(doctor):
    text = GOOD.replace("chi@example.com", "U404").replace("user:ann", "user:U1")
    assert only(doctor(text, code=2), "problem", "people")[0].startswith("boss is not found")


def test_a_configuration_with_mistakes_leaves_the_rest_to_be_looked_at(doctor):
    told = doctor(GOOD.replace("kind: disk", "kind: dsk").replace("user:ann", "usr:ann"), code=2)
    (problem,) = only(told, "problem")
    assert "did you mean disk?" in problem
    assert "and 1 more; `rounds check-config` lists every mistake" in problem
    assert [one for one in told if one["area"] == "scopes"]


def test_warnings_alone_are_exit_code_one(doctor):
    told = doctor(GOOD.partition("escalations:")[0].replace("percent > 99", "percent > 101"), code=1)
    assert len(only(told, "warning", "configuration")) == 2
    assert "nobody is called" in only(told, "warning")[1]


def test_the_database_is_judged_by_its_revision(doctor, tmp_path):
    with sqlite3.connect(tmp_path / "rounds.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    (warning,) = only(doctor(code=1), "warning")
    assert f"is at revision 0000, the newest is {head()}; `rounds migrate`" in warning
    with sqlite3.connect(tmp_path / "rounds.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "start the newer version" in only(doctor(code=2), "problem")[0]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not a database URL"),
        ("nonsense", "or postgresql://user:<password>@host/database; set DATABASE_URL"),
        ("postgresql://rounds:geheim@127.0.0.1:1/rounds", "the database cannot be read"),
        ("sqlite:////dev/null/rounds.db", "cannot be written to"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(doctor, url, sentence):
    told = doctor(code=2, DATABASE_URL=url)
    assert sentence in only(told, "problem")[0]
    assert "geheim" not in json.dumps(told)


def test_a_file_that_is_no_database_is_named(doctor, tmp_path):
    other = tmp_path / "other.db"
    other.write_text("nonsense" * 100)
    (problem,) = only(doctor(code=2, DATABASE_URL=sqlite_url(other)), "problem")
    assert problem == f"{other} cannot be read: file is not a database; move that file away, or name another"


def test_what_is_counted_at_the_end_is_what_there_is(doctor, rounds):
    doctor(GOOD.partition("escalations:")[0], code=1)
    assert rounds("doctor", code=1).stdout.splitlines()[-1] == "1 warning"


def test_it_makes_nothing_and_joins_nothing(doctor, tmp_path, sandbox):
    doctor(code=0, DATABASE_URL=sqlite_url(tmp_path / "elsewhere" / "rounds.db"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rounds.db", "rounds.db.lock", "rounds.yml"]
    with urllib.request.urlopen(f"{sandbox.url}_control/state") as answer:
        state = json.load(answer)
    assert "C2" in {channel["id"] for channel in state["channels"]}
    assert not [channel for channel in state["channels"] if channel["id"] == "C2" and channel["messages"]]


@pytest.mark.parametrize(
    ("off", "verdict", "said"),
    [
        (timedelta(), "ok", "agrees with Slack's"),
        (timedelta(seconds=4), "ok", "agrees with Slack's"),
        (timedelta(seconds=30), "warning", "s ahead of Slack's"),
        (-timedelta(seconds=30), "warning", "s behind Slack's"),
        (timedelta(minutes=9, seconds=30), "problem", "s ahead of Slack's"),
    ],
)
async def test_a_clock_that_is_wrong_is_told(sandbox, monkeypatch, off, verdict, said):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    client = web_client(sandbox.bot_token, base_url=sandbox.api)
    told = await Examination(client, scopes=(), now=lambda: datetime.now(UTC) + off).bot_token()
    (clock,) = [one for one in told if one.area == "clock"]
    assert clock.verdict == verdict
    assert said in clock.sentence


async def test_a_slack_that_asks_for_patience_is_no_problem(bare, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    examination = Examination(web_client("xoxb-sandbox", base_url=bare.api), scopes=(), now=lambda: datetime.now(UTC))
    told = [await examination.app_token(bare.app_token) for _ in range(40)]
    assert next(one.verdict for one in told if "slow down" in one.sentence) == "warning"


async def test_beside_a_running_serve_it_disturbs_nobody(tmp_path, sandbox):
    serve = Serve(tmp_path, api=sandbox.api, configuration=GOOD).start()
    try:
        await serve.logged("Rounds is serving")
        command = [sys.executable, "-m", "bot.cli", "doctor", "--json"]
        told = await asyncio.to_thread(
            subprocess.run, command, env=serve.environment, capture_output=True, text=True, check=False
        )
        diagnoses = json.loads(told.stdout)["diagnoses"]
        assert told.returncode == 0, told.stdout + told.stderr
        assert any("the newest" in one["sentence"] for one in diagnoses if one["area"] == "database")
        assert serve.process.poll() is None
        assert serve.complained == []
    finally:
        serve.stop()


def test_the_configuration_of_these_tests_is_one():
    assert parse(GOOD).warnings == ()
