"""Delivery by signed HTTP to the app's request URL, as an alternative to Socket Mode."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.clock import Clock
from sandbox.json_types import Json, parse
from sandbox.times import Times

LONGEST_ANSWER = 1 << 20
"""Bytes of the bot's answer that are read."""


class HttpTransport:
    """Each envelope becomes one POST. Status 200 within the time of an acknowledgement is one."""

    timeout_reason = "http_timeout"
    online = True

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        clock: Clock,
        times: Callable[[], Times],
        on_ack: Callable[[str, Json | None, str], None],
    ) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._times = times
        self._on_ack = on_ack
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, envelope: Json) -> bool:
        task = asyncio.create_task(self._post(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def verify(self) -> str:
        """What Slack asks when somebody enters a request URL: whether it gives a challenge back. The problem, or ""."""
        challenge = secrets.token_urlsafe(24)
        payload = {"type": "url_verification", "token": "verification-token", "challenge": challenge}
        raw, problem = await self._asked({"type": "events_api", "payload": payload, "retry_attempt": 0})
        told = _payload(raw) or {}
        return problem or ("" if challenge in (told.get("challenge"), told.get("text")) else "challenge_failed")

    async def _post(self, envelope: Json) -> None:
        raw, problem = await self._asked(envelope)
        self._on_ack(envelope["envelope_id"], None if problem else _payload(raw), problem)

    async def _asked(self, envelope: Json) -> tuple[bytes, str]:
        """The answer's body, and what Slack calls it when it is none."""
        if self._session is None:
            self._session = ClientSession()
        body, headers = self._request(envelope)
        try:
            limit = ClientTimeout(total=self._times().ack)
            async with self._session.post(self._url, data=body, headers=headers, timeout=limit) as answer:
                raw = await answer.content.read(LONGEST_ANSWER)
                return raw, "" if answer.status == 200 else "http_error"
        except TimeoutError:
            return b"", self.timeout_reason
        except (ClientError, OSError):
            return b"", "connection_failed"

    def _request(self, envelope: Json) -> tuple[bytes, dict[str, str]]:
        payload, kind = envelope["payload"], envelope["type"]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if kind == "slash_commands":
            body = urlencode(payload).encode()
        elif kind == "interactive":
            body = urlencode({"payload": json.dumps(payload)}).encode()
        else:
            body = json.dumps(payload).encode()
            headers["Content-Type"] = "application/json"
            if envelope["retry_attempt"]:
                headers["X-Slack-Retry-Num"] = str(envelope["retry_attempt"])
                headers["X-Slack-Retry-Reason"] = envelope["retry_reason"]
        stamp = str(int(self._clock.now()))
        return body, headers | {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": self._sign(stamp, body)}

    def _sign(self, stamp: str, body: bytes) -> str:
        signed = hmac.new(self._secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
        return f"v0={signed.hexdigest()}"

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _payload(raw: bytes) -> Json | None:
    """JSON is taken as it is; other text is a message."""
    try:
        told = parse(raw)
    except ValueError:
        text = raw.decode(errors="replace").strip()
        return {"text": text} if text else None
    return told if isinstance(told, dict) and told else None
