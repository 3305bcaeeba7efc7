"""A metric's history as Slack draws it; and in words and small bars, below a picture, for a Slack that cannot."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.domain.notifications import Series
from bot.slack.parts import Block, escape, one_line, section
from checks import show

LABEL, TITLE, AXIS, ALT = 20, 50, 50, 2_000
"""Characters of Slack's own limits: of a point or a series, of the chart, of an axis, of a picture in words."""

CHART = "data_visualization"

_BARS = "▁▂▃▄▅▆▇█"


def chart(series: Series, timezone: str) -> Block:
    """A line chart, Slack's own block since 2026-06."""
    zone = ZoneInfo(timezone)
    labels = [f"{at.astimezone(zone):%H:%M}" for at, _ in series.points]
    data = [{"label": label, "value": _rounded(value)} for label, (_, value) in zip(labels, series.points, strict=True)]
    line = {"name": one_line(series.metric, LABEL), "data": data}
    axis = {"categories": labels, "x_label": one_line(f"hour ({timezone})", AXIS)}
    if series.unit:
        axis["y_label"] = one_line(series.unit, AXIS)
    about = f" of {series.about}" if series.about else ""
    title = one_line(f"{series.metric}{about}, by the hour", TITLE)
    return {"type": CHART, "title": title, "chart": {"type": "line", "series": [line], "axis_config": axis}}


def in_words(series: Series) -> str:
    """The same, escaped, for a Slack that draws no charts, and for screen readers."""
    values = [value for _, value in series.points]
    low, high = min(values), max(values)
    width = high - low
    bars = "".join(_BARS[round((value - low) / width * (len(_BARS) - 1))] if width else _BARS[3] for value in values)
    unit = one_line(series.unit, LABEL)
    first, last, least, most = (escape(show(value, unit)) for value in (values[0], values[-1], low, high))
    about = f" of {_short(series.about)}" if series.about else ""
    return f"{_short(series.metric)}{about}: {bars} from {first} to {last}, lowest {least}, highest {most}"


def without_charts(blocks: Sequence[Block], series: Series | None, *, file: str | None = None) -> list[Block]:
    """The blocks for a Slack that refuses charts: the numbers in words, below a picture of them if there is one.

    Args:
        file: Slack's id of the picture.
    """
    told: list[Block] = []
    if series is not None:
        if file is not None:
            words = one_line(html.unescape(in_words(series)), ALT)
            told.append({"type": "image", "slack_file": {"id": file}, "alt_text": words})
        told.append(section(in_words(series)))
    return [each for block in blocks for each in (told if block["type"] == CHART else [block])]


def _short(name: str) -> str:
    return escape(one_line(name, TITLE))


def _rounded(value: float) -> float:
    """Four significant digits; a chart has no use for more."""
    return 0.0 if value == 0 else round(value, 3 - math.floor(math.log10(abs(value))))
