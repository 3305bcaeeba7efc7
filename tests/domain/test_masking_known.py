"""Masking of configured secrets, JSON and logs; and that hostile text cannot stall it."""

from __future__ import annotations

import base64
import json
import logging
import time
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from bot.domain.masking import MASK, Masker, MaskingFilter

HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
B64KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
SECRET = "Zürich/42+ünder&the=bridge"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(quote(SECRET, safe=""), id="URL-encoded"),
        pytest.param(quote(SECRET, safe="").lower().replace("z%c3%bc", "Z%c3%bc"), id="URL-encoded in small letters"),
        pytest.param(quote_plus(SECRET), id="form-encoded"),
        pytest.param(json.dumps(SECRET)[1:-1], id="in JSON"),
    ],
)
def test_a_configured_secret_is_masked_however_it_is_written(form: str) -> None:
    assert Masker([SECRET]).mask(f"a {form} b") == f"a {MASK} b"
    assert not Masker([SECRET]).leaves_alone(["fine", f"a {form} b", "fine"])


@given(texts=some.lists(some.text() | some.sampled_from(["password=", "://a:b@", "hunter2"])), secret=some.text())
def test_what_one_scan_leaves_alone_is_what_each_text_is_masked_to(texts: list[str], secret: str) -> None:
    masker = Masker([secret, "hunter2"])
    if masker.leaves_alone(texts):
        assert [masker.mask(text) for text in texts] == texts


@given(
    before=some.binary(max_size=9),
    after=some.binary(max_size=9),
    secret=some.text(min_size=6, max_size=40),
    url=some.booleans(),
)
@example(before=b"ann:", after=b"", secret="hunter2", url=False)
def test_a_configured_secret_is_masked_within_base64(before: bytes, after: bytes, secret: str, url: bool) -> None:
    raw = secret.strip().encode("utf-8", "surrogatepass")
    if len(secret.strip()) < 6 or len(secret.splitlines()) > 1 or secret.strip() in MASK:
        return
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    masked = Masker([secret]).mask(encode(before + raw + after).decode())
    assert MASK in masked
    for length in range(6, len(raw) + 1, 3):  # no stretch of the secret is left readable at any alignment
        for shift in range(3):
            piece = encode(bytes(shift) + raw[:length])[4:-4].decode()
            assert len(piece) < 8 or piece not in masked


@given(text=some.text(), secrets=some.lists(some.text(min_size=1, max_size=12), max_size=4))
@example(text="password=hunter2 token: abc123", secrets=["hunter2"])
def test_no_configured_secret_survives_and_masking_again_changes_nothing(text: str, secrets: list[str]) -> None:
    masker = Masker(secrets)
    masked = masker.mask(" ".join((text, *secrets, text)))
    for secret in secrets:
        bare = secret.strip()
        if len(bare) >= 6 and bare not in MASK and not any(part in bare for part in "«»"):
            assert bare not in masked.replace(MASK, "")
    if not any(secret.strip() in MASK for secret in secrets if len(secret.strip()) >= 6):
        assert Masker().mask(Masker().mask(masked)) == Masker().mask(masked)


def test_short_secrets_are_not_masked_and_long_ones_first() -> None:
    masker = Masker(["abc", "abcdef", "abcdefghij", "", "  spaced-out  "])
    assert masker.mask("abc abcdef abcdefghij spaced-out") == f"abc {MASK} {MASK} {MASK}"


def test_the_password_of_a_configured_connection_string_is_a_secret_by_itself() -> None:
    masker = Masker(["postgresql://shop:hunt%65r22@db/shop"])
    assert masker.mask("auth failed: hunter22 (sent hunt%65r22)") == f"auth failed: {MASK} (sent {MASK})"


