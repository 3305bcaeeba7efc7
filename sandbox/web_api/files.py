"""files.*: the three steps of an upload, looking and deleting."""

from sandbox import events
from sandbox.channel import Channel
from sandbox.files import LARGEST, File
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.rates import T3, T4
from sandbox.web_api.call import Call, Method
from sandbox.web_api.chat import target, thread_of
from sandbox.web_api.refusal import Refused


async def get_upload_url(call: Call) -> Json:
    name = call.args.need("filename")
    if not call.args.need("length").isdecimal() or int(call.args.need("length")[:12]) == 0:
        raise Refused.argument("must be greater than 0 [json-pointer:/length]")
    if int(call.args.need("length")[:12]) > LARGEST:
        raise Refused("file_upload_size_restricted")
    file = call.slack.files.request(name=name, alt=call.args.text("alt_txt"))
    return {"upload_url": f"{call.slack.origin}/upload/v1/{file.id}", "file_id": file.id}


async def complete_upload(call: Call) -> Json:
    """Answers before the file is recognised and shared; both happen a moment later, as in Slack."""
    slack, given = call.slack, call.args.json("files")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Refused.argument("missing required field: files")
    found: list[File] = []
    for one in given:
        file = slack.files.all.get(str(one.get("id")))
        if file is None or file.content is None or file.completed:
            raise Refused("file_not_found")
        found.append(file)
    where: Channel | None = None
    thread: str | None = None
    if call.args.text("channel_id"):
        where = target(call, "channel_id", by_id=True)
        thread = thread_of(where, call.args.text("thread_ts"))
    for file, one in zip(found, given, strict=True):
        file.completed = True
        file.title = str(one.get("title") or file.title)
    answer = {"files": [slack.files.web(file) for file in found]}
    comment = call.args.text("initial_comment")
    slack.timers.after(slack.times.mimetype, lambda: _finish(slack, found, where, comment=comment, thread=thread))
    return answer


def _finish(slack: LocalSlack, found: list[File], where: Channel | None, *, comment: str, thread: str | None) -> None:
    for file in found:
        slack.files.recognise(file)
    if where is None or where.id not in slack.workspace.channels:
        return
    message = Message(
        ts=slack.clock.ts(), author=slack.workspace.bot_author, text=comment, subtype="file_share", thread_ts=thread
    )
    for file in found:
        file.shares.setdefault(where.id, []).append(message.ts)
    message.files = [slack.files.web(file) for file in found]
    slack.workspace.post(where, message)
    events.posted(slack, where, message)
    for file in found:
        events.file_shared(slack, where, file.id, file.user)


def _file(call: Call) -> File:
    file = call.slack.files.all.get(call.args.need("file"))
    if file is None or not file.completed:
        raise Refused("file_not_found")
    return file


async def info(call: Call) -> Json:
    return {"file": call.slack.files.web(_file(call)), "comments": [], "response_metadata": {"next_cursor": ""}}


async def delete(call: Call) -> Json:
    file = _file(call)
    del call.slack.files.all[file.id]
    for channel_id, stamps in file.shares.items():
        channel = call.workspace.channels.get(channel_id)
        for message in (channel.messages.get(ts) for ts in stamps) if channel is not None else ():
            if channel is not None and message is not None:
                message.files = [one for one in message.files if one["id"] != file.id]
                call.workspace.changed(channel, message)
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), T4),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), T4),
    "files.info": Method(info, ("files:read",), T4),
    "files.delete": Method(delete, ("files:write",), T3),
}
