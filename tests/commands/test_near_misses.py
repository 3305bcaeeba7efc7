"""What is not understood is answered with what was probably meant, or with what was missing."""

from __future__ import annotations

import pytest

from bot.domain.naming import Vocabulary
from commands.grammar import Misunderstood, parse, worth_saying
from tests.commands.vocabulary import plainly, understood

NOT_UNDERSTOOD = [
    # text, part of the answer, suggestions
    pytest.param("statsu", "Did you mean `/rounds status`?", ["status"], id="a slip of the finger"),
    pytest.param(
        "escalete #12 <@U1|ann> &lt;now&gt;",
        "`/rounds escalate <incident or check>",
        ["escalate #12 <@U1|ann> &lt;now&gt;"],
        id="a misspelt verb; the rest stays as it was typed",
    ),
    pytest.param("deploy", "`/rounds help` lists", [], id="nothing near"),
    pytest.param("snoze", "`/rounds snooze <incident>", ["snooze cache 1h"], id="a misspelt verb and nothing else"),
    pytest.param("skp", "`/rounds skip <item>", [], id="nothing is offered that would be refused"),
    pytest.param(
        "undo",
        "does not know “undo”",
        ["unack cache", "unsnooze cache", "untick fish", "unack plants"],
        id="what can be undone, of each sort; nothing that deletes what they have not named",
    ),
    pytest.param("s", "may be", ["show cache", "snooze cache 1h", "status"], id="one letter, and one of each verb"),
    pytest.param(
        "r", "may be", ["report", "run morning", "run month-end"], id="one letter; nothing is resolved by guessing"
    ),
    pytest.param("#12", "does not know “#12”", ["show #12"], id="an incident alone"),
    pytest.param("cache", "does not know “cache”", ["show cache"], id="a check alone"),
    pytest.param("12 acknowledge mine", "does not know", ["ack 12 mine"], id="the wrong way round"),
    pytest.param(
        "undo 12",
        "does not know “undo”",
        ["unack 12", "unsnooze 12", "reopen 12", "unlog 12"],
        id="what undoes things has names of its own",
    ),
    pytest.param("ack", "needs an incident", ["ack cache", "ack plants"], id="what to take, of what there is"),
    pytest.param("resolve", "needs an incident", ["resolve cache"], id="what to resolve, of what is open"),
    pytest.param("run", "needs a name", ["run morning", "run month-end"], id="what to run"),
    pytest.param("tick", "needs an item", ["tick plants"], id="what to tick"),
    pytest.param("untick", "needs an item", ["untick fish"], id="what to take back"),
    pytest.param("snooze 2h a part", "needs an incident", ["snooze cache 2h a part"], id="whose quiet"),
    pytest.param(
        "snooze until monday", "needs an incident", ["snooze cache until monday"], id="whose quiet until then"
    ),
    pytest.param("ack #12 #13, and #12", "One at a time", ["ack #12", "ack #13"], id="two incidents at once"),
    pytest.param("ack 12, 13", "One at a time", ["ack #12", "ack #13"], id="two incidents without their signs"),
    pytest.param(
        "resolve 12, #13 14",
        "One at a time",
        ["resolve #12", "resolve #13", "resolve #14"],
        id="three, each in its way",
    ),
    pytest.param("snooze", "needs an incident", ["snooze cache 1h"], id="whose quiet, and for how long"),
    pytest.param("🔥", "does not know “🔥”", [], id="an emoji alone"),
    pytest.param("`*`", "does not know “…”", [], id="nothing that could be said again"),
    pytest.param("run end", "Did you mean `month-end`?", ["run month-end"], id="a word from the middle of a name"),
    pytest.param("skip the dry", "no open item “the”", ["skip plants dry"], id="a word from the middle of a title"),
    pytest.param(
        "re 12",
        "`/rounds reopen`, `/rounds report` or `/rounds resolve`",
        ["reopen 12", "report 12", "resolve 12"],
        id="an ambiguous verb",
    ),
    pytest.param("run mornign", "Did you mean `morning`?", ["run morning"], id="a misspelt name"),
    pytest.param(
        "run m", "“m” may be `month-end` or `morning`", ["run month-end", "run morning"], id="an ambiguous name"
    ),
    pytest.param("run morning please", "Did you mean `morning`?", ["run morning"], id="a word too many"),
    pytest.param("unack #12 sorry", "Did you mean `#12`?", ["unack #12"], id="a word too many after a number"),
    pytest.param(
        "ack cahce mine", "Did you mean `cache`", ["ack cache mine", "ack cachet mine"], id="a misspelt incident"
    ),
    pytest.param(
        "escalate cache to bne why", "no person or group “bne”", ["escalate cache to ben why"], id="a misspelt person"
    ),
    pytest.param("escalate cache to", "To whom?", [], id="nobody named"),
    pytest.param("tick fish", "no open item “fish”", [], id="an item that is not open"),
    pytest.param("run 12", "no checklist or check “12”", [], id="an incident cannot be run"),
    pytest.param(
        "snooze #12",
        "needs how long, or until when",
        ["snooze #12 1h", "snooze #12 4h", "snooze #12 until tomorrow"],
        id="how long is missing",
    ),
    pytest.param("escalate cache to zz", "Type @ and choose", [], id="nobody is called that"),
    pytest.param("untick zz", "no item done or skipped lately called “zz”", [], id="nothing of that name was done"),
    pytest.param("skip plants", "needs the reason", [], id="the reason is missing"),
    pytest.param("log", "needs what to write down", [], id="the text is missing"),
]


