"""Reading the configuration anew while running."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.app import App
from bot.config.load import load
from bot.config.settings import Settings
from bot.reloading import Reloader

FINE = """
channel: "#operations"
checks:
  disk: {kind: disk, path: /}
checklists:
  morning: {schedule: every day at 09:00, items: [disk]}
"""


class Team:
    """Uses what it is given, and hears complaints."""

    def __init__(self, path):
        self.path = path
        self.configuration = load(path, environment={})
        self.notices, self.complaints = [], []
        self.heard = asyncio.Event()

    async def use(self, configuration, notice):
        self.configuration = configuration
        self.notices.append(notice)
        self.heard.set()

    async def complain(self, text):
        self.complaints.append(text)
        self.heard.set()

    @property
    def reloader(self):
        return Reloader(self.path, current=lambda: self.configuration, use=self.use, complain=self.complain)


@pytest.fixture
def team(tmp_path):
    path = tmp_path / "rounds.yml"
    path.write_text(FINE)
    return Team(path)


async def test_whatever_breaks_while_reading_the_next_change_is_another_try(team, monkeypatch, caplog):
    reloader, read, broke = team.reloader, Reloader.read, asyncio.Event()

    async def broken(self, *, asked):
        monkeypatch.setattr(Reloader, "read", read)
        broke.set()
        raise RuntimeError("boom")

    monkeypatch.setattr(Reloader, "read", broken)
    watching = asyncio.create_task(reloader.watch())
    reloader.ask()
    async with asyncio.timeout(30):
        await broke.wait()
        team.path.write_text(FINE.replace("09:00", "10:00"))
        reloader.ask()
        await team.heard.wait()
    watching.cancel()
    assert "could not read the configuration anew" in caplog.text
    assert "changed: checklist morning" in team.notices[0]


async def test_a_good_change_is_used_and_told(team):
    team.path.write_text(FINE.replace("09:00", "10:00") + "escalations: {team: [{after: 1m, notify: ['user:ann']}]}\n")
    await team.reloader.read(asked=False)
    (notice,) = team.notices
    assert "changed: checklist morning" in notice
    assert "new: escalation policy team" in notice
    assert "team" in team.configuration.policies


async def test_a_bad_change_keeps_the_old_one_and_says_why_with_file_and_line(team):
    before = team.configuration
    team.path.write_text(FINE.replace("kind: disk", "kind: disc"))
    await team.reloader.read(asked=False)
    assert team.configuration is before
    (text,) = team.complaints
    assert "rounds.yml:4" in text
    assert "did you mean disk" in text


async def test_the_same_mistakes_are_told_once_and_again_only_when_asked(team):
    reloader = team.reloader
    team.path.write_text("channel: 3")
    await reloader.read(asked=False)
    await reloader.read(asked=False)
    assert len(team.complaints) == 1
    await reloader.read(asked=True)
    assert len(team.complaints) == 2


async def test_a_touched_file_that_says_the_same_is_not_worth_a_message(team):
    await team.reloader.read(asked=False)
    assert team.notices == [""]


async def test_asked_by_signal_it_reads_at_once_and_answers_even_if_nothing_changed(team):
    reloader = team.reloader
    watching = asyncio.create_task(reloader.watch())
    reloader.ask()
    async with asyncio.timeout(20):
        await team.heard.wait()
    assert "nothing has changed" in team.notices[0]
    watching.cancel()


async def test_a_written_file_is_noticed_without_a_signal(team):
    watching = asyncio.create_task(team.reloader.watch())
    await asyncio.sleep(0)
    team.path.write_text(FINE.replace("09:00", "11:30"))
    async with asyncio.timeout(30):
        await team.heard.wait()
    assert "changed: checklist morning" in team.notices[0]
    watching.cancel()


# --- what is noticed without a signal


@pytest.fixture
def often(monkeypatch):
    """Files are looked at more often: what is to be seen is that they are."""
    monkeypatch.setattr("bot.reloading.LOOK_S", 0.1)


HOLIDAY = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:{day}\nEND:VEVENT\nEND:VCALENDAR\n"


async def noticed(team, change):
    """What the team hears after a change of files."""
    team.heard.clear()
    change()
    async with asyncio.timeout(30):
        await team.heard.wait()
    return (team.complaints + team.notices)[-1] if not team.notices else team.notices[-1]


@pytest.fixture
def beside(tmp_path):
    """A configuration that reads other files."""
    (tmp_path / "days.ics").write_text(HOLIDAY.format(day=20261225))
    (tmp_path / "token").write_text("first-secret")
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a.yml").write_text("checks: {a: {kind: load, every: 5m}}\n")
    path = tmp_path / "rounds.yml"
    api = f"  api: {{kind: http, url: 'http://127.0.0.1', every: 5m, bearer: 'file:{tmp_path}/token'}}\n"
    text = FINE.replace("checklists:", f"{api}checklists:").replace("items: [disk]", "items: [disk], except: days.ics")
    path.write_text(f"include: [conf.d/*.yml]\n{text}")
    return Team(path)


def written_anew(path, text):
    """As editors and deployments do: a new file takes the place of the old."""
    (path.parent / "new.tmp").write_text(text)
    (path.parent / "new.tmp").replace(path)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(
    ("name", "text", "change"),
    [
        pytest.param("days.ics", HOLIDAY.format(day=20261231), "changed: checklist morning", id="holidays"),
        pytest.param("token", "other-secret", "changed: check api", id="a secret"),
        pytest.param(
            "conf.d/a.yml", "checks: {a: {kind: memory, every: 5m}}", "changed: check a", id="an included file"
        ),
        pytest.param(
            "conf.d/b.yml", "checks: {b: {kind: memory, every: 5m}}", "new: check b", id="one more included file"
        ),
    ],
)
@pytest.mark.parametrize("write", [Path.write_text, written_anew], ids=["in place", "by rename"])
async def test_a_change_of_any_file_that_was_read_is_noticed(beside, write, name, text, change):
    watching = asyncio.create_task(beside.reloader.watch())
    await asyncio.sleep(0)
    said = await noticed(beside, lambda: write(beside.path.parent / name, text))
    assert change in said
    assert "secret" not in said
    watching.cancel()


@pytest.mark.usefixtures("often")
async def test_mistakes_in_a_file_that_only_the_new_one_reads_are_noticed_as_mended_there(beside):
    more = beside.path.parent / "conf.d" / "b.yml"
    watching = asyncio.create_task(beside.reloader.watch())
    await asyncio.sleep(0)
    await noticed(beside, lambda: more.write_text("checks: {b: {kind: memry, every: 5m}}"))
    assert "b.yml:1: checks.b.kind" in beside.complaints[-1]
    assert "new: check b" in await noticed(beside, lambda: more.write_text("checks: {b: {kind: memory, every: 5m}}"))
    watching.cancel()


@pytest.mark.usefixtures("often")
async def test_what_is_written_while_it_is_read_is_read_after_it(team):
    team.path.write_text(FINE.replace("09:00", "10:00"))
    second = FINE.replace("09:00", "11:00")

    async def use(configuration, notice):
        if len(team.notices) == 0:
            team.path.write_text(second)  # after it was read, and before anybody looks again
        await Team.use(team, configuration, notice)

    reloader = Reloader(team.path, current=lambda: team.configuration, use=use, complain=team.complain)
    watching = asyncio.create_task(reloader.watch())
    reloader.ask()
    async with asyncio.timeout(30):
        while len(team.notices) < 2:
            team.heard.clear()
            await team.heard.wait()
    assert team.configuration.planned["morning"].schedule.describe().endswith("11:00")
    watching.cancel()


async def test_of_a_variable_that_is_not_set_it_is_told_how_a_running_one_gets_it(team):
    team.path.write_text(FINE + "people: {ann: '${NOT_SET_ANYWHERE}'}\n")
    await team.reloader.read(asked=False)
    assert "A running Rounds has the variables that it was started with" in team.complaints[0]


async def test_taking_mistakes_back_is_told_once(team):
    reloader = team.reloader
    team.path.write_text("channel: 3")
    await reloader.read(asked=False)
    team.path.write_text(FINE)
    await reloader.read(asked=False)
    await reloader.read(asked=False)
    assert team.notices == ["The configuration has no mistakes any more, and means what it meant before them.", ""]


async def test_the_log_says_the_mistakes_too(team, caplog):
    team.path.write_text(FINE.replace("kind: disk", "kind: disc"))
    await team.reloader.read(asked=False)
    assert "did you mean disk" in caplog.text


class Heard:
    """The engine and the looker, as far as a reload concerns them."""

    def __init__(self):
        self.told, self.masker = [], None

    async def reconfigure(self, notice, changes):
        self.told += [notice, *changes]

    async def say(self, notice):
        self.told.append(notice)

    def use(self, masker, *, timezone):
        self.masker = masker


@pytest.fixture
def served(tmp_path, monkeypatch):
    """An app whose channel of record is a secret, with what it tells of a reload."""
    monkeypatch.setenv("OLD_ROOM", "#merger-in-march")
    monkeypatch.setenv("NEW_ROOM", "#layoffs-in-june")
    path = tmp_path / "rounds.yml"
    path.write_text(FINE.replace("#operations", "${OLD_ROOM}"))
    settings = Settings("xoxb-1", "xapp-1", None, "sqlite:///rounds.db", path, ("127.0.0.1", 0))
    secrets = []
    app = App(settings, load(path, environment=os.environ), on_secrets=secrets.extend)
    heard = Heard()
    return path, app._reloader(heard, heard), heard, secrets


async def test_what_changed_is_told_logged_and_stored_without_the_old_secret_and_without_the_new(served, caplog):
    caplog.set_level("INFO")
    path, reloader, heard, secrets = served
    path.write_text(FINE.replace("#operations", "${NEW_ROOM}").replace("09:00", "10:00"))
    await reloader.read(asked=False)
    notice, *changes = heard.told
    assert [each.partition(",")[0] for each in changes[-2:]] == [
        "changed: checklist morning (channel and schedule)",
        "changed: channel",
    ]
    assert all(each in notice for each in changes)
    said = "\n".join([*heard.told, caplog.text])
    assert "changed: channel" in caplog.text
    assert "merger" not in said
    assert "layoffs" not in said
    assert "#layoffs-in-june" in secrets, "the log masks it from now on"
    assert "layoffs" not in heard.masker.mask("it is #layoffs-in-june")


async def test_why_a_new_configuration_cannot_be_used_is_told_without_secrets(served, caplog):
    path, reloader, heard, _ = served
    path.write_text(FINE.replace("#operations", "${OLD_ROOM}") + "timezone: merger\npeople: {'#merger-in-march': 3}\n")
    await reloader.read(asked=False)
    (complaint,) = heard.told
    assert "cannot be used; the old one goes on" in complaint
    assert "#merger-in-march" not in complaint + caplog.text
