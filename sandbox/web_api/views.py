"""views.*: modals and Home tabs."""

from sandbox.block_kit import validate
from sandbox.block_kit.elements import interactive, with_ids
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.rates import T4
from sandbox.triggers import Trigger, TriggerRefused
from sandbox.views import View, ViewRefused
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused


def checked(slack: LocalSlack, given: object, kind: str) -> Json:
    """The view of an argument, of that kind (modal or home; "" for either), its blocks with ids."""
    if not isinstance(given, dict):
        raise Refused.argument("missing required field: view")
    if given.get("type") not in ((kind,) if kind else ("modal", "home")):
        raise Refused.argument(f"must be a valid enum value: {kind or 'modal, home'} [json-pointer:/view/type]")
    if problems := validate.view(given, file_ready=slack.files.ready):
        raise Refused.argument(*(problem.sentence for problem in problems))
    if validate.view_too_large(given):
        raise Refused("view_too_large")
    scopes = slack.seed.manifest.scopes
    if "files:read" not in scopes and any(part["type"] == "file_input" for _, part in interactive(given["blocks"])):
        raise Refused("missing_scope", needed="files:read", provided=",".join(scopes))
    return given | {"blocks": with_ids(given["blocks"])}


def _exchange(call: Call) -> Trigger:
    return call.slack.triggers.exchange(call.args.need("trigger_id"))


async def open_(call: Call) -> Json:
    try:
        given = checked(call.slack, call.args.json("view"), "modal")
        trigger = _exchange(call)
        return _told(call, call.slack.views.open(trigger.user, given, channel=trigger.channel))
    except (ViewRefused, TriggerRefused) as refusal:
        raise Refused(str(refusal)) from None


async def push(call: Call) -> Json:
    """Its trigger must come from inside the modal."""
    try:
        given = checked(call.slack, call.args.json("view"), "modal")
        trigger = _exchange(call)
        inside = trigger.view is not None and call.slack.views.top(trigger.user) is not None
        if not inside:
            raise Refused("not_found")
        return _told(call, call.slack.views.open(trigger.user, given, channel=trigger.channel))
    except (ViewRefused, TriggerRefused) as refusal:
        raise Refused(str(refusal)) from None


async def update(call: Call) -> Json:
    given = checked(call.slack, call.args.json("view"), "")
    if external := call.args.text("external_id"):
        view = call.slack.views.find_external(external)
    else:
        view = call.slack.views.find(call.args.need("view_id"))
    if view is None:
        raise Refused("not_found")
    try:
        call.slack.views.update(view, given, call.args.text("hash"))
    except ViewRefused as refusal:
        raise Refused(str(refusal)) from None
    return _told(call, view)


async def publish(call: Call) -> Json:
    user = call.args.need("user_id")
    given = checked(call.slack, call.args.json("view"), "home")
    if not call.slack.seed.manifest.home_tab:
        raise Refused("not_enabled")
    if user not in call.workspace.people:
        raise Refused("invalid_arguments")
    try:
        return _told(call, call.slack.views.publish(user, given, call.args.text("hash")))
    except ViewRefused as refusal:
        raise Refused(str(refusal)) from None


def _told(call: Call, view: View) -> Json:
    return {"view": call.slack.views.web(view)}


METHODS = {
    "views.open": Method(open_, (), T4),
    "views.push": Method(push, (), T4),
    "views.update": Method(update, (), T4),
    "views.publish": Method(publish, (), T4),
}
