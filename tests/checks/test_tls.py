from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from checks import Context, CouldNotCheck
from checks.tls import TlsCheck


async def waits(reader, writer):
    await reader.read()


async def hangs(reader, writer):
    await asyncio.Event().wait()


@pytest.fixture
def now():
    """Real time: OpenSSL verifies by it."""
    return datetime.now(UTC)


@pytest.fixture
def look(serve, now, authority_file):
    """Looks at a server with that TLS: `await look(tls, verify=False)`."""

    async def at(tls, *, handler=waits, timeout_s=20, **parameters):
        port = await serve(handler, tls=tls)
        check = TlsCheck(**{"host": "127.0.0.1", "port": port, "ca_file": authority_file} | parameters)
        return check, await check.look(Context(now=now, timeout_s=timeout_s))

    return at


async def test_a_good_certificate_is_measured(look, now, numbers, server_tls):
    check, found = await look(server_tls(not_after=now + timedelta(days=30)))
    metrics = numbers(check, found)
    assert found.findings == ()
    assert metrics["days_left"] == pytest.approx(30, abs=0.01)
    assert metrics["handshake_ms"] > 0
    assert "127.0.0.1" in found.evidence[0].text


def signed(subject, key, *, by, days, now, authority=True):
    """A certificate for that name and key, signed by (name, key)."""
    name, their_key = by
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(their_key, hashes.SHA256())
    )


async def test_a_certificate_between_that_ends_first_counts(look, now, numbers, tmp_path):
    root, between, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    chain = [
        signed("127.0.0.1", own, by=("Between", between), days=90, now=now, authority=False),
        signed("Between", between, by=("Root", root), days=3, now=now),
        signed("Old signature", root, by=("Long gone", root), days=0, now=now),  # sent, but nobody needs it
    ]
    trusted = tmp_path / "root.pem"
    trusted.write_bytes(signed("Root", root, by=("Root", root), days=900, now=now).public_bytes(Encoding.PEM))
    shown = tmp_path / "shown.pem"
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown.write_bytes(key + b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(shown)
    check, found = await look(tls, ca_file=str(trusted))
    assert numbers(check, found)["days_left"] == pytest.approx(3, abs=0.01)
    assert found.findings == ()
    assert found.evidence[0].text.startswith("the first to end is not the server's own, but Between, on ")
    check, found = await look(tls, verify=False)
    assert numbers(check, found)["days_left"] == pytest.approx(90, abs=0.01)


async def test_the_name_to_ask_for_may_differ_from_the_host(look, server_tls):
    _, found = await look(server_tls("shop.test"), server_name="shop.test")
    assert found.findings == ()


async def test_an_expired_certificate_is_measured_and_critical(look, now, numbers, broken, server_tls):
    ended = now - timedelta(days=3)
    check, found = await look(server_tls(not_before=ended - timedelta(days=9), not_after=ended))
    assert numbers(check, found)["days_left"] == pytest.approx(-3, abs=0.01)
    assert broken(found) == f"{check.about()} has a certificate that ended 3 days ago"


async def test_a_certificate_of_the_future_is_critical(look, now, broken, server_tls):
    _, found = await look(server_tls(not_before=now + timedelta(days=3), not_after=now + timedelta(days=9)))
    assert "has a certificate that begins only on" in broken(found)


async def test_a_certificate_for_another_name_is_critical(look, broken, server_tls):
    check, found = await look(server_tls("shop.test", "*.shop.test"))
    assert broken(found) == f"{check.about()} has a certificate for shop.test, *.shop.test, not for 127.0.0.1"


async def test_an_unknown_authority_is_critical_and_measured(look, now, numbers, broken, server_tls):
    check, found = await look(server_tls(not_after=now + timedelta(days=5)), ca_file=None)
    assert "not to be trusted: unable to get local issuer certificate" in broken(found)
    assert numbers(check, found)["days_left"] == pytest.approx(5, abs=0.01)


async def test_a_self_signed_certificate_is_critical(look, broken):
    itself = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    itself.issue_cert("127.0.0.1").configure_cert(tls)
    _, found = await look(tls)
    assert "not to be trusted: " in broken(found)


async def test_trust_may_be_of_no_matter(look, server_tls):
    _, found = await look(server_tls("shop.test"), verify=False)
    assert found.findings == ()


async def test_a_closed_port_refuses(ctx, broken, closed_port):
    found = await TlsCheck(host="127.0.0.1", port=closed_port).look(ctx)
    assert broken(found) == f"127.0.0.1:{closed_port} refuses connections"


async def test_a_server_that_hangs_is_broken(look, broken):
    check, found = await look(None, handler=hangs, timeout_s=0.3)
    assert broken(found) == f"{check.about()} does not finish the TLS handshake within 0.3 s"


async def test_a_server_that_hangs_up_is_broken(look, broken):
    async def hangs_up(reader, writer):
        await reader.read(1)

    _, found = await look(None, handler=hangs_up)
    assert any(said in broken(found) for said in ("hangs up during the TLS handshake", "resets the connection"))


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 100_000, os.urandom(100_000)])
async def test_nonsense_fails_the_handshake(look, broken, said):
    async def talks(reader, writer):
        writer.write(said)
        await reader.read()

    _, found = await look(None, handler=talks)
    assert "fails the TLS handshake: " in broken(found)


