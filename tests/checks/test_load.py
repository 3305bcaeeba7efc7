from __future__ import annotations

import os

import pytest

from checks import CouldNotCheck
from checks.load import Load, LoadCheck, load, pressure


async def test_it_says_what_the_kernel_says(ctx, numbers):
    check = LoadCheck()
    look = await check.look(ctx)
    metrics = numbers(check, look)
    assert metrics["cpus"] == os.cpu_count()
    assert metrics["load15"] == pytest.approx(os.getloadavg()[2], abs=1)
    assert metrics["uptime_s"] > 0
    assert look.evidence[0].text.startswith("load average ")


def test_load_is_shared_among_the_processors():
    found = Load(averages=(9.0, 6.0, 3.0), cpus=4, allowed=1.5, uptime_s=100, waiting=12.5)
    metrics = {metric.name: metric.value for metric in found.metrics()}
    assert metrics["per_cpu"] == 1.5
    assert metrics["cpus_allowed"] == 1.5
    assert metrics["waiting_percent"] == 12.5


def test_a_container_sees_its_own_quota_and_pressure(tmp_path):
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    (group / "cpu.max").write_text("50000 100000\n")
    (group / "cpu.pressure").write_text("some avg10=0.10 avg60=42.50 avg300=1.00 total=5\nfull avg10=0 avg60=0\n")
    found = load(tmp_path)
    assert (found.allowed, found.waiting) == (0.5, 42.5)


@pytest.mark.parametrize("text", ["", "some", "some avg60", "some avg60=many", "\x00\xff", "some avg10=1\n" * 100_000])
def test_pressure_that_is_nonsense_is_not_measured(tmp_path, text):
    (tmp_path / "cpu").write_text(text)
    assert pressure(tmp_path / "cpu") is None
    assert pressure(tmp_path / "gone") is None


async def test_a_kernel_that_does_not_say_is_ours(ctx, monkeypatch):
    def none():
        raise OSError("Load averages are unobtainable")

    monkeypatch.setattr(os, "getloadavg", none)
    with pytest.raises(CouldNotCheck, match="could not read the load"):
        await LoadCheck().look(ctx)
