"""Whatever looks show, people ask, time does and the configuration becomes: every promise holds after every step.

The promises themselves stand in `tests/simulation/promises`; here hypothesis makes up the story, and makes it short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.engine.desk import Asked, Desk
from checks import Outcome
from tests.simulation.fate import S
from tests.simulation.still import StillWorld

CONFIGURATION = """
timezone: UTC
channel: "#record"
severities:
  critical: {acknowledge_within: 6m}
checks:
  alpha: {kind: disk, path: /, every: 4m}
  beta: {kind: disk, path: /, open_after: 1, close_after: 1, channel: "#beta"}
checklists:
  hand:
    every: 10m
    channel: "#hand"
    due_in: 3m
    overdue: escalate
    items: [beta, {manual: Look around}, {manual: Sign, owner: "user:ann"}]
escalations:
  climb:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 2m, notify: ["user:ben"]}
    - {after: 7m, notify: ["usergroup:sre"]}
"""
CONFIGURATIONS = (
    CONFIGURATION,
    CONFIGURATION.replace("  alpha: {kind: disk, path: /, every: 4m}\n", ""),
    CONFIGURATION.replace("every: 4m", "every: 2m").replace("overdue: escalate", "overdue: remind"),
    CONFIGURATION.replace("after: 7m", "after: 4m").replace("acknowledge_within: 6m", "acknowledge_within: 1m"),
)
"""As it is, without a check, with other rhythms, with another policy."""

PEOPLE = st.sampled_from(("U1", "U2"))
CALLED = st.sampled_from((1, 2, 3, "user:ben", "usergroup:sre"))
ITEMS = st.sampled_from(("look-around", "sign"))
LENGTHS = st.sampled_from((5, 45, 130, 250, 600))


class AnyStory(RuleBasedStateMachine):
    """A team's day, made up."""

    world: StillWorld

    @initialize(text=st.sampled_from(CONFIGURATIONS))
    def a_team_begins(self, text):
        self.text = text
        self.world = StillWorld(text)

    def teardown(self):
        self.world.close()

    def _unresolved(self) -> list[int]:
        return [i.id for i in self.world.ledger.rows["incident"].values() if i.state != "resolved"]

    def _over(self) -> list[int]:
        return [i.id for i in self.world.ledger.rows["incident"].values() if i.resolved_by is not None]

    def _runs_with_items(self) -> list[int]:
        """Also those that are done: what was ticked can be taken back."""
        runs = self.world.ledger.rows["run"].values()
        return [run.id for run in runs if run.checklist == "hand" and run.state in ("waiting", "complete")]

    def _ask(self, request: Callable[[Desk, Asked], Awaitable[Any]], by: str = "U1") -> None:
        self.refused = self.world.ask(request, by=by)

    @rule(check=st.sampled_from(("alpha", "beta")), outcome=st.sampled_from(Outcome))
    def it_looks_like(self, check, outcome):
        self.world.health[check] = outcome
        self._ask(lambda desk, asked: desk.run(check, asked, channel="#hand"))

    @rule(seconds=LENGTHS)
    def time_passes(self, seconds):
        self.world.pass_time(seconds * S)

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data(), by=PEOPLE)
    def somebody_has_it(self, data, by):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.acknowledge(f"#{number}", asked), by)

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data())
    def somebody_gives_it_back(self, data):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.unacknowledge(f"#{number}", asked))

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data())
    def somebody_calls_for_help(self, data):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.escalate(f"#{number}", asked))

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data(), to=CALLED)
    def somebody_calls_for_somebody(self, data, to):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.escalate(f"#{number}", asked, to=to))

    @rule(to=st.none() | CALLED)
    def somebody_feels_that_it_is_slow(self, to):
        self._ask(lambda desk, asked: desk.escalate("beta", asked, to=to, why="it feels slow"))

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data(), seconds=LENGTHS)
    def somebody_wants_quiet(self, data, seconds):
        number = data.draw(st.sampled_from(self._unresolved()))
        until = self.world.now() + timedelta(seconds=seconds)
        self._ask(lambda desk, asked: desk.snooze(f"#{number}", until, asked))

    @rule(seconds=LENGTHS)
    def it_gets_worse_while_it_is_quiet(self, seconds):
        """Chance alone would hardly ever bring these three together, and it is what quiet is for."""
        self.it_looks_like("beta", Outcome.WARNING)
        until = self.world.now() + timedelta(seconds=seconds)
        self._ask(lambda desk, asked: desk.snooze("beta", until, asked))
        self.it_looks_like("beta", Outcome.CRITICAL)

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data())
    def somebody_ends_the_quiet(self, data):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.unsnooze(f"#{number}", asked))

    @precondition(lambda self: self._unresolved())
    @rule(data=st.data())
    def somebody_says_that_it_is_over(self, data):
        number = data.draw(st.sampled_from(self._unresolved()))
        self._ask(lambda desk, asked: desk.resolve(f"#{number}", asked))

    @precondition(lambda self: self._over())
    @rule(data=st.data())
    def somebody_says_that_it_is_not_over(self, data):
        number = data.draw(st.sampled_from(self._over()))
        self._ask(lambda desk, asked: desk.reopen(f"#{number}", asked))

    @precondition(lambda self: self._runs_with_items())
    @rule(data=st.data(), item=ITEMS, what=st.sampled_from(("tick", "untick", "skip", "own", "give back")))
    def somebody_works_on_an_item(self, data, item, what):
        run = data.draw(st.sampled_from(self._runs_with_items()))
        if what == "own":
            self._ask(lambda desk, asked: desk.acknowledge(item, asked))
        elif what == "give back":
            self._ask(lambda desk, asked: desk.unacknowledge(item, asked))
        elif what == "skip":
            self._ask(lambda desk, asked: desk.skip(run, item, asked, "nobody is there"))
        else:
            self._ask(lambda desk, asked: getattr(desk, what)(run, item, asked))

    @rule(text=st.sampled_from(CONFIGURATIONS))
    def the_configuration_changes(self, text):
        self.text = text
        self.world.reload(text)

    @rule()
    def the_process_dies_and_another_starts(self):
        self.world.restart(self.text)


TestAnyStory = AnyStory.TestCase
TestAnyStory.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    suppress_health_check=list(HealthCheck),
    # Explaining costs minutes, and the story that remains explains itself.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
