"""Every emoji of a card is drawn by the local Slack; a person should not read `:arrow_heading_down:`."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r":([a-z][a-z0-9_+-]+):")


def test_the_page_knows_every_emoji_that_a_card_may_show():
    shown = {name for file in (ROOT / "bot" / "slack").rglob("*.py") for name in CODE.findall(file.read_text("utf-8"))}
    page = "".join((ROOT / "sandbox" / "page" / name).read_text("utf-8") for name in ("emoji.js", "emoji-art.js"))
    known = set(re.findall(r"[{,\s]'?([a-z0-9_+-]+)'?:", page))
    assert len(shown) > 10
    assert shown - known == set()
