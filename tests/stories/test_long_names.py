"""The longest names that a configuration may have, and the longest keys that Slack may give, on both databases."""

import pytest

from bot.config.load import parse
from bot.config.problems import ConfigError

LONG = "n" * 80
CHANNEL = "#" + "c" * 99
OWNER = "user:" + "o" * 75

LONGEST = f"""
channel: "{CHANNEL}"
checks:
  {LONG}: {{kind: disk, path: /, every: 1m, open_after: 1, escalation: {LONG}, title: {"t" * 150}}}
checklists:
  l{LONG[1:]}:
    title: {"t" * 120}
    every: 5m
    due_in: 1m
    overdue: escalate
    items:
      - section: {"s" * 150}
      - {LONG}
      - {{manual: "{"m" * 1000}", id: {LONG[:-1]}-, how: "{"h" * 2000}", owner: "{OWNER}", evidence: note}}
escalations:
  {LONG}:
    - {{after: 0m, notify: ["{OWNER}"]}}
    - {{after: 5m, notify: ["usergroup:{"g" * 70}"]}}
"""

IN_THE_STORY = LONGEST.replace(CHANNEL, "#operations")
"""Its Slack takes names for ids, and those are never that long."""

KEY = f"press:U{'1' * 20}:{'9' * 20}:run:{LONG}"[:200]


async def test_the_longest_names_go_all_the_way_from_the_configuration_to_slack(story):
    await story.configured(IN_THE_STORY)
    story.fails(LONG, "f" * 5_000)
    await story.after("20m")
    assert story.the("#1 ").shows("t" * 120, "Critical")
    assert story.replies("Escalated")
    assert len(story.roots("t" * 120, "m" * 100)) >= 3
    await story.desk.acknowledge(LONG, story.asked("U" + "1" * 20, key=KEY), note="n" * 500)
    await story.desk.acknowledge(f"{LONG[:-1]}-", story.asked("U" + "1" * 20, key=KEY[:-1]))
    await story.after("5s")
    assert story.replies("has it")


@pytest.mark.parametrize("name", [LONG, f"l{LONG[1:]}"], ids=["a check", "a checklist"])
async def test_what_has_the_longest_name_is_run_by_hand_once_whatever_key_the_press_has(story, name):
    await story.configured(IN_THE_STORY)
    await story.desk.run(name, story.asked("U1", key=KEY), channel="C1")
    await story.desk.run(name, story.asked("U1", key="x" + KEY[1:]), channel="C1")
    await story.settle()
    await story.after("5s")
    assert len([message for message in story.slack.messages if message.channel == "C1" and not message.thread_ts]) == 2


@pytest.mark.parametrize(
    ("text", "longer", "field"),
    [
        pytest.param(f"  {LONG}: {{kind", f"  {LONG}n: {{kind", f"checks.{LONG}n", id="a check"),
        pytest.param(f"  l{LONG[1:]}:", f"  l{LONG}:", f"checklists.l{LONG}", id="a checklist"),
        pytest.param(
            f"\n  {LONG}:\n    - {{after", f"\n  {LONG}n:\n    - {{after", f"escalations.{LONG}n", id="a policy"
        ),
        pytest.param(CHANNEL, CHANNEL + "c", "channel", id="a channel"),
        pytest.param(f"id: {LONG[:-1]}-", f"id: {LONG}-", "items.2.id", id="an item"),
        pytest.param(f'owner: "{OWNER}"', f'owner: "{OWNER}o"', "items.2.owner", id="an owner"),
        pytest.param(f'notify: ["{OWNER}"]', f'notify: ["{OWNER}o"]', "notify.0", id="somebody who is called"),
    ],
)
def test_a_longer_name_is_refused_before_a_database_would_refuse_it(text, longer, field):
    assert text in LONGEST
    with pytest.raises(ConfigError) as refused:
        parse(LONGEST.replace(text, longer))
    assert [problem for problem in refused.value.problems if field in problem.field]
