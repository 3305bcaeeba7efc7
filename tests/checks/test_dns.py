from __future__ import annotations

import asyncio
from contextlib import suppress

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from pydantic import ValidationError

from checks import CouldNotCheck
from checks.dns import DnsCheck

ZONE = {
    ("shop.test.", "A"): ["10.0.3.7", "10.0.3.8"],
    ("shop.test.", "AAAA"): ["fd00::7"],
    ("shop.test.", "MX"): ["10 mail.shop.test.", "20 mail2.shop.test."],
    ("shop.test.", "NS"): ["ns1.shop.test."],
    ("www.shop.test.", "CNAME"): ["Shop.test."],
    ("shop.test.", "TXT"): ['"v=spf1 " "-all"'],
    ("huge.test.", "TXT"): [f'"{number:0200}"' for number in range(200)],
}


def answer(asked, rcode=None):
    """The reply of a small authoritative server with this zone."""
    query = dns.message.from_wire(asked)
    reply = dns.message.make_response(query)
    question = query.question[0]
    found = ZONE.get((question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)))
    known = {name for name, _ in ZONE}
    reply.set_rcode(rcode or (dns.rcode.NOERROR if question.name.to_text().lower() in known else dns.rcode.NXDOMAIN))
    if found and not rcode:
        reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", question.rdtype, *found))
    return reply


class Server(asyncio.DatagramProtocol):
    """A name server on loopback; `how` turns a question into the bytes of an answer, or None for silence."""

    def __init__(self, how):
        self.how = how

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, asked, peer):
        said = self.how(asked)
        if said is not None:
            self.transport.sendto(said, peer)


@pytest.fixture
async def name_server():
    """Starts a name server: `address = await name_server(how)`."""
    ends = []

    async def start(how=lambda asked: answer(asked).to_wire()):
        async def over_tcp(reader, writer):
            size = int.from_bytes(await reader.readexactly(2))
            said = answer(await reader.readexactly(size)).to_wire()
            writer.write(len(said).to_bytes(2) + said)
            await writer.drain()
            writer.close()

        loop = asyncio.get_running_loop()
        while True:
            server = await asyncio.start_server(over_tcp, "127.0.0.1", 0)
            ends.append(server.close)
            port = server.sockets[0].getsockname()[1]
            with suppress(OSError):  # somebody has that number for UDP
                transport, _ = await loop.create_datagram_endpoint(lambda: Server(how), local_addr=("127.0.0.1", port))
                ends.append(transport.close)
                return f"127.0.0.1:{port}"

    yield start
    for end in ends:
        end()


@pytest.mark.parametrize(
    ("parameters", "answers"),
    [
        ({"name": "shop.test", "expect": ["10.0.3.7", "10.0.3.8"]}, 2),
        ({"name": "shop.test", "type": "AAAA", "expect": ["fd00::7"]}, 1),
        ({"name": "shop.test", "type": "MX", "expect": ["10 mail.shop.test."]}, 2),
        ({"name": "shop.test", "type": "NS", "expect": ["NS1.shop.test"]}, 1),
        ({"name": "www.shop.test", "type": "CNAME", "expect": ["shop.test"]}, 1),
        ({"name": "shop.test", "type": "TXT", "expect": ["v=spf1 -all"]}, 1),
    ],
)
async def test_records_are_as_expected(name_server, ctx, numbers, parameters, answers):
    check = DnsCheck(server=await name_server(), **parameters)
    look = await check.look(ctx)
    metrics = numbers(check, look)
    assert look.findings == ()
    assert (metrics["answers"], metrics["missing"], metrics["ttl_s"]) == (answers, 0, 300)
    assert set(metrics) == set(check.measured())


async def test_another_value_is_critical_and_a_further_one_is_measured(name_server, ctx, broken, numbers):
    check = DnsCheck(name="shop.test", expect=["10.0.3.7", "10.9.9.9"], server=await name_server())
    look = await check.look(ctx)
    assert broken(look) == "shop.test is 10.0.3.7, 10.0.3.8, not 10.9.9.9"
    assert (numbers(check, look)["missing"], numbers(check, look)["unexpected"]) == (1, 1)


async def test_a_huge_answer_comes_over_tcp(name_server, ctx, numbers):
    def truncated(asked):
        reply = answer(asked)
        reply.answer.clear()
        reply.flags |= dns.flags.TC
        return reply.to_wire()

    check = DnsCheck(name="huge.test", type="TXT", server=await name_server(truncated))
    look = await check.look(ctx)
    assert numbers(check, look)["answers"] == 200
    assert len(look.evidence[0].text.splitlines()) == 51


