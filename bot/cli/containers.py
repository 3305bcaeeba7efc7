"""The containers that run on this machine, as `docker` or `podman` tells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cli.machine import Candidate, named

ENGINES = ("docker", "podman")
PATIENCE_S = 5.0
MOST = 50
"""A machine with more is a host of a cluster, whose containers come and go; a check of each would be no help."""

_STATE = (
    "running={{if and .State.Running (not .State.Restarting)}}1{{else}}0{{end}} "
    'healthy={{if .State.Health}}{{if eq .State.Health.Status "unhealthy"}}0{{else}}1{{end}}{{else}}1{{end}}'
)
"""What both engines' `inspect` is asked for; a container without a health check counts as healthy."""


@dataclass(frozen=True, slots=True)
class Found:
    """What to propose, and what to say of that which is left out."""

    candidates: tuple[Candidate, ...] = ()
    remarks: tuple[str, ...] = ()


def containers() -> Found:
    """Those that run now, each once."""
    asked = [_asked(engine, program) for engine in ENGINES if (program := shutil.which(engine))]
    return Found(tuple(c for one in asked for c in one.candidates), tuple(r for one in asked for r in one.remarks))


def _asked(engine: str, program: str) -> Found:
    asked = [program, "ps", "--format", "{{json .}}"]
    try:
        ended = subprocess.run(asked, check=True, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return _left_out(engine, f"it does not answer within {PATIENCE_S:g} s.")
    except subprocess.CalledProcessError as error:
        said = "".join(filter(str.isprintable, " ".join(error.stderr.split())))[-200:]
        return _left_out(engine, said or f"it ended with code {error.returncode}.")
    except OSError as error:
        return _left_out(engine, f"it cannot be started ({error.strerror}).")
    found = listed(ended.stdout)
    if len(found) > MOST:
        return _left_out(engine, f"{len(found)} are too many for a check of each.")
    return Found(tuple(_candidate(engine, name, image) for name, image in found))


def _left_out(engine: str, why: str) -> Found:
    return Found(remarks=(f"The containers of {engine} are left out: {why}",))


def listed(told: str) -> list[tuple[str, str]]:
    """Name and image of each container in what `ps` printed, a JSON document a line; what is none is passed over."""
    found: dict[str, str] = {}
    for line in told.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if not isinstance(one, dict):
            continue
        names = one.get("Names")  # docker: "web,other/link"; podman: ["web"]
        first = names[0] if isinstance(names, list) and names else names
        if isinstance(first, str) and first:
            found.setdefault(first.partition(",")[0], str(one.get("Image", "")))
    return sorted(found.items())


def _candidate(engine: str, name: str, image: str) -> Candidate:
    settings: dict[str, Any] = {
        "kind": "command",
        "argv": [engine, "inspect", name, "--type", "container", "--format", _STATE],
        "values": {"running": "running=([01])", "healthy": "healthy=([01])"},
    }
    if addressed := _addressed(engine, os.environ):
        settings["env"] = addressed
    return Candidate("Containers", f"container-{named(name)}", f"the container {name}, from {image}", settings)


def _addressed(engine: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Where the engine is, if somebody said so: a command of a check sees no more of the environment than this."""
    known = {"docker": ("DOCKER_HOST", "DOCKER_CONTEXT"), "podman": ("CONTAINER_HOST", "XDG_RUNTIME_DIR")}[engine]
    return {variable: environment[variable] for variable in known if environment.get(variable)}
