"""Containers are proposed as their engine tells of them; an engine that does not tell is not passed over in silence."""

from __future__ import annotations

import json
import stat

import pytest

from bot.cli.containers import MOST, containers, listed

ENGINE = """#!/bin/sh
case "$1" in
  ps) {ps} ;;
  inspect) name=$2; {inspect} ;;
esac
"""


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Put a `docker` on the PATH that answers so; nothing else is there but the shell's own words."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}:/bin")
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock")

    def answers(ps: str, inspect: str = "exit 1", name: str = "docker"):
        script = place / name
        script.write_text(ENGINE.format(ps=ps, inspect=inspect))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    return answers


def line(**one):
    return f"echo '{json.dumps(one)}'"


def test_what_docker_and_podman_print_is_understood():
    docker = '{"Image":"nginx:1.27","Names":"web,other/alias","State":"running"}'
    podman = '{"Image":"docker.io/library/redis","Names":["cache"]}'
    assert listed(f"{docker}\nno JSON\n[]\n{{}}\n{podman}\n") == [
        ("cache", "docker.io/library/redis"),
        ("web", "nginx:1.27"),
    ]


def test_a_container_is_proposed_and_its_first_round_is_true(rounds, engine, tmp_path):
    engine(
        ps=f"{line(Names='web', Image='nginx')}; {line(Names='Shop_DB', Image='postgres:18')}",
        inspect='[ "$DOCKER_HOST" = unix:///run/user/1000/docker.sock ] || exit 1; '
        'case "$name" in web) echo "running=1 healthy=1";; *) echo "running=1 healthy=0";; esac',
    )
    rounds("new", "--yes")
    told = (tmp_path / "rounds.yml").read_text()
    assert "  # The container web, from nginx (runs)\n  container-web:\n    kind: command\n" in told
    assert "from postgres:18 (unhealthy now, which the first round will say)" in told
    assert "no mistakes." in rounds("check-config").stdout
    run = json.loads(rounds("run", "morning", "--json", code=None).stdout)
    outcomes = {item["id"]: item["outcome"] for item in run["items"]}
    assert outcomes["container-web"] == "ok"
    assert outcomes["container-shop-db"] == "critical"


def test_an_engine_that_refuses_is_named(rounds, engine, tmp_path):
    engine(ps="echo 'permission denied while trying to connect' >&2; exit 1")
    told = rounds("new", "--yes").stdout
    assert "The containers of docker are left out: permission denied while trying to connect" in told
    assert "container-" not in (tmp_path / "rounds.yml").read_text()


def test_too_many_containers_are_no_proposal(engine):
    engine(ps=f"i=0; while [ $i -le {MOST} ]; do echo '{{\"Names\":\"c'$i'\"}}'; i=$((i+1)); done")
    found = containers()
    assert found.candidates == ()
    assert f"{MOST + 1} are too many" in found.remarks[0]


def test_no_engine_is_no_containers(engine):
    engine(ps="exit 1", name="something-else")
    assert containers().candidates == ()
