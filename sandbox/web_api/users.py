"""users.* and usergroups.*"""

from sandbox.json_types import Json
from sandbox.rates import T2, T3, T4
from sandbox.web_api.call import Call, Method
from sandbox.web_api.paging import page
from sandbox.web_api.refusal import Refused


async def info(call: Call) -> Json:
    return {"user": call.person().web(team=call.slack.seed.team, email="users:read.email" in call.scopes)}


async def list_(call: Call) -> Json:
    everybody = [*call.workspace.people.values(), call.workspace.bot]
    part, metadata = page(everybody, call.args, default=len(everybody))
    email = "users:read.email" in call.scopes
    return {
        "members": [person.web(team=call.slack.seed.team, email=email) for person in part],
        "cache_ts": int(call.slack.clock.now()),
        "response_metadata": metadata,
    }


async def lookup_by_email(call: Call) -> Json:
    email = call.args.need("email").lower()
    for person in call.workspace.people.values():
        if person.email.lower() == email and not person.deleted:
            return {"user": person.web(team=call.slack.seed.team, email=True)}
    raise Refused("users_not_found")


async def groups(call: Call) -> Json:
    users, disabled = call.args.flag("include_users"), call.args.flag("include_disabled")
    return {
        "usergroups": [
            group.web(team=call.slack.seed.team, users=users)
            for group in call.workspace.groups.values()
            if disabled or not group.disabled
        ]
    }


async def group_users(call: Call) -> Json:
    group = call.workspace.groups.get(call.args.need("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "users.info": Method(info, ("users:read",), T4),
    "users.list": Method(list_, ("users:read",), T2),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",), T3),
    "usergroups.list": Method(groups, ("usergroups:read",), T2),
    "usergroups.users.list": Method(group_users, ("usergroups:read",), T2),
}
