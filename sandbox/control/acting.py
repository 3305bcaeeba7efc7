"""POST /_control/…: what people do."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import people_talk
from sandbox.control.body import Body, read
from sandbox.interactions import clicks, commands, home, modals, shortcuts, suggestions
from sandbox.interactions.parts import Impossible, channel, person, seen_channel, seen_message
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.reactions import react

Act = Callable[[LocalSlack, Body], Awaitable[Json]]


async def message(slack: LocalSlack, body: Body) -> Json:
    return people_talk.say(
        slack,
        who=body.need("as"),
        channel=body.need("channel"),
        text=body.text("text"),
        thread_ts=body.text("thread_ts"),
        files=body.list("files"),
    )


async def command(slack: LocalSlack, body: Body) -> Json:
    if body.has("thread_ts"):
        raise Impossible("Slash commands do not work in threads.")
    return await commands.run(
        slack,
        who=body.need("as"),
        channel=body.need("channel"),
        command=body.need("command"),
        text=body.text("text"),
    )


async def click(slack: LocalSlack, body: Body) -> Json:
    who, block_id, action_id = body.need("as"), body.text("block_id"), body.need("action_id")
    if body.has("view_id"):
        return await clicks.in_view(
            slack, who=who, view_id=body.need("view_id"), block_id=block_id, action_id=action_id, given=body.given
        )
    return await clicks.in_message(
        slack,
        who=who,
        channel=body.need("channel"),
        ts=body.need("ts"),
        block_id=block_id,
        action_id=action_id,
        given=body.given,
    )


async def submit(slack: LocalSlack, body: Body) -> Json:
    return await modals.submit(slack, who=body.need("as"), view_id=body.need("view_id"), given=body.object("values"))


async def close(slack: LocalSlack, body: Body) -> Json:
    return await modals.close(
        slack, who=body.need("as"), view_id=body.need("view_id"), everything=bool(body.flag("all"))
    )


async def open_home(slack: LocalSlack, body: Body) -> Json:
    return await home.open_(slack, who=body.need("as"), tab=body.text("tab", "home"))


async def mark_read(slack: LocalSlack, body: Body) -> Json:
    who, where = person(slack, body.need("as")), channel(slack, body.need("channel"))
    where.read[who.id] = body.need("ts")
    slack.workspace.told(where)
    return {"ok": True}


async def shortcut(slack: LocalSlack, body: Body) -> Json:
    return await shortcuts.run(
        slack,
        who=body.need("as"),
        callback_id=body.need("callback_id"),
        channel=body.text("channel"),
        ts=body.text("ts"),
    )


async def suggest(slack: LocalSlack, body: Body) -> Json:
    view_id = body.text("view_id")
    return await suggestions.ask(
        slack,
        who=body.need("as"),
        where=view_id or (body.need("channel"), body.need("ts")),
        block_id=body.text("block_id"),
        action_id=body.need("action_id"),
        typed=body.text("value"),
    )


async def give_reaction(slack: LocalSlack, body: Body) -> Json:
    who = person(slack, body.need("as")).id
    where = seen_channel(slack, who, body.need("channel"))
    found = seen_message(where, who, body.need("ts"))
    problem = react(slack, where, found, who=who, name=body.need("name"), remove=bool(body.flag("remove")))
    if problem:
        raise Impossible(f"Slack refuses that: {problem}.")
    return {"ok": True}


ACTS: dict[str, Act] = {
    "message": message,
    "command": command,
    "click": click,
    "submit": submit,
    "close": close,
    "open_home": open_home,
    "read": mark_read,
    "shortcut": shortcut,
    "suggest": suggest,
    "react": give_reaction,
}


def routes(slack: LocalSlack, acts: dict[str, Act]) -> list[web.RouteDef]:
    def handler(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return web.json_response(await act(slack, await read(request)))

        return handle

    return [web.post(f"/_control/{name}", handler(act)) for name, act in acts.items()]
