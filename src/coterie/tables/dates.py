"""Dates by anybody's export: shapes are counted, day or month first is decided per column, the engine parses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import ibis

from coterie.tables.cells import BLANK_WORDS, text_of, without_words

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import DateOrder

FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_SHAPES = 500
_SERIAL_ORIGIN = dt.date(1899, 12, 30)

_TIME = (
    r"(?:(?:[T,]| +|, +)\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?"
    r" *(?:[AaPp]\.?[Mm]\.?)? *(?:[A-Z]{1,5}|[+-]\d{2}:?(?:\d{2})?)?(?:\[[A-Za-z_/+-]+\])?)?$"
)
_WEEKDAY = r"^(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[., ]+)?"
_MONTH = r"((?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))[A-Za-z]*"
_ORDINAL = r"(?:st|nd|rd|th)?"

_NUMERIC = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ]"
_PATTERNS: Mapping[str, str] = {
    "iso": r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})" + _TIME,
    "compact": r"^(\d{4})(\d{2})(\d{2})(?:\.\d)?(?:[T ]?\d{4}(?:\d{2})?Z?)?$",
    "numeric": _NUMERIC + r"(\d{4})" + _TIME,
    "numeric_short": _NUMERIC + r"(\d{2})" + _TIME,
    "day_name": _WEEKDAY + r"(\d{1,2})" + _ORDINAL + r"[-/., ]*" + _MONTH + r"[-/., ]*(\d{4})" + _TIME,
    "day_name_short": _WEEKDAY + r"(\d{1,2})" + _ORDINAL + r"[-/., ]*" + _MONTH + r"[-/., ]*(\d{2})" + _TIME,
    "name_day": _WEEKDAY + _MONTH + r"[-/., ]*(\d{1,2})" + _ORDINAL + r"[-/., ]+(\d{4})" + _TIME,
    "name_day_short": _WEEKDAY + _MONTH + r"[-/., ]*(\d{1,2})" + _ORDINAL + r"[-/., ]+(\d{2})" + _TIME,
    "serial": r"^(\d{5})(?:\.\d+)?$",
}
"""Shape -> what it looks like; all shapes exclude one another. Times are passed over: the day is taken as written."""

_FORMATS: Mapping[str, str] = {
    "iso": "%Y-%m-%d",
    "compact": "%Y-%m-%d",
    "day_name": "%d-%b-%Y",
    "day_name_short": "%d-%b-%y",
    "name_day": "%b-%d-%Y",
    "name_day_short": "%b-%d-%y",
}
_NUMERIC_FORMATS: Mapping[DateOrder, Mapping[str, str]] = {
    "day-first": {"numeric": "%d-%m-%Y", "numeric_short": "%d-%m-%y"},
    "month-first": {"numeric": "%m-%d-%Y", "numeric_short": "%m-%d-%y"},
}
_PLAIN_ISO = "9999-99-99"

Evidence = Literal["none", "day-first", "month-first", "mixed", "ambiguous"]


@dataclass(frozen=True)
class DateColumn:
    """What the values of one date column look like.

    Attributes:
        typed: It holds dates already.
        outside: Typed dates before 1900 or after 2100.
        shapes: Shapes present, in the order of the patterns.
        plain: Every filled cell is YYYY-MM-DD, so no pattern is needed.
        words: Some cells are words for empty.
        first_large, second_large: Numeric dates whose first (second) part is above 12.
        numeric: Numeric dates.
    """

    typed: bool = False
    outside: int = 0
    shapes: tuple[str, ...] = ()
    plain: bool = False
    words: bool = False
    first_large: int = 0
    second_large: int = 0
    numeric: int = 0
    order: DateOrder = field(default="day-first")

    @property
    def evidence(self) -> Evidence:
        """What the numeric dates say about their order."""
        if not self.numeric:
            return "none"
        if self.first_large and self.second_large:
            return "mixed"
        if self.first_large:
            return "day-first"
        return "month-first" if self.second_large else "ambiguous"


def is_typed(column: ir.Column) -> bool:
    """Whether the column holds dates or timestamps already."""
    return bool(column.type().is_date() or column.type().is_timestamp())


def outside(column: ir.Column) -> ir.IntegerScalar:
    """How many typed dates are too early or too late to be one."""
    return (~_is_inside(column.cast("date"))).sum().fill_null(0)


def _is_inside(day: ir.DateColumn) -> ir.BooleanColumn:
    return day.between(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31))


def look_at(engine: Engine, rows: ir.Table, name: str) -> DateColumn:
    """Look at the values of a date column: one small group-by over its shapes, one count when they are numeric."""
    column = rows[name]
    if is_typed(column):
        count = engine.collect(rows.aggregate(n=outside(column))).to_pylist()[0]["n"]
        return DateColumn(typed=True, outside=int(count))
    # Days repeat, so that few distinct texts are left to be looked at closely.
    texts = rows.group_by(cell=column).aggregate(n=lambda t: t.count())
    shaped = texts.select(shape=text_of(texts["cell"]).translate("012345678", "999999999"), n=texts["n"])
    shaped = shaped.filter(shaped["shape"].notnull())
    counts = shaped.group_by("shape").aggregate(n=shaped["n"].sum())
    found = engine.collect(counts.order_by([ibis.desc("n"), "shape"]).limit(MOST_SHAPES + 1)).to_pylist()
    seen = {row["shape"]: int(row["n"]) for row in found}
    shapes = [shape for shape in _PATTERNS if len(seen) > MOST_SHAPES or _any_fits(_PATTERNS[shape], seen)]
    looked = DateColumn(
        shapes=tuple(shapes),
        plain=set(seen) == {_PLAIN_ISO},
        words=len(seen) > MOST_SHAPES or any(shape.lower() in BLANK_WORDS for shape in seen),
    )
    return (
        _count_numeric(engine, rows, text_of(column), looked) if {"numeric", "numeric_short"} & set(shapes) else looked
    )


def _any_fits(pattern: str, shapes: Mapping[str, int]) -> bool:
    return any(re.search(pattern, shape) for shape in shapes)


def _count_numeric(engine: Engine, rows: ir.Table, text: ir.StringColumn, looked: DateColumn) -> DateColumn:
    """How many numeric dates have a first, a second part above 12 (and could be a day at all)."""
    parts = rows.select(text=text).mutate(
        first=lambda t: t["text"].re_extract(_NUMERIC, 1), second=lambda t: t["text"].re_extract(_NUMERIC, 2)
    )
    numeric = parts.filter(lambda t: t["first"] != "").select(
        first=ibis._["first"].cast("int64"), second=ibis._["second"].cast("int64")
    )
    row = engine.collect(
        numeric.aggregate(
            numeric=numeric.count(),
            first_large=(numeric["first"].between(13, 31) & (numeric["second"] <= 12)).sum().fill_null(0),
            second_large=(numeric["second"].between(13, 31) & (numeric["first"] <= 12)).sum().fill_null(0),
        )
    ).to_pylist()[0]
    return DateColumn(
        shapes=looked.shapes,
        words=looked.words,
        first_large=int(row["first_large"]),
        second_large=int(row["second_large"]),
        numeric=int(row["numeric"]),
    )


def decided(columns: Mapping[str, DateColumn], wanted: DateOrder | None) -> dict[str, DateColumn]:
    """Each column with its order: the setting, else its own values, else a column beside it, else day-first."""
    orders: dict[str, DateOrder] = {}
    for name, column in columns.items():
        if column.evidence in ("day-first", "month-first", "mixed"):
            orders[name] = "month-first" if column.second_large > column.first_large else "day-first"
    sure = {orders[name] for name in orders if columns[name].evidence != "mixed"}
    neighbour: DateOrder = next(iter(sure)) if len(sure) == 1 else "day-first"
    return {name: replace(column, order=wanted or orders.get(name, neighbour)) for name, column in columns.items()}


def is_guess(name: str, columns: Mapping[str, DateColumn], wanted: DateOrder | None) -> bool:
    """Whether neither the setting nor any column of the table decides the order of this one."""
    others = {column.evidence for column in columns.values()} & {"day-first", "month-first"}
    return columns[name].evidence == "ambiguous" and wanted is None and len(others) != 1


def as_date(
    engine: Engine, column: ir.Column, looked: DateColumn, *, bare: bool = False
) -> tuple[ir.DateColumn, ir.BooleanColumn]:
    """The column as calendar days (timestamps with a zone in UTC), and whether a filled cell could not be read."""
    if looked.typed and not looked.outside:
        return column if column.type().is_date() else column.cast("date"), ibis.literal(False)
    if looked.typed:
        day, filled = column.cast("date"), column.notnull()
    else:
        text = text_of(column, bare=bare)
        text = without_words(text) if looked.words else text
        day, filled = _parse(engine, text, looked), text.notnull()
    inside = _is_inside(day)
    known = ibis.cases((inside, day), else_=ibis.null("date"))
    return known, filled & ~inside.fill_null(False)


def _parse(engine: Engine, text: ir.StringColumn, looked: DateColumn) -> ir.DateColumn:
    if looked.plain:
        return engine.parse_dates(text, ["%Y-%m-%d"])
    formats = {**_FORMATS, **_NUMERIC_FORMATS[looked.order]}
    branches = []
    for shape in looked.shapes:
        pattern = _PATTERNS[shape]
        if shape == "serial":
            days = text.re_extract(pattern, 1).nullif("").cast("int64")
            parsed = ibis.literal(_SERIAL_ORIGIN) + days.as_interval("D")
            branches.append((text.re_search(pattern), parsed.cast("timestamp").cast("date")))
        else:
            spelt = text.re_replace(pattern, r"\1-\2-\3")
            branches.append((text.re_search(pattern), engine.parse_dates(spelt, [formats[shape]])))
    if not branches:
        return ibis.null("date")
    return ibis.cases(*branches, else_=ibis.null("date"))
