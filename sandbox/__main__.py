"""python -m sandbox --port 8917 [--manifest manifest.yml] [--seed seed.json] [--token T]"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from sandbox.local_slack import LocalSlack
from sandbox.seed import Seed, load
from sandbox.server import Server


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local Slack workspace on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8917, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, help="JSON with people, usergroups, channels, scopes, manifest, times …")
    parser.add_argument("--manifest", type=Path, help="the app as Slack would take it, YAML or JSON")
    parser.add_argument("--token", default="", help="of the control API; random if not given")
    return parser.parse_args()


async def serve(seed: Seed, *, port: int, token: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    slack = LocalSlack(seed, token=token)
    server = Server(slack)
    url = await server.start(port)
    started = {
        "url": f"{url}/",
        "api": f"{url}/api/",
        "control_token": slack.token,
        "bot_token": seed.bot_token,
        "app_token": seed.app_token,
    }
    sys.stdout.write(json.dumps(started) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def main() -> int:
    given = arguments()
    try:
        asyncio.run(serve(load(given.seed, given.manifest), port=given.port, token=given.token))
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except OSError as problem:
        sys.stderr.write(f"The port {given.port} cannot be used: {problem.strerror}.\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
