from __future__ import annotations

import asyncio
import json
import os
import sys

import psutil
import pytest
from pydantic import ValidationError

from checks import CouldNotCheck, Outcome
from checks._nagios import said
from checks._process import Ended, why_not
from checks.command import CommandCheck


def python(code, **parameters):
    """A check that runs this code, isolated from the environment."""
    return CommandCheck.model_validate({"argv": [sys.executable, "-I", "-S", "-c", code]} | parameters)


async def test_a_command_that_ends_well_is_measured(ctx, numbers):
    check = CommandCheck(argv=["sh", "-c", "echo out; echo err >&2"])
    look = await check.look(ctx)
    metrics = numbers(check, look)
    assert look.findings == ()
    assert metrics["exit_code"] == 0
    assert metrics["duration_ms"] > 0
    assert look.evidence[0].title == "sh -c 'echo out; echo err >&2'"
    assert look.evidence[0].text.splitlines()[1:] == ["out", "err"]


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [("exit 3", 3, "code 3 after"), ("kill -KILL $$", 137, "code 137 (SIGKILL)"), ("exit 255", 255, "code 255 after")],
)
async def test_another_end_is_for_the_rules_to_judge(ctx, numbers, end, code, said):
    check = CommandCheck(argv=["sh", "-c", end])
    look = await check.look(ctx)
    assert look.findings == ()
    assert numbers(check, look)["exit_code"] == code
    assert look.evidence[0].text.startswith(said)


async def test_no_word_is_read_by_a_shell(ctx, tmp_path):
    words = ["$HOME", "*", f"; touch {tmp_path}/owned", "$(id)"]
    look = await CommandCheck(argv=["echo", *words]).look(ctx)
    assert look.evidence[0].text.splitlines()[1] == " ".join(words)
    assert list(tmp_path.iterdir()) == []


