from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checks import CouldNotCheck
from checks._timestamps import stamp

LONG = "{:%Y-%m-%dT%H:%M:%SZ} ERROR at {} " + "x" * 30_000 + "\n"


class TestWindow:
    ZONE = ZoneInfo("Europe/Amsterdam")

    @pytest.fixture
    def stamped(self, log, ctx):
        """Writes lines with ages in minutes, oldest first."""

        def write(ages, form="{:%Y-%m-%dT%H:%M:%SZ} ERROR at {}\n", path=log.path):
            with path.open("a") as file:
                for age in ages:
                    file.write(form.format(ctx.now - timedelta(minutes=age), age))

        log.path.write_text("")
        return write

    async def test_lines_in_the_window_count(self, log, ctx, numbers, stamped):
        stamped(range(300, -1, -1))
        check = log.check(window="1h")
        look = await check.look(ctx)
        assert numbers(check, look)["errors"] == 61
        assert ctx.memory == {}
        assert "of the last 60 min" in look.evidence[0].text
        assert check.measured()["errors"].phrase == "has {value} error(s) in 60 min"

    @pytest.mark.parametrize(
        ("ages", "told"), [([90, 61, 60], 60.0), ([330], 330.0), ([90, 0], None), ([67], None), ([1500], None)]
    )
    async def test_stamps_of_another_zone_are_no_silence(self, log, ctx, stamped, ages, told):
        stamped(ages)
        os.utime(log.path, (ctx.now.timestamp(),) * 2)
        findings = (await log.check(window="30m").look(ctx)).findings
        assert ["in it; if that is of another zone" in one.text for one in findings] == ([True] if told else [])
        if told:
            when = "60 min" if told == 60 else "5.5 h"
            assert findings[0].text.startswith(f"{log.path} was last written {when} after the last time stamp in it")

    async def test_a_long_log_is_halved_not_read(self, log, ctx, numbers, stamped):
        stamped((age / 100 for age in range(1_000_000, -1, -10)), form="{:%Y-%m-%d %H:%M:%S} ERROR " + "x" * 50 + "\n")
        check = log.check(window="1h", timezone="UTC")
        metrics = numbers(check, await check.look(ctx))
        assert metrics["errors"] == 601
        assert metrics["read_bytes"] < 100_000

    async def test_lines_without_a_stamp_belong_to_the_one_before(self, log, ctx, numbers, stamped):
        stamped([90, 30])
        log.write("ERROR goes on\n  at once\n")
        check = log.check(window="1h")
        assert numbers(check, await check.look(ctx))["errors"] == 2

    async def test_what_was_rotated_within_the_window_counts(self, log, ctx, numbers, stamped):
        stamped([90, 50, 40], path=log.path.with_name("app.log.1"))
        stamped([10])
        check = log.check(window="1h")
        assert numbers(check, await check.look(ctx))["errors"] == 3

    async def test_what_was_packed_within_the_window_counts(self, log, ctx, numbers, stamped):
        stamped(range(300, 20, -1), path=log.path.with_name("app.log.2"), form=LONG)
        packed = log.path.with_name("app.log.2")
        content = packed.read_bytes()
        packed.unlink()
        packed = log.path.with_name("app.log.2.gz")
        packed.write_bytes(gzip.compress(content))
        stamped([15], path=log.path.with_name("app.log.1"))
        stamped([10])
        old = log.path.with_name("app.log.3.gz")
        old.write_bytes(b"\x1f\x8b damaged, but of another day")
        for path, age in [(old, 600), (packed, 21), (log.path.with_name("app.log.1"), 15), (log.path, 10)]:
            os.utime(path, (written := ctx.now.timestamp() - 60 * age, written))
        check = log.check(window="1h")
        assert numbers(check, await check.look(ctx))["errors"] == 42

    async def test_what_cannot_be_unpacked_is_told(self, log, ctx, numbers, stamped):
        stamped([10])
        log.path.with_name("app.log.1.zst").write_bytes(b"\x28\xb5\x2f\xfd and so on")
        check = log.check(window="1h")
        look = await check.look(ctx)
        assert numbers(check, look)["errors"] == 1
        assert [finding.text for finding in look.findings] == [
            f"{log.path}.1.zst cannot be unpacked here, and is not counted; gzip, bzip2 and xz can"
        ]

    async def test_a_damaged_part_of_the_window_could_not_be_read(self, log, ctx, stamped):
        stamped([10])
        log.path.with_name("app.log.1.gz").write_bytes(gzip.compress(b"2026-11-22T08:30:00Z x\n" * 1000)[:-30])
        with pytest.raises(CouldNotCheck, match=r"cannot unpack .*app\.log\.1\.gz"):
            await log.check(window="1h").look(ctx)

    async def test_an_old_or_empty_log_has_no_lines(self, log, ctx, numbers, stamped):
        check = log.check(window="1h")
        assert numbers(check, await check.look(ctx))["lines"] == 0
        stamped([300, 200])
        assert numbers(check, await check.look(ctx))["lines"] == 0

    async def test_a_log_without_stamps_could_not_be_read(self, log, ctx):
        log.write("ERROR whenever\n" * 20_000)
        with pytest.raises(CouldNotCheck, match="found no time stamp that we know"):
            await log.check(window="1h").look(ctx)

    @pytest.mark.parametrize(
        ("line", "meant"),
        [
            ("2026-11-22T08:30:00Z x", "08:30"),
            ("2026-11-22T09:30:00.123+01:00 x", "08:30"),
            ("2026-11-22 09:30:00,123 x", "08:30"),
            ("[2026-11-22 09:30:00 +0100] x", "08:30"),
            ("2026/11/22 09:30:00 [error] x", "08:30"),
            ('::1 - - [22/Nov/2026:08:30:00 +0000] "GET"', "08:30"),
            ("2026-11-22 08:30:00.123 UTC [4711] LOG:  x", "08:30"),
            ("2026-11-22 08:30:00 GMT x", "08:30"),
            ("2026-11-22 09:30:00.123 CET [4711] LOG:  x", "08:30"),
            ("2026-11-22 03:30:00.123 EST [4711] LOG:  x", "08:30"),
            ("2026-11-22 09:30:00 CST x", "08:30"),
            ("Sun Nov 22 03:30:00 EST 2026 backup done", "08:30"),
            ("Sun 22 Nov 2026 08:30:00 PM UTC backup done", "20:30"),
            ("Sun Nov 22 12:30:00 AM UTC 2026 backup done", "00:30"),
            ("2026-11-22 09:30:00 pm x", "20:30"),
            ("2026-11-22 21:30:00 PM x", "20:30"),
            ("2026-11-22 09:30:00 AMQP x", "08:30"),
            ("[Sun Nov 22 09:30:00.123456 2026] [core:error] [pid 35:tid 43] x", "08:30"),
            ("[Sun Nov 22 09:30:00 2026] [error] x", "08:30"),
            ("Sun Nov  1 08:30:00 UTC 2026 backup done", "08:30"),
            ("Nov 22 09:30:00 2026 x of 2020-01-01 00:00:00", "08:30"),
            ("12345:M 22 Nov 2026 09:30:00.123 * Ready to accept connections", "08:30"),
            ("22-Nov-2026 09:30:00.123 INFO [main] org.apache.catalina x", "08:30"),
            ("Sun, 22 Nov 2026 08:30:00 +0000 x", "08:30"),
            ("Nov 22, 2026 9:30:00 AM org.apache.catalina.startup.Catalina start", "08:30"),
            ("Nov 22, 2026 12:30:00 AM org.apache.catalina.startup.Catalina start", "23:30"),
            ("Nov 22, 2026 9:30:00 PM org.apache.catalina.startup.Catalina start", "20:30"),
            ("Nov 22, 2026, 9:30:00\xe2\x80\xafPM x", "20:30"),
            ("1795336200.123     12 ::1 TCP_MISS/200 GET http://a.test/2020-01-01T00:00:00Z", "08:30"),
            ("Nov 22 09:30:00 host x", "08:30"),
            ("<13>Nov 22 09:30:00 host x", "08:30"),
            ("E1122 09:30:00.1 x", "08:30"),
            ("1795336200 x", "08:30"),
            ('{"msg":"x","ts":1795336200.5}', "08:30"),
            ('{"time":"2026-11-22T08:30:00Z"}', "08:30"),
            ('::1 - - [22/Nov/2026:08:30:00 +0000] "GET /?from=2020-01-01T00:00:00Z"', "08:30"),
            ("Nov 22 09:30:00 host ERROR order of 2020-01-01 00:00:00 failed", "08:30"),
            ("E1122 09:30:00.1 order of 2020-01-01 00:00:00 failed", "08:30"),
            ('{"msg":"order of 2020-01-01 00:00:00 failed","time":"2026-11-22T08:30:00Z"}', "08:30"),
            ('{"order":{"time":"2020-01-01 00:00:00"},"@timestamp":"2026-11-22T08:30:00.5Z"}', "08:30"),
            ('{"ts":1795336200123,"msg":"' + "x" * 1000 + '"}', "08:30"),
            ('{"msg":"' + "x" * 1000 + '","ts":1795336200}', "08:30"),
            ("no stamp 12345", None),
            ("2026-13-45T99:99:99Z", None),
            ("Foo 12 10:00:00", None),
            ("31-Feb-2026 10:00:00 x", None),
            ("22-Nov-2026/x", None),
            ("22 Foo 2026 09:30:00 x", None),
            ("\x00\xff", None),
        ],
    )
    def test_usual_stamps_are_known(self, ctx, line, meant):
        found = stamp(line.encode("latin-1"), now=ctx.now, zone=self.ZONE)
        assert (found and f"{found.astimezone(UTC):%H:%M}") == meant

    def test_a_year_that_is_written_counts(self):
        found = stamp(b"Dec 31 23:00:00 2024 x", now=datetime(2027, 1, 1, 1, tzinfo=UTC), zone=UTC)
        assert found == datetime(2024, 12, 31, 23, tzinfo=UTC)

    def test_december_seen_in_january_is_of_last_year(self):
        now = datetime(2027, 1, 1, 1, tzinfo=UTC)
        found = stamp(b"Dec 31 23:00:00 host x", now=now, zone=UTC)
        assert found == now - timedelta(hours=2)
