"""`rounds demo`: this machine's rounds in a local Slack, with the unmodified bot."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path
from typing import IO

from rich.console import Console

from bot.cli import manifest
from bot.cli.common import fail
from bot.cli.configured import configuration_or_exit

out = Console(soft_wrap=True, highlight=False)

PLACE = Path(".rounds") / "demo"
"""The ledger and the log of a demo, below the current folder, so that the README can name what to break."""

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "this-machine" / "rounds.yml"


def demo(config: Path | None, *, port: int, browser: bool, data: Path | None) -> None:
    """Start both, and wait until one of them ends or is ended."""
    chosen = config or EXAMPLE
    place = data or PLACE
    os.environ["ROUNDS_DEMO_DIR"] = str(place.resolve())
    configuration_or_exit(chosen)  # a mistake is told before anything starts
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f"{place.name}.lock").open("a") as lock:
        _alone(lock, place)
        _run(chosen, place, port=port, browser=browser, fresh=data is None)


def _alone(lock: IO[str], place: Path) -> None:
    """Of two demos in one folder, the second would take the first one's ledger away."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        fail(f"A demo is using {place} already. End it (Ctrl-C), or start this one in another folder.", code=2)


def _run(chosen: Path, place: Path, *, port: int, browser: bool, fresh: bool) -> None:
    children: list[subprocess.Popen[str]] = []
    # SIGTERM ends the demo like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        sandbox, told = _start_sandbox(port, children)
        if fresh:
            shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        (place / "backup.tar.gz").touch()
        bot = _start_bot(told, chosen, place, children)
        _explain(told["url"], chosen, place)
        if browser:
            threading.Thread(target=webbrowser.open, args=(told["url"],), daemon=True).start()
        _wait(sandbox, bot)
    except KeyboardInterrupt:
        out.print("\nStopping …")
    finally:
        for child in reversed(children):
            _end(child)


def _start_sandbox(port: int, children: list[subprocess.Popen[str]]) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--manifest", str(manifest.file())]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    children.append(sandbox)
    line = sandbox.stdout.readline() if sandbox.stdout else ""
    try:
        told: dict[str, str] = json.loads(line)
    except ValueError:
        fail(f"The local Slack did not start on port {port}. Is the port taken? Try: rounds demo --port 0", code=2)
    return sandbox, told


def _start_bot(
    told: dict[str, str], config: Path, place: Path, children: list[subprocess.Popen[str]]
) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "SLACK_API_BASE_URL": told["api"],
        "SLACK_BOT_TOKEN": told["bot_token"],
        "SLACK_APP_TOKEN": told["app_token"],
        "DATABASE_URL": f"sqlite:///{place / 'rounds.db'}",
        "ROUNDS_CONFIG": str(config),
        "ROUNDS_DEMO_URL": told["url"],
        "ROUNDS_ADMIN_LISTEN": "127.0.0.1:0",
    }
    log: IO[str] = (place / "rounds.log").open("a")
    command = [sys.executable, "-m", "bot.cli", "serve"]
    bot = subprocess.Popen(command, env=environment, stderr=log, stdout=log, text=True, start_new_session=True)
    children.append(bot)
    return bot


def _explain(url: str, config: Path, place: Path) -> None:
    out.print(f"\n  Your local Slack:  {url}", style="bold green", markup=False)
    out.print(f"  Its rounds:        {config}", markup=False)
    out.print(f"  Log and ledger:    {place}", markup=False)
    if config == EXAMPLE:
        out.print("\n  Break something:   ", end="", markup=False)
        out.print(f"rm {place / 'backup.tar.gz'}", style="bold", markup=False)
        out.print("  An incident opens within seconds and calls Ben after 30 s, unless you acknowledge.", markup=False)
        out.print("  Mend it:           ", end="", markup=False)
        out.print(f"touch {place / 'backup.tar.gz'}", style="bold", markup=False)
    out.print("\n  Ctrl-C ends the demo.\n", markup=False)


def _wait(sandbox: subprocess.Popen[str], bot: subprocess.Popen[str]) -> None:
    """Until one of them ends by itself, or somebody ends us."""
    while True:
        for child, name in ((bot, "the bot"), (sandbox, "the local Slack")):
            try:
                code = child.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            fail(f"{name} ended by itself (exit code {code}); its log says why.", code=1)


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout is not None:
        child.stdout.close()
