"""A certificate is valid, trusted, for the right name, and not about to end.

Why: on the day it ends every browser and every client turns away, and renewing under pressure goes wrong.

What to do: look at what should have renewed it (`certbot renew --dry-run`, cert-manager's events) and whether the
server was reloaded afterwards: a new file on disk does nothing until then. A chain that is not trusted usually lacks
the intermediate certificate: serve the full chain.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from checks._apart import StillHanging, apart, patience
from checks._certificates import Certificate, from_der, from_pem, unsigned
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._net import HostName, Unreachable, connect, endpoint, failed
from checks._starttls import Protocol, Unready, prepare
from checks._trust import certificates_of, in_words, trustful, trusting
from checks._types import AbsolutePath
from checks._units import duration

FILE_LIMIT = 1 << 20


class TlsCheck(Check):
    """Reads the certificate that a server shows, or those in a PEM file.

    Of a server that is trusted, it is the whole chain by which it is; else the server's own certificate. So one that
    expired or signed itself is measured, too.
    """

    kind: Literal["tls"] = "tls"
    host: HostName | None = Field(None, description="Name or address of the server.")
    port: int = Field(443, ge=1, le=65535, description="Port of the server.")
    server_name: HostName | None = Field(None, description="Name to ask for (SNI) and to expect; default: the host.")
    starttls: Protocol | None = Field(None, description="Protocol that begins in the clear and turns to TLS.")
    file: AbsolutePath | None = Field(None, description="A PEM file on this machine instead of a server.")
    verify: bool = Field(
        True, description="Whether an untrusted chain (of a file: with `ca_file`) or another name is critical."
    )
    ca_file: AbsolutePath | None = Field(None, description="PEM file of the authorities to trust, not the system's.")

    measures: ClassVar[Mapping[str, Measure]] = {
        "days_left": Measure(
            "days", "until the first certificate of the chain (or file) ends", "has a certificate for {value} more"
        ),
        "handshake_ms": Measure("ms", "TLS handshake", "took {value} for the handshake"),
    }
    rules: ClassVar[Rules] = Rules(warning="days_left < 21", critical="days_left < 7")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: tls, host: www.example.com, warning: days_left < 30}",
        "{kind: tls, host: mail.example.com, port: 587, starttls: smtp}",
        "{kind: tls, file: /etc/letsencrypt/live/example.com/fullchain.pem, server_name: www.example.com}",
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.host is None) == (self.file is None):
            raise ValueError("give either a host or a file")
        return self

    def about(self) -> str:
        return self.file or endpoint(self.host or "", self.port)

    def measured(self) -> Mapping[str, Measure]:
        return {name: measure for name, measure in self.measures.items() if self.host or name != "handshake_ms"}

    async def look(self, ctx: Context) -> Look:
        if self.file:
            return await self._look_at_file(self.file, ctx)
        waits = patience(ctx)
        until = asyncio.get_running_loop().time() + waits
        try:
            chain, took, distrust = await self._shake(until, waits)
        except Unreachable as error:
            return Look.broken(str(error))
        try:
            shown = [from_der(content) for content in chain]
        except ValueError as error:
            return Look.broken(f"{self.about()} shows a damaged certificate: {error}")
        return self.judge(shown, now=ctx.now, distrust=distrust, metrics=[Metric("handshake_ms", 1000 * took)])

    async def _shake(self, until: float, waits: float) -> tuple[list[bytes], float, str | None]:
        """The certificates, the seconds of the handshake, and why they are not trusted."""
        if not self.verify:
            return (*await self._certificates(trustful(), until, waits), None)
        try:
            return (*await self._certificates(trusting(self.ca_file), until, waits), None)
        except ssl.SSLCertVerificationError as error:
            distrust = error.verify_message
        return (*await self._certificates(trustful(), until, waits), distrust)

    async def _certificates(self, context: ssl.SSLContext, until: float, waits: float) -> tuple[list[bytes], float]:
        loop = asyncio.get_running_loop()
        reader, writer, _ = await connect(self.host or "", self.port, until=until, waits=waits)
        try:
            async with asyncio.timeout_at(until):
                if self.starttls:
                    await prepare(self.starttls, reader, writer)
                start = loop.time()
                await writer.start_tls(context, server_hostname=self.server_name or self.host)
                took = loop.time() - start
        except TimeoutError:
            raise Unreachable(f"{self.about()} does not finish the TLS handshake within {duration(waits)}") from None
        except Unready as error:
            raise Unreachable(f"{self.about()} {error}") from error
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as error:
            reason = (error.reason or str(error)).replace("_", " ").lower()
            raise Unreachable(f"{self.about()} fails the TLS handshake: {in_words(reason)}") from error
        except OSError as error:
            if error.errno is None:
                raise Unreachable(f"{self.about()} hangs up during the TLS handshake") from error
            raise Unreachable(failed(self.about(), error.errno, str(error))) from error
        finally:
            writer.transport.abort()
        return certificates_of(writer.get_extra_info("ssl_object")), took

    async def _authorities(self, waits: float) -> bytes | None:
        """What a file is held against; only what is given: a file alone says nothing of who will trust it."""
        if self.ca_file is None or not self.verify:
            return None
        try:
            return await apart(_content, self.ca_file, patience_s=waits)
        except (OSError, StillHanging) as error:
            why = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "its file system hangs"
            raise CouldNotCheck(f"could not read the trusted certificates in {self.ca_file}: {why}") from error

    async def _look_at_file(self, path: str, ctx: Context) -> Look:
        waits = patience(ctx)
        authorities = await self._authorities(waits)
        try:
            content = await apart(_content, path, patience_s=waits)
            shown = from_pem(content)
        except StillHanging:
            return Look.broken(f"{path} could not be read within {duration(waits)}; its file system hangs")
        except FileNotFoundError:
            return Look.broken(f"{path} does not exist")
        except PermissionError as error:
            raise CouldNotCheck(f"may not read {path}; give our user the right to") from error
        except OSError as error:
            return Look.broken(f"{path} cannot be read: {error.strerror}")
        except ValueError:
            return Look.broken(f"{path} holds no certificate in PEM form")
        try:
            distrust = None if authorities is None else unsigned(content, authorities)
        except ValueError as error:
            raise CouldNotCheck(f"{self.ca_file} holds no certificate in PEM form") from error
        return self.judge(shown, now=ctx.now, distrust=distrust)

    def judge(
        self,
        shown: list[Certificate],
        *,
        now: datetime,
        distrust: str | None = None,
        metrics: list[Metric] | None = None,
    ) -> Look:
        """No I/O here. The first certificate is the server's own; `distrust` is what verifying its chain said."""
        first = min(shown, key=lambda certificate: certificate.ends)
        reports = [certificate.report() for certificate in shown[:10]]
        if first is not shown[0]:
            reports.insert(
                0, f"the first to end is not the server's own, but {first.subject}, on {first.ends:%Y-%m-%d}"
            )
        text = "\n\n".join(reports)
        days = Metric("days_left", (first.ends - now).total_seconds() / 86400)
        return Look(
            (days, *(metrics or [])),
            tuple(self._findings(shown, now, distrust)),
            (Evidence(f"certificate of {self.about()}", text),),
        )

    def _findings(self, shown: list[Certificate], now: datetime, distrust: str | None) -> Iterator[Finding]:
        first = min(shown, key=lambda certificate: certificate.ends)
        late = max(shown, key=lambda certificate: certificate.starts)
        if first.ends <= now:
            ago = duration((now - first.ends).total_seconds())
            yield Finding(Outcome.CRITICAL, f"{self.about()} has a certificate that ended {ago} ago")
        if late.starts > now:
            yield Finding(
                Outcome.CRITICAL, f"{self.about()} has a certificate that begins only on {late.starts:%Y-%m-%d}"
            )
        if not self.verify:
            return
        expected = self.server_name or self.host
        if expected and not shown[0].covers(expected):
            names = ", ".join(shown[0].names[:5]) or shown[0].subject
            yield Finding(Outcome.CRITICAL, f"{self.about()} has a certificate for {names}, not for {expected}")
        elif distrust and late.starts <= now < first.ends:  # otherwise the dates have said it
            yield Finding(Outcome.CRITICAL, f"{self.about()} has a certificate that is not to be trusted: {distrust}")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(FILE_LIMIT)
