"""A name resolves, to what it should.

Why: when a name stops resolving, or leads elsewhere, everything behind it is unreachable while every server is well.

What to do: ask the authoritative servers yourself (`dig +trace NAME TYPE`). A name that does not exist may have an
expired domain (`whois`); other values than expected mean that somebody changed the zone, or answers in its stead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from checks._apart import patience
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._net import endpoint, host_in
from checks._text import clean
from checks._types import Address
from checks._units import duration

if TYPE_CHECKING:
    from dns.rdata import Rdata

Record = Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT"]


class DnsCheck(Check):
    """Asks the name servers of this machine, or a given one; /etc/hosts is not read, nothing is cached."""

    kind: Literal["dns"] = "dns"
    name: str = Field(max_length=253, pattern=r"^[\w*][\w.*-]*$", description="The name, in full.")
    type: Record = Field("A", description="Type of record.")
    expect: tuple[str, ...] = Field(
        (),
        description="Values that must be among the answers; names without the last dot, MX as `10 mail.example.com`.",
    )
    server: Address | None = Field(
        None,
        description="Address of the name server to ask, such as `10.0.0.2` or `10.0.0.2:5353`; default: the system's.",
    )

    measures: ClassVar[Mapping[str, Measure]] = {
        "answers": Measure("", "records in the answer", "has {value} record(s)", lowest=0),
        "latency_ms": Measure("ms", "until the answer came", "took {value} to resolve"),
        "ttl_s": Measure("s", "how long the answer may be kept", "may be kept for {value}", lowest=0),
        "missing": Measure(
            "", "values of `expect` that are not among the answers", "lacks {value} expected value(s)", lowest=0
        ),
        "unexpected": Measure("", "answers that `expect` does not name", "has {value} value(s) not expected", lowest=0),
    }
    rules: ClassVar[Rules] = Rules(warning="latency_ms > 1000")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: dns, name: www.example.com}",
        "kind: dns\nname: example.com\ntype: MX\nexpect: [10 mail.example.com]\ncritical: unexpected > 0",
        "{kind: dns, name: shop.internal, server: 10.0.0.2, expect: [10.0.3.7]}",
    )

    @field_validator("expect")
    @classmethod
    def _plain(cls, expect: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value.rstrip(".") for value in expect)

    @field_validator("name", mode="before")
    @classmethod
    def _no_address(cls, name: object) -> object:
        host = host_in(name) if isinstance(name, str) else None
        if host is not None and host != name:
            raise ValueError(f"must be a name alone, without scheme, port or path; write {host:.60}")
        return name

    def about(self) -> str:
        return self.name if self.type == "A" else f"{self.name} {self.type}"

    def measured(self) -> Mapping[str, Measure]:
        absent = set() if self.expect else {"missing", "unexpected"}
        return {name: measure for name, measure in self.measures.items() if name not in absent}

    async def look(self, ctx: Context) -> Look:
        import dns.asyncresolver
        import dns.exception
        import dns.resolver

        waits = patience(ctx)
        start = asyncio.get_running_loop().time()
        whom = endpoint(*self.server) if self.server else "the name server"
        try:
            resolver = dns.asyncresolver.Resolver(configure=self.server is None)
            resolver.timeout = min(2.0, waits / 2)
            if self.server:
                resolver.nameservers, resolver.port = [self.server[0]], self.server[1]
            async with asyncio.timeout(waits):  # its own lifetime may be exceeded by a pause
                found = await resolver.resolve(self.name.rstrip(".") + ".", self.type, lifetime=waits)
        except dns.resolver.NXDOMAIN:
            return Look.broken(f"{self.name} does not exist")
        except dns.resolver.NoAnswer:
            return Look.broken(f"{self.name} has no {self.type} record", metrics=[Metric("answers", 0)])
        except (TimeoutError, dns.resolver.LifetimeTimeout) as error:
            text = f"{whom} did not answer within {duration(waits)}"
            return self._unanswered(text, clean(str(error), 500) or "no answer", ours=self.server is None)
        except dns.resolver.NoNameservers as error:
            said = clean(str(error), 500)
            ours = self.server is None and "SERVFAIL" not in said
            code = next((code for code in ("SERVFAIL", "REFUSED") if code in said), "nonsense")
            return self._unanswered(f"{whom} answers {code} for {self.name}", said, ours=ours)
        except dns.resolver.NoResolverConfiguration as error:
            raise CouldNotCheck("no name server in /etc/resolv.conf; give a server") from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise CouldNotCheck(f"could not ask for {self.name}: {clean(str(error), 200)}") from error
        took = asyncio.get_running_loop().time() - start
        ttl = found.rrset.ttl if found.rrset is not None else 0
        return self.judge(
            sorted(plain(record) for record in found), took_s=took, ttl=ttl, whom=str(found.nameserver or whom)
        )

    def _unanswered(self, text: str, said: str, *, ours: bool) -> Look:
        """A name server of the configuration is the target; one of the system is our way to it."""
        if ours:
            raise CouldNotCheck(f"{text}; look at /etc/resolv.conf")
        return Look.broken(text, Evidence(f"dns {self.about()}", said))

    def judge(self, values: list[str], *, took_s: float, ttl: int, whom: str) -> Look:
        """No I/O here."""
        metrics = [Metric("answers", len(values)), Metric("latency_ms", 1000 * took_s), Metric("ttl_s", ttl)]
        text = "\n".join([*(clean(value, 500) for value in values[:50]), f"from {whom}, to be kept {duration(ttl)}"])
        findings = tuple(self._findings(values, metrics)) if self.expect else ()
        return Look(tuple(metrics), findings, (Evidence(f"dns {self.about()}", text),))

    def _findings(self, values: list[str], metrics: list[Metric]) -> Iterator[Finding]:
        fold = str if self.type == "TXT" else str.lower
        wanted, there = {fold(value) for value in self.expect}, {fold(value) for value in values}
        metrics += [Metric("missing", len(wanted - there)), Metric("unexpected", len(there - wanted))]
        if wanted - there:
            got = ", ".join(clean(value, 100) for value in values[:5])
            yield Finding(Outcome.CRITICAL, f"{self.about()} is {got}, not {', '.join(sorted(wanted - there))}")


def plain(record: Rdata) -> str:
    """A record as people write it: names without their last dot, texts without quotes."""
    if hasattr(record, "strings"):
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.to_text().rstrip(".")
