"""What people ask of the desk: help from somebody, a look at one thing, a line in the log, the report of a day."""

from datetime import date, timedelta

import pytest

from bot.domain.incidents import Refused, State
from bot.domain.logbook import Kind
from bot.domain.notifications import CheckView, IncidentView, RunView
from bot.domain.people import Person, UserGroup
from bot.domain.runs import ItemState, RunState
from bot.engine.desk import Repeated
from checks import Outcome

TEAM = """
channel: "#operations"
people: {chi: U0CHI}
checks:
  cache: {kind: disk, path: /, every: 1m, open_after: 2, close_after: 2}
  api: {kind: disk, path: /}
checklists:
  morning:
    title: Morning round
    schedule: every day at 09:00
    items:
      - api
      - manual: Review the dashboard
        id: dashboard
        evidence: link
      - {manual: Water the plants, id: plants}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 15m, notify: ["user:ben"]}
    - {after: 30m, notify: ["usergroup:sre"]}
"""


@pytest.fixture
async def team(story):
    """A team whose cache is broken: incident #1."""
    await story.configured(TEAM)
    story.fails("cache", outcome=Outcome.WARNING)
    await story.after("2m")
    return story


async def told(team):
    await team.after("2s")


async def test_a_chosen_step_is_called_at_once_and_those_before_it_are_passed_over(team):
    await team.desk.escalate("#1", team.asked("U1"), to=3, why="the whole team")
    await told(team)
    (reply,) = team.replies("Escalated to", "@sre", "step 3 of 3: the whole team")
    assert reply.broadcast
    await team.after("2h")
    assert team.replies("@ben") == []


@pytest.mark.parametrize(
    ("to", "called"),
    [("user:U0DAN", "@U0DAN"), ("usergroup:S0DB", "@S0DB"), ("chi", "@chi"), ("@Chi", "@chi"), ("SRE", "@sre")],
)
async def test_a_person_or_group_is_called_directly_and_the_next_step_comes_after_its_gap(team, to, called):
    await team.after("10m")
    await team.desk.escalate("cache", team.asked("U1"), to=to, why="knows caches")
    await told(team)
    assert len(team.replies("Escalated to", called, "direct call 1: knows caches")) == 1
    assert team.the("#1").shows(called)
    await team.after("14m")
    assert team.replies("@ben") == []
    await team.after("1m")
    assert len(team.replies("Escalated to", "@ben", "step 2 of 3")) == 1


async def test_somebody_whom_nobody_knows_is_refused_with_whom_was_meant(team):
    with pytest.raises(Refused, match=r"“chj” means \(did you mean chi\?\)"):
        await team.desk.escalate("cache", team.asked("U1"), to="chj")


async def test_escalating_a_check_that_is_fine_opens_an_incident_and_calls_whom_was_named(team):
    incident = await team.desk.escalate("api", team.asked("U1"), to="chi", why="it feels slow")
    assert (incident.subject, incident.summary, incident.version) == ("hand:api", "it feels slow", 2)
    await told(team)
    assert len(team.replies("Escalated to", "@chi")) == 1


async def test_a_resolution_by_hand_is_taken_back_and_the_escalation_goes_on(team):
    await team.desk.resolve("cache", team.asked("U1"))
    await told(team)
    incident = await team.desk.reopen("#1", team.asked("U2"), note="it is not")
    assert incident.state is State.OPEN
    await told(team)
    (reply,) = team.replies("took the resolution back", "it is not", "<@U2>")
    assert reply.broadcast
    assert team.the("#1").shows("nobody has it yet")


async def test_a_resolution_cannot_be_taken_back_once_the_check_has_opened_another(team):
    await team.desk.resolve("cache", team.asked("U1"))
    await team.after("3m")
    with pytest.raises(Refused, match="#2 is going on for the same"):
        await team.desk.reopen("#1", team.asked("U2"))


async def test_only_the_last_resolution_of_a_check_is_taken_back(team):
    await team.desk.resolve("cache", team.asked("U1"))
    await team.after("3m")
    await team.desk.resolve("#2", team.asked("U1"))
    with pytest.raises(Refused, match="#2 came after it for the same"):
        await team.desk.reopen("#1", team.asked("U2"))
    assert (await team.desk.reopen("#2", team.asked("U2"))).state is State.OPEN


async def test_the_incident_of_a_check_that_is_gone_stays_over(team):
    await team.desk.resolve("cache", team.asked("U1"))
    await team.configured(
        TEAM.replace("  cache: {kind: disk, path: /, every: 1m, open_after: 2, close_after: 2}\n", "")
    )
    with pytest.raises(Refused, match="#1 was about `cache`, which is not in the configuration any more"):
        await team.desk.reopen("#1", team.asked("U2"))


