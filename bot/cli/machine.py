"""What there is to look at on this machine: disks, services, logs, backups."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SERVICES: Mapping[int, str] = {
    22: "SSH",
    25: "mail (SMTP)",
    53: "name server",
    80: "web server",
    143: "mail (IMAP)",
    443: "web server (TLS)",
    587: "mail submission",
    1883: "MQTT",
    2379: "etcd",
    3000: "web application",
    3306: "MySQL",
    4222: "NATS",
    5000: "web application",
    5432: "PostgreSQL",
    5672: "RabbitMQ",
    6379: "Redis",
    8000: "web application",
    8080: "web application",
    8086: "InfluxDB",
    8443: "web application (TLS)",
    9000: "web application",
    9090: "Prometheus",
    9092: "Kafka",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
"""Ports that say who listens, also where we may not see the process."""

SPEAK_HTTP = frozenset((80, 3000, 5000, 8000, 8080, 8086, 9000, 9090, 9200))
"""Where an HTTP request is no surprise to whoever listens."""

LOGS = (
    "/var/log/syslog",
    "/var/log/messages",
    "/var/log/nginx/error.log",
    "/var/log/apache2/error.log",
    "/var/log/httpd/error_log",
    "/var/log/mail.log",
    "/var/log/redis/redis-server.log",
)
BACKUPS = ("/backup", "/backups", "/srv/backup", "/srv/backups", "/mnt/backup", "/mnt/backups", "/var/backups")

_NO_DISKS = frozenset(("squashfs", "iso9660", "udf", "erofs", "cramfs"))
_HOUSEKEEPING = re.compile(r"(dpkg|apt|alternatives|passwd|group|shadow|gshadow)\b.*")
_EVERYWHERE = ("0.0.0.0", "::", "")
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be looked at.

    Args:
        what: how a person calls it, for the question and the comment.
        settings: the check, `kind` first.
    """

    section: str
    name: str
    what: str
    settings: Mapping[str, Any]


def candidates(containers: Iterable[Candidate] = ()) -> Iterator[Candidate]:
    """Everything that is worth a look here, each name once."""
    seen: set[str] = set()
    partitions = psutil.disk_partitions(all=False)
    for found in (*disks(partitions), *machine(), *services(listening()), *containers, *files()):
        name, n = found.name, 2
        while name in seen:
            name, n = f"{found.name}-{n}", n + 1
        seen.add(name)
        yield Candidate(found.section, name, found.what, found.settings)


def named(text: str) -> str:
    """A name that a configuration may use."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "root"


def disks(partitions: Iterable[Any]) -> Iterator[Candidate]:
    """File systems that can fill: each device once, no images, nothing that is mounted for reading only."""
    by_device: dict[str, str] = {}
    for one in partitions:
        options = one.opts.split(",")
        if one.fstype in _NO_DISKS or "ro" in options or not os.path.isdir(one.mountpoint):
            continue
        if one.mountpoint.startswith(("/boot/efi", "/efi", "/snap/")):
            continue
        known = by_device.get(one.device)
        if known is None or len(one.mountpoint) < len(known):
            by_device[one.device] = one.mountpoint
    # In a container the root is an overlay, which counts as no disk.
    for path in sorted({"/", *by_device.values()}):
        yield Candidate("Machine", f"disk-{named(path)}", f"the disk at {path}", {"kind": "disk", "path": path})


def machine() -> Iterator[Candidate]:
    """What every machine has."""
    yield Candidate("Machine", "memory", "memory", {"kind": "memory"})
    yield Candidate("Machine", "load", "load", {"kind": "load"})


@dataclass(frozen=True, slots=True)
class Listener:
    """A port on which somebody waits; `process` is empty where we may not see whose it is."""

    host: str
    port: int
    process: str = ""


def listening() -> list[Listener]:
    """The TCP ports of this machine that can be reached from here; none where the system does not tell."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return []
    found: dict[int, Listener] = {}
    for one in sorted(connections, key=lambda one: (one.laddr.port, ":" in one.laddr.ip) if one.laddr else (0, False)):
        if one.status != psutil.CONN_LISTEN or not one.laddr:
            continue
        address = one.laddr.ip
        if address in _EVERYWHERE or address in ("127.0.0.1", "::1"):
            host = "::1" if address == "::1" else "127.0.0.1"
            found.setdefault(one.laddr.port, Listener(host, one.laddr.port, _process(one.pid)))
    return list(found.values())


def _process(pid: int | None) -> str:
    try:
        return str(psutil.Process(pid).name()) if pid else ""
    except psutil.Error:
        return ""


def services(listeners: Iterable[Listener]) -> Iterator[Candidate]:
    """Those that somebody meant to be there: well-known ports, and ports below those given out at random."""
    first_random = _first_random()
    for one in listeners:
        what = SERVICES.get(one.port) or one.process
        if not what or (one.port not in SERVICES and one.port >= first_random):
            continue
        place = f"[{one.host}]:{one.port}" if ":" in one.host else f"{one.host}:{one.port}"
        name = named(f"{what.partition(' (')[0]}-{one.port}" if one.port not in SERVICES else what.partition(" (")[0])
        known = f"{what} at {place}"
        if one.port in SPEAK_HTTP:
            yield Candidate("Services", name, known, {"kind": "http", "url": f"http://{place}/"})
        else:
            yield Candidate("Services", name, known, {"kind": "tcp", "host": one.host, "port": one.port})


def _first_random() -> int:
    try:
        return int(_EPHEMERAL.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 32_768


def files(logs: Iterable[str] = LOGS, backups: Iterable[str] = BACKUPS) -> Iterator[Candidate]:
    """Logs that we may read, and folders that hold backups."""
    for path in logs:
        if os.path.isfile(path) and os.access(path, os.R_OK):
            name = "log-" + named(path.removeprefix("/var/log/"))
            yield Candidate(
                "Logs and backups", name, f"errors in {path}", {"kind": "log", "path": path, "window": "1h"}
            )
    for folder in backups:
        if _holds_backups(folder):
            settings = {"kind": "files", "path": f"{folder}/*"}
            yield Candidate("Logs and backups", f"backup-{named(folder)}", f"backups in {folder}", settings)


def _holds_backups(folder: str) -> bool:
    """Whether there are files in it beyond what the package manager keeps there for itself."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_file() and not _HOUSEKEEPING.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False
