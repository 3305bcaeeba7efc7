from __future__ import annotations

import gzip
import io
import os
import tarfile
import threading
from datetime import timedelta

import pytest
from pydantic import ValidationError

from checks import Context, CouldNotCheck, Outcome
from checks._archive import verify
from checks._glob import Walk, fits
from checks.files import FilesCheck

HOUR, DAY = 3600, 86400


@pytest.fixture
def write(tmp_path, ctx):
    """Writes a file of that age below tmp_path."""

    def file(name, content=b"x", *, age=0.0):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        changed = ctx.now.timestamp() - age
        os.utime(path, (changed, changed))
        return path

    return file


async def test_what_matches_is_counted_and_aged(ctx, numbers, write, tmp_path):
    write("shop-1.sql", b"x" * 10, age=2 * DAY)
    write("shop-2.sql", b"x" * 30, age=HOUR)
    write("other.sql", b"x" * 100)
    (tmp_path / "shop-3.sql").mkdir()
    check = FilesCheck(path=f"{tmp_path}/shop-*.sql")
    look = await check.look(ctx)
    assert look.findings == ()
    assert numbers(check, look) == {
        "count": 2,
        "total_bytes": 40,
        "newest_age_s": HOUR,
        "newest_bytes": 30,
        "oldest_age_s": 2 * DAY,
    }
    assert look.evidence[0].text.splitlines()[1] == f"2026-11-22 08:00        30 B  {tmp_path}/shop-2.sql"


async def test_nothing_that_matches_is_broken(ctx, broken, tmp_path):
    look = await FilesCheck(path=f"{tmp_path}/*.sql").look(ctx)
    assert broken(look) == f"no file matches {tmp_path}/*.sql"


async def test_a_missing_folder_is_named(ctx, broken, tmp_path):
    look = await FilesCheck(path=f"{tmp_path}/gone/*.sql").look(ctx)
    assert broken(look) == f"no file matches {tmp_path}/gone/*.sql: {tmp_path}/gone does not exist"


async def test_nothing_may_match_where_that_is_fine(ctx, numbers, tmp_path):
    check = FilesCheck(path=f"{tmp_path}/*.sql", may_be_empty=True)
    look = await check.look(ctx)
    (told,) = look.findings
    assert (told.outcome, told.text) == (Outcome.OK, f"no file matches {tmp_path}/*.sql, which is fine here")
    assert numbers(check, look) == {"count": 0, "total_bytes": 0}
    assert look.absent == {"newest_age_s", "newest_bytes", "oldest_age_s"}
    (tmp_path / "a.sql").touch()
    assert not (await check.look(ctx)).absent
    assert check.default_rules().critical is None


async def test_what_is_no_file_is_told_also_where_nothing_may_match(ctx, broken, tmp_path):
    look = await FilesCheck(path=str(tmp_path), may_be_empty=True).look(ctx)
    assert broken(look) == f"{tmp_path} is a folder; for the files in it write {tmp_path}/*"


async def test_of_a_folder_that_is_not_there_nothing_matches_and_that_is_said(ctx, tmp_path):
    (told,) = (await FilesCheck(path=f"{tmp_path}/gone/*", may_be_empty=True).look(ctx)).findings
    assert told.text == f"no file matches {tmp_path}/gone/* ({tmp_path}/gone does not exist), which is fine here"


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", {"a.log", "b.txt"}),
        ("a.log", {"a.log"}),
        ("?.log", {"a.log"}),
        ("[!a].*", {"b.txt"}),
        ("[a-b].*", {"a.log", "b.txt"}),
        ("**", {"a.log", "b.txt", "deep/c.log", "deep/er/d.log"}),
        ("**/*.log", {"a.log", "deep/c.log", "deep/er/d.log"}),
        ("*/*.log", {"deep/c.log"}),
        ("**/er/**", {"deep/er/d.log"}),
        ("**/**/d.log", {"deep/er/d.log"}),
        ("deep/*/d.log", {"deep/er/d.log"}),
        (".h*", {".hidden"}),
        ("a.log/*", set()),
        ("*+.log", set()),
    ],
)
def test_a_pattern_matches_as_in_a_shell(write, tmp_path, pattern, matches):
    for name in ("a.log", "b.txt", ".hidden", "deep/c.log", "deep/er/d.log", ".git/e.log"):
        write(name)
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    found = [os.path.relpath(file.path, tmp_path) for file in Walk(f"{tmp_path}/{pattern}")]
    assert sorted(found) == sorted(matches)