async def test_a_name_that_does_not_exist_is_broken(name_server, ctx, broken):
    assert broken(await DnsCheck(name="gone.test", server=await name_server()).look(ctx)) == "gone.test does not exist"


async def test_a_name_without_such_a_record_is_broken(name_server, ctx, broken):
    look = await DnsCheck(name="huge.test", type="MX", server=await name_server()).look(ctx)
    assert broken(look) == "huge.test has no MX record"


@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED"])
async def test_a_given_server_that_fails_is_broken(name_server, ctx, broken, code):
    server = await name_server(lambda asked: answer(asked, dns.rcode.from_text(code)).to_wire())
    look = await DnsCheck(name="shop.test", server=server).look(ctx)
    assert broken(look) == f"{server} answers {code} for shop.test"


@pytest.mark.parametrize("how", [lambda asked: None, lambda asked: b"\xff" * 40], ids=["silence", "nonsense"])
async def test_a_given_server_that_does_not_answer_is_broken(name_server, hasty, broken, how):
    server = await name_server(how)
    look = await DnsCheck(name="shop.test", server=server).look(hasty)
    assert server in broken(look)
    assert look.evidence[0].text


async def test_a_given_server_that_is_not_there_is_broken(hasty, broken, closed_port):
    assert "127.0.0.1" in broken(await DnsCheck(name="shop.test", server=f"127.0.0.1:{closed_port}").look(hasty))


async def test_that_time_was_up_first_is_evidence_as_well(name_server, ctx, monkeypatch):
    async def paused(*args, **kwargs):
        raise TimeoutError  # of our own deadline, which says nothing

    monkeypatch.setattr(dns.asyncresolver.Resolver, "resolve", paused)
    look = await DnsCheck(name="shop.test", server=await name_server(lambda asked: None)).look(ctx)
    assert look.evidence[0].text == "no answer"


class TestTheServersOfThisMachine:
    @pytest.fixture
    def system(self, monkeypatch):
        """Makes the machine's resolver configuration say this address."""

        def says(address):
            def read(self, *_):
                self.nameservers, self.port = [address.rpartition(":")[0]], int(address.rpartition(":")[2])

            monkeypatch.setattr(dns.resolver.BaseResolver, "read_resolv_conf", read)

        return says

    async def test_they_are_asked(self, name_server, system, ctx):
        system(await name_server())
        assert (await DnsCheck(name="shop.test").look(ctx)).findings == ()

    async def test_their_silence_is_ours(self, name_server, system, hasty):
        system(await name_server(lambda asked: None))
        with pytest.raises(CouldNotCheck, match=r"the name server did not answer within 0.3 s; look at /etc/resolv"):
            await DnsCheck(name="shop.test").look(hasty)

    async def test_their_refusal_is_ours(self, name_server, system, ctx):
        system(await name_server(lambda asked: answer(asked, dns.rcode.REFUSED).to_wire()))
        with pytest.raises(CouldNotCheck, match="REFUSED"):
            await DnsCheck(name="shop.test").look(ctx)

    async def test_their_failure_to_find_out_is_the_names(self, name_server, system, ctx, broken):
        system(await name_server(lambda asked: answer(asked, dns.rcode.SERVFAIL).to_wire()))
        assert "answers SERVFAIL for shop.test" in broken(await DnsCheck(name="shop.test").look(ctx))

    async def test_none_at_all_is_ours(self, monkeypatch, ctx):
        def read(self, *_):
            raise dns.resolver.NoResolverConfiguration

        monkeypatch.setattr(dns.resolver.BaseResolver, "read_resolv_conf", read)
        with pytest.raises(CouldNotCheck, match="no name server"):
            await DnsCheck(name="shop.test").look(ctx)


@pytest.mark.parametrize(
    "parameters",
    [{"name": "a b"}, {"name": "http://a.test"}, {"type": "PTR"}, {"server": "dns.test"}, {"server": "10.0.0.2:x"}],
)
def test_what_cannot_work_is_refused(parameters):
    with pytest.raises(ValidationError):
        DnsCheck(**{"name": "shop.test"} | parameters)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10.0.0.2", ("10.0.0.2", 53)),
        ("10.0.0.2:5353", ("10.0.0.2", 5353)),
        ("[fd00::1]:54", ("fd00::1", 54)),
        ("fd00::1", ("fd00::1", 53)),
    ],
)
def test_a_server_is_written_with_or_without_a_port(written, meant):
    assert DnsCheck(name="a.test", server=written).server == meant


async def test_a_label_that_is_too_long_could_not_be_asked(ctx, name_server):
    with pytest.raises(CouldNotCheck, match="could not ask"):
        await DnsCheck(name="a" * 64 + ".test", server=await name_server()).look(ctx)
