"""A job that reports by itself: on time, late, failed, too long, never, and with hostile words."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.config.load import parse
from bot.domain.judging import judge
from checks import Context, CouldNotCheck, Outcome, Ping
from checks.heartbeat import HeartbeatCheck

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

CONFIGURATION = """
channel: "#c"
timezone: UTC
checks:
  backup: {kind: heartbeat, job: the backup, expect: 24h, grace: 1h, longest: 2h}
"""
CONFIGURED = parse(CONFIGURATION).checks["backup"]


def ago(kind, hours, text=""):
    return Ping(NOW - hours * HOUR, kind, text)


async def looked(*pings, memory=None, configured=CONFIGURED):
    memory = memory if memory is not None else {}
    look = await configured.check.look(Context(now=NOW, memory=memory, facts={"pings": pings}))
    return judge("the backup", configured.check.measured(), configured.rules, look, history={}, now=NOW)


@pytest.mark.parametrize(
    ("pings", "outcome", "said"),
    [
        ([ago("success", 3)], Outcome.OK, "the backup last reported 3 h ago"),
        ([ago("success", 26)], Outcome.CRITICAL, "the backup last reported 26 h ago (limit 25 h)"),
        ([ago("success", 24.9)], Outcome.OK, "24.9 h"),
        (
            [ago("success", 3), ago("fail", 1, "no space left\nat all")],
            Outcome.CRITICAL,
            "reported a failure: no space",
        ),
        ([ago("fail", 3), ago("success", 1)], Outcome.OK, "60 min ago"),
        ([ago("success", 20), ago("start", 1)], Outcome.OK, "20 h"),
        ([ago("success", 20), ago("start", 3)], Outcome.CRITICAL, "started 3 h ago and is not done (limit 2 h)"),
        ([ago("start", 4), ago("success", 3)], Outcome.OK, "3 h"),
        ([ago("start", 3)], Outcome.CRITICAL, "is not done"),
        ([], Outcome.INFO, "the backup has never reported success; Rounds began to wait 0 s ago"),
        ([ago("start", 1)], Outcome.INFO, "has never reported success"),
    ],
)
async def test_what_the_pings_mean(pings, outcome, said):
    verdict = await looked(*pings)
    assert verdict.outcome is outcome
    assert said in " ".join(finding.text for finding in verdict.findings)


async def test_a_job_that_never_reports_is_missed_from_the_first_look_on_and_nobody_says_that_it_did():
    memory = {}
    assert (await looked(memory=memory)).outcome is Outcome.INFO
    for hours, outcome in ((25, Outcome.INFO), (26, Outcome.CRITICAL)):
        memory["waits_since"] = (NOW - hours * HOUR).isoformat()
        verdict = await looked(memory=memory)
        assert verdict.outcome is outcome
    (finding,) = verdict.findings
    assert finding.text == "the backup has never reported success; Rounds began to wait 26 h ago (limit 25 h)"


async def test_a_job_that_reports_for_the_first_time_is_fine_however_long_that_took():
    memory = {"waits_since": (NOW - 100 * HOUR).isoformat()}
    assert (await looked(ago("success", 1), memory=memory)).outcome is Outcome.OK


async def test_a_rule_about_the_time_of_a_run_waits_for_the_first_one_to_end():
    timed = parse(CONFIGURATION.replace("longest: 2h", "longest: 2h, warning: run_time_s > 60")).checks["backup"]
    assert (await looked(configured=timed)).outcome is Outcome.INFO
    assert (await looked(ago("start", 1), configured=timed)).outcome is Outcome.INFO
    assert (await looked(ago("success", 1), configured=timed)).outcome is Outcome.UNKNOWN, "it never says /start"
    assert (await looked(ago("start", 2), ago("success", 1), configured=timed)).outcome is Outcome.WARNING


async def test_how_long_a_run_took_is_remembered_while_the_next_one_is_on():
    memory = {}
    for pings in ([ago("start", 3), ago("success", 2)], [ago("start", 1), ago("success", 2)]):
        look = await CONFIGURED.check.look(Context(now=NOW, memory=memory, facts={"pings": pings}))
        assert {m.name: m.value for m in look.metrics}["run_time_s"] == 3600


async def test_where_nobody_hears_pings_it_is_unknown_and_not_missed():
    with pytest.raises(CouldNotCheck, match="ROUNDS_PUBLIC_LISTEN"):
        await CONFIGURED.check.look(Context(now=NOW))


async def test_what_the_job_says_is_evidence_without_control_characters():
    look = await CONFIGURED.check.look(Context(now=NOW, facts={"pings": [ago("fail", 1, "a\x1b[31m\x00b\n" * 3)]}))
    assert "\x1b" not in look.findings[0].text
    assert "reported a failure" in look.evidence[0].text


def test_it_looks_by_itself_every_minute_unless_told_otherwise():
    assert CONFIGURED.every == timedelta(minutes=1)
    other = parse(CONFIGURATION.replace("longest: 2h", "every: 5m")).checks["backup"]
    assert other.every == timedelta(minutes=5)
    assert HeartbeatCheck.rhythm == timedelta(minutes=1)