def test_the_lines_of_a_secret_are_secrets_by_themselves() -> None:
    masker = Masker([f"-----BEGIN PRIVATE KEY-----\n{B64KEY}\n{B64KEY[::-1]}\n-----END PRIVATE KEY-----"])
    assert masker.mask(f"line 2: {B64KEY[::-1]}") == f"line 2: {MASK}"
    assert masker.mask("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"


def test_a_hundred_secrets_are_masked() -> None:
    secrets = [f"secret-number-{number}-{HEX}" for number in range(100)]
    masker = Masker(secrets)
    assert masker.mask(" ".join(secrets)) == " ".join([MASK] * 100)


JSON = [
    ({"password": "x", "user": "ann"}, {"password": MASK, "user": "ann"}),
    ({"db": {"apiKey": "abc", "port": 5432}}, {"db": {"apiKey": MASK, "port": 5432}}),
    ([{"token": 123456}, "password=a"], [{"token": MASK}, f"password={MASK}"]),
    ({"name": "DB_PASSWORD", "value": "x"}, {"name": "DB_PASSWORD", "value": MASK}),
    ({"name": "LOG_LEVEL", "value": "debug"}, {"name": "LOG_LEVEL", "value": "debug"}),
    ({"password": None, "token": "", "secret": True}, {"password": None, "token": "", "secret": True}),
    ({"password": {"nested": "ok", "secret": "x"}}, {"password": {"nested": "ok", "secret": MASK}}),
    ({"tokens": ["a", {"b": "c"}], "words": ["a"]}, {"tokens": [MASK, {"b": "c"}], "words": ["a"]}),
]


@pytest.mark.parametrize(("value", "masked"), [pytest.param(*row, id=str(row[0])[:50]) for row in JSON])
def test_json_is_masked_by_its_keys_and_its_texts(value: Any, masked: Any) -> None:
    before = json.dumps(value)
    assert Masker().mask_json(value) == masked
    assert json.dumps(value) == before


def test_json_counts_are_no_secrets_and_other_things_are_told_as_text() -> None:
    assert Masker().mask_json({"max_tokens": 5, 7: ("a", "password=b")}) == {
        "max_tokens": 5,
        7: ["a", f"password={MASK}"],
    }
    assert Masker().mask_json({"when": ValueError("password=a")}) == {"when": f"password={MASK}"}


def test_json_that_is_too_deep_is_masked_as_a_whole() -> None:
    value: Any = "password=a"
    for _ in range(500):
        value = [value]
    assert "password=a" not in str(Masker().mask_json(value))


class Remembers(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> tuple[logging.Logger, Remembers]:
    logger = logging.Logger("test")
    handler = Remembers()
    handler.addFilter(MaskingFilter(Masker(["hunter22"])))
    logger.addHandler(handler)
    return logger, handler


def test_log_records_are_masked(log: tuple[logging.Logger, Remembers]) -> None:
    logger, handler = log
    logger.warning("connecting to %s with %r", "https://a:b@c/", {"token": "abc123"})
    logger.warning("sent hunter22")
    assert handler.lines == [f"connecting to https://a:{MASK}@c/ with {{'token': '{MASK}'}}", f"sent {MASK}"]


def test_tracebacks_are_masked(log: tuple[logging.Logger, Remembers]) -> None:
    logger, handler = log
    try:
        int("hunter22")
    except ValueError:
        logger.exception("failed", stack_info=True)
    assert "Traceback" in handler.lines[0]
    assert "hunter22" not in handler.lines[0]
    assert f"invalid literal for int() with base 10: '{MASK}'" in handler.lines[0]


def test_a_broken_log_call_is_masked_and_does_not_raise(log: tuple[logging.Logger, Remembers]) -> None:
    logger, handler = log
    logger.warning("%d things", "hunter22")
    assert handler.lines == [f"%d things ('{MASK}',)"]


def test_extra_fields_are_masked() -> None:
    record = logging.makeLogRecord(
        {"msg": "x", "password": "abc", "request": {"api_key": "abc", "path": "/"}, "count": 3}
    )
    assert MaskingFilter(Masker()).filter(record)
    fields = record.__dict__
    assert (fields["password"], fields["request"], fields["count"]) == (MASK, {"api_key": MASK, "path": "/"}, 3)


@pytest.mark.parametrize(
    "hostile",
    [
        "-----BEGIN PRIVATE KEY-----",
        "password=",
        'password="',
        "password='\\",
        "a://b:",
        "redis://a:",
        "eyJ",
        "eyJaaaaaaaaaaa.",
        "\\",
        "a",
        "_",
        "@",
        "xoxb-",
        "<password>",
        "curl -u ",
        "mysql -",
        "token: ",
        "&sig=",
        "cookie:",
        "login a password ",
        "Authorization: ",
        "--token ",
        "$2b$",
        "hooks.slack.com/services/",
        "\u20ac",
        "\ud800",
        "\0",
        "AKIA",
    ],
)
def test_hostile_text_costs_time_in_proportion_to_its_length(hostile: str) -> None:
    masker = Masker(["hunter22", "password=", "a" * 40])

    def cost(size: int) -> float:
        text = hostile * (size // len(hostile))
        start = time.process_time()
        masker.mask(text)
        return time.process_time() - start

    cost(1_000)
    small, large = cost(20_000), cost(160_000)
    assert large < 8 * 4 * small + 0.1
