"""data_visualization: pie, line, bar and area charts."""

from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.shape import Node, Rule, by_type, listing, number, shape, string

_label = string(1, limits.CHART_LABEL)


def _positive(node: Node) -> None:
    number()(node)
    if isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value <= 0:
        node.fail("too_small", "must be greater than 0")


_pie = shape(
    {"segments": listing(shape({"label": _label, "value": _positive}), 1, limits.CHART_SEGMENTS)},
)
_series = shape(
    {
        "name": _label,
        "data": listing(shape({"label": _label, "value": number()}), 1, limits.CHART_POINTS),
    }
)


def _objects(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _points_fit(node: Node) -> None:
    """Every series has one point per category, and its own name."""
    series, axis = _objects(node.get("series")), node.get("axis_config")
    names = [str(one.get("name")) for one in series]
    if len(set(names)) != len(names):
        node.fail("duplicate", "series names must be unique")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    if not isinstance(categories, list):
        return
    wanted = sorted(map(str, categories))
    if len(set(wanted)) != len(wanted):
        node.fail("duplicate", "categories must be unique")
    for one in series:
        if sorted(str(point.get("label")) for point in _objects(one.get("data"))) != wanted:
            node.fail("mismatch", "every series must have exactly one point for every category")
            return


def _axes() -> Rule:
    title = string(0, limits.CHART_AXIS)
    axis = shape({"categories": listing(_label, 1, limits.CHART_POINTS)}, {"x_label": title, "y_label": title})
    return shape(
        {"series": listing(_series, 1, limits.CHART_SERIES), "axis_config": axis},
        also=_points_fit,
    )


_chart = by_type({"pie": _pie, **dict.fromkeys(("line", "bar", "area"), _axes())})
data_visualization = shape(
    {"title": string(1, limits.CHART_TITLE), "chart": _chart}, {"block_id": string(1, limits.BLOCK_ID)}
)
