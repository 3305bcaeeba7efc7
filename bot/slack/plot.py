"""A metric's history as a picture, for a Slack that draws no charts."""

from __future__ import annotations

from io import BytesIO
from zoneinfo import ZoneInfo

from bot.domain.notifications import Series
from bot.slack.parts import one_line
from checks import show

WIDTH, HEIGHT = 960, 400
"""Pixels: sharp on a phone, whose screen is half as wide in Slack's own."""

LEFT, TOP, RIGHT, BOTTOM = 150, 30, 30, 60
_INK, _GRID, _LINE, _PAPER = "#454447", "#dddddd", "#1264a3", "#ffffff"
_TEXT = 24


def picture(series: Series, timezone: str) -> bytes:
    """A line over the hours, as PNG, with its lowest, middle and highest value and three moments written beside it."""
    from PIL import Image, ImageDraw, ImageFont  # only where a Slack refuses charts

    zone = ZoneInfo(timezone)
    values = [value for _, value in series.points]
    low, high = min(values), max(values)
    if low == high:  # a level line runs through the middle
        low, high = low - 1, high + 1
    begin, end = series.points[0][0].timestamp(), series.points[-1][0].timestamp()
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(at: float) -> float:
        return LEFT + width * ((at - begin) / (end - begin) if end > begin else 0.5)

    def down(value: float) -> float:
        return TOP + height * (high - value) / (high - low)

    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_TEXT)
    for value in (low, (low + high) / 2, high):
        draw.line([(LEFT, down(value)), (WIDTH - RIGHT, down(value))], fill=_GRID, width=2)
        label = show(value, one_line(series.unit, 20))
        draw.text((LEFT - 14, down(value)), label, fill=_INK, font=font, anchor="rm")
    for moment, anchor in zip((0, len(values) // 2, -1), ("lt", "mt", "rt"), strict=True):
        at = series.points[moment][0]
        draw.text(
            (across(at.timestamp()), HEIGHT - BOTTOM + 16), f"{at.astimezone(zone):%H:%M}", _INK, font, anchor=anchor
        )
    line = [(across(at.timestamp()), down(value)) for at, value in series.points]
    draw.line(line, fill=_LINE, width=5, joint="curve")
    for x, y in line:
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_LINE)
    kept = BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()