@pytest.mark.parametrize(("text", "part", "perhaps"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_answered_with_what_was_probably_meant(text, part, perhaps):
    with pytest.raises(Misunderstood) as refused:
        understood(text)
    assert part in str(refused.value).replace("&lt;", "<").replace("&gt;", ">")
    assert list(refused.value.perhaps) == perhaps


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ack 12, mine", "ack #12 mine"),
        ("ack #12: mine", "ack #12 mine"),
        ("resolve #12.", "resolve #12"),
        ("/rounds ack 12", "ack 12"),
        ("Rounds status", "status"),
        ("/rounds", "status"),
    ],
)
def test_what_a_phone_adds_and_what_is_pasted_changes_nothing(text, meant):
    assert plainly(understood(text)) == plainly(understood(meant))


def test_in_a_thread_all_means_everything_only_where_everything_can_be_meant():
    assert plainly(understood("resolve all good now", incident=7)) == plainly(understood("resolve #7 all good now"))
    assert understood("ack all", incident=7).target == "all"


def test_no_more_is_offered_than_a_phone_shows():
    many = Vocabulary(incidents={f"disk-{n}": "" for n in range(50)})
    with pytest.raises(Misunderstood) as refused:
        parse("ack")
    assert len(worth_saying(refused.value, many).perhaps) == 5


def test_a_suggestion_from_a_thread_names_the_incident():
    with pytest.raises(Misunderstood) as refused:
        understood("snoze 2h", incident=7)
    assert refused.value.perhaps == ("snooze #7 2h",)


def offered(slack) -> list[str]:
    """The commands on the buttons of the last answer."""
    _, body = slack.heard[-1]
    return [element["value"] for block in body["blocks"] for element in block.get("elements", ())]


@pytest.mark.parametrize(
    ("text", "perhaps"),
    [
        ("snooze #1 until mondy because of &lt;this&gt;", ["snooze #1 until monday because of &lt;this&gt;"]),
        ("snooze cache 2", ["snooze cache 2m", "snooze cache 2h"]),
        ("snooze #1 whenever", []),
        ("report mondy", ["report monday"]),
        ("report 2026-13-40", []),
    ],
)
async def test_a_slip_in_a_moment_or_a_day_is_mended_by_a_press(ann_at_work, slack, text, perhaps):
    await ann_at_work.says(text)
    assert offered(slack) == perhaps


async def test_a_mended_slip_does_what_was_meant(ann_at_work, story, slack):
    await ann_at_work.says("snooze #1 2hh")
    (command,) = offered(slack)
    await ann_at_work.presses("say", command)
    (incident,) = (await story.desk.status()).incidents
    assert (incident.snoozed_until - story.clock.at).total_seconds() == 7_200
