"""A URL answers: with which status, how fast, and with what in it.

Why: it is what users and their browsers meet. A process can run, its port can be open, and the page is still an error.

What to do: open the URL yourself and read the answer kept as evidence. Status 5xx: look at the application's log;
with 502 or 504 the proxy lives and what is behind it does not. Slow: the phases say whether the name server (dns), the
network (connect), the handshake (tls) or the application (first byte) takes the time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

import pycurl
from pydantic import Field, SecretStr, field_validator, model_validator

from checks._apart import patience
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._curl import Answer, NoAnswer, Request
from checks._http import Follow, WebAddress, fetch, is_redirect, next_request, report, reproach, shown
from checks._json import JsonPath, number, parsed
from checks._net import why_unresolved
from checks._regex import Re2Pattern, found
from checks._types import MetricName

_UNAUTHORIZED = 401
"""Credentials are missing or not valid (RFC 9110, 15.5.2). With 403 they may be fine, and the target to blame."""

_OF_TLS = frozenset(("tls_ms", "certificate_days"))
_SLOW = "latency_ms > 2000"

_PROXY = r"^((https?|socks5h?)://[^\s@/]+/?)?$"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HttpCheck(Check):
    """Asks a URL, over a new connection each time, so that name server, network and handshake are part of the answer.

    An expectation that is not met (`contains`, `matches`, `json`, `headers_present`) is a finding of its own, so a
    `critical:` rule of yours does not switch it off.
    """

    kind: Literal["http"] = "http"
    url: WebAddress = Field(description="The address, http or https; credentials go into `basic_auth` or `bearer`.")
    method: Literal["GET", "HEAD", "POST"] = Field("GET", description="How to ask; a POST must change nothing there.")
    headers: dict[str, str] = Field({}, description="Request headers by name; another host never sees them.")
    body: str | None = Field(None, max_length=100_000, description="What a POST sends; set its content-type header.")
    contains: str | None = Field(None, min_length=1, description="Text that the body must hold, as it is.")
    matches: Re2Pattern | None = Field(None, description="A pattern (RE2) that the body must match somewhere.")
    headers_present: tuple[str, ...] = Field((), description="Headers that the answer must have; only their names.")
    json_values: dict[MetricName, JsonPath] = Field(
        {}, alias="json", description="Metrics out of a JSON body: name → path, such as `depth: queues.mail[0].depth`."
    )
    samples: int = Field(1, ge=1, le=100, description="Requests per look, one after the other; times are averaged.")
    follow: Follow = Field("same-host", description="Which redirects to follow, ten at most.")
    verify: bool = Field(True, description="Whether an untrusted certificate is a failure.")
    ca_file: str | None = Field(None, description="PEM file of the authorities to trust instead of the system's.")
    basic_auth: SecretStr | None = Field(
        None, description="`user:password` for HTTP basic authentication. Answered with 401, it is *unknown*."
    )
    bearer: SecretStr | None = Field(
        None, description="Token for an `Authorization: Bearer` header. Answered with 401, it is *unknown*."
    )
    proxy: str = Field(
        "",
        json_schema_extra={"pattern": _PROXY},
        description="Proxy (http, https, socks5, socks5h); those of the environment are never used.",
    )

    measures: ClassVar[Mapping[str, Measure]] = {
        "status": Measure(
            "", "HTTP status of the answer; of several samples the highest", "answers {value}", lowest=100, highest=999
        ),
        "latency_ms": Measure("ms", "whole exchange, redirects included, averaged over samples", "took {value}"),
        "latency_max_ms": Measure("ms", "whole exchange of the slowest sample", "took {value} at worst"),
        "dns_ms": Measure("ms", "looking up the name", "took {value} to look up its name"),
        "connect_ms": Measure("ms", "TCP handshake", "took {value} to connect"),
        "tls_ms": Measure("ms", "TLS handshake", "took {value} for the TLS handshake"),
        "first_byte_ms": Measure("ms", "from the start to the first byte of the answer", "took {value} to begin"),
        "body_bytes": Measure("B", "size of the body; read up to 1 MiB", "answers with {value}"),
        "redirects": Measure("", "redirects followed", "redirects {value} time(s)", lowest=0),
        "certificate_days": Measure("days", "until the certificate ends", "has a certificate for {value} more"),
        "headers_missing": Measure(
            "", "headers of `headers_present` that are missing", "lacks {value} header(s)", lowest=0
        ),
        "body_matches": Measure(
            "", "1 if the body is as `contains` and `matches` say", "matches: {value}", lowest=0, highest=1
        ),
    }
    rules: ClassVar[Rules] = Rules(warning=f"{_SLOW} || certificate_days < 21", critical="status >= 400")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: http, url: https://api.example.com/health/live, critical: status != 200}",
        "kind: http\nurl: https://www.example.com/\nsamples: 5\nheaders_present: [strict-transport-security]\n"
        "warning: latency_ms > 800 || certificate_days < 30",
        "kind: http\nurl: https://api.example.com/health\ncontains: ready\njson:\n  queue_depth: queues.mail[0].depth\n"
        "warning: queue_depth > 1000",
    )

    @field_validator("proxy")
    @classmethod
    def _known_proxy(cls, proxy: str) -> str:
        if re.fullmatch(_PROXY, proxy):
            return proxy
        if "@" in proxy:
            raise ValueError("must not hold a user or password; proxies that ask for one are not supported")
        if "://" not in proxy and not re.search(r"[\s/]", proxy):
            raise ValueError(f"must start with http://, https://, socks5:// or socks5h://; write http://{proxy:.60}")
        raise ValueError("must be an address such as http://proxy.example.com:3128; also https, socks5 and socks5h")

    @field_validator("headers")
    @classmethod
    def _plain_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
                raise ValueError(f"{name!r} is no header: a plain name and one line of text")
        return headers

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.method == "HEAD" and (self.contains or self.matches or self.json_values):
            raise ValueError("a HEAD request has no body to look into; use GET")
        if self.body is not None and self.method != "POST":
            raise ValueError("only a POST has a body")
        if self.basic_auth and self.bearer:
            raise ValueError("basic_auth and bearer exclude each other")
        if taken := sorted(self.json_values.keys() & self.measures.keys()):
            raise ValueError(f"{', '.join(taken)}: a name that this kind measures itself; choose another")
        return self

    def about(self) -> str:
        return self._about

    @cached_property
    def _about(self) -> str:
        return shown(self.url)

    def measured(self) -> Mapping[str, Measure]:
        return self._measured

    @cached_property
    def _measured(self) -> Mapping[str, Measure]:
        absent: set[str] = set()
        if not self._secure:
            absent |= _OF_TLS
        if not self.headers_present:
            absent.add("headers_missing")
        if not (self.contains or self.matches):
            absent.add("body_matches")
        own = {
            name: Measure("", f"{path} of the JSON", f"has {name} {{value}}") for name, path in self.json_values.items()
        }
        return {name: measure for name, measure in self.measures.items() if name not in absent} | own

    def how_to_measure(self, metric: str) -> str:
        return "only an address with https:// has it" if metric in _OF_TLS else super().how_to_measure(metric)

    def default_rules(self) -> Rules:
        return self.rules if self._secure else Rules(warning=_SLOW, critical=self.rules.critical)

    @property
    def _credentials(self) -> str:
        """The field with which we say who we are; empty if we do not."""
        return "bearer" if self.bearer else "basic_auth" if self.basic_auth else ""

    def _unauthorized(self, hops: list[Answer]) -> bool:
        """Whether it was our credentials that were refused: they do not go along with every redirect."""
        asked = self._request
        for answer in hops[:-1]:
            asked = next_request(asked, answer, self.follow) or asked
        return hops[-1].status == _UNAUTHORIZED and (asked.userpwd is not None or bool(asked.headers))

    @property
    def _secure(self) -> bool:
        return self.url.startswith("https:")

    @cached_property
    def _request(self) -> Request:
        headers = [f"{name}: {value}" if value else f"{name};" for name, value in self.headers.items()]
        if self.bearer:
            headers.append(f"Authorization: Bearer {self.bearer.get_secret_value()}")
        return Request(
            url=self.url,
            method=self.method,
            headers=tuple(headers),
            body=self.body,
            verify=self.verify,
            trust=self.ca_file,
            proxy=self.proxy,
            userpwd=self.basic_auth.get_secret_value() if self.basic_auth else None,
        )

    async def look(self, ctx: Context) -> Look:
        waits = patience(ctx)
        until = asyncio.get_running_loop().time() + waits
        samples: list[list[Answer]] = []
        try:
            while len(samples) < self.samples:
                samples.append(await fetch(self._request, follow=self.follow, until=until))
        except NoAnswer as error:
            if error.code == pycurl.E_COULDNT_RESOLVE_HOST:
                left = until - asyncio.get_running_loop().time()
                text = await why_unresolved(urlsplit(error.url).hostname or "", patience_s=max(left, 0.01))
            else:
                text = reproach(self.about(), error, waited_s=waits)
            if self.proxy:
                text += f", asked through its proxy {self.proxy}"
            if self.samples > 1:
                text += f" (request {len(samples) + 1} of {self.samples})"
            return Look.broken(text, Evidence(f"{self.method} {self.about()}", f"libcurl: {error.said}"))
        if self._credentials and any(self._unauthorized(hops) for hops in samples):
            raise CouldNotCheck(f"{self.about()} refuses our credentials (401): is `{self._credentials}` still valid?")
        return self.judge(samples, now=ctx.now)

    def judge(self, samples: list[list[Answer]], *, now: datetime) -> Look:
        """What the answers say; each sample is the answers of its redirects, the last one last."""
        worst = samples[0]
        if len(samples) > 1:
            worst = max(samples, key=lambda hops: (hops[-1].status, bool(self._unmet(hops[-1])), hops[-1].total_s))
        metrics = list(self._numbers(samples, now=now))
        findings = list(self._findings(worst[-1], metrics))
        text = report(self._request, worst, tuple(name.lower() for name in self.headers_present))
        if self.samples > 1:
            times = ", ".join(f"{1000 * sum(answer.total_s for answer in answers):.0f} ms" for answers in samples)
            text = f"{len(samples)} requests: {times}; the worst:\n{text}"
        return Look(tuple(metrics), tuple(findings), (Evidence(f"{self.method} {self.about()}", text),))

    def _numbers(self, samples: list[list[Answer]], *, now: datetime) -> Iterator[Metric]:
        count = len(samples)
        totals = [1000 * sum([answer.total_s for answer in hops]) for hops in samples]
        yield Metric("status", max([hops[-1].status for hops in samples]))
        yield Metric("latency_ms", sum(totals) / count)
        yield Metric("latency_max_ms", max(totals))
        answers = [answer for hops in samples for answer in hops]
        yield Metric("dns_ms", 1000 * sum([answer.dns_s for answer in answers]) / count)
        yield Metric("connect_ms", 1000 * sum([answer.connect_s for answer in answers]) / count)
        yield Metric("first_byte_ms", 1000 * sum([hops[-1].first_byte_s for hops in samples]) / count)
        yield Metric("body_bytes", samples[-1][-1].length)
        yield Metric("redirects", len(samples[-1]) - 1)
        if self._secure:
            yield Metric("tls_ms", 1000 * sum([answer.tls_s or 0.0 for answer in answers]) / count)
            ends = [answer.certificate_ends for answer in answers if answer.certificate_ends]
            if ends:
                yield Metric("certificate_days", (min(ends) - now).total_seconds() / 86400)

    def _findings(self, answer: Answer, metrics: list[Metric]) -> Iterator[Finding]:
        """The expectations that are not met; their metrics go to the others."""
        if self.follow == "same-host" and is_redirect(answer):
            text = (
                f"{self.about()} redirects to another host, {shown(answer.redirect_url or '')}; that was not followed"
            )
            yield Finding(Outcome.INFO, text)
        if self.contains or self.matches:
            missing = self._unmet(answer)
            metrics.append(Metric("body_matches", 0 if missing else 1))
            if missing:
                where = "the first MiB of its body" if answer.cut else "its body"
                yield self._broken(answer, f"{where} does not hold {' nor '.join(missing)}")
        if self.headers_present:
            headers = answer.headers()[1]
            lacking = [name for name in self.headers_present if name.lower() not in headers]
            metrics.append(Metric("headers_missing", len(lacking)))
            if lacking:
                yield Finding(Outcome.WARNING, f"{self.about()} answers without the headers {', '.join(lacking)}")
        if self.json_values:
            try:
                document = parsed(answer.body)
            except ValueError:
                yield self._broken(answer, "its body is not JSON")
                return
            for name, path in self.json_values.items():
                try:
                    metrics.append(Metric(name, number(document, path)))
                except LookupError as error:
                    yield self._broken(answer, f"its JSON {error.args[0]}")

    def _unmet(self, answer: Answer) -> list[str]:
        """What the body does not hold though it should."""
        missing = []
        if self.contains and self.contains.encode() not in answer.body:
            missing.append(repr(self.contains))
        if self.matches and not found(self.matches, answer.body):
            missing.append(f"a match of {self.matches!r}")
        return missing

    def _broken(self, answer: Answer, what: str) -> Finding:
        return Finding(Outcome.CRITICAL, f"{self.about()} answers {answer.status}, but {what}")
