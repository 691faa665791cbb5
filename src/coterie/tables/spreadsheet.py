"""Cells of a CSV that a spreadsheet would run as formulas, made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

# A leading apostrophe makes such a cell text. Cells that already have one before such a character get another, so that
# taking one away is exact.
_FORMULA = r"^'*[=+\-@\t\r\n]"


def is_formula(column: ir.StringValue) -> ir.BooleanValue:
    """Which cells of a CSV a spreadsheet could run as a formula; sum it to count them."""
    return column.re_search(_FORMULA)


def spreadsheet_safe(column: ir.StringValue) -> ir.StringValue:
    """Text cells with an apostrophe before a leading = + - @, tab or line break; all others, and NULL, as they are.

    Example:
        >>> import pyarrow as pa
        >>> from coterie.engines import open_engine
        >>> engine = open_engine()
        >>> batch = pa.record_batch({"cell": ["=1+1", "Ann", "-5"]})
        >>> cells = engine.load([batch], batch.schema)
        >>> engine.collect(cells.select(safe=spreadsheet_safe(cells.cell)))["safe"].to_pylist()
        ["'=1+1", 'Ann', "'-5"]
        >>> engine.close()
    """
    return is_formula(column).ifelse("'" + column, column)