async def test_trusted_certificates_that_cannot_be_read_are_ours(look, server_tls, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("gone.pem", "ca.pem"):
        with pytest.raises(CouldNotCheck, match="could not read the trusted certificates"):
            await look(server_tls(), ca_file=f"{tmp_path}/{name}")


class TestStartTls:
    @pytest.mark.parametrize(
        ("protocol", "talk"),
        [
            ("smtp", [b"220 mail ESMTP\r\n", b"EHLO", b"250-mail\r\n250 STARTTLS\r\n", b"STARTTLS", b"220 go\r\n"]),
            ("imap", [b"* OK ready\r\n", b"a STARTTLS", b"a OK go\r\n"]),
            ("pop3", [b"+OK ready\r\n", b"STLS", b"+OK go\r\n"]),
            ("postgres", [b"", b"\x00\x00\x00\x08", b"S"]),
        ],
    )
    async def test_a_protocol_turns_to_tls(self, look, server_tls, protocol, talk):
        async def speaks(reader, writer):
            for turn, words in enumerate(talk):
                if turn % 2:
                    assert (await reader.read(100)).startswith(words)
                else:
                    writer.write(words)
            await writer.start_tls(server_tls())

        _, found = await look(None, handler=speaks, starttls=protocol)
        assert found.findings == ()
        assert found.metrics

    @pytest.mark.parametrize(
        ("protocol", "answer", "said"),
        [
            ("postgres", b"N", "offers no TLS"),
            ("smtp", b"554 go away\r\n", "offers no TLS: '554 go away'"),
            ("smtp", b"220-more\r\n" * 1000, "talks without end"),
            ("imap", b"x" * 200_000, "does not speak imap"),
        ],
    )
    async def test_one_that_does_not_is_broken(self, look, broken, protocol, answer, said):
        async def refuses(reader, writer):
            writer.write(answer)
            await reader.read()

        check, found = await look(None, handler=refuses, starttls=protocol)
        assert broken(found) == f"{check.about()} {said}"


class TestFile:
    async def test_all_its_certificates_are_measured(self, ctx, numbers, authority, tmp_path):
        long, short = (authority.issue_cert("shop.test", not_after=ctx.now + timedelta(days=days)) for days in (90, 9))
        (tmp_path / "full.pem").write_bytes(
            long.private_key_and_cert_chain_pem.bytes() + short.cert_chain_pems[0].bytes()
        )
        check = TlsCheck(file=f"{tmp_path}/full.pem", server_name="shop.test")
        found = await check.look(ctx)
        assert found.findings == ()
        assert numbers(check, found) == {"days_left": pytest.approx(9, abs=0.01)}
        assert "PRIVATE KEY" not in found.evidence[0].text

    async def test_another_name_is_critical(self, ctx, broken, authority, tmp_path):
        authority.issue_cert("shop.test").cert_chain_pems[0].write_to_path(f"{tmp_path}/one.pem")
        found = await TlsCheck(file=f"{tmp_path}/one.pem", server_name="other.test").look(ctx)
        assert broken(found).endswith("has a certificate for shop.test, not for other.test")

    async def test_with_authorities_its_chain_is_judged(self, ctx, broken, authority, authority_file, tmp_path):
        between = authority.create_child_ca()
        leaf = between.issue_cert("shop.test")
        full = b"".join(part.bytes() for part in leaf.cert_chain_pems)
        for name, content in (("full", full), ("bare", leaf.cert_chain_pems[0].bytes())):
            (tmp_path / f"{name}.pem").write_bytes(content)
        trustme.CA().cert_pem.write_to_path(f"{tmp_path}/strangers.pem")

        async def look(name, **parameters):
            return await TlsCheck(file=f"{tmp_path}/{name}.pem", **parameters).look(ctx)

        assert (await look("full", ca_file=authority_file)).findings == ()
        for name, authorities in (("bare", authority_file), ("full", f"{tmp_path}/strangers.pem")):
            assert "not to be trusted: nothing in ca_file has signed" in broken(await look(name, ca_file=authorities))
            assert (await look(name, ca_file=authorities, verify=False)).findings == ()
        assert (await look("bare")).findings == (), "a file alone says nothing of who will trust it"
        (tmp_path / "empty.pem").touch()
        for authorities in (f"{tmp_path}/gone.pem", f"{tmp_path}/empty.pem"):
            with pytest.raises(CouldNotCheck, match=r"gone.pem: no such file|holds no certificate"):
                await look("full", ca_file=authorities)

    @pytest.mark.parametrize(
        "content", [b"", b"\xff" * 2_000_000, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    )
    async def test_nonsense_is_broken(self, ctx, broken, tmp_path, content):
        (tmp_path / "one.pem").write_bytes(content)
        found = await TlsCheck(file=f"{tmp_path}/one.pem").look(ctx)
        assert broken(found) == f"{tmp_path}/one.pem holds no certificate in PEM form"

    async def test_a_missing_file_is_broken(self, ctx, broken, tmp_path):
        assert broken(await TlsCheck(file=f"{tmp_path}/gone.pem").look(ctx)).endswith("gone.pem does not exist")
        assert "cannot be read: Is a directory" in broken(await TlsCheck(file=str(tmp_path)).look(ctx))

    async def test_a_file_that_may_not_be_read_is_ours(self, ctx, tmp_path, as_nobody):
        (tmp_path / "one.pem").touch(mode=0)
        with as_nobody(), pytest.raises(CouldNotCheck, match="may not read"):
            await TlsCheck(file=f"{tmp_path}/one.pem").look(ctx)

    async def test_a_file_that_hangs_is_broken(self, hasty, broken, tmp_path):
        os.mkfifo(tmp_path / "one.pem")
        assert "could not be read within 0.3 s" in broken(await TlsCheck(file=f"{tmp_path}/one.pem").look(hasty))
        os.close(os.open(tmp_path / "one.pem", os.O_WRONLY))


@pytest.mark.parametrize(
    "parameters", [{}, {"host": "a.test", "file": "/a.pem"}, {"host": "https://a.test"}, {"file": "a"}]
)
def test_what_cannot_work_is_refused(parameters):
    with pytest.raises(ValidationError):
        TlsCheck(**parameters)
