from __future__ import annotations

import asyncio
import errno
import gzip
import socket
import struct
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from checks import Context, CouldNotCheck, Outcome
from checks._curl import NoAnswer
from checks._http import reproach
from checks._net import failed, unresolved
from checks.http import HttpCheck


def page(status="200 OK", body=b"ready", *headers):
    """A handler that answers every request with this page and remembers what it was asked."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]

    async def handler(reader, writer):
        asked = await reader.readuntil(b"\r\n\r\n")
        handler.asked.append(asked.decode())
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    handler.asked = []
    return handler


def raw(answer):
    """A handler that says this, whatever it is asked."""

    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return handler


async def hangs(reader, writer):
    await asyncio.Event().wait()


def check(port, path="/health", **parameters):
    return HttpCheck.model_validate({"url": f"http://127.0.0.1:{port}{path}"} | parameters)


async def test_a_page_that_answers_is_measured(serve, ctx, numbers):
    one = check(await serve(page(body=b'{"status": "ready"}')), contains="ready", matches=r'"status":\s*"ready"')
    look = await one.look(ctx)
    metrics = numbers(one, look)
    assert look.findings == ()
    assert (metrics["status"], metrics["body_bytes"], metrics["body_matches"], metrics["redirects"]) == (200, 19, 1, 0)
    assert 0 < metrics["connect_ms"] < metrics["first_byte_ms"] <= metrics["latency_ms"] == metrics["latency_max_ms"]
    assert set(metrics) == set(one.measured())


async def test_the_evidence_is_what_a_person_would_paste(serve, ctx):
    port = await serve(page("503 Busy", b"try later\x00", "Retry-After: 30", "Set-Cookie: session=secret"))
    evidence = (await check(port, "/a?token=secret").look(ctx)).evidence[0]
    assert evidence.title == f"GET http://127.0.0.1:{port}/a?…"
    assert evidence.text.startswith("HTTP/1.1 503 Busy\ncontent-length: 10\nretry-after: 30\n")
    assert "first byte" in evidence.text
    assert evidence.text.endswith("try later�")
    assert "secret" not in evidence.text


@pytest.mark.parametrize("status", [401, 403, 404, 502])
async def test_an_error_status_is_for_the_rules_to_judge(serve, ctx, numbers, status):
    one = check(await serve(page(f"{status} Sorry")))
    look = await one.look(ctx)
    assert look.findings == ()
    assert numbers(one, look)["status"] == status


@pytest.mark.parametrize("credentials", [{"bearer": "t0ken"}, {"basic_auth": "ann:secret"}])
async def test_credentials_that_are_refused_are_our_fault_and_nobody_knows_how_the_target_is(serve, ctx, credentials):
    port = await serve(page("401 Unauthorized"))
    with pytest.raises(CouldNotCheck, match=rf"refuses our credentials \(401\): is `{next(iter(credentials))}` still"):
        await check(port, **credentials).look(ctx)


async def test_a_401_of_another_host_is_not_about_our_credentials(serve, ctx, numbers):
    port = await serve(page("401 Unauthorized"))
    elsewhere = await serve(page("302 Found", b"", f"Location: http://localhost:{port}/"))
    one = check(elsewhere, follow="anywhere", bearer="t0ken")
    assert numbers(one, await one.look(ctx))["status"] == 401


async def test_a_401_of_another_port_is_not_about_our_credentials_nor_after_the_way_back(serve, ctx, numbers):
    port = await serve(page("401 Unauthorized"))
    beside = await serve(page("302 Found", b"", f"Location: http://127.0.0.1:{port}/"))
    one = check(beside, bearer="t0ken")
    assert numbers(one, await one.look(ctx))["status"] == 401
    there: list[int] = []

    async def and_back(reader, writer):
        to_start = f"Location: http://127.0.0.1:{there[0]}/back"
        await page("302 Found", b"", to_start)(reader, writer)

    async def begins(reader, writer):
        asked = await reader.readuntil(b"\r\n\r\n")
        head = "401 Unauthorized\r\n" if b"/back" in asked else f"302 Found\r\nLocation: http://localhost:{away}/\r\n"
        writer.write(f"HTTP/1.1 {head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    away = await serve(and_back)
    there.append(await serve(begins))
    one = check(there[0], follow="anywhere", basic_auth="ann:secret")
    assert numbers(one, await one.look(ctx))["status"] == 401


async def test_several_samples_are_averaged_and_the_worst_status_counts(serve, ctx, numbers):
    async def third_fails(reader, writer):
        third_fails.asked += 1
        await page("500 Oh" if third_fails.asked == 3 else "200 OK")(reader, writer)

    third_fails.asked = 0
    one = check(await serve(third_fails), samples=4)
    look = await one.look(ctx)
    metrics = numbers(one, look)
    assert third_fails.asked == 4
    assert metrics["status"] == 500
    assert metrics["latency_ms"] <= metrics["latency_max_ms"]
    assert look.evidence[0].text.startswith("4 requests: ")
    assert "HTTP/1.1 500 Oh" in look.evidence[0].text


async def test_a_body_without_the_expected_text_is_critical_whatever_the_rules_say(serve, ctx, broken):
    port = await serve(page(body=b"maintenance"))
    look = await check(port, contains="ready", matches="v[0-9]+").look(ctx)
    assert broken(look) == (
        f"http://127.0.0.1:{port}/health answers 200, but its body does not hold 'ready' nor a match of 'v[0-9]+'"
    )


async def test_missing_headers_are_named(serve, ctx, numbers):
    one = check(
        await serve(page("200 OK", b"", "X-Frame-Options: DENY")),
        headers_present=["X-Frame-Options", "Content-Security-Policy", "Strict-Transport-Security"],
    )
    look = await one.look(ctx)
    assert numbers(one, look)["headers_missing"] == 2
    (finding,) = look.findings
    assert finding.outcome is Outcome.WARNING
    assert finding.text.endswith("answers without the headers Content-Security-Policy, Strict-Transport-Security")


async def test_numbers_of_a_json_body_become_metrics(serve, ctx, numbers):
    body = b'{"queues": {"mail": [{"depth": 17}]}, "up": true, "version": "2.5"}'
    one = check(
        await serve(page(body=body)), json={"depth": "queues.mail[0].depth", "up": "$.up", "version": "version"}
    )
    look = await one.look(ctx)
    metrics = numbers(one, look)
    assert (metrics["depth"], metrics["up"], metrics["version"]) == (17, 1, 2.5)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"<html>", "answers 200, but its body is not JSON", id="not JSON"),
        pytest.param(b"[" * 100_000, "answers 200, but its body is not JSON", id="JSON without end"),
        pytest.param(b'{"queue": {}}', "answers 200, but its JSON has no queue.depth", id="nothing there"),
        pytest.param(b'{"queue": {"depth": "deep"}}', "its JSON has no number at queue.depth", id="no number there"),
    ],
)
async def test_json_that_does_not_hold_what_it_should_is_broken(serve, ctx, broken, body, said):
    look = await check(await serve(page(body=body)), json={"depth": "queue.depth"}).look(ctx)
    assert said in broken(look)


async def test_the_request_is_as_configured(serve, ctx):
    handler = page()
    port = await serve(handler)
    await check(port, method="POST", body="{}", headers={"X-Team": "blue"}, bearer="t0ken").look(ctx)
    await check(port, method="HEAD", basic_auth="ann:secret").look(ctx)
    post, head = handler.asked
    assert post.startswith("POST /health HTTP/1.1\r\n")
    assert "X-Team: blue\r\n" in post
    assert "Authorization: Bearer t0ken\r\n" in post
    assert head.startswith("HEAD /health HTTP/1.1\r\n")
    assert "Authorization: Basic YW5uOnNlY3JldA==\r\n" in head


async def test_every_look_makes_a_new_connection(serve, ctx, numbers):
    peers = set()

    async def remembers(reader, writer):
        peers.add(writer.get_extra_info("peername"))
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    one = check(await serve(remembers), samples=3)
    await one.look(ctx)
    await one.look(ctx)
    assert len(peers) == 6


async def test_proxies_of_the_environment_are_ignored(serve, ctx, numbers, monkeypatch, closed_port):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    one = check(await serve(page()))
    assert numbers(one, await one.look(ctx))["status"] == 200


async def test_a_configured_proxy_is_used(serve, ctx, numbers):
    proxy = page("203 From the proxy")
    one = HttpCheck(url="http://shop.test/x", proxy=f"http://127.0.0.1:{await serve(proxy)}")
    assert numbers(one, await one.look(ctx))["status"] == 203
    assert proxy.asked[0].startswith("GET http://shop.test/x HTTP/1.1")


class TestProxy:
    """What fails between us and the proxy says nothing of the target; what the proxy says of the target does."""

    async def test_a_proxy_that_refuses_is_named(self, ctx, closed_port):
        proxy = f"http://127.0.0.1:{closed_port}"
        with pytest.raises(CouldNotCheck, match=f"its proxy {proxy} refuses connections"):
            await HttpCheck(url="http://shop.test/", proxy=proxy).look(ctx)

    @pytest.mark.parametrize(("status", "ours"), [("403 Forbidden", True), ("503 Service Unavailable", False)])
    async def test_what_it_answers_to_connect(self, serve, ctx, broken, status, ours):
        proxy = f"http://127.0.0.1:{await serve(page(status))}"
        one = HttpCheck(url="https://shop.test/", proxy=proxy)
        if ours:
            with pytest.raises(CouldNotCheck, match=r"refuses to connect us \(403\)"):
                await one.look(ctx)
        else:
            text = broken(await one.look(ctx))
            assert text.startswith("https://shop.test/ cannot be reached: ")
            assert text.endswith(f"response 503, asked through its proxy {proxy}")

    @pytest.mark.parametrize(("code", "said"), [(1, None), (4, "is not reachable"), (5, "refuses connections")])
    async def test_what_socks_says_of_the_target(self, serve, ctx, broken, code, said):
        async def socks(reader, writer):
            await reader.readexactly(2)
            writer.write(b"\5\0")
            await reader.readuntil(b"shop.test")
            writer.write(bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0)))

        proxy = f"socks5h://127.0.0.1:{await serve(socks)}"
        one = HttpCheck(url="http://shop.test/", proxy=proxy)
        if said is None:
            with pytest.raises(CouldNotCheck, match="the proxy refuses"):
                await one.look(ctx)
        else:
            assert broken(await one.look(ctx)) == f"http://shop.test/ {said}, asked through its proxy {proxy}"

    @pytest.mark.parametrize(
        ("proxy", "told"),
        [
            ("127.0.0.1:3128", "write http://127.0.0.1:3128"),
            ("http://ann:secret@proxy.test:3128", "must not hold a user"),
            ("ftp://proxy.test", "such as http://proxy.example.com:3128"),
        ],
    )
    def test_what_is_no_proxy(self, proxy, told):
        with pytest.raises(ValueError, match=told):
            HttpCheck(url="http://shop.test/", proxy=proxy)


class TestRedirects:
    async def test_on_the_same_host_they_are_followed_and_counted(self, serve, ctx, numbers):
        async def site(reader, writer):
            asked = await reader.readuntil(b"\r\n\r\n")
            moved = page("302 Found", b"", "Location: /there") if b"GET /here" in asked else page(body=b"arrived")
            again = asyncio.StreamReader()
            again.feed_data(asked)
            await moved(again, writer)

        one = check(await serve(site), "/here", contains="arrived")
        look = await one.look(ctx)
        assert numbers(one, look)["redirects"] == 1
        assert look.evidence[0].text.startswith("302 http://127.0.0.1:")

    async def test_to_another_host_they_are_not_followed_unless_wished(self, serve, ctx, numbers):
        elsewhere = page(body=b"other")
        moved = page("301 Moved", b"", f"Location: http://localhost:{await serve(elsewhere)}/")
        port = await serve(moved)
        stays, goes = check(port), check(port, follow="anywhere", bearer="t0ken", headers={"X-Key": "secret"})
        look = await stays.look(ctx)
        assert numbers(stays, look)["status"] == 301
        assert "redirects to another host, http://localhost:" in look.findings[0].text
        assert elsewhere.asked == []
        assert numbers(goes, await goes.look(ctx))["status"] == 200
        assert "Bearer t0ken" in moved.asked[1]
        assert "t0ken" not in elsewhere.asked[0]
        assert "secret" not in elsewhere.asked[0]

    async def test_never_means_never(self, serve, ctx, numbers):
        one = check(await serve(page("302 Found", b"", "Location: /there")), follow="never")
        assert numbers(one, await one.look(ctx))["status"] == 302

    async def test_without_end_they_are_broken(self, serve, ctx, broken):
        one = check(await serve(page("302 Found", b"", "Location: /again")))
        assert broken(await one.look(ctx)).endswith("/health redirects more than 10 times")

    @pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL"])
    async def test_out_of_the_web_they_are_broken_and_not_followed(self, serve, ctx, broken, to):
        one = check(await serve(page("302 Found", b"", f"Location: {to}")), follow="anywhere")
        assert f"redirects to {to}" in broken(await one.look(ctx))

    async def test_a_post_becomes_a_get_after_see_other(self, serve, ctx):
        handler = page("303 See Other", b"", "Location: /result")
        port = await serve(handler)
        await check(port, method="POST", body="x").look(ctx)
        assert handler.asked[0].startswith("POST /health")
        assert handler.asked[1].startswith("GET /result")


class TestBroken:
    async def test_a_closed_port_refuses(self, closed_port, ctx, broken):
        look = await check(closed_port).look(ctx)
        assert broken(look) == f"http://127.0.0.1:{closed_port}/health refuses connections"
        assert look.evidence[0].text.startswith("libcurl: ")

    async def test_a_server_that_hangs_is_named_before_the_deadline(self, serve, hasty, broken):
        look = await check(await serve(hangs)).look(hasty)
        assert broken(look).endswith("/health did not answer within 0.3 s")

    async def test_a_cancelled_look_closes_its_connection(self, serve, ctx):
        asked, closed = asyncio.Event(), asyncio.Event()

        async def listens(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await reader.read()
            closed.set()

        look = asyncio.create_task(check(await serve(listens)).look(ctx))
        await asked.wait()
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        await asyncio.wait_for(closed.wait(), 60)

    async def test_many_at_once_do_not_disturb_each_other(self, serve, closed_port, hasty, numbers):
        good, hung = await serve(page()), await serve(hangs)
        # Sixty answers take a busy machine a while; only for what hangs is the end of the time what counts.
        looks = await asyncio.gather(
            *(
                check(port).look(Context(now=hasty.now, timeout_s=timeout_s))
                for port, timeout_s in ((good, 60), (hung, 2), (closed_port, 60))
                for _ in range(20)
            )
        )
        assert [bool(look.findings) for look in looks] == [False] * 20 + [True] * 40

    async def test_a_body_that_trickles_for_ever_is_named_as_such(self, serve, hasty, broken):
        async def trickles(reader, writer):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            await hangs(reader, writer)

        assert "did not finish its answer within" in broken(await check(await serve(trickles)).look(hasty))

    async def test_a_handshake_that_never_ends_is_named_as_such(self, serve, hasty, broken):
        one = HttpCheck(url=f"https://127.0.0.1:{await serve(hangs)}/")
        assert "does not finish the TLS handshake within" in broken(await one.look(hasty))

    async def test_an_aborted_connection(self, serve, ctx, broken):
        async def aborts(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            raw_socket = writer.get_extra_info("socket")
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        port = await serve(aborts)
        assert broken(await check(port).look(ctx)) == f"http://127.0.0.1:{port}/health resets the connection"

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            pytest.param(b"", "closes the connection without an answer", id="says nothing"),
            pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "answers something that is not HTTP", id="another protocol"),
            pytest.param(b"\xff" * 5000, "answers something that is not HTTP", id="noise"),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", "breaks off its answer", id="half a body"
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 2_000_000, "sends headers without end", id="endless header"
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000, "sends headers without end", id="endless headers"
            ),
        ],
    )
    async def test_nonsense_is_named(self, serve, ctx, broken, answer, said):
        port = await serve(raw(answer))
        assert broken(await check(port).look(ctx)) == f"http://127.0.0.1:{port}/health {said}"

    async def test_one_failing_sample_is_enough(self, serve, ctx, broken):
        async def second_fails(reader, writer):
            second_fails.asked += 1
            answer = raw(b"") if second_fails.asked == 2 else page()
            await answer(reader, writer)

        second_fails.asked = 0
        look = await check(await serve(second_fails), samples=3).look(ctx)
        assert broken(look).endswith("closes the connection without an answer (request 2 of 3)")

    async def test_a_name_that_cannot_exist_does_not_resolve(self, ctx, broken):
        name = "a" * 64 + ".test"
        assert broken(await HttpCheck(url=f"http://{name}/").look(ctx)) == f"{name} does not resolve"

    async def test_a_huge_body_is_read_to_its_limit_only(self, serve, ctx, numbers):
        sent = []

        async def floods(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nstart")
            for _ in range(10_000):
                sent.append(writer.write(b"x" * 1_000_000))
                await writer.drain()

        one = check(await serve(floods), contains="start")
        look = await one.look(ctx)
        assert look.findings == ()
        assert numbers(one, look)["body_bytes"] == 10_000_000_000
        assert len(sent) < 100
        assert len(look.evidence[0].text) < 2_000

    async def test_a_compressed_bomb_stays_compressed(self, serve, ctx, numbers):
        bomb = gzip.compress(bytes(50_000_000))
        one = check(await serve(page("200 OK", bomb, "Content-Encoding: gzip")))
        assert numbers(one, await one.look(ctx))["body_bytes"] == len(bomb)


class TestTls:
    async def test_a_good_certificate_is_measured(self, serve, ctx, numbers, server_tls, authority_file):
        port = await serve(page(), tls=server_tls(not_after=ctx.now + timedelta(days=30)))
        one = HttpCheck(url=f"https://127.0.0.1:{port}/", ca_file=authority_file)
        look = await one.look(ctx)
        metrics = numbers(one, look)
        assert metrics["certificate_days"] == pytest.approx(30, abs=0.01)
        assert metrics["tls_ms"] > 0
        assert set(metrics) == set(one.measured())
        assert "certificate ends 2026-12-22 09:00 UTC" in look.evidence[0].text

    async def test_an_unknown_authority_is_broken(self, serve, ctx, broken, server_tls):
        port = await serve(page(), tls=server_tls())
        text = broken(await HttpCheck(url=f"https://127.0.0.1:{port}/").look(ctx))
        assert text.startswith(f"https://127.0.0.1:{port}/ has a certificate that is not to be trusted: ")
        assert text.endswith("not to be trusted: unable to get local issuer certificate")

    async def test_a_certificate_for_another_name_is_broken(self, serve, ctx, broken, server_tls, authority_file):
        port = await serve(page(), tls=server_tls("shop.test"))
        text = broken(await HttpCheck(url=f"https://localhost:{port}/", ca_file=authority_file).look(ctx))
        assert "certificate that is not to be trusted" in text

    async def test_an_expired_one_is_broken(self, serve, ctx, broken, server_tls, authority_file):
        ended = datetime.now(UTC) - timedelta(days=2)
        port = await serve(page(), tls=server_tls(not_before=ended - timedelta(days=9), not_after=ended))
        assert "expired" in broken(await HttpCheck(url=f"https://127.0.0.1:{port}/", ca_file=authority_file).look(ctx))

    async def test_unverified_an_expired_one_is_measured(self, serve, numbers, server_tls):
        ended = datetime.now(UTC) - timedelta(days=2)
        port = await serve(page(), tls=server_tls(not_before=ended - timedelta(days=9), not_after=ended))
        one = HttpCheck(url=f"https://127.0.0.1:{port}/", verify=False)
        look = await one.look(Context(now=ended + timedelta(days=2)))
        assert numbers(one, look)["certificate_days"] == pytest.approx(-2, abs=0.01)

    async def test_plain_http_on_a_tls_port_fails_the_handshake(self, serve, ctx, broken):
        async def plain(reader, writer):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        text = broken(await HttpCheck(url=f"https://127.0.0.1:{await serve(plain)}/").look(ctx))
        assert text.endswith("/ fails the TLS handshake: what answers there speaks no TLS")

    async def test_a_handshake_that_is_hung_up_on_is_told_without_openssl_s_own_words(self, serve, ctx, broken):
        async def hangs_up(reader, writer):
            await reader.read(1)

        text = broken(await HttpCheck(url=f"https://127.0.0.1:{await serve(hangs_up)}/").look(ctx))
        assert "error:" not in text

    async def test_trusted_certificates_that_cannot_be_read_are_our_fault(self, ctx, tmp_path, closed_port):
        one = HttpCheck(url=f"https://127.0.0.1:{closed_port}/", ca_file=str(tmp_path / "missing.pem"))
        with pytest.raises(CouldNotCheck, match=r"could not read the trusted certificates in .*: it is not there"):
            await one.look(ctx)

    async def test_trusted_certificates_that_are_none_are_our_fault(self, serve, ctx, tmp_path, server_tls):
        (tmp_path / "ca.pem").write_text("nothing")
        port = await serve(page(), tls=server_tls())
        with pytest.raises(CouldNotCheck, match="trusted certificates cannot be read"):
            await HttpCheck(url=f"https://127.0.0.1:{port}/", ca_file=str(tmp_path / "ca.pem")).look(ctx)


class TestWhoseFault:
    def test_a_name_server_that_cannot_be_asked_is_ours(self):
        with pytest.raises(CouldNotCheck, match="no name server answers"):
            unresolved("shop.test", socket.gaierror(socket.EAI_AGAIN, "Temporary failure"))
        assert unresolved("shop.test", socket.gaierror(socket.EAI_NONAME, "")) == "shop.test does not resolve"

    def test_a_name_that_takes_too_long_to_resolve_is_ours(self):
        with pytest.raises(CouldNotCheck, match="does the name server answer"):
            reproach("http://shop.test/", NoAnswer(28, "Resolving timed out", url="http://shop.test/"), waited_s=9.5)

    def test_a_machine_without_a_route_is_ours(self):
        with pytest.raises(CouldNotCheck, match="no route"):
            failed("db:5432", errno.ENETUNREACH, "")
        assert failed("db:5432", errno.EHOSTUNREACH, "") == "db:5432 is not reachable"


class TestConfiguration:
    @pytest.mark.parametrize(
        ("parameters", "said"),
        [
            ({"url": "ftp://example.com/"}, "must start with http"),
            ({"url": "file:///etc/passwd"}, "must start with http"),
            ({"url": "http:///path"}, "name a host"),
            ({"url": "http://ann:secret@example.com/"}, "use basic_auth"),
            ({"url": "http://example.com/\r\nX: y"}, "control characters"),
            ({"url": "http://example.com:99999/"}, "out of range"),
            ({"matches": "(?=x)y"}, "RE2 has no look-around"),
            ({"matches": "a("}, "not a pattern for RE2"),
            ({"matches": "a{1000}{1000}"}, "not a pattern for RE2"),
            ({"headers": {"X-A": "b\r\nX-Evil: c"}}, "is no header"),
            ({"headers": {"X A": "b"}}, "is no header"),
            ({"json": {"status": "a"}}, "choose another"),
            ({"json": {"in": "a"}}, "word of the rule language"),
            ({"json": {"depth": "a..b"}}, "not a path"),
            ({"method": "HEAD", "contains": "x"}, "HEAD request has no body"),
            ({"body": "x"}, "only a POST"),
            ({"basic_auth": "a:b", "bearer": "c"}, "exclude each other"),
            ({"colour": "red"}, "Extra inputs"),
        ],
    )
    def test_what_cannot_work_is_refused(self, parameters, said):
        with pytest.raises(ValidationError, match=said):
            HttpCheck.model_validate({"url": "http://example.com/"} | parameters)

    def test_certificates_are_judged_where_there_is_one(self):
        plain, secure = HttpCheck(url="http://a.test/"), HttpCheck(url="https://a.test/")
        assert "certificate_days" not in plain.default_rules().warning
        assert "certificate_days" not in plain.measured()
        assert "certificate_days < 21" in secure.default_rules().warning

    def test_credentials_do_not_show(self):
        one = HttpCheck(url="http://a.test/", bearer="t0ken")
        assert "t0ken" not in repr(one)
