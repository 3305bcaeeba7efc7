"""Who may do what: full members everything, guests and strangers nothing, unless a role says so."""

import pytest

from bot.domain.people import Person
from bot.domain.permissions import EVERYBODY, May, Role, Roles, why_not

ANN = Person("U1", "ann", "Ann", team="T1")
BEN = Person("U2", "ben", "Ben", team="T1")
GUEST = Person("U3", "gus", "Gus", team="T1", guest=True)
STRANGER = Person("U4", "sue", "Sue", team="T2")
BOT = Person("U5", "bot", "Bot", team="T1", bot=True)
GONE = Person("U6", "old", "Old", team="T1", deleted=True)

NONE = Roles()
ON_CALL = Role("on-call", ("usergroup:sre",), frozenset((May.RESOLVE, May.ESCALATE)))
CONTRACTORS = Role("contractors", ("user:gus", "user:sue"), frozenset((May.ACKNOWLEDGE,)))
SOME = Roles((ON_CALL, CONTRACTORS), EVERYBODY)
MEMBERS = {"usergroup:sre": frozenset({"U1"}), "user:gus": frozenset({"U3"}), "user:sue": frozenset({"U4"})}


def answer(person, may, roles=NONE, home="T1"):
    return why_not(may, person, roles, home=home, members=MEMBERS)


@pytest.mark.parametrize("may", May)
def test_without_roles_a_full_member_may_do_everything(may):
    assert answer(ANN, may) is None


@pytest.mark.parametrize("may", May)
@pytest.mark.parametrize("person", [STRANGER, BOT, GONE])
def test_strangers_bots_and_people_who_left_may_do_nothing(person, may):
    assert "Only people of the workspace" in answer(person, may)


def test_a_guest_may_read_and_nothing_else():
    assert answer(GUEST, May.READ) is None
    assert "Guests may not acknowledge" in answer(GUEST, May.ACKNOWLEDGE)


@pytest.mark.parametrize(
    ("person", "may", "allowed"),
    [
        (ANN, May.RESOLVE, True),
        (BEN, May.RESOLVE, False),
        (BEN, May.ACKNOWLEDGE, True),
        (BEN, May.SNOOZE, False),
        (GUEST, May.ACKNOWLEDGE, True),
        (GUEST, May.RESOLVE, False),
        (STRANGER, May.ACKNOWLEDGE, True),
        (STRANGER, May.READ, False),
    ],
)
def test_roles_restrict_members_and_admit_others(person, may, allowed):
    assert (answer(person, may, SOME) is None) is allowed


def test_a_refusal_names_who_may():
    assert answer(BEN, May.RESOLVE, SOME) == (
        "You may not resolve incidents: that is for on-call. Ask @sre; `roles:` in the configuration says so."
    )
    assert "no role may" in answer(BEN, May.SNOOZE, SOME)


def test_while_slack_has_not_said_where_we_belong_nobody_is_a_stranger():
    assert answer(STRANGER, May.ACKNOWLEDGE, home=None) is None
