"""Opening the app's Home or Messages tab."""

from sandbox import events
from sandbox.delivery import Ack
from sandbox.interactions import parts
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack


async def open_(slack: LocalSlack, *, who: str, tab: str) -> Json:
    person = parts.person(slack, who)
    if tab not in ("home", "messages"):
        raise parts.Impossible("tab must be home or messages.")
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": slack.workspace.direct(person.id).id,
        "tab": tab,
        "event_ts": slack.clock.ts(),
    }
    home = slack.views.homes.get(person.id)
    if tab == "home" and home is not None:
        event["view"] = parts.view_with_values(slack, home)
    waiting = events.send(slack, event)
    ack = await waiting if waiting is not None else Ack(acked=False, problem="not subscribed")
    return {"ok": True, "acked": ack.acked}
