"""block_suggestion: options for an external select, asked of the bot while somebody types."""

from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.shape import Node, listing
from sandbox.block_kit.texts import option_group, plain_option
from sandbox.interactions import parts
from sandbox.interactions.clicks import container, find
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack

EXTERNAL = frozenset({"external_select", "multi_external_select"})


async def ask(
    slack: LocalSlack, *, who: str, where: tuple[str, str] | str, block_id: str, action_id: str, typed: str
) -> Json:
    """`where` is a view's id, or channel and ts."""
    person = parts.person(slack, who)
    payload = parts.envelope(slack, "block_suggestion", person)
    if isinstance(where, str):
        view = parts.seen_view(slack, who, where)
        block, element = find(view.blocks, block_id, action_id)
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "view": parts.view_with_values(slack, view),
        }
    else:
        channel = parts.seen_channel(slack, who, where[0])
        message = parts.seen_message(channel, who, where[1])
        block, element = find(message.all_blocks, block_id, action_id)
        payload |= {
            "container": container(channel, message, block),
            "channel": parts.place(channel),
            "message": message.web(metadata=True),
        }
    if element.get("type") not in EXTERNAL:
        raise Impossible(f"{action_id} has options of its own.")
    if len(typed) < int(element.get("min_query_length", 3)):
        return {"ok": True, "acked": True, "options": [], "option_groups": []}
    payload |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
    ack = await parts.deliver(slack, payload, accepts=True)
    answer = ack.payload or {}
    options, groups = _checked(answer)
    offered = [*options, *(option for group in groups for option in group["options"])]
    slack.suggested[who, str(block["block_id"]), action_id] = offered
    return {"ok": True, "acked": ack.acked, "options": options, "option_groups": groups}


def _checked(answer: Json) -> tuple[list[Json], list[Json]]:
    """What is not in Slack's form is shown to nobody."""
    found: list[list[Any]] = []
    for name, rule in (
        ("options", listing(plain_option, 0, limits.SELECT_OPTIONS)),
        ("option_groups", listing(option_group, 0, limits.SELECT_GROUPS)),
    ):
        node = Node(answer.get(name) or [], f"/{name}")
        rule(node)
        found.append([] if node.problems else node.value)
    return found[0], found[1]
