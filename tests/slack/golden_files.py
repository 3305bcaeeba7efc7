"""What Slack is given, to the letter; `ROUNDS_GOLDEN=write make test ARGS="-k golden"` writes it anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("ROUNDS_GOLDEN") == "write"


def golden(name: str, drawn: Any) -> Any:
    """What the file says; with ROUNDS_GOLDEN=write, what is drawn now."""
    path = GOLDEN / f"{name}.json"
    if WRITE:
        path.write_text(json.dumps(drawn, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))
