"""Words as Slack sends them: escaped, with people, groups, channels and links between angle brackets."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

LONGEST = 8_000
"""Characters of a message that are read; far more than anything that can be asked for."""

_WORD = re.compile(r"(?:<[^<>]*>|[^\s<]|<)+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BRACKETED = re.compile(r"<([^<>]*)>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,20})(?:\|[^<>]*)?>[,:]?")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{1,20})(?:\|[^<>]*)?>[,:]?")
_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>|(https?://[^<>|\s]+)")
_QUOTES = {'"': '"', "“": "”", "„": "“", "'": "'", "`": "`", "«": "»"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as Slack sent it, and as a person reads it."""

    raw: str
    text: str

    @property
    def target(self) -> str | None:
        """The person or user group that it mentions, as a target: `user:U1`, `usergroup:S1`."""
        if (user := _USER.fullmatch(self.raw)) is not None:
            return f"user:{user[1]}"
        if (group := _GROUP.fullmatch(self.raw)) is not None:
            return f"usergroup:{group[1]}"
        return None

    @property
    def link(self) -> str | None:
        """The web page that it names."""
        found = _LINK.fullmatch(self.raw)
        return html.unescape(found[1] or found[2]) if found is not None else None


def words(text: str) -> list[Word]:
    """The words of what somebody typed; control characters part words, and mean nothing."""
    return [
        Word(raw, read)
        for raw in _WORD.findall(_UNSEEN.sub(" ", text))
        if (read := _UNSEEN.sub(" ", html.unescape(_BRACKETED.sub(_as_read, raw))).strip())
    ]


def joined(chosen: list[Word]) -> str:
    """Words as a person reads them."""
    return " ".join(word.text for word in chosen)


def first_name(chosen: list[Word]) -> tuple[str, list[Word]]:
    """The name that stands first, and what follows it; a name of several words stands in quotes."""
    if not chosen:
        return "", []
    opening = chosen[0].text[0]
    closing = _QUOTES.get(opening)
    if closing is None:
        return chosen[0].text, chosen[1:]
    for end, word in enumerate(chosen):
        if word.text.endswith(closing) and (end or len(word.text) > 1):
            return joined(chosen[: end + 1])[1:-1].strip(), chosen[end + 1 :]
    return chosen[0].text.strip(opening), chosen[1:]


def _as_read(found: re.Match[str]) -> str:
    """`<@U1|ann>` as `@ann`, `<https://a.example|a>` as its address, `<!here>` as `@here`."""
    inside, _, label = found[1].partition("|")
    match inside[:1]:
        case "@":
            return f"@{label.removeprefix('@') or inside[1:]}"
        case "#":
            return f"#{label.removeprefix('#') or inside[1:]}"
        case "!":
            return f"@{label.removeprefix('@') or inside[1:].partition('^')[2] or inside[1:]}"
        case _:
            return inside.removeprefix("mailto:")
