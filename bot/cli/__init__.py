"""The command line."""

from __future__ import annotations

import errno
import os
import sys

from bot.cli.exit_codes import UNKNOWN
from bot.cli.tree import app

__all__ = ["app", "main"]


def main() -> None:
    """The console script `rounds`."""
    try:
        app()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        # What is left in the buffer would fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"What there is to say cannot be written: {error.strerror}.\n")
        sys.exit(UNKNOWN)
