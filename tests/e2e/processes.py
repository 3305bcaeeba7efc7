"""Real processes: the sandbox and `rounds serve`, started as a person starts them, on loopback and free ports."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from bot.stopping import LEAVE_AFTER_S

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]

START_S = 60.0
"""How long a process may take to start; this is a bound for a machine with much else to do, not an expectation."""

KILLED_AFTER_S = 10.0
"""How long container engines wait for the end of what they have asked to stop."""

LEFT = f"leaving what does not end within {LEAVE_AFTER_S:g} s"
"""What Rounds says when it leaves with work undone."""

_OURS = ("SLACK_", "ROUNDS_", "DATABASE_URL")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def environment(**more: str) -> dict[str, str]:
    """This process's environment without anything that a developer may have set for a Rounds of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {name: value for name, value in kept.items() if name.lower() not in _PROXIES} | more


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def ended(process: subprocess.Popen[Any], *, within: float = 15.0) -> None:
    """End a process that a test started, whatever state it is in."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


async def so(condition: Callable[[], T], what: str, *, within: float = START_S) -> T:
    """Wait until it is so; returns what the condition found."""
    end = time.monotonic() + within
    while True:
        if found := condition():
            return found
        assert time.monotonic() < end, f"no {what} within {within:g} s"
        await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, and what it said of itself on its one line."""

    process: subprocess.Popen[str]
    url: str
    api: str
    token: str
    bot_token: str
    app_token: str

    @classmethod
    def start(cls, folder: Path, *, seed: dict[str, object] | None = None, port: int = 0) -> Sandbox:
        """`python -m sandbox --port … --manifest manifest.yml --seed …`: the app that a person would install."""
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--manifest", str(ROOT / "manifest.yml")]
        if seed is not None:
            file = folder / "seed.json"
            file.write_text(json.dumps(seed))
            command += ["--seed", str(file)]
        with (folder / "sandbox.log").open("a") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            ended(process)
            raise AssertionError(f"the sandbox did not start: {(folder / 'sandbox.log').read_text()}")
        told = json.loads(line)
        return cls(process, told["url"], told["api"], told["control_token"], told["bot_token"], told["app_token"])

    def stop(self) -> None:
        """End it."""
        ended(self.process)


class Serve:
    """`python -m bot.cli serve` on a configuration and a database in `folder`.

    Args:
        module: what is started instead.
        piped: its log goes through a pipe, as in a container; else it is a file on its own disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        api: str,
        configuration: str | None = None,
        module: tuple[str, ...] = ("bot.cli", "serve"),
        piped: bool = False,
        **more: str,
    ) -> None:
        self._command = [sys.executable, "-m", *module]
        self._piped = piped
        self._pump: threading.Thread | None = None
        self._begun_at = 0
        self.folder = folder
        self.database = folder / "rounds.db"
        self.log = folder / "serve.log"
        config = folder / "rounds.yml"
        if configuration is not None:
            config.write_text(configuration)
        self.environment = environment(
            SLACK_API_BASE_URL=api,
            SLACK_BOT_TOKEN="xoxb-sandbox",
            SLACK_APP_TOKEN="xapp-sandbox",
            ROUNDS_CONFIG=str(config),
            ROUNDS_ADMIN_LISTEN="127.0.0.1:0",
            DATABASE_URL=f"sqlite:///{self.database}",
            **more,
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self._process is not None, "not started"
        return self._process

    def start(self) -> Serve:
        """Start it; again, after it has ended."""
        if self._pump is not None:
            self._pump.join()
        self._begun_at = len(self.said)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._piped else log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if self._process.stdout is not None:
            self._pump = threading.Thread(target=self._keep_log, args=(self._process.stdout,), daemon=True)
            self._pump.start()
            self._process.stdout = None  # the thread's own from here on
        return self

    def _keep_log(self, pipe: IO[bytes]) -> None:
        with pipe, self.log.open("ab", buffering=0) as log:
            for line in pipe:
                log.write(line)

    def kill(self) -> None:
        """`kill -9`, which asks nobody."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM, as a container engine sends it: it ends by itself, and before that one would kill it.

        Raises:
            subprocess.TimeoutExpired: it did not.
            AssertionError: it took longer than container engines wait, and that is not the machine's doing.
        """
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(START_S)
        took_s = time.monotonic() - began
        # A busy machine is slow to deliver a signal and to take a process away. What Rounds can do is to leave a second
        # before, by its own clock; that it did so, its log says.
        assert LEAVE_AFTER_S <= KILLED_AFTER_S - 1
        in_time = took_s < KILLED_AFTER_S or LEFT in self.said[self._begun_at :]
        assert in_time, f"it took {took_s:.1f} s to stop. Its log:\n{self.said}"

    def stop(self) -> None:
        """End it, for the end of a test."""
        if self._process is not None:
            ended(self._process)

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def started(self) -> bool:
        """Whether it ever was."""
        return self._process is not None

    @property
    def running(self) -> bool:
        """Whether it has not ended, of itself or because it was killed."""
        return self.process.poll() is None

    async def serving(self) -> None:
        """Wait until the process that was started last serves."""

        def serving() -> bool:
            assert self.running, f"Rounds has ended. Its log:\n{self.said}"
            return "Rounds is serving" in self.said[self._begun_at :]

        await so(serving, "serving Rounds")

    async def logged(self, what: str) -> None:
        """Wait until it has written that to its log."""

        def written() -> bool:
            assert self.process.poll() is None, f"Rounds has ended. Its log:\n{self.said}"
            return what in self.said

        await so(written, f"{what!r} in the log")

    @property
    def complained(self) -> list[str]:
        """What it logged as an error.

        The SDK's own complaints about a Slack that is away are not ours; that everything stood still, its watchdog
        with it, is said of a machine that was stopped, and true.
        """
        ours = re.compile(r"\S+ \S+ (ERROR|CRITICAL) +(?! |slack_|bot\.engine\.watchdog: everything stood still)")
        return [line for line in self.said.splitlines() if ours.match(line)]
