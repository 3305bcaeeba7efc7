"""Dialogs about rounds: items that need words, the log, and what to run."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.logbook import Kind
from bot.domain.runs import RunItem, Wanted
from bot.slack.ids import NAMES, Opens
from bot.slack.modals.parts import View, choice, dialog, field, words
from bot.slack.parts import Block, cut, prose, section, unmarked


def prove_modal(run_id: int, items: Sequence[RunItem], *, channel: str) -> View:
    """Tick an item, with what it asks for: a note, a link or a file.

    Args:
        items: the one that was meant, or those of the run that are open.
    """
    wanted = items[0].item.evidence if len(items) == 1 else Wanted.NONE
    note = field("note", "Note", words(multiline=True), optional=wanted is not Wanted.NOTE)
    if wanted is Wanted.FILE:
        other = field("file", "File", {"type": "file_input", "max_files": 1})
    else:
        link = {"type": "url_text_input"}
        other = field("link", "Link to what you saw", link, optional=wanted is not Wanted.LINK)
    # What the item asks for is asked first.
    asked = [other, note] if wanted in (Wanted.FILE, Wanted.LINK) else [note, other]
    return dialog(Opens.PROVE, "Tick", "Tick", [_which(items), *asked], about=_about(run_id, items, channel))


def skip_modal(run_id: int, items: Sequence[RunItem], *, channel: str) -> View:
    """Why an item is not done this time; `items` as above."""
    blocks = [_which(items), field("why", "Why is it skipped?", words(multiline=True))]
    return dialog(Opens.SKIP, "Skip", "Skip", blocks, about=_about(run_id, items, channel))


def log_modal(*, channel: str, incident: int | None = None, link: str | None = None, text: str = "") -> View:
    """An entry of the operations log."""
    kinds = [(kind.value.capitalize(), kind.value) for kind in Kind]
    place = [kind.value for _, kind in zip(kinds, Kind, strict=True)].index(Kind.NOTE.value)
    about = {"channel": channel, "incident": incident, "link": link}
    blocks: list[Block] = []
    if incident is not None:
        blocks.append(section(f"About incident #{incident}"))
    blocks.append(field("kind", "What is it?", choice(kinds, chosen=place)))
    blocks.append(field("text", "What happened, or what did you do?", words(multiline=True, initial=text)))
    return dialog(Opens.LOG, "Add to the log", "Add", blocks, about=about)


def choose_modal(*, channel: str = "") -> View:
    """What to run, with suggestions while one types, and where its message goes."""
    where: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private", "im"], "exclude_bot_users": True},
    }
    what: Block = {"type": "external_select", "min_query_length": 0}
    what["placeholder"] = {"type": "plain_text", "text": "a checklist or a check"}
    return dialog(
        Opens.CHOOSE,
        "Run a check",
        "Run",
        [field(NAMES, "Run", what), field("where", "Show it in", where)],
        about={"channel": channel},
    )


def _item(item: RunItem) -> str:
    how = f"\n{cut(prose(item.item.how), 800)}" if item.item.how else ""
    return f"*{cut(unmarked(item.item.text), 1_000)}*{how}"


def _which(items: Sequence[RunItem]) -> Block:
    """The item, or the question which one."""
    if len(items) == 1:
        return section(_item(items[0]))
    return field("item", "Which one?", choice([(item.item.text, item.item.id) for item in items]))


def _about(run_id: int, items: Sequence[RunItem], channel: str) -> dict[str, object]:
    return {"run": run_id, "item": items[0].item.id if len(items) == 1 else "", "channel": channel}
