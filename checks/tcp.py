"""A TCP port accepts connections, and greets as expected.

Why: a service that has gone leaves a closed port; a firewall, a full backlog or a dead host leaves silence. Both are
seen here before any protocol is spoken.

What to do: "refuses" means the host lives and nothing listens: look at the service (`systemctl status`, `docker ps`).
"accepts no connection" means silence: look at the host, the route and the firewall.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from checks._apart import patience
from checks._contract import Check, Context, Evidence, Look, Measure, Metric, Rules
from checks._net import HostName, Unreachable, connect, endpoint
from checks._regex import Re2Pattern, found
from checks._text import clean
from checks._units import duration

GREETING_LIMIT = 4096


class TcpCheck(Check):
    """Opens a connection and closes it again; nothing is sent unless `send` says so."""

    kind: Literal["tcp"] = "tcp"
    host: HostName = Field(description="Name or address of the host.")
    port: int = Field(ge=1, le=65535, description="Port.")
    send: str | None = Field(None, max_length=1000, description=r'Text to send first, such as `"PING\r\n"`.')
    banner: Re2Pattern | None = Field(None, description="A pattern (RE2) that what the server says must match.")

    measures: ClassVar[Mapping[str, Measure]] = {
        "latency_ms": Measure("ms", "until the connection stood, name look-up included", "took {value} to connect"),
        "banner_ms": Measure("ms", "until it had said what `banner` asks for", "took {value} to greet"),
    }
    rules: ClassVar[Rules] = Rules(warning="latency_ms > 1000")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: tcp, host: db.example.com, port: 5432}",
        "{kind: tcp, host: mail.example.com, port: 25, banner: '^220 .*ESMTP', warning: banner_ms > 2000}",
        'kind: tcp\nhost: cache.example.com\nport: 6379\nsend: "PING\\r\\n"\nbanner: "^[+]PONG"',
    )

    @field_validator("send")
    @classmethod
    def _with_line_ends(cls, send: str | None) -> str | None:
        if send and re.search(r"\\[rn]", send) and not re.search(r"[\r\n]", send):
            raise ValueError(f'would send a backslash; YAML makes a line end of it only in double quotes: "{send:.60}"')
        return send

    def about(self) -> str:
        return endpoint(self.host, self.port)

    def measured(self) -> Mapping[str, Measure]:
        return {name: measure for name, measure in self.measures.items() if name != "banner_ms" or self.banner}

    async def look(self, ctx: Context) -> Look:
        loop = asyncio.get_running_loop()
        start, waits = loop.time(), patience(ctx)
        try:
            reader, writer, address = await connect(self.host, self.port, until=start + waits, waits=waits)
        except Unreachable as error:
            return Look.broken(str(error))
        metrics = [Metric("latency_ms", 1000 * (loop.time() - start))]
        try:
            said = b""
            if self.send is not None:
                writer.write(self.send.encode())
            if self.banner is not None:
                said = await self._greeting(reader, start + waits - loop.time())
                metrics.append(Metric("banner_ms", 1000 * (loop.time() - start)))
        finally:
            writer.transport.abort()
        text = f"connected to {address}" + (f"\n{clean(said, 1000)}" if said else "")
        evidence = Evidence(f"tcp {self.about()}", text)
        if self.banner is not None and not found(self.banner, said):
            return Look.broken(self._reproach(said, loop.time() - start, waits), evidence, metrics=metrics)
        return Look(tuple(metrics), (), (evidence,))

    async def _greeting(self, reader: asyncio.StreamReader, left: float) -> bytes:
        """What the server says, until it matches, ends, is too long, or time is up."""
        said = b""
        try:
            async with asyncio.timeout(left):
                while len(said) < GREETING_LIMIT and not found(self.banner or "", said):
                    piece = await reader.read(GREETING_LIMIT - len(said))
                    if not piece:
                        break
                    said += piece
        except (TimeoutError, OSError):
            pass
        return said

    def _reproach(self, said: bytes, took: float, waits: float) -> str:
        if said:
            return f"{self.about()} does not greet as expected: {clean(said.strip(), 100)!r}"
        if took < waits:
            return f"{self.about()} closes the connection without a greeting"
        return f"{self.about()} says nothing within {duration(waits)}"
