"""What can be chosen: the values of every filter, counted when the shop is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis

from coterie.explore.contract import UNKNOWN, Choices, Option
from coterie.explore.narrow import OF_CUSTOMERS, OF_EVENTS, Narrow

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST = 1_000
"""Values of a filter that are offered, the most frequent ones: nobody reads more."""
_ONE = {"cities": "city", "genders": "gender", "branches": "branch", "merchants": "merchant", "categories": "category"}


def choices_of(narrow: Narrow) -> Choices:
    """The values of every filter that has at least two."""
    values = {name: _of_customers(narrow, name) for name in OF_CUSTOMERS}
    values |= {name: _of_events(narrow, name) for name in OF_EVENTS}
    offered = {name: found for name, found in values.items() if len(found) > 1}
    return Choices(offered, narrow.first_day, narrow.as_of)


def _of_customers(narrow: Narrow, name: str) -> tuple[Option, ...]:
    counts = _counts(narrow.engine, narrow.people, OF_CUSTOMERS[name])
    if name != "segments":
        return _options(counts, name, {})
    numbers = sorted((int(value), count) for value, count in counts.items())
    return tuple(
        Option(str(number), narrow.labels.get(number, f"Segment {number}"), count) for number, count in numbers
    )


def _of_events(narrow: Narrow, name: str) -> tuple[Option, ...]:
    column = OF_EVENTS[name]
    counts: Counter[str] = Counter()
    for table, rows in (("coupons", narrow.coupons), ("lines", narrow.lines)):
        if rows is not None and column in narrow.filled[table]:
            counts.update(_counts(narrow.engine, rows, column))
    names = {} if narrow.tables is None else narrow.tables.names.get(_ONE[name], {})
    return _options(counts, name, names)


def _counts(engine: Engine, rows: ir.Table, column: str) -> Mapping[str, int]:
    """Value as text -> rows, of the most frequent values."""
    value = ibis.coalesce(rows[column].cast("string"), UNKNOWN)
    counted = rows.group_by(value=value).aggregate(n=rows.count())
    most = counted.order_by([ibis.desc("n"), "value"]).limit(MOST)
    return {str(row["value"]): int(row["n"]) for row in engine.collect(most).to_pylist()}


def _options(counts: Mapping[str, int], name: str, names: Mapping[str, str]) -> tuple[Option, ...]:
    """Most frequent first."""
    labels = {UNKNOWN: f"no {_ONE[name]}", **names}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    return tuple(Option(value, labels.get(value, value), count) for value, count in ordered)