async def test_the_environment_holds_no_secret_of_ours(ctx, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    look = await CommandCheck(argv=["env"], env={"SHOP": "blue"}).look(ctx)
    names = {line.partition("=")[0] for line in look.evidence[0].text.splitlines()[1:]}
    assert {"PATH", "TZ", "SHOP"} <= names <= {"PATH", "HOME", "LANG", "TZ", "SHOP"}


async def test_it_gets_no_input_and_its_own_folder(ctx):
    look = await CommandCheck(argv=["sh", "-c", "cat; pwd"], cwd="/usr").look(ctx)
    assert look.evidence[0].text.splitlines()[1:] == ["/usr"]


class TestValues:
    async def test_numbers_come_from_its_output(self, ctx, numbers):
        check = CommandCheck(
            argv=["echo", "lag 12.5 s, queue 7"], values={"lag": r"lag ([\d.]+) s", "queue": r"queue (\d+)"}
        )
        metrics = numbers(check, await check.look(ctx))
        assert (metrics["lag"], metrics["queue"]) == (12.5, 7)

    async def test_numbers_come_from_its_json(self, ctx, numbers):
        check = CommandCheck.model_validate(
            {"argv": ["echo", '{"jobs": [{"age": 5}]}'], "json": {"age": "jobs[0].age"}}
        )
        assert numbers(check, await check.look(ctx))["age"] == 5

    @pytest.mark.parametrize(
        ("output", "place", "number"),
        [
            ("3 jobs are waiting", "([0-9]+) jobs", 3),
            ('{"mail": [{"depth": 7}]}', "$.mail[0].depth", 7),
            ("42", "$", 42),
            ('[{"name": "pip"}, {"name": "idna"}]', "$", 2),
            ('{"late": []}', "$.late", 0),
        ],
    )
    async def test_one_number_becomes_value(self, ctx, numbers, output, place, number):
        check = CommandCheck(argv=["echo", output], value=place)
        assert numbers(check, await check.look(ctx))["value"] == number

    def test_without_a_place_there_is_no_value_to_judge(self):
        assert set(CommandCheck(argv=["true"]).measured()) == {"exit_code", "duration_ms"}

    @pytest.mark.parametrize(
        ("output", "parameters", "text"),
        [
            ("no jobs", {"value": "([0-9]+) jobs"}, "its output has no number for value"),
            ("no JSON", {"value": "$.jobs"}, "its output is not JSON"),
            ("{}", {"value": "$.jobs"}, "its output has no $.jobs"),
            ("no lag", {"values": {"lag": "lag ([0-9]+)"}}, "its output has no number for lag"),
            ("lag nan", {"values": {"lag": "lag ([a-z]+)"}}, "its output has no number for lag"),
            ("<html>", {"json": {"age": "age"}}, "its output is not JSON"),
            ("{}", {"json": {"age": "age"}}, "its output has no age"),
        ],
    )
    async def test_a_number_that_is_missing_is_broken(self, ctx, broken, output, parameters, text):
        check = CommandCheck.model_validate({"argv": ["echo", output]} | parameters)
        assert broken(await check.look(ctx)).endswith(text)

    async def test_json_without_end_is_named(self, ctx, broken):
        check = python("print('[' + '1,' * 100_000 + '1]')", json={"one": "[0]"})
        assert broken(await check.look(ctx)).endswith("its output is longer than 64 KB")


class TestNagios:
    def plugin(self, output, code=0, errors=b"", **parameters):
        check = CommandCheck(argv=["/usr/lib/nagios/plugins/check_disk"], nagios=True, **parameters)
        return check, lambda: check.judge(Ended(code, output, errors, cut=False, late=False, took_s=0.1))

    @pytest.mark.parametrize(
        ("code", "outcomes"),
        [(0, []), (1, [Outcome.WARNING]), (2, [Outcome.CRITICAL])],
        ids=["ok", "warning", "critical"],
    )
    def test_the_exit_code_is_the_judgement(self, code, outcomes):
        _, judge = self.plugin(b"DISK - / is full | /=91%;80;90\n", code)
        findings = judge().findings
        assert [finding.outcome for finding in findings] == outcomes
        assert all(finding.text == "DISK - / is full" for finding in findings)

    @pytest.mark.parametrize(
        ("code", "output", "text"),
        [
            (3, b"UNKNOWN - no such device", "^UNKNOWN - no such device$"),
            (127, b"not found", "check_disk ended with code 127: not found"),
            (77, b"", "check_disk ended with code 77: it says nothing"),
            (3, b"", "check_disk says nothing"),
        ],
    )
    def test_unknown_is_our_fault(self, code, output, text):
        with pytest.raises(CouldNotCheck, match=text):
            self.plugin(output, code)[1]()

    def test_one_that_says_nothing_has_its_complaint_told(self):
        with pytest.raises(CouldNotCheck, match="127: it says nothing, but complains: env: python9: not found"):
            self.plugin(b"", 127, b"env: python9: not found\n")[1]()
        _, judge = self.plugin(b"", 1, b"Traceback (most recent call last):\n  File x\nImportError: no ldap\n")
        assert judge().findings[0].text == "check_disk says nothing, but complains: ImportError: no ldap"

    def test_performance_data_becomes_metrics(self, numbers):
        output = b"OK | time=250ms;;; 'free space'=2GB;1;; load1=0,5;5;10;0;\nlong\ntext | size=3KB\nusers=U x=1e400\n"
        check, judge = self.plugin(
            output, perfdata={"took": "time", "free": "free space", "load": "load1", "size": "size", "users": "users"}
        )
        metrics = numbers(check, judge())
        assert metrics == {"exit_code": 0, "duration_ms": 100, "took": 0.25, "free": 2 << 30, "load": 0.5, "size": 3072}

    def test_units_become_seconds_and_bytes_or_nothing(self):
        output = b"OK | a=5GiB b=5GB c=3kB d=90min e=2h f=7c g=40% h=3 i=5apples j=1.5TiB k=2B"
        assert said(output).numbers == {
            "a": 5 << 30,
            "b": 5 << 30,
            "c": 3 << 10,
            "d": 5400,
            "e": 7200,
            "f": 7,
            "g": 40,
            "h": 3,
            "j": 1.5 * 2**40,
            "k": 2,
        }

    def test_hostile_performance_data_costs_no_time(self):
        assert said(b"OK | " + b"'" * 60_000).numbers == {}
        assert said(b"OK | " + b"a=" * 30_000).text == "OK"

    async def test_a_real_plugin_is_run(self, ctx):
        check = CommandCheck(
            argv=["sh", "-c", "echo 'WARN - late | lag=5s'; exit 1"], nagios=True, perfdata={"lag": "lag"}
        )
        look = await check.look(ctx)
        assert look.findings[0].text == "WARN - late"
        assert check.default_rules().critical is None


class TestOurFault:
    async def test_a_missing_program(self, ctx):
        with pytest.raises(CouldNotCheck, match="could not start no-such-program: it is not there"):
            await CommandCheck(argv=["no-such-program"]).look(ctx)

    async def test_a_script_that_is_there_without_what_runs_it(self, ctx, tmp_path):
        (tmp_path / "job").write_text("#!/usr/bin/python9\n")
        (tmp_path / "job").chmod(0o755)
        with pytest.raises(CouldNotCheck, match="what its first line names to run it is not there"):
            await CommandCheck(argv=[f"{tmp_path}/job"]).look(ctx)

    async def test_a_command_line_that_is_one_word(self, ctx):
        with pytest.raises(CouldNotCheck, match="give each word of argv as an entry of its own"):
            await CommandCheck(argv=["docker compose ps"]).look(ctx)

    async def test_a_missing_folder(self, ctx, tmp_path):
        with pytest.raises(CouldNotCheck, match=r"could not start true: its folder .*/gone is not there"):
            await CommandCheck(argv=["true"], cwd=f"{tmp_path}/gone").look(ctx)

    async def test_a_file_in_the_place_of_a_folder(self, ctx, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(CouldNotCheck, match=r"could not start true: its folder .*/file is no folder"):
            await CommandCheck(argv=["true"], cwd=f"{tmp_path}/file").look(ctx)

    def test_a_folder_that_may_not_be_entered(self, monkeypatch):
        # Root may enter every folder, so what the system would say is said here.
        monkeypatch.setattr(os, "access", lambda folder, mode: (folder, mode) != ("/srv/closed", os.X_OK))
        told = why_not("true", "/srv/closed", "/usr/bin:/bin", PermissionError())
        assert told == "could not start true: our user may not enter its folder /srv/closed; give it the right to"

    @pytest.mark.parametrize(
        ("program", "said"),
        [("no-such-program", "it is not there; install it"), ("script", "may not run script; give our user")],
    )
    def test_refused_by_the_system_it_may_be_nowhere_all_the_same(self, tmp_path, program, said):
        (tmp_path / "script").touch()
        assert said in why_not(program, "/", f"/root/closed:{tmp_path}", PermissionError())

    async def test_a_program_that_may_not_be_run(self, ctx, tmp_path):
        (tmp_path / "script").write_text("#!/bin/sh\n")
        with pytest.raises(CouldNotCheck, match="may not run"):
            await CommandCheck(argv=[f"{tmp_path}/script"]).look(ctx)

    async def test_a_program_that_is_none(self, ctx, tmp_path):
        (tmp_path / "script").write_bytes(b"\x00\x01")
        (tmp_path / "script").chmod(0o755)
        with pytest.raises(CouldNotCheck, match=r"could not start .*: .*format"):
            await CommandCheck(argv=[f"{tmp_path}/script"]).look(ctx)


@pytest.fixture
def told(tmp_path):
    """A named pipe, and the process number that a command writes to it."""
    os.mkfifo(tmp_path / "pid")
    pipe = os.open(tmp_path / "pid", os.O_RDONLY | os.O_NONBLOCK)

    async def number():
        written = asyncio.Event()
        asyncio.get_running_loop().add_reader(pipe, written.set)
        async with asyncio.timeout(60):
            await written.wait()
        asyncio.get_running_loop().remove_reader(pipe)
        return int(os.read(pipe, 100))

    yield tmp_path / "pid", number
    os.close(pipe)


async def ended(pid):
    """Wait for the end of any process."""
    if not hasattr(os, "pidfd_open"):
        await asyncio.to_thread(psutil.wait_procs, [psutil.Process(pid)] * psutil.pid_exists(pid), timeout=60)
        assert not psutil.pid_exists(pid)
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    end = asyncio.Event()
    asyncio.get_running_loop().add_reader(handle, end.set)
    await asyncio.wait_for(end.wait(), 60)
    asyncio.get_running_loop().remove_reader(handle)
    os.close(handle)


class TestDeadline:
    async def test_a_command_that_hangs_is_stopped_with_all_it_started(self, ctx, broken, told):
        ctx.timeout_s = 3.0
        pipe, number = told
        check = CommandCheck(argv=["sh", "-c", f"echo begun; sleep 1000 & echo $! > {pipe}; wait"])
        look, pid = await asyncio.gather(check.look(ctx), number())
        assert broken(look).startswith("sh -c ")
        assert "did not end within " in broken(look)
        assert look.evidence[0].text.endswith("begun")
        await ended(pid)

    async def test_one_that_will_not_stop_is_killed(self, ctx, broken, told):
        ctx.timeout_s = 3.0
        pipe, number = told
        # A shell is there at once; Python may take until the deadline to start, and does not know yet what to ignore.
        check = CommandCheck(argv=["sh", "-c", f"trap '' TERM; echo $$ > {pipe}; while :; do sleep 1000; done"])
        look, pid = await asyncio.gather(check.look(ctx), number())
        assert "was stopped" in broken(look)
        await ended(pid)

    async def test_one_that_leaves_somebody_behind_is_not_waited_for(self, ctx, numbers):
        check = CommandCheck(argv=["sh", "-c", "sleep 1000 & echo $!"])
        look = await asyncio.wait_for(check.look(ctx), 60)
        assert numbers(check, look)["exit_code"] == 0
        await ended(int(look.evidence[0].text.splitlines()[1]))

    async def test_a_cancelled_look_leaves_nobody_behind(self, ctx, told):
        pipe, number = told
        look = asyncio.create_task(CommandCheck(argv=["sh", "-c", f"sleep 1000 & echo $! > {pipe}; wait"]).look(ctx))
        pid = await number()
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        await ended(pid)

    async def test_output_without_end_is_kept_in_part(self, ctx, broken):
        ctx.timeout_s = 1.0
        look = await CommandCheck(argv=["yes"]).look(ctx)
        assert "did not end within" in broken(look)
        assert len(look.evidence[0].text) < 4_000

    async def test_much_output_does_not_block_it(self, ctx, numbers):
        check = python("import sys; sys.stdout.write('x' * 20_000_000); sys.stderr.write('y' * 20_000_000)")
        look = await check.look(ctx)
        assert numbers(check, look)["exit_code"] == 0

    async def test_noise_is_cleaned(self, ctx):
        look = await python(r"import os; os.write(1, b'\x00\xff\x1b[2J')").look(ctx)
        assert json.dumps(look.evidence[0].text).endswith('\\ufffd\\ufffd\\ufffd[2J"')


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"argv": []}, "at least 1"),
        ({"argv": "ls -l"}, "valid tuple"),
        ({"argv": [""]}, "a program and its arguments"),
        ({"values": {"lag": "lag"}}, "needs a group"),
        ({"values": {"exit_code": "(a)"}}, "named twice"),
        ({"perfdata": {"a": "a"}}, "nagios: true"),
        ({"env": {"A=B": "c"}}, "no name of a variable"),
        ({"cwd": "tmp"}, "absolute"),
    ],
)
def test_what_cannot_work_is_refused(parameters, text):
    with pytest.raises(ValidationError, match=text):
        CommandCheck.model_validate({"argv": ["true"]} | parameters)


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["/opt/bin/self-test", "--quick"], "self-test --quick"),
        (["docker", "inspect", "web", "--format", "x" * 80], "docker inspect web …"),
        (["sh", "-c", "z" * 80], "sh -c …"),
        (["sh", "-c", "echo " + "z" * 80], "sh -c 'echo …"),
        (["self-test", "y" * 80, "--quick"], "self-test …"),
    ],
)
def test_a_long_command_is_called_by_what_stands_before_its_first_option(words, about):
    assert CommandCheck(argv=words).about() == about
