"""What happens in the workspace, told to the bot: only what its manifest subscribes to and its scopes allow."""

import asyncio
import json
import secrets

from sandbox.channel import Channel
from sandbox.delivery import Ack
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.people import Person, UserGroup

SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "subteam_created": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_rename": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_deleted": "groups:read",
    "group_rename": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "file_shared": "files:read",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""The scope each event needs (docs.slack.dev/reference/events); others need none."""

_MESSAGE_KIND = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def subscribed(slack: LocalSlack, name: str, scope: str = "") -> bool:
    """`scope` in place of the event's own, where it depends on the channel."""
    manifest = slack.seed.manifest
    needed = scope or SCOPES.get(name)
    return name in manifest.events and (needed is None or needed in manifest.scopes)


def send(slack: LocalSlack, event: Json, *, name: str = "", scope: str = "") -> asyncio.Future[Ack] | None:
    """Start its delivery, if the bot wants it. The answer is that of the first attempt."""
    if not subscribed(slack, name or event["type"], scope):
        return None
    seed = slack.seed
    context = secrets.token_hex(8)
    return slack.delivery.event(
        {
            "token": "verification-token",
            "team_id": seed.team,
            "context_team_id": seed.team,
            "api_app_id": seed.app_id,
            # A copy: what happens later must not change what is told now.
            "event": json.loads(json.dumps(event)),
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(slack.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": seed.team,
                    "user_id": seed.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{context}",
        }
    )


def posted(slack: LocalSlack, channel: Channel, message: Message) -> None:
    """A message was posted, by a person or by the bot itself."""
    if message.ephemeral_for is not None or slack.workspace.bot.id not in channel.members:
        return
    told = message.web(metadata=False) | {"channel": channel.id, "event_ts": message.ts}
    mentioned = f"<@{slack.workspace.bot.id}>" in message.text or f"<@{slack.workspace.bot.id}|" in message.text
    if mentioned and not message.author.bot_id and not channel.is_im:
        send(slack, told | {"type": "app_mention"})
    told["channel_type"] = channel.event_type
    send(slack, told, name=_MESSAGE_KIND[channel.event_type])


def edited(slack: LocalSlack, channel: Channel, before: Json, message: Message) -> None:
    _changed(slack, channel, "message_changed", {"message": message.web(metadata=True), "previous_message": before})


def deleted(slack: LocalSlack, channel: Channel, before: Json) -> None:
    _changed(slack, channel, "message_deleted", {"previous_message": before, "deleted_ts": before["ts"]})


def _changed(slack: LocalSlack, channel: Channel, subtype: str, more: Json) -> None:
    if slack.workspace.bot.id not in channel.members:
        return
    ts = slack.clock.ts()
    event: Json = {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.event_type,
        "ts": ts,
        "event_ts": ts,
        **more,
    }
    send(slack, event, name=_MESSAGE_KIND[channel.event_type])


def member(slack: LocalSlack, channel: Channel, user: str, *, joined: bool) -> None:
    """Somebody, perhaps the bot, came or went. The bot hears of its own going, too."""
    kind = "member_joined_channel" if joined else "member_left_channel"
    if slack.workspace.bot.id not in (*channel.members, user):
        return
    send(
        slack,
        {
            "type": kind,
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": slack.seed.team,
            "event_ts": slack.clock.ts(),
        },
        scope="groups:read" if channel.is_private else "channels:read",
    )


def archived(slack: LocalSlack, channel: Channel) -> None:
    area = "group" if channel.is_private else "channel"
    kind = f"{area}_archive" if channel.is_archived else f"{area}_unarchive"
    _about(slack, channel, {"type": kind, "channel": channel.id, "user": channel.creator})


def channel_deleted(slack: LocalSlack, channel: Channel) -> None:
    area = "group" if channel.is_private else "channel"
    _about(slack, channel, {"type": f"{area}_deleted", "channel": channel.id})


def _about(slack: LocalSlack, channel: Channel, event: Json) -> None:
    if not channel.is_private or slack.workspace.bot.id in channel.members:
        send(slack, event | {"event_ts": slack.clock.ts()})


def channel_created(slack: LocalSlack, channel: Channel) -> None:
    if not channel.is_private:
        told = {"id": channel.id, "name": channel.name, "created": channel.created, "creator": channel.creator}
        _about(slack, channel, {"type": "channel_created", "channel": told})


def renamed(slack: LocalSlack, channel: Channel) -> None:
    area = "group" if channel.is_private else "channel"
    told = {"id": channel.id, "name": channel.name, "created": channel.created}
    _about(slack, channel, {"type": f"{area}_rename", "channel": told})


def group_created(slack: LocalSlack, group: UserGroup) -> None:
    told = group.web(team=slack.seed.team, users=True)
    send(slack, {"type": "subteam_created", "subteam": told, "event_ts": slack.clock.ts()})


def group_changed(slack: LocalSlack, group: UserGroup, before: list[str]) -> None:
    """Two events for one change, as in Slack: the group, and who is new or gone in it."""
    team, ts = slack.seed.team, slack.clock.ts()
    send(slack, {"type": "subteam_updated", "subteam": group.web(team=team, users=True), "event_ts": ts})
    added = [user for user in group.users if user not in before]
    removed = [user for user in before if user not in group.users]
    if added or removed:
        event: Json = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": team,
            "date_update": int(slack.clock.now()),
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
            "event_ts": ts,
        }
        send(slack, event)


def user_changed(slack: LocalSlack, person: Person) -> None:
    send(slack, {"type": "user_change", "user": _told(slack, person), "event_ts": slack.clock.ts()})


def user_joined(slack: LocalSlack, person: Person) -> None:
    send(slack, {"type": "team_join", "user": _told(slack, person), "event_ts": slack.clock.ts()})


def _told(slack: LocalSlack, person: Person) -> Json:
    return person.web(team=slack.seed.team, email="users:read.email" in slack.seed.manifest.scopes)


def file_shared(slack: LocalSlack, channel: Channel, file_id: str, user: str) -> None:
    if slack.workspace.bot.id not in channel.members:
        return
    told: Json = {"type": "file_shared", "channel_id": channel.id, "file_id": file_id, "file": {"id": file_id}}
    send(slack, told | {"user_id": user, "event_ts": slack.clock.ts()})


def tokens_revoked(slack: LocalSlack) -> None:
    """Slack tells the app of its own end, too: first that its tokens are void, then that it is no longer installed."""
    told: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [slack.seed.bot_user]}}
    send(slack, told | {"event_ts": slack.clock.ts()})
    send(slack, {"type": "app_uninstalled", "event_ts": slack.clock.ts()})
