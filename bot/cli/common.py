"""What the commands share: counting in words, and ending with a sentence."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

from bot.cli.exit_codes import UNKNOWN

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def counted(number: int, word: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def fail(sentence: str, *, code: int = UNKNOWN) -> NoReturn:
    """End with a sentence that says what to do."""
    errors.print(sentence, style="red", markup=False)
    raise typer.Exit(code)