def test_names_that_are_no_text_are_found(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.log")).touch()
    assert len(list(Walk(f"{tmp_path}/*.log"))) == 1


@pytest.mark.parametrize("name", ["a" * 250, "a" * 249 + "b"])
def test_a_hostile_name_costs_no_time(name):
    assert fits("*a*a*a*a*a*a*a*a*a*a*a*a*b", name) == name.endswith("b")


async def test_days_without_a_file_are_counted(ctx, numbers, write, tmp_path):
    for back in (0, 1, 3, 4):
        write(f"{back}.sql", age=back * DAY)
    check = FilesCheck(path=f"{tmp_path}/*.sql", one_per_day=4)
    look = await check.look(ctx)
    assert numbers(check, look)["missing_days"] == 1
    assert look.evidence[0].text.endswith("no file on 2026-11-20")
    assert check.default_rules().warning == "missing_days > 0"


async def test_a_huge_folder_is_looked_at_in_part_and_says_so(ctx, numbers, tmp_path, monkeypatch):
    for number in range(50):
        (tmp_path / f"{number}.eml").touch()
        os.utime(tmp_path / f"{number}.eml", (ctx.now.timestamp(),) * 2)
    monkeypatch.setattr(Walk.__init__, "__defaults__", (20, *Walk.__init__.__defaults__[1:]))
    check = FilesCheck(path=f"{tmp_path}/*.eml", one_per_day=3)
    look = await check.look(ctx)
    assert numbers(check, look) == {"count": 20, "total_bytes": 0}
    assert [finding.outcome for finding in look.findings] == [Outcome.INFO]
    with pytest.raises(CouldNotCheck, match="narrow it"):
        await FilesCheck(path=f"{tmp_path}/*.sql").look(ctx)


async def test_thousands_of_files_are_counted(ctx, numbers, tmp_path):
    for number in range(3_000):
        os.close(os.open(tmp_path / f"{number}.eml", os.O_CREAT | os.O_WRONLY))
    check = FilesCheck(path=f"{tmp_path}/*.eml")
    assert numbers(check, await check.look(ctx))["count"] == 3_000


async def test_a_folder_that_may_not_be_read_is_ours(ctx, tmp_path, as_nobody):
    (tmp_path / "closed").mkdir(mode=0)
    with as_nobody(), pytest.raises(CouldNotCheck, match="may not read"):
        await FilesCheck(path=f"{tmp_path}/closed/*", may_be_empty=True).look(ctx)


async def test_a_file_system_that_hangs_is_broken(hasty, broken, monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(os, "scandir", lambda path: end.wait())
    assert "could not be read within 0.3 s" in broken(await FilesCheck(path="/mnt/*").look(hasty))
    end.set()


async def test_a_file_that_vanishes_meanwhile_does_not_count(ctx, numbers, write, tmp_path, monkeypatch):
    write("a.log")
    write("b.log")
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **how: real("/gone" if str(path).endswith("a.log") else path, **how))
    check = FilesCheck(path=f"{tmp_path}/*.log")
    assert numbers(check, await check.look(ctx))["count"] == 1


def tarred(count=3, size=50_000):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for number in range(count):
            member = tarfile.TarInfo(f"{number}.bin")
            member.size = size
            archive.addfile(member, io.BytesIO(os.urandom(size)))
    return file.getvalue()


class TestVerify:
    @pytest.fixture
    def look(self, write, tmp_path, ctx):
        async def verified(how, content):
            write("old.gz", b"damaged, but old", age=DAY)
            write("new.gz", content)
            return await FilesCheck(path=f"{tmp_path}/*.gz", verify=how).look(ctx)

        return verified

    @pytest.mark.parametrize(
        ("how", "content"),
        [
            pytest.param("gzip", gzip.compress(b"a dump" * 100_000), id="gzip"),
            pytest.param("gzip", gzip.compress(b"a") + gzip.compress(b"b"), id="several in one"),
            pytest.param("tar", tarred(), id="tar"),
            pytest.param("tar", gzip.compress(tarred()), id="tar.gz"),
        ],
    )
    async def test_a_sound_archive_is_fine(self, look, how, content):
        assert (await look(how, content)).findings == ()

    @pytest.mark.parametrize(
        ("how", "content", "said"),
        [
            pytest.param("gzip", b"", "it is empty", id="empty"),
            pytest.param("gzip", gzip.compress(b""), "it holds nothing", id="nothing packed"),
            pytest.param("gzip", b"-- a dump", "it is not a gzip file", id="not gzip"),
            pytest.param("gzip", gzip.compress(os.urandom(90_000))[:50_000], "ends in the middle", id="cut"),
            pytest.param("gzip", gzip.compress(b"x" * 99)[:-8] + b"12345678", "CRC check failed", id="wrong checksum"),
            pytest.param("gzip", gzip.compress(b"x")[:10] + os.urandom(5000), "damaged", id="noise"),
            pytest.param("tar", b"no archive" * 500, "invalid header", id="not tar"),
            pytest.param("tar", tarred()[:70_000], "unexpected end of data", id="tar cut in a file"),
            pytest.param("tar", tarred(3, 51_200)[: 2 * 51_712], "lacks the end of the archive", id="tar cut between"),
            pytest.param("tar", bytes(10_240), "it holds no file", id="tar of nothing"),
            pytest.param("tar", gzip.compress(tarred())[:-9], "ends in the middle", id="tar.gz cut"),
        ],
    )
    async def test_a_damaged_one_is_broken(self, look, broken, how, content, said):
        text = broken(await look(how, content))
        assert "/new.gz is damaged: " in text
        assert said in text

    def test_an_endless_one_is_read_while_there_is_time(self, tmp_path):
        path = tmp_path / "bomb.gz"
        path.write_bytes(gzip.compress(bytes(10_000_000)) * 1_000)
        verdict = verify(str(path), "gzip", until=0)
        assert not verdict.complete
        assert verdict.damage is None

    async def test_out_of_time_is_told_not_judged(self, write, ctx, tmp_path):
        write("bomb.gz", gzip.compress(bytes(50_000_000)) * 2_000)
        look = await FilesCheck(path=f"{tmp_path}/*.gz", verify="gzip").look(Context(now=ctx.now, timeout_s=0.5))
        (finding,) = look.findings
        assert finding.outcome is Outcome.INFO
        assert "was not read to its end, but is sound so far" in finding.text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"path": "backups/*"}, "absolute path"),
        ({"path": "/a/b**"}, "must stand alone"),
        ({"one_per_day": 0}, "greater"),
    ],
)
def test_what_cannot_work_is_refused(parameters, said):
    with pytest.raises(ValidationError, match=said):
        FilesCheck.model_validate({"path": "/x"} | parameters)


