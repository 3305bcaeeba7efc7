from __future__ import annotations

import os
import shutil
import subprocess
import threading

import pytest
from pydantic import ValidationError

from checks import CouldNotCheck
from checks.disk import DiskCheck, Room

PHONE = 40
"""Characters of fixed width on a line of a phone."""


def df(path):
    said = subprocess.run(["df", "-P", path], capture_output=True, text=True, check=True).stdout
    return float(said.splitlines()[1].split()[4].strip("%"))


async def test_it_says_what_df_says(ctx, numbers):
    check = DiskCheck(path="/")
    look = await check.look(ctx)
    metrics = numbers(check, look)
    assert metrics["used_percent"] == pytest.approx(df("/"), abs=1.5)
    assert metrics["total_bytes"] == shutil.disk_usage("/").total
    assert 0 < metrics["free_bytes"] <= metrics["total_bytes"]
    assert look.evidence[0].title == "df /"
    head, *lines = look.evidence[0].text.splitlines()
    assert head.split()[0] == "bytes"
    assert [line.split()[0] for line in lines] == ["Size", "Used", "Avail", "Use%"]
    assert max(map(len, lines)) <= PHONE
    assert "Use%" in look.evidence[0].text


def test_room_kept_for_root_is_neither_used_nor_free():
    metrics = {metric.name: metric.value for metric in Room(1000, 150, 100, 0, 0).metrics()}
    assert metrics == {"used_percent": pytest.approx(100 * 850 / 950), "free_bytes": 100, "total_bytes": 1000}


def test_inodes_are_measured_where_the_file_system_counts_them():
    metrics = {metric.name: metric.value for metric in Room(1000, 500, 500, 200, 20).metrics()}
    assert metrics["inodes_used_percent"] == 90


def test_a_file_system_without_inodes_or_room_is_no_division_by_zero():
    metrics = {metric.name: metric.value for metric in Room(0, 0, 0, 0, 0).metrics()}
    assert metrics == {"used_percent": 0, "free_bytes": 0, "total_bytes": 0}
    assert DiskCheck(path="/proc").judge(Room(0, 0, 0, 0, 0)).evidence


async def test_a_missing_path_is_broken(ctx, broken, tmp_path):
    assert broken(await DiskCheck(path=f"{tmp_path}/gone").look(ctx)) == f"{tmp_path}/gone does not exist"


async def test_a_path_through_a_file_is_broken(ctx, broken, tmp_path):
    (tmp_path / "file").touch()
    assert "cannot be read: Not a directory" in broken(await DiskCheck(path=f"{tmp_path}/file/x").look(ctx))


async def test_a_disk_that_is_not_mounted_is_broken(ctx, broken, tmp_path):
    assert broken(await DiskCheck(path=str(tmp_path), mount=True).look(ctx)) == f"{tmp_path} is not mounted"
    assert (await DiskCheck(path="/", mount=True).look(ctx)).findings == ()


async def test_a_denied_permission_is_ours(ctx, tmp_path, as_nobody):
    (tmp_path / "closed").mkdir(mode=0)
    with as_nobody(), pytest.raises(CouldNotCheck, match="may not look at"):
        await DiskCheck(path=f"{tmp_path}/closed/inside").look(ctx)


async def test_a_file_system_that_hangs_is_broken_and_does_not_hold_us(hasty, broken, monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(os, "statvfs", lambda path: end.wait())
    assert broken(await DiskCheck(path="/mnt").look(hasty)) == "/mnt did not answer within 0.3 s; its file system hangs"
    end.set()


def test_a_relative_path_is_refused():
    with pytest.raises(ValidationError, match="absolute path"):
        DiskCheck(path="var/lib")
