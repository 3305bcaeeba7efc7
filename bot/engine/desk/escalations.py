"""What people ask when an incident needs somebody else: the next step, a chosen one, a person or a group."""

from __future__ import annotations

import re

from bot.config.configuration import Configuration
from bot.domain.climbing import escalate_by_hand
from bot.domain.escalation import Policy
from bot.domain.incidents import Incident, Refused, open_incident
from bot.domain.near import did_you_mean, quoted
from bot.domain.permissions import May
from bot.engine.desk.asking import Asked, Counter, needs
from bot.engine.meaning import SUBJECTS, meant
from checks import Outcome
from storage.tx import Tx

_SLACKS = re.compile(r"user:[UW][A-Z0-9]{1,20}|usergroup:S[A-Z0-9]{1,20}", re.ASCII)


class Escalations(Counter):
    """Calls for help, and who would be called."""

    @needs(May.ESCALATE)
    async def escalate(self, target: str, asked: Asked, *, to: int | str | None = None, why: str = "") -> Incident:
        """Call somebody now, even while it is quiet. A check without an incident gets one, opened by hand.

        Args:
            target: `#12`, `12`, or a check's name.
            to: a step as people count them, from 1; or `user:…` or `usergroup:…` with Slack's id, or a name that the
                configuration knows. `None`: the next step.

        Raises:
            Refused: no such incident, step or person; the person has left, or nobody is in the group; no step is left;
                or it is over.
        """
        configuration = self._configuration()
        said = self._said(why)
        called = whom(to, configuration) if isinstance(to, str) else to
        if isinstance(called, str) and self._gate is not None and (why_nobody := await self._gate.why_nobody(called)):
            raise Refused(why_nobody, blames="person" if called.startswith("user:") else "step")

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            now = self._clock.now()
            check = configuration.checks.get(target)
            subjects = [f"{what}:{target}" for what in SUBJECTS]
            if check is not None and not tx.incidents.of_subjects(*subjects):
                effect = open_incident(
                    subject=f"hand:{target}",
                    title=check.title,
                    severity=Outcome.WARNING,
                    summary=said or f"somebody asks for help with {check.title}",
                    channel=check.channel,
                    policy=check.policy,
                    now=now,
                    within=check.within.get(Outcome.WARNING),
                    by=asked.by,
                    via=asked.via,
                )
                incident = tx.incidents.apply(effect)
                if called is None:
                    return incident
            else:
                incident = meant(tx, target, configuration)
            within = configuration.within.get(incident.severity)
            return tx.incidents.apply(
                escalate_by_hand(incident, by=asked.by, now=now, via=asked.via, why=said, within=within, to=called)
            )

        return await self._store.write(work)

    async def policies(self) -> tuple[Policy, ...]:
        """Who is called, in which order and when, by policy."""
        return tuple(self._configuration().policies.values())


def callable_people(configuration: Configuration) -> dict[str, str]:
    """Whom the configuration names, by name: people and groups as targets."""
    known = {person.casefold(): f"user:{person}" for person in configuration.people}
    for policy in configuration.policies.values():
        for step in policy.steps:
            known |= {target.partition(":")[2].casefold(): target for target in step.notify}
    return known


def whom(name: str, configuration: Configuration) -> str:
    """The target behind what somebody wrote: `user:ben`, `usergroup:S0SRE`, or a name that the configuration knows.

    Raises:
        Refused: nobody is called that.
    """
    known = callable_people(configuration)
    if _SLACKS.fullmatch(name) or name in known.values():
        return name
    word = name.removeprefix("@").casefold()
    if word in known:
        return known[word]
    near = did_you_mean(word, known)
    raise Refused(
        f"Rounds does not know whom {quoted(name)} means{near}. Type @ and choose a person or group from Slack's list."
    )
