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
_NO_DAY = "0000-00-00"
"""How MySQL writes an empty date, with a time or without."""

Evidence = Literal["day-first", "month-first", "mixed", "ambiguous"]


@dataclass(frozen=True)
class NumericDates:
    """Numeric dates of a column in one file, and how many have a first (second) part above 12."""

    numeric: int
    first_large: int
    second_large: int

    @property
    def evidence(self) -> Evidence:
        """What they say about their order."""
        if self.first_large and self.second_large:
            return "mixed"
        if self.first_large:
            return "day-first"
        return "month-first" if self.second_large else "ambiguous"

    @property
    def order(self) -> DateOrder:
        """The order of most of them."""
        return "month-first" if self.second_large > self.first_large else "day-first"


@dataclass(frozen=True)
class DateColumn:
    """What the values of one date column look like.

    Attributes:
        typed: It holds dates already.
        outside: Typed dates before 1900 or after 2100.
        shapes: Shapes present, in the order of the patterns.
        plain: Every filled cell is YYYY-MM-DD, so no pattern is needed.
        words: Some cells are words for empty.
        no_day: Some cells are the day of zeros that means empty.
        files: Number of a file -> its numeric dates, where it has some.
        month_first: Files in which they are read month-first; the others are read day-first.
        guessed: Files in which nothing tells their order.
    """

    typed: bool = False
    outside: int = 0
    shapes: tuple[str, ...] = ()
    plain: bool = False
    words: bool = False
    no_day: bool = False
    files: Mapping[int, NumericDates] = field(default_factory=dict)
    month_first: frozenset[int] = frozenset()
    guessed: frozenset[int] = frozenset()


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
    text = text_of(texts["cell"])
    shape = ibis.cases((text.startswith(_NO_DAY), _NO_DAY), else_=text.translate("012345678", "999999999"))
    shaped = texts.select(shape=shape, n=texts["n"])
    shaped = shaped.filter(shaped["shape"].notnull())
    counts = shaped.group_by("shape").aggregate(n=shaped["n"].sum())
    found = engine.collect(counts.order_by([ibis.desc("n"), "shape"]).limit(MOST_SHAPES + 1)).to_pylist()
    seen = {row["shape"]: int(row["n"]) for row in found}
    no_day = seen.pop(_NO_DAY, 0) > 0 or len(seen) > MOST_SHAPES
    shapes = [shape for shape in _PATTERNS if len(seen) > MOST_SHAPES or _any_fits(_PATTERNS[shape], seen)]
    looked = DateColumn(
        shapes=tuple(shapes),
        plain=set(seen) == {_PLAIN_ISO},
        words=len(seen) > MOST_SHAPES or any(shape.lower() in BLANK_WORDS for shape in seen),
        no_day=no_day,
    )
    return (
        _count_numeric(engine, rows, text_of(column), looked) if {"numeric", "numeric_short"} & set(shapes) else looked
    )


def _any_fits(pattern: str, shapes: Mapping[str, int]) -> bool:
    return any(re.search(pattern, shape) for shape in shapes)


def _count_numeric(engine: Engine, rows: ir.Table, text: ir.StringColumn, looked: DateColumn) -> DateColumn:
    """How many numeric dates have a first, a second part above 12 (and could be a day at all)."""
    parts = rows.select(text=text, file=rows["_file"]).mutate(
        first=lambda t: t["text"].re_extract(_NUMERIC, 1), second=lambda t: t["text"].re_extract(_NUMERIC, 2)
    )
    numeric = parts.filter(lambda t: t["first"] != "").select(
        "file", first=ibis._["first"].cast("int64"), second=ibis._["second"].cast("int64")
    )
    files = numeric.group_by("file").aggregate(
        numeric=numeric.count(),
        first_large=(numeric["first"].between(13, 31) & (numeric["second"] <= 12)).sum().fill_null(0),
        second_large=(numeric["second"].between(13, 31) & (numeric["first"] <= 12)).sum().fill_null(0),
    )
    found = engine.collect(files.order_by("file")).to_pylist()
    parts_of = ("numeric", "first_large", "second_large")
    return replace(looked, files={int(row["file"]): NumericDates(*(int(row[p]) for p in parts_of)) for row in found})


def decided(columns: Mapping[str, DateColumn], wanted: DateOrder | None) -> dict[str, DateColumn]:
    """Each column with its order in each file.

    The setting decides; else the column's own values in the file, else a column beside it, else the other files where
    they agree; else it is guessed to be day-first.
    """
    sure = {
        (name, file): dates.order
        for name, column in columns.items()
        for file, dates in column.files.items()
        if dates.evidence in ("day-first", "month-first")
    }
    return {name: _with_orders(column, sure, wanted) for name, column in columns.items()}


def _with_orders(column: DateColumn, sure: Mapping[tuple[str, int], DateOrder], wanted: DateOrder | None) -> DateColumn:
    """The column with the files in which it is month-first, and those in which its order is guessed."""
    month_first, guessed = set(), set()
    for file, dates in column.files.items():
        beside = {order for (_, other), order in sure.items() if other == file} or set(sure.values())
        if wanted is None and dates.evidence == "ambiguous" and len(beside) != 1:
            guessed.add(file)
        known = dates.order if dates.evidence != "ambiguous" else next(iter(beside)) if len(beside) == 1 else None
        if (wanted or known) == "month-first":
            month_first.add(file)
    return replace(column, month_first=frozenset(month_first), guessed=frozenset(guessed))


def as_date(
    engine: Engine, column: ir.Column, looked: DateColumn, file: ir.IntegerColumn, *, bare: bool = False
) -> tuple[ir.DateColumn, ir.BooleanColumn]:
    """The column as calendar days (timestamps with a zone in UTC), and whether a filled cell could not be read.

    `file` is the number of the file that a row comes from.
    """
    if looked.typed and not looked.outside:
        return column if column.type().is_date() else column.cast("date"), ibis.literal(False)
    if looked.typed:
        day, filled = column.cast("date"), column.notnull()
    else:
        text = text_of(column, bare=bare)
        text = without_words(text) if looked.words else text
        text = ibis.cases((text.startswith(_NO_DAY), ibis.null("string")), else_=text) if looked.no_day else text
        day, filled = _parse_by_file(engine, text, looked, file), text.notnull()
    inside = _is_inside(day)
    known = ibis.cases((inside, day), else_=ibis.null("date"))
    return known, filled & ~inside.fill_null(False)


def _parse_by_file(engine: Engine, text: ir.StringColumn, looked: DateColumn, file: ir.IntegerColumn) -> ir.DateColumn:
    """Each file in its own order."""
    if looked.month_first in (frozenset(), frozenset(looked.files)):
        return _parse(engine, text, looked, "month-first" if looked.month_first else "day-first")
    there = file.isin(sorted(looked.month_first))
    month_first, day_first = (_parse(engine, text, looked, order) for order in ("month-first", "day-first"))
    return ibis.cases((there, month_first), else_=day_first)


def _parse(engine: Engine, text: ir.StringColumn, looked: DateColumn, order: DateOrder) -> ir.DateColumn:
    if looked.plain:
        return engine.parse_dates(text, ["%Y-%m-%d"])
    formats = {**_FORMATS, **_NUMERIC_FORMATS[order]}
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
