"""Methods with little behind them: emoji.list, dnd.info, users.getPresence, users.profile.get."""

from sandbox.json_types import Json
from sandbox.rates import T2, T3, T4
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused


async def emoji_list(_: Call) -> Json:
    """The workspace has none of its own."""
    return {"emoji": {}, "cache_ts": "0"}


async def dnd_info(call: Call) -> Json:
    """Nobody has notifications paused."""
    if call.args.has("user"):
        call.person()
    return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1, "snooze_enabled": False}


async def get_presence(call: Call) -> Json:
    person = call.person() if call.args.has("user") else call.workspace.bot
    presence = ("active" if call.slack.online else "away") if person.is_bot else person.presence
    return {"presence": presence, "online": presence == "active"}


async def profile_get(call: Call) -> Json:
    person = call.person() if call.args.has("user") else call.workspace.bot
    if person.deleted:
        raise Refused("user_not_found")
    return {"profile": person.profile(team=call.slack.seed.team, email="users:read.email" in call.scopes)}


METHODS = {
    "emoji.list": Method(emoji_list, ("emoji:read",), T2),
    "dnd.info": Method(dnd_info, ("dnd:read",), T3),
    "users.getPresence": Method(get_presence, ("users:read",), T3),
    "users.profile.get": Method(profile_get, ("users.profile:read",), T4),
}
