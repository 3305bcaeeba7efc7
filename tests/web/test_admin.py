"""The admin listener says whether Rounds works, and how Slack reaches it."""

from __future__ import annotations

import aiohttp
import pytest

from bot.web.admin import AdminListener, Readiness


@pytest.mark.parametrize(
    ("works", "status"),
    [
        ({"store": True, "slack": True}, 200),
        ({"store": False, "slack": True}, 503),
        ({"store": True, "slack": False}, 503),
    ],
)
async def test_it_is_ready_only_while_everything_works_and_says_the_rest_beside_it(works, status):
    async def ready():
        return Readiness(works, {"transport": "socket", "heard_s_ago": None})

    listener = AdminListener(("127.0.0.1", 0), ready)
    await listener.start()
    host, port = listener._runner.addresses[0][:2]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
        async with http.get("/readyz") as answer:
            assert answer.status == status
            assert await answer.json() == {"ok": status == 200, **works, "transport": "socket", "heard_s_ago": None}
        async with http.get("/healthz") as answer:
            assert await answer.json() == {"ok": True}
    await listener.stop()
