"""Jobs report over HTTP, each at an address of its own; nobody else can, or learns which addresses there are."""

from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from bot.config.load import parse
from bot.domain.ledger import LedgerAway
from bot.domain.masking import Masker
from bot.domain.pings import kind_of, token_of
from bot.engine.looking import Looker
from bot.engine.pings import MOST_A_MINUTE, Pings
from bot.engine.retention import PINGS_KEPT
from bot.engine.runner import Runner
from bot.web.public import PublicListener
from checks import Ping

SECRET = "a secret of thirty-two characters"
BACKUP = """
channel: "#operations"
checks:
  backup: {kind: heartbeat, job: the backup, expect: 24h, grace: 1h, every: 1h, open_after: 1, close_after: 1}
  other: {kind: disk, path: /}
"""


@pytest.fixture
async def listening(story):
    """A listener in front of a story's ledger; its heartbeat check is the real one."""
    await story.configured(BACKUP, scripted=False)
    story.runner = Runner(
        story.store, Looker(story.clock, Masker([])), story.clock, lambda: story.configuration, hears_pings=True
    )
    pings = Pings(
        story.store,
        story.clock,
        lambda: story.configuration,
        secret=SECRET,
        masker=lambda: Masker(["hunter2hunter2"]),
    )
    listener = PublicListener(("127.0.0.1", 0), pings)
    host, port = await listener.start()
    async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
        yield http
    await listener.stop()


ADDRESS = f"/ping/{token_of(SECRET, 'backup')}"


async def says(http, path, *, method="GET", data=None):
    async with http.request(method, path, data=data) as answer:
        return answer.status


async def test_a_job_that_reports_is_fine_and_one_that_stops_is_missed(story, listening):
    assert await says(listening, ADDRESS) == 200
    await story.after("24h")
    assert story.roots() == []
    await story.after("2h")
    assert story.the("#1 backup").shows("the backup last reported", "(limit 25 h)")
    assert await says(listening, ADDRESS) == 200
    await story.after("1h")
    assert story.the("#1 backup").shows("Recovered")


async def test_a_job_that_never_reports_is_told_of_and_nobody_says_that_it_did(story, listening):
    await story.after("28h")
    card = story.the("#1 backup")
    assert card.shows("the backup has never reported success", "(limit 25 h)")
    assert not card.shows("last reported")
    assert await says(listening, ADDRESS) == 200
    await story.after("1h")
    assert story.the("#1 backup").shows("Recovered")


async def test_a_failure_is_looked_at_at_once_with_the_jobs_own_words_masked(story, listening):
    body = "rsync: no space left, password=hunter2hunter2"
    assert await says(listening, f"{ADDRESS}/fail", method="POST", data=body) == 200
    await story.settle()
    card = story.the("#1 backup")
    assert card.shows("the backup reported a failure: rsync: no space left")
    assert "hunter2hunter2" not in "".join(m.everything for m in story.slack.messages)


@pytest.mark.parametrize(("word", "kind"), [("", "success"), ("0", "success"), ("1", "fail"), ("start", "start")])
async def test_the_end_of_the_address_says_what_happened(story, listening, word, kind):
    assert await says(listening, f"{ADDRESS}/{word}" if word else ADDRESS, method="HEAD") == 200
    known = await story.store.read(lambda tx: tx.pings.newest(["backup"]))
    assert [ping.kind for ping in known["backup"]] == [kind]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ping/",
        "/ping/x",
        f"{ADDRESS}/oops",
        f"{ADDRESS}/start/x",
        f"/ping/{token_of(SECRET, 'other')}",
        f"/ping/{token_of('another secret of thirty', 'backup')}",
        "/ping/%00%ff",
    ],
)
async def test_anything_else_is_not_found(story, listening, path):
    assert await says(listening, path) == 404
    assert await story.store.read(lambda tx: tx.pings.newest(["backup"])) == {"backup": ()}


async def test_a_body_of_any_size_is_a_ping_and_only_its_beginning_is_kept(story, listening):
    assert await says(listening, ADDRESS, method="POST", data=b"\xff\x00x" * 300_000) == 200
    (ping,) = (await story.store.read(lambda tx: tx.pings.newest(["backup"])))["backup"]
    assert 0 < len(ping.text) <= 10_000


async def test_a_job_that_reports_while_the_storage_is_down_is_told_to_try_again(story, listening, monkeypatch):
    async def away(work):
        raise LedgerAway("connection refused")

    with monkeypatch.context() as outage:
        outage.setattr(story.store, "write", away)
        assert await says(listening, ADDRESS) == 503
    assert await says(listening, ADDRESS) == 200


async def test_a_job_gone_wild_is_slowed_down(listening):
    answers = [await says(listening, ADDRESS) for _ in range(MOST_A_MINUTE + 1)]
    assert answers == [200] * MOST_A_MINUTE + [429]


async def test_old_pings_are_forgotten_but_never_the_newest_of_its_sort(story, listening):
    for word in ("start", "0", "start", "0"):
        await says(listening, f"{ADDRESS}/{word}")
    story.clock.at += timedelta(days=15)
    await story.engine.tidy()
    (known,) = (await story.store.read(lambda tx: tx.pings.newest(["backup"]))).values()
    assert sorted(ping.kind for ping in known) == ["start", "success"]
    assert await kept(story) == 2


async def test_of_a_job_that_reports_all_the_time_the_newest_pings_are_kept(story, listening):
    def reported(tx):
        for number in range(PINGS_KEPT + 5):
            tx.pings.add("backup", Ping(story.clock.at, "success", str(number)))
        tx.pings.add("backup", Ping(story.clock.at, "fail", "once"))

    await story.store.write(reported)
    await story.engine.tidy()
    assert await kept(story) == PINGS_KEPT + 1
    (known,) = (await story.store.read(lambda tx: tx.pings.newest(["backup"]))).values()
    assert {ping.kind: ping.text for ping in known} == {"success": str(PINGS_KEPT + 4), "fail": "once"}


async def kept(story):
    """How many pings there are."""
    return await story.store.read(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM ping").scalar_one())


async def test_without_a_secret_nobody_can_report():
    async with listener_without_pings() as http:
        assert await says(http, ADDRESS) == 404


@asynccontextmanager
async def listener_without_pings():
    listener = PublicListener(("127.0.0.1", 0), None)
    host, port = await listener.start()
    async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
        yield http
    await listener.stop()


def test_a_token_is_stable_and_each_check_has_its_own():
    assert token_of(SECRET, "backup") == token_of(SECRET, "backup")
    assert len({token_of(SECRET, "a"), token_of(SECRET, "b"), token_of("another secret of thirty", "a")}) == 3


@pytest.mark.parametrize("word", ["-1", "1.5", "x", "1234", "²", "START"])
def test_words_that_are_no_ends_of_an_address(word):
    assert kind_of(word) is None


async def test_only_checks_that_wait_for_pings_have_an_address(story):
    await story.configured(BACKUP, scripted=False)
    assert list(story.configuration.ping_tokens(SECRET)) == ["backup"]


async def test_a_check_that_is_configured_while_rounds_serves_can_be_reported_to_at_once(story, listening):
    address = f"/ping/{token_of(SECRET, 'import')}"
    assert await says(listening, address) == 404
    story.configuration = parse(
        "timezone: UTC\n" + BACKUP.replace("  other:", "  import: {kind: heartbeat, expect: 1h}\n  other:")
    )
    assert await says(listening, address) == 200
    assert await says(listening, ADDRESS) == 200
