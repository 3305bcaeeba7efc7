"""table and data_table."""

from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.rich_texts import rich_text_block
from sandbox.block_kit.shape import Node, by_type, flag, listing, number, one_of, shape, string

_cell = by_type(
    {
        "raw_text": shape({"text": string(0)}, {"emoji": flag}),
        "raw_number": shape({"value": number()}, {"text": string(1)}),
        "rich_text": rich_text_block,
    }
)
_data_cell = by_type(
    {
        "raw_text": shape({"text": string(1)}, {"emoji": flag}),
        "raw_number": shape({"value": number(), "text": string(1)}),
        "rich_text": rich_text_block,
    }
)


def characters(value: Any) -> int:
    """All text in the cells of a table."""
    if isinstance(value, dict):
        return sum(
            len(inside) if name == "text" and isinstance(inside, str) else characters(inside)
            for name, inside in value.items()
        )
    return sum(map(characters, value)) if isinstance(value, list) else 0


def _rows(node: Node) -> list[Any]:
    rows = node.get("rows")
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _small_enough(node: Node) -> None:
    if characters(_rows(node)) > limits.TABLE_TOTAL:
        node.fail("too_long", f"cells must be less than {limits.TABLE_TOTAL + 1} characters", limits.TABLE_TOTAL)


table = shape(
    {"rows": listing(listing(_cell, 1, limits.TABLE_COLUMNS), 1, limits.TABLE_ROWS)},
    {
        "block_id": string(1, limits.BLOCK_ID),
        "column_settings": listing(
            shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), 0, limits.TABLE_COLUMNS
        ),
    },
    also=_small_enough,
)


def _even(node: Node) -> None:
    rows = _rows(node)
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        node.fail("uneven_rows", "all rows must have the same number of columns")
    if rows and any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in rows[0]):
        node.fail("unsupported_type", "header cells must not be rich_text")
    column = node.get("row_header_column_index")
    if isinstance(column, int) and widths and column >= min(widths):
        node.fail("too_large", "row_header_column_index must be a column of the table")


data_table = shape(
    {
        "caption": string(1),
        "rows": listing(
            listing(_data_cell, 1, limits.DATA_TABLE_COLUMNS), limits.DATA_TABLE_ROWS_LEAST, limits.DATA_TABLE_ROWS
        ),
    },
    {
        "block_id": string(1, limits.BLOCK_ID),
        "page_size": number(1, limits.DATA_TABLE_PAGE, whole=True),
        "row_header_column_index": number(0, whole=True),
    },
    also=_even,
)
