"""What the payloads of interactions have in common."""

from sandbox.block_kit.values import collect
from sandbox.channel import Channel
from sandbox.delivery import Ack
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.people import Person
from sandbox.views import View


class Impossible(Exception):
    """Somebody wants something that cannot be done; a sentence, and the HTTP status to say it with."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def person(slack: LocalSlack, user: str) -> Person:
    found = slack.workspace.people.get(user)
    if found is None:
        raise Impossible(f"There is no person {user!r}.", 404)
    if found.deleted:
        raise Impossible(f"{user} has left the workspace.", 403)
    return found


def channel(slack: LocalSlack, name: str) -> Channel:
    """By id, or by name with #."""
    found = slack.workspace.channels.get(name) or slack.workspace.named(name)
    if found is None:
        raise Impossible(f"There is no channel {name!r}.", 404)
    return found


def seen_channel(slack: LocalSlack, user: str, name: str) -> Channel:
    """One that this person can open."""
    found = channel(slack, name)
    if not slack.workspace.sees(user, found):
        raise Impossible(f"{user} is not in {name}.", 403)
    return found


def seen_message(where: Channel, user: str, ts: str) -> Message:
    """One that this person sees."""
    found = where.messages.get(ts)
    if found is None or found.ephemeral_for not in (None, user):
        raise Impossible(f"There is no message {ts!r} in {where.id} for {user}.", 404)
    return found


def seen_view(slack: LocalSlack, user: str, view_id: str) -> View:
    found = slack.views.find(view_id)
    if found is None or found.user != user:
        raise Impossible(f"No view {view_id!r} is open for {user}.", 404)
    return found


def envelope(slack: LocalSlack, kind: str, who: Person) -> Json:
    seed = slack.seed
    return {
        "type": kind,
        "token": "verification-token",
        "team": {"id": seed.team, "domain": seed.domain},
        "user": who.brief(team=seed.team),
        "api_app_id": seed.app_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def place(where: Channel) -> Json:
    return {"id": where.id, "name": where.spoken_name}


async def deliver(slack: LocalSlack, payload: Json, *, accepts: bool = False) -> Ack:
    """Send an interaction. Nobody hears of it when the manifest has interactivity switched off."""
    if not slack.seed.manifest.interactivity:
        return Ack(acked=False, problem="interactivity is off in the manifest")
    return await slack.delivery.interactive(payload, accepts=accepts)


def view_with_values(slack: LocalSlack, view: View) -> Json:
    return slack.views.web(view, values=collect(view.blocks, view.filled))


def response_url(slack: LocalSlack, where: Channel, who: str, source: str | None = None) -> str:
    return f"{slack.origin}/response/{slack.response_urls.make(channel=where.id, user=who, source=source)}"


def told(ack: Ack) -> Json:
    return {"ok": True, "acked": ack.acked, "ack_ms": ack.ms}


def complain(slack: LocalSlack, who: str, ack: Ack, what: str) -> None:
    """The notice a person sees when the bot does not answer."""
    if not ack.acked:
        reason = "operation_timeout" if ack.problem.endswith("timeout") else "dispatch_failed"
        slack.workspace.toast(who, f'{what} failed with the error "{reason}".')
