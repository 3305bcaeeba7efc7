"""Exit codes that several commands share."""

from __future__ import annotations

UNKNOWN = 3
"""Nagios's exit code for "could not check"; also that of a configuration that cannot be read."""

MISUSED = 2
"""The exit code of a command line that was not understood, as shells have it."""
