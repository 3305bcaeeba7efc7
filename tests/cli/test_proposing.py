"""What is proposed suits what was measured."""

from __future__ import annotations

import http.server
import socket
import threading
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.cli import proposing
from bot.cli.machine import Candidate, Listener, disks, files, listening, services
from bot.cli.proposing import propose
from checks import kind


def partition(device, mountpoint, fstype="ext4", opts="rw,relatime"):
    return SimpleNamespace(device=device, mountpoint=mountpoint, fstype=fstype, opts=opts)


def candidate(**settings):
    return Candidate("Here", "it", "it", settings)


async def proposed(**settings):
    found = await propose([candidate(**settings)])
    return found[0] if found else None


def suited(name, **metrics):
    return proposing._SUITED[name](candidate(kind=name), metrics)


def test_disks_are_real_ones_each_once(tmp_path):
    mounts = [tmp_path / name for name in ("data", "data-again", "snap", "image", "file")]
    for mount in mounts[:4]:
        mount.mkdir()
    mounts[4].touch()
    data, again, snap, image, file = map(str, mounts)
    found = disks(
        [
            partition("/dev/sda1", "/"),
            partition("/dev/sdb1", again),
            partition("/dev/sdb1", data),
            partition("/dev/loop1", snap, "squashfs"),
            partition("/dev/sdc1", image, opts="ro,relatime"),
            partition("/dev/sdd1", file),
            partition("/dev/sda2", "/boot/efi", "vfat"),
        ]
    )
    assert [one.settings["path"] for one in found] == ["/", data]


def test_in_a_container_the_root_is_a_disk_all_the_same():
    assert [one.settings["path"] for one in disks([])] == ["/"]


@pytest.mark.parametrize(
    ("used", "warning", "critical"), [(26.0, 80, 90), (85.0, 90, 95), (79.0, 90, 95), (92.0, 95, 98)]
)
def test_the_limits_of_a_disk_leave_room_above_what_is_normal(used, warning, critical):
    proposal = suited("disk", used_percent=used, total_bytes=1e12, free_bytes=1e11)
    assert proposal.rules == {"warning": f"used_percent > {warning}", "critical": f"used_percent > {critical}"}


def test_a_disk_that_is_nearly_full_is_not_excused():
    proposal = suited("disk", used_percent=97.0, total_bytes=1e12, free_bytes=3e10)
    assert proposal.rules == {}
    assert "nearly full already" in proposal.remark


def test_a_busy_machine_gets_a_limit_above_its_load():
    calm = suited("load", load1=0.1, load5=0.2, load15=0.2, cpus=4)
    busy = suited("load", load1=20.0, load5=10.0, load15=6.0, cpus=4)
    assert calm.rules == {"warning": "per_cpu > 1.5", "critical": "per_cpu > 4"}
    assert busy.rules == {"warning": "per_cpu > 10", "critical": "per_cpu > 20"}
    assert "lower the limits" in busy.remark
    assert "lower the limits" not in calm.remark


def test_services_are_those_that_somebody_meant_to_be_there():
    found = services(
        [
            Listener("127.0.0.1", 5432),
            Listener("127.0.0.1", 6379),
            Listener("127.0.0.1", 8080, "java"),
            Listener("127.0.0.1", 7777, "shopd"),
            Listener("127.0.0.1", 7778),
            Listener("127.0.0.1", 45_001, "python"),
            Listener("::1", 11211),
        ]
    )
    assert [(one.name, one.what, one.settings["kind"]) for one in found] == [
        ("postgresql", "PostgreSQL at 127.0.0.1:5432", "tcp"),
        ("redis", "Redis at 127.0.0.1:6379", "tcp"),
        ("web-application", "web application at 127.0.0.1:8080", "http"),
        ("shopd-7777", "shopd at 127.0.0.1:7777", "tcp"),
        ("memcached", "memcached at [::1]:11211", "tcp"),
    ]


def test_listening_ports_of_this_machine_are_seen():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert [one.host for one in listening() if one.port == port] == ["127.0.0.1"]


async def test_a_service_that_accepts_is_proposed_and_one_that_refuses_is_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "accepted a connection in" in (await proposed(kind="tcp", host="127.0.0.1", port=port)).remark
    assert await proposed(kind="tcp", host="127.0.0.1", port=port) is None


class Page(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("status", "rules"), [(200, {}), (302, {}), (404, {"critical": "status >= 500"}), (503, {})])
async def test_a_web_server_is_judged_by_how_it_answers_now(status, rules):
    server = http.server.HTTPServer(("127.0.0.1", 0), type("Page", (Page,), {"status": status}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        proposal = await proposed(kind="http", url=f"http://127.0.0.1:{server.server_port}/")
        assert proposal.rules == rules
        assert f"answers {status}" in proposal.remark
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_a_log_gets_a_limit_above_its_usual_errors(tmp_path):
    now = datetime.now().astimezone()
    lines = [f"{now - timedelta(minutes=n):%Y-%m-%dT%H:%M:%S%z} ERROR broken\n" for n in range(20, 0, -1)]
    (tmp_path / "app.log").write_text("".join(lines))
    found = list(files(logs=[str(tmp_path / "app.log"), str(tmp_path / "none.log")], backups=[]))
    (proposal,) = await propose(found)
    assert proposal.settings["window"] == "1h"
    assert proposal.rules == {"warning": "errors > 60"}


async def test_a_log_without_time_stamps_is_counted_from_look_to_look(tmp_path):
    (tmp_path / "app.log").write_text("something\nhappened\n")
    (proposal,) = await propose(files(logs=[str(tmp_path / "app.log")], backups=[]))
    assert "window" not in proposal.settings
    assert kind("log").model.model_validate(proposal.settings)


async def test_backups_get_a_rhythm_from_the_age_of_the_newest(tmp_path):
    (tmp_path / "shop.sql.gz").write_text("x")
    (proposal,) = await propose(files(logs=[], backups=[str(tmp_path)]))
    assert proposal.settings["path"] == f"{tmp_path}/*"
    assert proposal.rules == {"critical": "newest_age_s > 26 * 3600"}
    assert suited("files", count=3, newest_age_s=5 * 86400, newest_bytes=9).rules == {
        "critical": "newest_age_s > 8 * 86400"
    }
    old = suited("files", count=3, newest_age_s=30 * 86400, newest_bytes=9)
    assert old.rules == {"critical": "newest_age_s > 60 * 86400"}
    assert old.remark.endswith("is that as it should be?")


def test_what_the_package_manager_keeps_is_no_backup(tmp_path):
    for name in ("dpkg.status.0", "apt.extended_states.1.gz", "alternatives.tar.0"):
        (tmp_path / name).touch()
    assert list(files(logs=[], backups=[str(tmp_path), str(tmp_path / "none")])) == []