def test_ages_are_not_negative(write, ctx, numbers, tmp_path):
    write("a.log", age=-60)
    check = FilesCheck(path=f"{tmp_path}/*.log")
    look = check.judge(check.find(ctx.now, 0), now=ctx.now + timedelta(0))
    assert numbers(check, look)["newest_age_s"] == 0


async def test_a_file_of_the_future_does_not_hide_that_the_newest_is_old(write, ctx, numbers, tmp_path):
    write("a.gz", age=9 * DAY)
    write("typo.gz", age=-400 * DAY)
    check = FilesCheck(path=f"{tmp_path}/*.gz", one_per_day=2)
    look = await check.look(ctx)
    found = numbers(check, look)
    assert (found["count"], found["newest_age_s"], found["missing_days"]) == (2, 9 * DAY, 2)
    assert [finding.text for finding in look.findings] == [
        f"{tmp_path}/typo.gz is dated 2027-12-27, in the future; it does not count as the newest"
    ]
    assert "typo.gz" in look.evidence[0].text


async def test_files_that_are_all_of_the_future_have_no_age(write, ctx, numbers, tmp_path):
    write("a.gz", age=-DAY)
    write("b.gz", age=-2 * DAY)
    check = FilesCheck(path=f"{tmp_path}/*.gz")
    look = await check.look(ctx)
    assert "newest_age_s" not in numbers(check, look)
    assert ", like others in the future" in look.findings[0].text


async def test_what_is_there_but_no_file_is_not_called_missing(ctx, broken, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    said = broken(await FilesCheck(path=f"{tmp_path}/").look(ctx))
    assert said == f"{tmp_path}/ is a folder; for the files in it write {tmp_path}/*"
    assert broken(await FilesCheck(path=f"{tmp_path}/pipe").look(ctx)) == f"{tmp_path}/pipe is no regular file"


async def test_a_packing_that_we_cannot_undo_is_ours(write, ctx, tmp_path):
    write("a.tar.zst", b"\x28\xb5\x2f\xfd and so on")
    with pytest.raises(CouldNotCheck, match=r"cannot read Zstandard, in which .*a\.tar\.zst is packed"):
        await FilesCheck(path=f"{tmp_path}/a.tar.zst", verify="tar").look(ctx)
