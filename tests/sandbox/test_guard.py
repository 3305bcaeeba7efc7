"""A page elsewhere cannot drive the sandbox."""

import pytest

from tests.sandbox.town import Town


async def test_a_foreign_host_is_refused_everywhere(town: Town) -> None:
    for path in ("/", "/_control/state", "/api/auth.test", "/link/", "/_page/app.js"):
        async with town.http.get(f"{town.url}{path}", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
            assert (await answer.json())["error"].endswith(".")


async def test_localhost_is_our_name_too(town: Town) -> None:
    port = town.url.rpartition(":")[2]
    async with town.http.get(f"{town.url}/_control/state", headers={"Host": f"localhost:{port}"}) as answer:
        assert answer.status == 200


async def test_a_foreign_origin_is_refused(town: Town) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        async with town.http.get(f"{town.url}/_control/state", headers={"Origin": origin}) as answer:
            assert answer.status == 403
    async with town.http.get(f"{town.url}/_control/state", headers={"Origin": town.url}) as answer:
        assert answer.status == 200
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("token", [None, "", "wrong", "\udcff"])
async def test_control_calls_carry_the_token_of_this_start(town: Town, token: str | None) -> None:
    headers = {} if token is None else {"X-Sandbox-Token": token}
    async with town.http.post(f"{town.url}/_control/reset", json={}, headers=headers) as answer:
        assert answer.status == 403


async def test_the_page_holds_the_token_and_runs_only_its_own_scripts(town: Town) -> None:
    async with town.http.get(f"{town.url}/") as answer:
        assert '<meta name="sandbox-token" content="secret">' in await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["../server.py", "%2e%2e/server.py", "..%2fserver.py", "nothing.js", "%00", "/etc/passwd"]
)
async def test_only_parts_of_the_page_are_served(town: Town, path: str) -> None:
    from yarl import URL

    async with town.http.get(URL(f"{town.url}/_page/{path}", encoded=True)) as answer:
        assert answer.status == 404
        assert not (await answer.json())["ok"]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("message", {}),
        ("message", {"as": "U9", "channel": "C1", "text": "x"}),
        ("message", {"as": "U1", "channel": "C9", "text": "x"}),
        ("message", {"as": "U1", "channel": "C1", "text": 3}),
        ("message", {"as": "U1", "channel": "C1", "text": "x", "thread_ts": "1.2"}),
        ("command", {"as": "U1", "channel": "C1", "command": "/other"}),
        ("command", {"as": "U1", "channel": "C1", "command": "/rounds", "thread_ts": "1.2"}),
        ("click", {"as": "U1", "channel": "C1", "ts": "1.2", "action_id": "a"}),
        ("click", {"as": "U1", "view_id": "V9", "action_id": "a"}),
        ("submit", {"as": "U1", "view_id": "V9", "values": []}),
        ("submit", {"as": "U1", "view_id": "V9", "values": {}}),
        ("close", {"as": "U1", "view_id": "V9"}),
        ("open_home", {"as": "U1", "tab": "about"}),
        ("channel", {"channel": "C1", "archived": "yes"}),
        ("channel", {"channel": "D1", "archived": True}),
        ("disconnect", {"reason": "boredom"}),
        ("times", {"ack": -1}),
        ("times", {"tea": 1}),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(town: Town, what: str, body: dict[str, object]) -> None:
    status, answer = await town.try_control(what, **body)
    assert 400 <= status < 500
    assert answer["ok"] is False
    assert answer["error"].endswith(".")


async def test_bodies_that_are_no_objects_are_refused(town: Town) -> None:
    for raw in (b"[]", b"{", b"\xff", b"[" * 100_000):
        async with town.http.post(
            f"{town.url}/_control/message", data=raw, headers={"X-Sandbox-Token": "secret"}
        ) as answer:
            assert answer.status == 400
            assert not (await answer.json())["ok"]


async def test_tokens_are_masked_in_the_log(town: Town) -> None:
    await town.client().api_test(foo="xoxb-sandbox and xapp-1-abc")
    async with town.http.post(f"{town.api}auth.test", data={"token": "xoxb-sandbox"}):
        pass
    await town.client().apps_connections_open(app_token="xapp-sandbox")
    log = str(await town.get("log"))
    assert "auth.test" in log
    assert "sandbox and" not in log
    assert "xoxb-sandbox" not in log
    assert "xapp-" not in log.replace("xapp-…", "")
    assert "ticket=…&" in log
