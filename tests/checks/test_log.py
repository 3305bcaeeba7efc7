from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import re
import shutil
import subprocess
import threading
import time
import tracemalloc
from datetime import timedelta

import pytest
from pydantic import ValidationError

from checks import Context, CouldNotCheck, Outcome
from checks._regex import literal
from checks._rotation import Part
from checks._tally import SAMPLED, Reading, Tally, signature
from checks.log import LogCheck


class TestSinceTheLastLook:
    async def test_the_first_look_counts_nothing_and_later_ones_what_is_new(self, log, follow):
        check = log.check()
        assert (await follow(check))["errors"] == 0
        assert "first look" in follow.last.evidence[0].text
        (told,) = follow.last.findings
        assert told.outcome is Outcome.INFO
        assert told.text.endswith("for the first time; this look counts nothing, the next what is written since")
        log.write("ERROR a\nINFO b\nWARN c\n")
        first = await follow(check)
        assert (first["errors"], first["warnings"], first["lines"]) == (1, 1, 3)
        assert follow.last.findings == ()
        assert (await follow(check))["lines"] == 0

    async def test_a_line_counts_when_it_is_complete(self, log, follow):
        check = log.check()
        await follow(check)
        log.write("ERR")
        assert (await follow(check))["errors"] == 0
        log.write("OR late\n")
        assert (await follow(check))["errors"] == 1

    async def test_a_renamed_log_is_read_to_its_end_first(self, log, follow):
        check = log.check()
        await follow(check)
        log.write("ERROR before\n")
        log.path.rename(f"{log.path}.1")
        log.write("ERROR after\n")
        assert (await follow(check))["errors"] == 2
        log.write("ERROR more\n")
        assert (await follow(check))["errors"] == 1

    async def test_a_log_rotated_twice_is_read_whole(self, log, follow):
        check = log.check()
        await follow(check)
        log.write("ERROR one\n")
        log.path.rename(f"{log.path}.2")
        log.write("ERROR two\n")
        log.path.rename(f"{log.path}.1")
        os.utime(f"{log.path}.2", (1, 1))
        log.write("ERROR three\n")
        assert (await follow(check))["errors"] == 3

    async def test_a_log_copied_and_truncated_is_read_whole(self, log, follow):
        check = log.check()
        await follow(check)
        log.write("ERROR before\n")
        shutil.copy(log.path, f"{log.path}.1")
        os.truncate(log.path, 0)
        log.write("ERROR after, and longer than what was there before, so that its size says nothing\n")
        assert (await follow(check))["errors"] == 2

    async def test_a_link_to_a_log_of_the_day_is_followed(self, log, follow, tmp_path):
        link = tmp_path / "today.log"
        link.symlink_to(log.path)
        check = LogCheck(path=str(link))
        await follow(check)
        log.write("ERROR yesterday\n")
        (tmp_path / "next.log").write_text("ERROR today\n")
        link.unlink()
        link.symlink_to(tmp_path / "next.log")
        assert (await follow(check))["errors"] == 2

    async def test_a_log_whose_past_is_gone_says_so(self, log, follow):
        check = log.check()
        await follow(check)
        os.truncate(log.path, 0)
        log.write("ERROR new\n")
        assert (await follow(check))["errors"] == 1
        (finding,) = follow.last.findings
        assert finding.outcome is Outcome.INFO
        assert "was rotated since the last look" in finding.text
        assert (await follow(check))["lines"] == 0

    @pytest.mark.parametrize("pack", [gzip, bz2, lzma])
    async def test_a_log_rotated_and_packed_is_read_to_its_end_first(self, log, follow, pack):
        check = log.check(match="bad")
        log.write("bad before\n")
        await follow(check)
        log.write("bad 1\nbad 2\n")
        content = log.path.read_bytes()
        log.path.unlink()
        log.write("bad 3\n")
        log.path.with_name("app.log.1.gz").write_bytes(pack.compress(content))
        assert (await follow(check))["matches"] == 3
        assert (await follow(check))["matches"] == 0

    async def test_a_log_that_is_being_packed_is_read_once(self, log, follow):
        check = log.check(match="bad")
        log.write("bad before\n")
        await follow(check)
        log.write("bad 1\n")
        log.path.rename(log.path.with_name("app.log.1"))
        log.path.with_name("app.log.1.gz").write_bytes(gzip.compress(b"bad before\nbad 1\n")[:-9])
        log.write("bad 2\n")
        assert (await follow(check))["matches"] == 2

    async def test_another_log_that_is_damaged_does_not_matter(self, log, follow):
        check = log.check(match="bad")
        log.write("bad before\n")
        await follow(check)
        log.write("bad 1\n")
        log.path.rename(log.path.with_name("app.log.1"))
        log.path.with_name("app.log.2.gz").write_bytes(gzip.compress(b"bad\n" * 100)[:-20])
        log.write("bad 2\n")
        assert (await follow(check))["matches"] == 2

    @pytest.mark.parametrize("pack", [gzip, lzma])
    async def test_a_part_that_was_packed_and_is_damaged_could_not_be_read(self, log, follow, pack):
        check = log.check(match="bad")
        log.write("bad before\n" * 200)
        await follow(check)
        log.write("".join(f"bad {n * 7919 % 10_007}\n" for n in range(5_000)))
        content = pack.compress(log.path.read_bytes())
        log.path.unlink()
        log.write("bad 2\n")
        log.path.with_name("app.log.1.gz").write_bytes(content[: len(content) // 2])
        with pytest.raises(CouldNotCheck, match=r"cannot unpack what was rotated beside .*app\.log"):
            await follow(check)

    async def test_a_log_that_was_missing_counts_from_its_beginning(self, log, follow):
        check = log.check(match="bad", may_be_missing=True)
        log.path.unlink()
        assert (await follow(check))["matches"] == 0
        log.write("bad 1\nbad 2\n")
        assert (await follow(check))["matches"] == 2

    async def test_a_log_that_is_missing_between_two_looks_is_the_same(self, log, follow):
        check = log.check(match="bad", may_be_missing=True)
        log.write("bad before\n")
        await follow(check)
        log.write("bad 1\n")
        log.path.rename(log.path.with_name("app.log.1"))
        assert (await follow(check))["matches"] == 0
        log.write("bad 2\n")
        assert (await follow(check))["matches"] == 2

    async def test_another_path_under_the_same_name_is_another_log(self, log, follow, tmp_path):
        log.write("bad 1\n")
        await follow(log.check(match="bad"))
        (tmp_path / "other.log").write_text("bad\n" * 50)
        assert (await follow(LogCheck(path=f"{tmp_path}/other.log", match="bad")))["matches"] == 0

    async def test_an_empty_log_that_grows_is_the_same(self, log, follow):
        os.truncate(log.path, 0)
        check = log.check()
        await follow(check)
        log.write("ERROR new\n")
        assert (await follow(check))["errors"] == 1
        assert follow.last.findings == ()

    async def test_what_was_not_read_in_time_is_read_the_next_time(self, log, ctx, follow):
        check = log.check(match="ERROR")
        await follow(check)
        log.write("ERROR new\n")
        found = check.read(ctx.now, ctx.memory, until=0)
        assert not found.complete
        assert found.memory == ctx.memory
        assert "the rest counts at the next look" in check.judge(found).findings[0].text
        assert (await follow(check))["matches"] == 1


class TestPatterns:
    async def test_each_has_its_own_metric(self, log, follow):
        check = log.check(match="payment", patterns={"server_errors": '" 5[0-9][0-9] '}, ignore="probe")
        await follow(check)
        log.write('GET "/" 200 payment\nGET "/" 502 payment\nGET "/probe" 503 \n')
        metrics = await follow(check)
        assert (metrics["matches"], metrics["server_errors"]) == (2, 1)
        assert check.default_rules().warning == "matches > 0 || server_errors > 0"

    @pytest.mark.parametrize(
        ("level", "line"),
        [
            ("errors", "2026-11-22 09:00:00 ERROR shop: no"),
            ("errors", 'time=1 level=error msg="no"'),
            ("errors", '{"level":"fatal","msg":"no"}'),
            ("errors", '{"msg": "no", "level": "ERROR"}'),
            ("errors", "2026/11/22 09:00:00 [crit] 7#7: no"),
            ("errors", "[Sun Nov 22 09:00:00.123456 2026] [core:error] [pid 7] no"),
            ("warnings", "[Sun Nov 22 09:00:00.123456 2026] [mpm_event:warn] [pid 7] hm"),
            ("errors", "E1122 09:00:00.000 1 main.go:1] no"),
            ("warnings", "[2026-11-22] WARNING in shop: hm"),
            ("warnings", "ts=1 level=warning"),
            ("neither", "INFO 0 errors, no_ERROR_here, terror"),
        ],
    )
    async def test_levels_are_known(self, log, follow, level, line):
        check = log.check()
        await follow(check)
        log.write(line + "\n")
        metrics = await follow(check)
        assert [name for name in ("errors", "warnings") if metrics[name]] == [level] * (level != "neither")

    async def test_the_most_frequent_messages_are_evidence(self, log, follow):
        check = log.check()
        await follow(check)
        log.write("".join(f"2026-11-22T09:00:{n:02}Z ERROR order {n * 7} of user 0x{n:x} failed\n" for n in range(30)))
        log.write("2026-11-22T09:01:00Z ERROR disk full\n")
        await follow(check)
        text = follow.last.evidence[0].text
        assert "    30× # ERROR order # of user # failed" in text
        assert "     1× # ERROR disk full" in text
        assert "the last: 2026-11-22T09:01:00Z ERROR disk full" in text

    def test_a_signature_leaves_words(self):
        line = "2026-11-22 09:00:00,123 feed cafe 550e8400-e29b-41d4-a716-446655440000 deadbeef01 10.0.0.1:80 in 5ms"
        assert signature(line) == "# feed cafe # in #ms"


def lines_of(kind, count=20_000):
    """Text in which few, half or all of the lines hold ERROR, some twice, some empty, some long."""
    random.seed(kind)
    share = {"few": 0.002, "half": 0.5, "all": 1.0}[kind]
    for number in range(count):
        word = "ERROR " * (1 + number % 2) if random.random() < share else "fine "
        yield f"{number} {word}{'x' * random.randint(0, 300)} code={number % 600}"
        if number % 50 == 0:
            yield ""


@pytest.mark.parametrize("kind", ["few", "half", "all"])
@pytest.mark.parametrize(
    "pattern",
    [
        "ERROR",
        "ERROR .*code=5",
        "code=5[0-9][0-9]$",
        "ERROR|fine",
        "(ERROR|code=5[0-9])",
        "(fine|ERROR ERROR)",
        r"\bROR|code=1\b",
        r"\b(fine|ERROR)\b",
        "^$",
        "^[0-9]+ E",
        "x*",
        r"\bcode=7\b",
        r"E[^x]*$",
        r"5\s*$",
        "no",
    ],
)
def test_counts_are_those_of_grep(tmp_path, kind, pattern):
    (tmp_path / "log").write_text("\n".join(lines_of(kind)) + "\n")
    lines = (tmp_path / "log").read_text().splitlines()
    expected = sum(1 for line in lines if re.search(pattern, line))
    tally = Tally("matches", pattern)
    buffer = bytearray((tmp_path / "log").read_bytes())
    tally.feed(buffer, len(buffer))
    assert tally.count == expected
    if "\\" not in pattern:
        grep = subprocess.run(["grep", "-cE", pattern, tmp_path / "log"], capture_output=True, text=True, check=False)
        assert int(grep.stdout) == expected


def test_patterns_without_signs_are_known():
    assert literal("Failed password") == b"Failed password"
    assert literal("a.b") is None


@pytest.fixture
def big(tmp_path):
    """Some hundred MiB of a log, quickly written; sparse enough to be cheap."""
    block = ("\n".join(lines_of("few")) + "\n").encode()
    path = tmp_path / "big.log"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(block)
    return path


def test_a_big_log_is_read_in_constant_memory_and_not_line_by_line(big):
    size = big.stat().st_size
    with big.open("rb", buffering=0) as file:
        reading = Reading([Tally("matches", "ERROR")])
        tracemalloc.start()
        start = time.process_time()
        reading.go(Part(file, 0, size), until=time.monotonic() + 100, partial=True)
        took = time.process_time() - start
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    grep = subprocess.run(["grep", "-c", "ERROR", big], capture_output=True, text=True, check=True)
    assert reading.tallies[0].count == int(grep.stdout)
    assert reading.read == size
    assert reading.lines == pytest.approx(int(subprocess.check_output(["wc", "-l", big]).split()[0]), rel=0.01)
    assert peak < 10 << 20
    assert took < size / (50 << 20)


async def test_a_letter_that_is_not_utf8_hides_no_line(log, follow):
    checks = [log.check(patterns={"dots": "ERROR.*timeout", "others": r"user [^x]+ timeout"}, ignore="fine.*")]
    log.write("")
    await follow(checks[0])
    log.path.write_bytes("ERROR user Müller timeout\nERROR fine ü timeout\n".encode("latin-1") * 20)
    found = await follow(checks[0])
    assert (found["dots"], found["others"]) == (20, 20)


class TestBroken:
    async def test_a_missing_log_is_broken_unless_it_may_be_missing(self, ctx, broken, numbers, tmp_path):
        assert broken(await LogCheck(path=f"{tmp_path}/gone").look(ctx)) == f"{tmp_path}/gone does not exist"
        check = LogCheck(path=f"{tmp_path}/gone", may_be_missing=True)
        look = await check.look(ctx)
        assert numbers(check, look)["errors"] == 0
        # It was not "last written 0 s ago".
        assert "age_s" not in numbers(check, look)
        assert look.absent == {"age_s"}
        assert [finding.text for finding in look.findings] == [f"{tmp_path}/gone is not there, which is fine here"]
        assert look.evidence[0].text == "there is no such file, which is fine here"

    async def test_what_is_no_file_is_broken_and_not_opened(self, ctx, broken, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        for name in ("pipe", "."):
            assert broken(await LogCheck(path=f"{tmp_path}/{name}").look(ctx)).endswith("is not a regular file")

    async def test_a_log_that_may_not_be_read_is_ours(self, log, ctx, as_nobody):
        log.path.chmod(0)
        with as_nobody(), pytest.raises(CouldNotCheck, match="may not read"):
            await log.check().look(ctx)

    async def test_a_file_system_that_hangs_is_broken(self, log, hasty, broken, monkeypatch):
        end, fstat = threading.Event(), os.fstat
        monkeypatch.setattr(os, "fstat", lambda file: (end.wait(), fstat(file))[1])
        assert "could not be read within 0.3 s" in broken(await log.check().look(hasty))
        end.set()

    async def test_nonsense_is_read_like_anything_else(self, log, follow):
        check = log.check(match="ERROR")
        await follow(check)
        with log.path.open("ab") as file:
            file.write(os.urandom(100_000) + b"\n" + b"\x00" * 9_000_000 + b"ERROR\n\xff\xfe ERROR \x1b[2J\n")
        assert (await follow(check))["matches"] == 2
        assert "\x1b" not in follow.last.evidence[0].text

    async def test_hostile_lines_cost_no_time(self, log, follow):
        check = log.check(match="(a+)+$")
        await follow(check)
        log.write(("a" * 5000 + "!\n") * 200)
        assert (await follow(check))["matches"] == 0

    async def test_very_many_messages_stay_bounded(self, log, follow):
        check = log.check(match="ERROR")
        await follow(check)
        words = [f"{a}{b}{c}" for a in "ghijk" for b in "lmnop" for c in "qrstu"]
        log.write("".join(f"ERROR {a} {b}\n" for a in words for b in words))
        assert (await follow(check))["matches"] == 125 * 125 > SAMPLED
        assert f"of which {SAMPLED:,} were sampled" in follow.last.evidence[0].text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"path": "app.log"}, "absolute path"),
        ({"window": "soon"}, "not a duration"),
        ({"match": "(?<=a)b"}, "no look-around"),
        ({"patterns": {"errors": "x"}}, "choose another"),
        ({"timezone": "Mars/Base"}, "must be a time zone"),
        ({"path": "/var/log/nginx/*.log"}, "without wildcards"),
        ({"window": 24}, "write 24s, 24m or 24h"),
    ],
)
def test_what_cannot_work_is_refused(parameters, said):
    with pytest.raises(ValidationError, match=said):
        LogCheck.model_validate({"path": "/var/log/app.log"} | parameters)


async def test_time_does_not_come_from_the_future(log, ctx, numbers):
    check = log.check()
    look = await check.look(Context(now=ctx.now - timedelta(days=20_000)))
    assert numbers(check, look)["age_s"] == 0
