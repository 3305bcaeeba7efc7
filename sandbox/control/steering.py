"""POST /_control/…: what tests do to the workspace itself."""

from sandbox import events
from sandbox.channel import Channel
from sandbox.control import people_change
from sandbox.control.acting import Act
from sandbox.control.body import Body
from sandbox.interactions.parts import Impossible, channel, person
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack

TOKEN_ERRORS = ("token_revoked", "account_inactive", "invalid_auth")
REASONS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets", "abort")


async def fault(slack: LocalSlack, body: Body) -> Json:
    if body.flag("clear"):
        slack.faults.clear()
        return {"ok": True}
    try:
        return {"ok": True, "id": slack.faults.add(body.given)}
    except ValueError as problem:
        raise Impossible(str(problem)) from None


async def times(slack: LocalSlack, body: Body) -> Json:
    try:
        slack.times = slack.times.changed(body.given)
    except ValueError as problem:
        raise Impossible(str(problem)) from None
    return {"ok": True}


async def disconnect(slack: LocalSlack, body: Body) -> Json:
    reason = body.text("reason", "refresh_requested")
    if reason not in REASONS:
        raise Impossible(f"There is no reason {reason!r}; there are {', '.join(REASONS)}.")
    return {"ok": True, "count": await slack.connections.disconnect(reason, body.text("id") or None)}


async def reset(slack: LocalSlack, _: Body) -> Json:
    await slack.reset()
    return {"ok": True}


async def change_channel(slack: LocalSlack, body: Body) -> Json:
    """What an administrator could do to a channel."""
    workspace, where = slack.workspace, channel(slack, body.need("channel"))
    archived, private, member, deleted = (body.flag(name) for name in ("archived", "is_private", "member", "deleted"))
    if where.is_im:
        raise Impossible("Direct messages cannot be changed.")
    bot = workspace.bot.id
    if member:
        _join(slack, where, bot)
    elif member is False and bot in where.members:
        where.members.remove(bot)
        events.member(slack, where, bot, joined=False)
    if add := body.text("add"):
        _join(slack, where, person(slack, add).id)
    if (remove := body.text("remove")) in where.members:
        where.members.remove(remove)
        events.member(slack, where, remove, joined=False)
    if name := body.text("name"):
        where.name = name
        events.renamed(slack, where)
    if private is not None:
        where.is_private = private
    if archived is not None and archived is not where.is_archived:
        where.is_archived = archived
        events.archived(slack, where)
    if deleted:
        del workspace.channels[where.id]
        events.channel_deleted(slack, where)
        # There is no event for it in the feed; this makes every page fetch the state anew.
        slack.feed.tell({"type": "reset"})
        return {"ok": True}
    workspace.told(where)
    return {"ok": True}


def _join(slack: LocalSlack, where: Channel, user: str) -> None:
    if user not in where.members:
        where.members.append(user)
        events.member(slack, where, user, joined=True)


async def token(slack: LocalSlack, body: Body) -> Json:
    """Make the bot's tokens bad, or good again with an empty `error`."""
    error = body.text("error")
    if error not in ("", *TOKEN_ERRORS):
        raise Impossible(f"error must be empty or one of {', '.join(TOKEN_ERRORS)}.")
    slack.token_problem = error
    if error == "token_revoked":
        events.tokens_revoked(slack)
    return {"ok": True}


async def verify_url(slack: LocalSlack, _: Body) -> Json:
    """What Slack does when a request URL is entered: it sends a challenge."""
    if slack.http is None:
        raise Impossible("Socket Mode is on: there is no request URL.")
    problem = await slack.http.verify()
    return {"ok": True, "verified": not problem, "problem": problem}


ACTS: dict[str, Act] = {
    "fault": fault,
    "times": times,
    "disconnect": disconnect,
    "reset": reset,
    "channel": change_channel,
    "usergroup": people_change.group,
    "person": people_change.person,
    "token": token,
    "verify_url": verify_url,
}
