"""How a number is said."""

from __future__ import annotations

import pytest

from bot.domain.phrases import phrase
from checks import Measure


@pytest.mark.parametrize(
    ("value", "said"), [(0, "has 0 errors in 5 min"), (1, "has 1 error in 5 min"), (2.0, "has 2 errors in 5 min")]
)
def test_of_one_there_is_no_plural(value: float, said: str) -> None:
    assert phrase(Measure("", "", "has {value} error(s) in 5 min"), value) == said
