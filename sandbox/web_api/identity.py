"""api.test, auth.test, apps.connections.open, team.info, bots.info: who and where we are."""

from sandbox.json_types import Json
from sandbox.rates import SPECIAL, T1, T3
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused


async def api_test(call: Call) -> Json:
    told = {name: value for name, value in call.args.given.items() if name != "token"}
    if error := call.args.text("error"):
        raise Refused(error, args=told)
    return {"args": told}


async def auth_test(call: Call) -> Json:
    seed = call.slack.seed
    return {
        "url": f"{call.slack.origin}/",
        "team": seed.team_name,
        "user": call.workspace.bot.name,
        "team_id": seed.team,
        "user_id": seed.bot_user,
        "bot_id": seed.bot_id,
        "is_enterprise_install": False,
    }


async def connections_open(call: Call) -> Json:
    ticket = call.slack.connections.ticket()
    where = call.slack.origin.replace("http://", "ws://")
    return {"url": f"{where}/link/?ticket={ticket}&app_id={call.slack.seed.app_id}"}


async def team_info(call: Call) -> Json:
    seed = call.slack.seed
    return {
        "team": {
            "id": seed.team,
            "name": seed.team_name,
            "url": f"{call.slack.origin}/",
            "domain": seed.domain,
            "email_domain": "example.com",
            "icon": {"image_default": True},
        }
    }


async def bots_info(call: Call) -> Json:
    seed = call.slack.seed
    if call.args.text("bot") not in ("", seed.bot_id):
        raise Refused("bot_not_found")
    return {
        "bot": {
            "id": seed.bot_id,
            "deleted": False,
            "name": call.workspace.bot.name,
            "updated": 0,
            "app_id": seed.app_id,
            "user_id": seed.bot_user,
            "icons": {},
        }
    }


METHODS = {
    "api.test": Method(api_test, (), 0, token=""),
    "auth.test": Method(auth_test, (), SPECIAL),
    "apps.connections.open": Method(connections_open, (), T1, token="app"),
    "team.info": Method(team_info, ("team:read",), T3),
    "bots.info": Method(bots_info, ("users:read",), T3),
}