async def test_what_is_written_down_stands_in_the_report_until_it_is_taken_back(team):
    asked = team.asked("U1", key="k1")
    entry = await team.desk.log("issue the queue is stuck", asked, channel="C1", incident=1)
    with pytest.raises(Repeated):
        await team.desk.log("issue the queue is stuck", asked)
    await team.desk.log("restarted it", team.asked("U1"), kind=Kind.ACTION)
    report = await team.desk.report()
    assert report.issues == (entry,)
    assert [deed.text for deed in report.actions] == ["restarted it"]
    assert (await team.desk.unlog(team.asked("U1"))).text == "restarted it"
    assert (await team.desk.unlog(team.asked("U1"), entry_id=entry.id)) == entry
    report = await team.desk.report()
    assert (report.issues, report.actions) == ((), ())


async def test_only_whoever_wrote_an_entry_takes_it_back(team):
    entry = await team.desk.log("a note", team.asked("U1"))
    with pytest.raises(Refused, match="no entry of yours"):
        await team.desk.unlog(team.asked("U2"))
    with pytest.raises(Refused, match="<@U1> wrote that"):
        await team.desk.unlog(team.asked("U2"), entry_id=entry.id)


async def test_an_entry_about_an_incident_that_does_not_exist_is_refused(team):
    with pytest.raises(Refused, match="There is no incident #99"):
        await team.desk.log("a note", team.asked("U1"), incident=99)


async def test_secrets_and_control_characters_that_people_type_are_not_stored(team):
    token = "xoxb-" + "1234567890-abcdefghij"
    entry = await team.desk.log(f"the token {token}\x00\ud800 leaked", team.asked("U1"))
    assert token not in entry.text
    assert entry.text.endswith("leaked")
    assert "\x00" not in entry.text
    await team.desk.acknowledge("#1", team.asked("U1"), note=f"with {token}\x00")
    await told(team)
    assert not any(token in m.everything for m in team.slack.messages)


async def test_the_report_of_a_day_tells_its_runs_incidents_actions_and_what_is_left(team):
    await team.desk.acknowledge("cache", team.asked("U1"), note="mine")
    await team.after("70m")
    await team.desk.skip(run_of(team), "plants", team.asked("U1"), "it rains")
    report = await team.desk.report()
    assert report.day == date(2026, 3, 2)
    (line,) = report.rounds
    assert (line.title, line.count, line.skipped, line.left) == ("Morning round", 1, 1, 1)
    assert [incident.id for incident in report.opened] == [1]
    assert [deed.text for deed in report.actions] == ["mine"]
    assert [incident.id for incident in report.unresolved] == [1]
    assert [item.item.id for run in report.waiting for item in run.open_items] == ["dashboard"]
    yesterday = await team.desk.report(date(2026, 3, 1))
    assert (yesterday.rounds, yesterday.opened, yesterday.unresolved, yesterday.waiting) == ((), (), (), ())


def run_of(team) -> int:
    return int(team.the("to do by hand").buttons["tick"].partition(":")[0])


async def test_a_thing_is_shown_as_it_is_now(team):
    await team.after("70m")
    incident, check, run = [await team.desk.show(target) for target in ("#1", "cache", "morning")]
    assert isinstance(incident, IncidentView)
    assert isinstance(check, CheckView)
    assert isinstance(run, RunView)
    assert incident.incident.id == check.incident.id == 1
    assert [result.outcome for result in check.results] == [Outcome.WARNING] * 5
    assert run.run.state is RunState.WAITING


async def test_what_was_never_looked_at_says_so_or_how_to_look(team):
    assert (await team.desk.show("api")).results == ()
    with pytest.raises(Refused, match="`/rounds run morning` does so now"):
        await team.desk.show("morning")


async def test_what_there_is_not_cannot_be_shown(team):
    with pytest.raises(Refused, match=r"“cahce” \(did you mean cache\?\)"):
        await team.desk.show("cahce")
    with pytest.raises(Refused, match="There is no incident #77"):
        await team.desk.show("77")


async def test_an_item_that_asks_for_a_link_is_ticked_with_one_and_its_last_item_completes_the_run(team):
    await team.after("70m")
    run_id = run_of(team)
    with pytest.raises(Refused, match="is done with a link"):
        await team.desk.tick(run_id, "dashboard", team.asked("U1"))
    done = await team.desk.tick(
        run_id, "dashboard", team.asked("U1"), note="green", attached="https://grafana.example.com/d/1"
    )
    assert (done.state, done.attached) == (ItemState.DONE, "https://grafana.example.com/d/1")
    skipped = await team.desk.skip(run_id, "plants", team.asked("U1"), "it rains")
    assert skipped.state is ItemState.SKIPPED
    view = await team.desk.show("morning")
    assert view.run.state is RunState.COMPLETE
    assert done in view.run.items
    await team.desk.untick(run_id, "plants", team.asked("U1"))
    assert (await team.desk.show("morning")).run.state is RunState.WAITING


