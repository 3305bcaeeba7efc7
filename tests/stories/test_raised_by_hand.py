"""An incident that somebody raised against a check: a person began it, and a person ends it."""

TEAM = """
channel: "#operations"
checks:
  api: {kind: disk, path: /, every: 1m, escalation: team}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 15m, notify: ["user:ben"]}
    - {after: 30m, notify: ["usergroup:sre"]}
"""


async def test_it_outlives_its_check_and_climbs_until_somebody_ends_it(story):
    await story.configured(TEAM)
    await story.desk.escalate("api", story.asked("U1"), why="it feels slow")
    await story.configured(TEAM.replace("api", "shop"))
    await story.after("16m")
    (reply,) = story.replies("Escalated to", "@ben", "step 2 of 3")
    assert story.the("#1 api").ts == reply.thread_ts
    await story.desk.resolve("api", story.asked("U2"))
    await story.after("1h")
    assert not story.replies("Escalated to", "@sre")


async def test_it_can_be_opened_again_although_its_check_is_gone(story):
    await story.configured(TEAM)
    await story.desk.escalate("api", story.asked("U1"), why="it feels slow")
    await story.configured(TEAM.replace("api", "shop"))
    await story.desk.resolve("api", story.asked("U2"))
    await story.desk.reopen("api", story.asked("U2"))
    await story.after("16m")
    assert len(story.replies("Escalated to", "@ben", "step 2 of 3")) == 1


async def test_beside_it_the_incident_of_the_check_itself_ends_with_the_check(story):
    await story.configured(TEAM)
    await story.desk.escalate("api", story.asked("U1"), why="it feels slow")
    story.fails("api")
    await story.after("3m")
    await story.configured(TEAM.replace("api", "shop"))
    await story.after("20m")
    (reply,) = story.replies("Escalated to", "@ben", "step 2 of 3")
    assert story.the("#1 api").ts == reply.thread_ts
