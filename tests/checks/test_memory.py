from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from types import SimpleNamespace

import psutil
import pytest

import checks.memory
from checks import CouldNotCheck
from checks._cgroup import cpu_limit, memory_limit
from checks.memory import Memory, MemoryCheck, _name, machine, memory, resident

GIB = 1 << 30


async def test_it_says_what_the_kernel_says(ctx, numbers):
    check = MemoryCheck()
    look = await check.look(ctx)
    metrics = numbers(check, look)
    assert set(metrics) == set(check.measured())
    assert 0 < metrics["used_percent"] < 100
    assert metrics["available_bytes"] < metrics["total_bytes"] <= psutil.virtual_memory().total
    assert "available of" in look.evidence[0].text


async def test_the_largest_processes_are_evidence(ctx):
    lines = (await MemoryCheck().look(ctx)).evidence[0].text.splitlines()[2:]
    assert 1 <= len(lines) <= 5


async def test_the_largest_are_listed_first_with_what_they_hold_and_their_names(ctx):
    for _ in range(2):  # what holds nothing is not asked again; what holds much is
        listed = memory().largest
        assert [size for size, *_ in listed] == sorted((size for size, *_ in listed), reverse=True)
        assert all(size > 0 and name for size, _, name in listed)


def test_what_a_process_holds_is_what_psutil_says():
    assert resident(os.getpid()) == pytest.approx(psutil.Process().memory_info().rss, rel=0.05)


def test_the_machine_has_what_psutil_says():
    total, available, swap_total, swap_used = machine()
    theirs, swap = psutil.virtual_memory(), psutil.swap_memory()
    assert (total, swap_total) == (theirs.total, swap.total)
    assert available == pytest.approx(theirs.available, rel=0.1)
    assert swap_used == pytest.approx(swap.used, rel=0.1, abs=GIB // 4)


@pytest.mark.parametrize(
    "told", ["", "MemTotal: 1 kB\n", "MemTotal: 1 kB\nMemAvailable: 5 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"]
)
@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc/meminfo")
def test_an_old_or_odd_kernel_is_left_to_psutil(told, tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text(told)
    theirs = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: theirs)
    monkeypatch.setattr(psutil, "swap_memory", lambda: SimpleNamespace(total=8, used=2))
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    assert machine() == (theirs.total, theirs.available, 8, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux keeps 15 bytes of a name")
def test_a_long_name_is_told_whole(tmp_path):
    program = tmp_path / "a-name-that-is-longer-than-the-kernel-keeps"
    shutil.copy("/bin/cat", program)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        process.stdin.write(b"begun\n")
        assert process.stdout.readline() == b"begun\n"  # before that, it is still we
        assert _name(process.pid) == psutil.Process(process.pid).name() == program.name
        process.stdin.close()
    assert _name(2**31 - 1) == "?"


def test_a_process_that_has_ended_holds_nothing():
    assert resident(2**31 - 1) == 0


async def test_very_many_processes_are_not_listed(ctx, monkeypatch):
    monkeypatch.setattr(psutil, "pids", lambda: range(50_000))
    assert len((await MemoryCheck().look(ctx)).evidence[0].text.splitlines()) == 2


def test_used_is_what_is_not_available():
    found = Memory(total=8 * GIB, available=2 * GIB, swap_total=4 * GIB, swap_used=GIB)
    metrics = {metric.name: metric.value for metric in found.metrics()}
    assert (metrics["used_percent"], metrics["swap_used_percent"]) == (75, 25)


def test_no_swap_is_no_swap_used():
    assert {metric.name: metric.value for metric in Memory(2, 1, 0, 0).metrics()}["swap_used_percent"] == 0


async def test_an_unreadable_kernel_is_ours(ctx, monkeypatch):
    def denied():
        raise PermissionError("/proc/meminfo")

    monkeypatch.setattr(checks.memory, "machine", denied)
    with pytest.raises(CouldNotCheck, match="could not read the memory"):
        await MemoryCheck().look(ctx)


async def test_a_kernel_that_hangs_is_broken(hasty, broken, monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(checks.memory, "machine", end.wait)
    assert "did not say within 0.3 s" in broken(await MemoryCheck().look(hasty))
    end.set()


class TestInAContainer:
    @pytest.fixture
    def kernel(self, tmp_path):
        """A tree of /proc and /sys for these files: `kernel({path: text})`."""

        def tree(files):
            for path, text in files.items():
                file = tmp_path / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return tmp_path

        return tree

    def test_the_limit_of_version_2_counts_without_the_droppable_cache(self, kernel):
        root = kernel(
            {
                "proc/self/cgroup": "0::/\n",
                "sys/fs/cgroup/memory.max": "1073741824\n",
                "sys/fs/cgroup/memory.current": "805306368\n",
                "sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 268435456\n",
                "sys/fs/cgroup/cpu.max": "150000 100000\n",
            }
        )
        assert (memory_limit(root), cpu_limit(root)) == ((GIB, GIB // 2), 1.5)
        found = memory(root)
        assert (found.total, found.container) == (GIB, True)
        assert found.available <= GIB // 2

    def test_the_tightest_group_above_counts(self, kernel):
        root = kernel(
            {
                "proc/self/cgroup": "0::/kube/pod\n",
                "sys/fs/cgroup/kube/memory.max": "1073741824\n",
                "sys/fs/cgroup/kube/memory.current": "1000\n",
                "sys/fs/cgroup/kube/pod/memory.max": "max\n",
                "sys/fs/cgroup/kube/pod/cpu.max": "max 100000\n",
            }
        )
        assert (memory_limit(root), cpu_limit(root)) == ((GIB, 1000), None)

    def test_the_limit_of_version_1_counts(self, kernel):
        root = kernel(
            {
                "proc/self/cgroup": "9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": "4096\n",
                "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 96\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            }
        )
        assert (memory_limit(root), cpu_limit(root)) == ((GIB, 4000), 0.5)

    @pytest.mark.parametrize("most", ["max\n", "9223372036854771712\n", "nonsense\n", ""])
    def test_no_limit_or_nonsense_leaves_the_machine(self, kernel, most):
        root = kernel(
            {
                "proc/self/cgroup": "0::/\n\nodd line\n",
                "sys/fs/cgroup/memory.max": most,
                "sys/fs/cgroup/memory.current": "5",
                "sys/fs/cgroup/cpu.max": "many few\n",
            }
        )
        assert memory_limit(root) is None
        assert not memory(root).container

    def test_a_limit_above_the_machine_leaves_the_machine(self, kernel):
        root = kernel(
            {
                "proc/self/cgroup": "0::/\n",
                "sys/fs/cgroup/memory.max": str(1 << 50),
                "sys/fs/cgroup/memory.current": "5",
            }
        )
        assert not memory(root).container

    def test_a_machine_without_control_groups_has_no_limits(self, tmp_path):
        assert memory_limit(tmp_path) is None
        assert cpu_limit(tmp_path) is None