async def test_the_policies_say_who_is_called_and_when(team):
    (policy,) = await team.desk.policies()
    assert [step.notify for step in policy.steps] == [("user:ann",), ("user:ben",), ("usergroup:sre",)]


async def test_an_item_that_somebody_took_is_given_back_to_whom_it_is_meant_for(team):
    await team.after("70m")
    taken = await team.desk.acknowledge("plants", team.asked("U1"))
    assert taken.owner == "U1"
    back = await team.desk.unacknowledge("plants", team.asked("U1"))
    assert (back.item.id, back.owner) == ("plants", None)


async def test_the_last_incident_of_a_check_is_reopened_by_its_name(team):
    await team.desk.resolve("cache", team.asked("U1"))
    assert (await team.desk.reopen("cache", team.asked("U2"))).id == 1
    with pytest.raises(Refused, match="`api` has no incident that was resolved"):
        await team.desk.reopen("api", team.asked("U2"))
    with pytest.raises(Refused, match="“nothing” has no incident that was resolved"):
        await team.desk.reopen("nothing", team.asked("U2"))


async def test_every_name_that_can_be_said_is_known(team):
    await team.after("70m")
    run_id = run_of(team)
    await team.desk.skip(run_id, "plants", team.asked("U1"), "it rains")
    known = await team.desk.vocabulary()
    assert known.checklists == {"morning": "Morning round"}
    assert known.checks == {"cache": "cache", "api": "api"}
    assert known.incidents == {"cache": "cache"}
    assert known.items == {"dashboard": "Review the dashboard"}
    assert known.done == {"plants": "Water the plants"}
    assert known.people == {"chi": "user:chi", "ann": "user:ann", "ben": "user:ben", "sre": "usergroup:sre"}


async def test_an_item_is_found_by_its_name_while_it_can_be_ticked_and_while_that_can_be_taken_back(team):
    await team.after("70m")
    run_id = run_of(team)
    assert await team.desk.item("plants") == (run_id, "plants")
    with pytest.raises(Refused, match="No item “plants” was done or skipped lately"):
        await team.desk.item("plants", done=True)
    await team.desk.tick(run_id, "plants", team.asked("U1"))
    assert await team.desk.item("plants", done=True) == (run_id, "plants")
    with pytest.raises(Refused, match="No item “plants” is open"):
        await team.desk.item("plants")
    team.clock.at += timedelta(days=3)
    with pytest.raises(Refused, match="lately"):
        await team.desk.item("plants", done=True)


async def test_the_end_of_a_quiet_is_read_where_the_team_lives(team):
    until, why = await team.desk.end_of_quiet("until tuesday 07:30 a part is ordered", "U1")
    assert (until.isoformat(), why) == ("2026-03-03T07:30:00+00:00", "a part is ordered")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("untli monday", "“untli monday” says no moment to come"),
        ("until mondya 09:00", "says no moment to come"),
        ("9999d", "“9999d” is more than ten years"),
        ("until 2020-01-01", "says no moment to come"),
        ("<!channel> *now*", "“!channel now”"),
        ("", "Say how long, such as `2h`"),
    ],
)
async def test_what_does_not_say_when_a_quiet_ends_is_refused_with_examples(team, words, sentence):
    with pytest.raises(Refused) as refused:
        await team.desk.end_of_quiet(words, "U1")
    assert sentence in str(refused.value)


@pytest.mark.parametrize("to", ["user:somebody", "usergroup:none", "pagerduty:core", "user:", "user:<!here>"])
async def test_a_target_that_neither_slack_nor_the_configuration_knows_is_refused(team, to):
    with pytest.raises(Refused, match="Type @ and choose"):
        await team.desk.escalate("cache", team.asked("U1"), to=to)


async def test_the_report_names_people_as_slack_does(team):
    await team.store.write(lambda tx: tx.roster.learn_people([Person(id="U1", name="ann", display="Ann")]))
    await team.desk.log("a note", team.asked("U1"))
    await team.desk.log("a note", team.asked("U2"))
    assert (await team.desk.report()).people == {"U1": "Ann"}
    await team.store.write(lambda tx: tx.roster.learn_groups([UserGroup("S1", "sre", "SRE")], whole=True))
    await team.desk.escalate("cache", team.asked("U1"), to="usergroup:S1")
    assert (await team.desk.report()).people == {"U1": "Ann", "S1": "sre"}
