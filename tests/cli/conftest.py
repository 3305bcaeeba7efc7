"""The command line as a person meets it, in this process."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app


@pytest.fixture
def rounds(tmp_path, monkeypatch):
    """Call `rounds` in an empty folder, with nothing of ours in the environment; wide lines, no colours."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "ROUNDS_CONFIG",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_API_BASE_URL",
        "DATABASE_URL",
        "ROUNDS_PING_SECRET",
        "ROUNDS_PUBLIC_LISTEN",
    ):
        monkeypatch.delenv(name, raising=False)

    def call(*words, code=0, **given):
        result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"}, **given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert code is None or result.exit_code == code, result.output
        return result

    return call
