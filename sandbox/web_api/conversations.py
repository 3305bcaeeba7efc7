"""conversations.*: finding, reading, joining and opening them."""

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.message import Message
from sandbox.rates import T2, T3, T4
from sandbox.web_api.call import Call, Method
from sandbox.web_api.paging import decode, encode, page
from sandbox.web_api.refusal import Refused

KINDS = ("public_channel", "private_channel", "mpim", "im")
AREAS = {"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}


def _kinds(call: Call) -> list[str]:
    kinds = call.args.words("types") or ["public_channel"]
    for kind in kinds:
        if kind not in KINDS:
            raise Refused("invalid_types")
        call.need_scope(f"{AREAS[kind]}:read")
    return kinds


def _known(call: Call, kinds: list[str]) -> list[Channel]:
    bot = call.workspace.bot.id
    hidden = call.args.flag("exclude_archived")
    return [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public_channel" or bot in channel.members)
        and not (hidden and channel.is_archived)
    ]


async def list_(call: Call) -> Json:
    found, metadata = page(_known(call, _kinds(call)), call.args, default=100)
    bot = call.workspace.bot.id
    return {"channels": [channel.web(bot=bot) for channel in found], "response_metadata": metadata}


async def of_user(call: Call) -> Json:
    """users.conversations: those the bot, or the person asked for, is in."""
    user = call.args.text("user") or call.workspace.bot.id
    if call.workspace.person(user) is None:
        raise Refused("user_not_found")
    found = [channel for channel in _known(call, _kinds(call)) if user in channel.members]
    part, metadata = page(found, call.args, default=100)
    bot = call.workspace.bot.id
    return {"channels": [channel.web(bot=bot) for channel in part], "response_metadata": metadata}


async def info(call: Call) -> Json:
    channel = call.channel()
    call.need_kind_scope(channel, "read")
    told = channel.web(bot=call.workspace.bot.id)
    if not call.args.flag("include_num_members"):
        told.pop("num_members", None)
    return {"channel": told}


async def members(call: Call) -> Json:
    channel = call.channel()
    call.need_kind_scope(channel, "read")
    found, metadata = page(channel.members, call.args, default=100)
    return {"members": found, "response_metadata": metadata}


async def open_(call: Call) -> Json:
    """The direct messages with one person."""
    users = call.args.words("users")
    if call.args.text("channel"):
        channel = call.channel()
        if not channel.is_im:
            raise Refused("method_not_supported_for_channel_type")
    elif len(users) != 1:
        raise Refused("users_list_not_supplied" if not users else "not_enough_users")
    elif users[0] not in call.workspace.people:
        raise Refused("user_not_found")
    else:
        channel = call.workspace.direct(users[0])
    told = channel.web(bot=call.workspace.bot.id) if call.args.flag("return_im") else {"id": channel.id}
    return {"channel": told, "no_op": True, "already_open": True}


async def join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "public_channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    bot = call.workspace.bot.id
    answer: Json = {}
    if bot in channel.members:
        answer = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    else:
        channel.members.append(bot)
        call.workspace.told(channel)
        events.member(call.slack, channel, bot, joined=True)
    return {"channel": channel.web(bot=bot)} | answer


def _window(call: Call, messages: list[Message]) -> list[Message]:
    """Between `oldest` and `latest`, the ends only with `inclusive`."""
    oldest, latest = _time(call, "oldest"), _time(call, "latest")
    inclusive = call.args.flag("inclusive")
    return [
        message
        for message in messages
        if (oldest is None or _number(message.ts) > oldest or (inclusive and _number(message.ts) == oldest))
        and (latest is None or _number(message.ts) < latest or (inclusive and _number(message.ts) == latest))
    ]


def _time(call: Call, name: str) -> int | None:
    """A timestamp in microseconds, None if it is not given."""
    text = call.args.text(name)
    if not text or text == "now":
        return None
    try:
        return _number(text)
    except ValueError:
        raise Refused("invalid_ts_latest" if name == "latest" else "invalid_ts_oldest") from None


def _number(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int((rest + "000000")[:6])


def _read(call: Call) -> Channel:
    channel = call.channel()
    call.need_kind_scope(channel, "history")
    if call.workspace.bot.id not in channel.members:
        raise Refused("not_in_channel")
    return channel


async def history(call: Call) -> Json:
    """Newest first. A cursor names the message after which the next page goes on, so new messages do not shift it."""
    channel = _read(call)
    found = _window(call, [message for message in channel.visible() if message.in_channel])[::-1]
    if cursor := call.args.text("cursor"):
        after = _number(decode(cursor).removeprefix("next_ts:")) if decode(cursor)[8:9].isdecimal() else None
        if after is None:
            raise Refused("invalid_cursor")
        found = [message for message in found if _number(message.ts) < after]
    limit = call.args.number("limit", 100, least=1, most=999)
    part, more = found[:limit], len(found) > limit
    metadata = call.args.flag("include_all_metadata")
    answer: Json = {
        "messages": [message.web(metadata=metadata) for message in part],
        "has_more": more,
        "pin_count": sum(message.pinned for message in channel.messages.values()),
    }
    if more:
        answer["response_metadata"] = {"next_cursor": encode(f"next_ts:{part[-1].ts}")}
    return answer


async def replies(call: Call) -> Json:
    """Oldest first, the thread's first message always at the head."""
    channel = _read(call)
    parent = channel.find(call.args.need("ts"))
    if parent is None:
        raise Refused("thread_not_found")
    if parent.is_reply:
        parent = channel.find(parent.thread_ts or "") or parent
    answers = _window(call, [reply for reply in parent.replies if reply.ephemeral_for is None])
    part, paging = page(answers, call.args, default=1000)
    metadata = call.args.flag("include_all_metadata")
    return {
        "messages": [message.web(metadata=metadata) for message in (parent, *part)],
        "has_more": bool(paging["next_cursor"]),
        "response_metadata": paging,
    }


READ = ("channels:read", "groups:read", "im:read")
HISTORY = ("channels:history", "groups:history", "im:history")
METHODS = {
    "conversations.list": Method(list_, READ, T2),
    "conversations.info": Method(info, READ),
    "conversations.members": Method(members, READ, T4),
    "conversations.open": Method(open_, ("im:write",)),
    "conversations.join": Method(join, ("channels:join",)),
    "conversations.history": Method(history, HISTORY, T3),
    "conversations.replies": Method(replies, HISTORY, T3),
    "users.conversations": Method(of_user, READ, T2),
}
