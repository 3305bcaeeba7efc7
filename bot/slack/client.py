"""The Web API client, set up so that nothing is sent twice behind our back."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.notifications import (
    ChannelUnusable,
    MessageGone,
    NotDelivered,
    PerhapsDelivered,
    Undeliverable,
)

T = TypeVar("T")

TIMEOUT_S = 10
"""For one call; a third of the courier's lease, so that a call cannot outlive its claim."""

_CHANNEL = frozenset(
    (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    )
)
_GONE = frozenset(("message_not_found", "thread_not_found"))
_FORM = frozenset(
    (
        "cant_broadcast_message",
        "cant_update_message",
        "edit_window_closed",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    )
)
_PERHAPS = frozenset(("fatal_error", "internal_error", "request_timeout", "service_unavailable"))


Count = Callable[[str, str], None]
"""Hears of every call: its method, and `ok`, `refused`, `slow_down` or `lost`."""


class _Counted(AsyncWebClient):
    """Counts its calls."""

    count: Count = staticmethod(lambda _method, _outcome: None)

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:
        outcome = "lost"
        try:
            answer = await super().api_call(api_method, **given)
            outcome = "ok"
        except SlackApiError as error:
            outcome = "slow_down" if getattr(error.response, "status_code", 200) == 429 else "refused"
            raise
        finally:
            self.count(api_method, outcome)
        return answer


def web_client(
    token: str, *, base_url: str | None, session: aiohttp.ClientSession | None = None, count: Count | None = None
) -> AsyncWebClient:
    """A client that never retries by itself: the SDK's own retry after a lost connection doubles messages."""
    url = base_url or AsyncWebClient.BASE_URL
    client = _Counted(token=token, base_url=url, timeout=TIMEOUT_S, session=session, retry_handlers=[])
    if count is not None:
        client.count = count
    return client


def leave_out_proxy(url: str, environment: MutableMapping[str, str]) -> None:
    """Forget the environment's proxy where it must not be used for Slack.

    slack_sdk and Bolt read it at every turn and ignore NO_PROXY, even for loopback.
    """
    host = urlsplit(url).hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if loopback or proxy_bypass(host):
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            environment.pop(name, None)


async def asked(call: Callable[[], Awaitable[T]]) -> T:
    """Make one call to Slack and say in our words what became of it.

    Raises:
        NotDelivered: surely without effect; may be tried again.
        PerhapsDelivered: the answer got lost.
        ChannelUnusable, MessageGone, Undeliverable: as named.
    """
    try:
        return await call()
    except SlackApiError as error:
        raise _translated(error) from error
    except aiohttp.ClientConnectorError as error:
        raise NotDelivered(f"Slack cannot be reached: {error}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise PerhapsDelivered(f"the answer of Slack got lost: {type(error).__name__}") from error


def _translated(error: SlackApiError) -> Exception:
    response = error.response
    status = getattr(response, "status_code", 200)
    body = response if isinstance(response, dict) else getattr(response, "data", None)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited", "message_limit_exceeded"):
        headers = {name.lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
        wait = str(headers.get("retry-after", "1"))
        return NotDelivered("Slack asks us to slow down", retry_after=timedelta(seconds=_seconds(wait)))
    if status >= 500 or code in _PERHAPS or not code:
        return PerhapsDelivered(f"Slack answered {status} {code}".strip())
    if code in _CHANNEL:
        return ChannelUnusable(code)
    if code in _GONE:
        return MessageGone(code)
    if code in _FORM:
        return Undeliverable(f"{code}: {_details(body)}")
    return NotDelivered(f"Slack refuses: {code}")


def _seconds(text: str) -> int:
    return max(1, min(int(text), 3_600)) if text.isdigit() else 30


def _details(body: object) -> str:
    metadata = body.get("response_metadata") if isinstance(body, dict) else None
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return "; ".join(str(message) for message in messages) if isinstance(messages, list) else ""
