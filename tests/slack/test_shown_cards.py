"""What somebody asked to see: words that need no legend, in the order of the digest."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.escalation import DIRECT, Step, StepState
from bot.domain.incidents import Entry, Reason
from bot.domain.reports import Deed, Figure
from bot.slack.cards import report_card, shown_card
from bot.slack.cards.evidence import evidence_card
from bot.slack.report_file import report_file
from checks import Outcome
from tests.slack.states import ANN, BEN, NOW, People, incident, incident_view, report, result


def test_a_story_says_whom_an_escalation_called_and_in_words_what_people_did():
    steps = (
        Step(0, 0.0, ("user:ben",), NOW, StepState.FIRED, NOW),
        Step(DIRECT, 0.0, ("user:U0CHI",), NOW, StepState.FIRED, NOW),
        Step(DIRECT + 1, 0.0, ("usergroup:S0SRE",), NOW, StepState.FIRED, NOW),
    )
    told = [
        Entry(NOW, Reason.ESCALATED, "step 1 of 1, again: <!channel>", ANN, "button"),
        Entry(NOW, Reason.ESCALATED, "direct call 1", ANN, "button"),
        Entry(NOW, Reason.ESCALATED, "direct call 2: now", ANN, "button"),
        Entry(NOW, Reason.WOKEN, "", ANN, "button"),
    ]
    view = replace(incident_view("x", replace(incident("x"), steps=steps)), timeline=tuple(told))
    text = shown_card(view, People()).text
    assert f"<@{ANN}> · escalated to <@{BEN}>: step 1 of 1, again: &lt;!channel&gt;" in text
    assert "escalated to <@U0CHI>: direct call 1" in text
    assert "escalated to <!subteam^S0SRE>: direct call 2: now" in text
    assert f"<@{ANN}> · ended the quiet" in text


def test_whoever_is_called_by_name_and_by_id_is_shown_once():
    class Slack(People):
        def mention(self, target):
            ids = {f"user:{BEN}": f"<@{BEN}>", "usergroup:S0SRE": "<!subteam^S0SRE>"}
            return ids.get(target) or super().mention(target)

    targets = ("user:ben", "usergroup:sre", f"user:{BEN}", "usergroup:S0SRE", "user:eva", "user:eva")
    steps = tuple(Step(DIRECT + n, 0.0, (each,), NOW, StepState.FIRED, NOW) for n, each in enumerate(targets))
    card = shown_card(replace(incident_view("x", replace(incident("x"), steps=steps)), timeline=()), Slack())
    assert f":bell: <@{BEN}> <!subteam^S0SRE> @eva" in [
        line for block in card.blocks if block["type"] == "section" for line in block["text"]["text"].split("\n")
    ]


def test_evidence_stands_in_the_order_of_the_digest_under_the_names_that_people_know():
    outcomes = (Outcome.OK, Outcome.UNKNOWN, Outcome.WARNING, Outcome.CRITICAL)
    looks = [result(f"check-{outcome.value}", outcome, "said") for outcome in outcomes]
    card = evidence_card(looks, titles={"check-unknown": "The *fence*"})
    assert [line.split(": ")[1] for line in card.text.splitlines()[1:]] == [
        "check-critical",
        "check-warning",
        "The ∗fence∗",
        "check-ok",
    ]


def test_a_report_tells_the_figures_of_a_check_on_one_line_in_words():
    disk = Figure("root-disk", "used_percent", "/", "%", 61.0, 58.5, 93.0, "The disk")
    age = Figure("backup", "newest_age_s", None, "s", 2_345.0, 2_340.0, 2_349.0, "The backup")
    free = replace(disk, metric="free_bytes", about=None, unit="bytes", last=1.0, lowest=1.0, highest=1.0)
    text = report_card(replace(report("x", count=0), figures=(disk, free, age))).text
    assert "The disk: used (/) 61 % (from 58.5 % to 93 %), free 1" in text
    assert "The backup: newest age 39 min\n" in text + "\n", "what reads the same is said once"


def test_a_report_says_whom_an_escalation_called():
    deed = Deed(
        NOW, ANN, "direct call 1", Reason.ESCALATED, 12, "Disk", ("user:U0CHI", "usergroup:sre", "usergroup:S0DBA")
    )
    text = report_card(replace(report("x", count=0), actions=(deed,))).text
    told = replace(report("x", count=0), actions=(deed,), people={"S0DBA": "dba", "U0CHI": "chi"})
    assert "escalated #12 Disk to chi @sre @dba: direct call 1" in report_file(told)
    assert f"<@{ANN}> escalated #12 Disk to <@U0CHI> @sre <!subteam^S0DBA>: direct call 1" in text
