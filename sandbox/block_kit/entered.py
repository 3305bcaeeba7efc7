"""What Slack's own client checks in a form before it sends it."""

import re

from sandbox.block_kit.limits import INPUT_FILES
from sandbox.block_kit.values import is_empty
from sandbox.json_types import Json

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")
_WHOLE = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def problem(element: Json, value: Json, *, optional: bool) -> str:
    """A sentence, or "" if the value may go."""
    if is_empty(value):
        return "" if optional else "Please complete this required field."
    kind = element.get("type")
    if kind == "file_input":
        return _files(element, value)
    most = element.get("max_selected_items")
    if isinstance(most, int) and any(isinstance(chosen, list) and len(chosen) > most for chosen in value.values()):
        return f"Choose at most {most}."
    text = value.get("value")
    if not isinstance(text, str):
        return ""
    if kind == "email_text_input" and not _EMAIL.fullmatch(text):
        return "Enter a valid email address."
    if kind == "url_text_input" and not _URL.fullmatch(text):
        return "Enter a valid URL."
    if kind == "number_input":
        return _number(element, text)
    if isinstance(least := element.get("min_length"), int) and len(text) < least:
        return f"Enter at least {least} characters."
    if isinstance(most := element.get("max_length"), int) and len(text) > most:
        return f"Enter at most {most} characters."
    return ""


def _files(element: Json, value: Json) -> str:
    files, kinds, most = value["files"], element.get("filetypes"), element.get("max_files", INPUT_FILES)
    if len(files) > most:
        return f"Add at most {most} files."
    if isinstance(kinds, list):
        allowed = {str(kind).lower() for kind in kinds}
        for file in files:
            if file["name"].rpartition(".")[2].lower() not in allowed:
                return f"{file['name']} is not of the kinds that fit here: {', '.join(map(str, kinds))}."
    return ""


def _number(element: Json, text: str) -> str:
    pattern = _DECIMAL if element.get("is_decimal_allowed") else _WHOLE
    if not pattern.fullmatch(text):
        return "Enter a valid number."
    for name, word in (("min_value", "at least"), ("max_value", "at most")):
        bound = element.get(name)
        if isinstance(bound, str) and _DECIMAL.fullmatch(bound):
            short = float(text) < float(bound) if name == "min_value" else float(text) > float(bound)
            if short:
                return f"Enter a number of {word} {bound}."
    return ""
