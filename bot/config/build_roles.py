"""Who may do what, from the `roles:` of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.config.document import Path
from bot.config.schema import RoleModel
from bot.config.targets import bad_target
from bot.domain.permissions import EVERYBODY, Role, Roles

ALL = "everybody"


def build_roles(models: Mapping[str, RoleModel], complain: Callable[[Path, str], None]) -> Roles:
    """The roles; mistakes are told to `complain`."""
    if not models:
        return Roles()
    everybody = frozenset(models[ALL].may) if ALL in models else EVERYBODY
    roles = []
    for name, model in models.items():
        path: Path = ("roles", name)
        if name == ALL:
            if model.who:
                complain((*path, "who"), "everybody is everybody; give another role a `who`")
            continue
        if not model.who:
            complain(path, "names nobody; expected `who: [user:NAME, usergroup:HANDLE]`")
        for n, target in enumerate(model.who):
            if (sentence := bad_target(target)) is not None:
                complain((*path, "who", n), sentence)
        roles.append(Role(name, tuple(model.who), frozenset(model.may)))
    return Roles(tuple(roles), everybody)
