"""Whom and what a configuration names that the ledger knows not to be there, without asking Slack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.config.configuration import Configuration
from bot.domain.notifications import Trouble
from bot.domain.people import Person, UserGroup
from storage.inspecting import read_ledger
from storage.opening import Unreachable
from storage.tx import Tx


def channels(configuration: Configuration) -> list[str]:
    """Every channel that something goes to."""
    named = [checklist.channel for checklist in configuration.checklists.values()]
    named += [check.channel for check in configuration.checks.values()]
    return list(dict.fromkeys([configuration.channel, *named]))


def targets(configuration: Configuration) -> list[str]:
    """Everybody who may be called or owns something."""
    called = [target for policy in configuration.policies.values() for step in policy.steps for target in step.notify]
    called += configuration.roles.targets()
    items = [item for checklist in configuration.checklists.values() for item in checklist.items]
    return list(dict.fromkeys([*called, *(item.owner for item in items if item.owner)]))


def strangers(
    targets: Iterable[str], *, named: Mapping[str, str], people: Sequence[Person], groups: Sequence[UserGroup]
) -> Iterator[str]:
    """A sentence on each person or group that nobody is called by, of all whom Slack has told us of.

    Args:
        named: ids and addresses by the names under `people:` of the configuration.
    """
    there = [person for person in people if not person.deleted]
    ids, names = {person.id for person in there}, {name for person in there for name in person.names}
    tells_addresses = any(person.email for person in people)  # without the scope for it, Slack tells none
    handles = {group.handle.casefold() for group in groups} | {group.id for group in groups}
    for target in dict.fromkeys(targets):
        sort, _, name = target.partition(":")
        if sort == "usergroup":
            if groups and name.casefold() not in handles and name not in handles:
                yield f"{target}: Slack has told Rounds of no such group; `rounds doctor` asks again"
            continue
        meant = named.get(name, name)
        if "@" in meant:
            strange = tells_addresses and meant.casefold() not in names
        else:
            strange = bool(people) and name not in named and meant not in ids and meant.casefold() not in names
        if strange:
            who = target if meant == name else f"{target} is {meant}"
            yield f"{who}: Slack has told Rounds of nobody by that name; `rounds doctor` asks again"


def out_of_reach(channels: Iterable[str], troubles: Iterable[Trouble]) -> Iterator[str]:
    """A sentence on each channel that messages wait for."""
    waiting = {trouble.channel: trouble for trouble in troubles}
    for channel in dict.fromkeys(channels):
        if (trouble := waiting.get(channel)) is not None:
            wait = "1 message waits" if trouble.waiting == 1 else f"{trouble.waiting} messages wait"
            yield f"{channel}: {wait} for it ({trouble.error}); `rounds doctor` says what to do"


def remembered(configuration: Configuration, url: str) -> list[str]:
    """What the ledger at this URL knows of those whom the configuration names; nothing where there is none."""

    def work(tx: Tx) -> list[str]:
        people, groups = tx.roster.people(), tx.roster.groups()
        return [
            *strangers(targets(configuration), named=configuration.people, people=people, groups=groups),
            *out_of_reach(channels(configuration), tx.outbox.troubles()),
        ]

    try:
        return read_ledger(url, work, now=datetime.now(UTC)) or []
    except (ValueError, Unreachable):
        return []  # this command is about the file; `rounds doctor` is about the ledger
