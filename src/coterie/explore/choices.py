"""What can be chosen: the values of every filter, counted when the shop is opened, and looked up by a text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from coterie.explore.contract import NAME_OF, UNKNOWN, Choices, Filters, Found, Option
from coterie.explore.looked_at import sayable
from coterie.explore.narrow import OF_CUSTOMERS, OF_EVENTS, Narrow

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST = 200
"""Values of a filter that are known without being looked up, the most frequent ones."""
FOUND = 50
"""Values that a text finds."""


class Counted:
    """The values of every filter in the engine, each with what it is called and how many rows have it.

    Attributes:
        choices: Of the filters that have at least two values.
    """

    def __init__(self, narrow: Narrow) -> None:
        self._engine = narrow.engine
        self._values = {name: narrow.engine.keep(rows) for name, rows in _tables(narrow).items()}
        offered, others = {}, {}
        for name, rows in self._values.items():
            found = self._told(rows, MOST)
            if len(found.options) > 1:
                offered[name], others[name] = found.options, found.others
        segments = _segments(narrow)
        offered = {"segments": segments, **offered} if len(segments) > 1 else offered
        self.choices = Choices(offered, narrow.first_day, narrow.as_of, {name: n for name, n in others.items() if n})

    def found(self, name: str, text: str) -> Found:
        """Values of a filter whose name or id holds the text, in capital or small letters."""
        rows = self._values.get(name)
        if rows is None or not sayable(text):
            return Found(())
        # Not a pattern, so that no letter of the text means more than itself.
        small = ibis.literal(text.strip()).lower()
        return self._told(rows.filter(rows.label.lower().contains(small) | rows.value.lower().contains(small)), FOUND)

    def chosen(self, filters: Filters) -> Mapping[str, tuple[Option, ...]]:
        """Filter -> its values that are chosen, and too rare to be among `choices`."""
        found = {}
        for name in self.choices.others:
            known = {option.value for option in self.choices.values[name]}
            wanted = [one for one in getattr(filters, name) if one not in known and sayable(one)]
            if wanted:
                rows = self._values[name]
                found[name] = self._told(rows.filter(rows.value.isin(wanted)), len(wanted)).options
        return found

    def _told(self, rows: ir.Table, most: int) -> Found:
        """The most frequent first."""
        numbered = rows.mutate(different=rows.count().over(ibis.window()))
        first = self._engine.collect(numbered.order_by([ibis.desc("n"), "value"]).limit(most)).to_pylist()
        options = tuple(Option(row["value"], row["label"], int(row["n"])) for row in first)
        return Found(options, int(first[0]["different"]) - len(first) if first else 0)


def _segments(narrow: Narrow) -> tuple[Option, ...]:
    """By number."""
    people = narrow.people
    counts = people.group_by("segment").aggregate(n=people.count()).order_by("segment")
    return tuple(
        Option(str(row["segment"]), narrow.labels.get(row["segment"], f"Segment {row['segment']}"), int(row["n"]))
        for row in narrow.engine.collect(counts).to_pylist()
    )


def _tables(narrow: Narrow) -> Mapping[str, ir.Table]:
    """Filter -> value (text), label, n (rows that have it)."""
    found = {name: _counts(narrow.people, column) for name, column in OF_CUSTOMERS.items() if name != "segments"}
    for name, column in OF_EVENTS.items():
        events = {"coupons": narrow.coupons, "lines": narrow.lines}
        parts = [_counts(rows, column) for table, rows in events.items()
                 if rows is not None and column in narrow.filled[table]]  # fmt: skip
        if parts:
            both = reduce(lambda one, other: one.union(other), parts)
            found[name] = both.group_by("value").aggregate(n=both.n.sum().cast("int64"))
    return {name: _labelled(narrow, rows, NAME_OF[name]) for name, rows in found.items()}


def _counts(rows: ir.Table, column: str) -> ir.Table:
    return rows.group_by(value=ibis.coalesce(rows[column].cast("string"), UNKNOWN)).aggregate(n=rows.count())


def _labelled(narrow: Narrow, rows: ir.Table, one: str) -> ir.Table:
    """With what each value is called."""
    known = {} if narrow.tables is None else narrow.tables.names.get(one, {})
    label: ir.Value = rows.value
    if known:
        import pyarrow as pa

        batch = pa.record_batch({"_value": list(known), "_label": list(known.values())})
        names = narrow.engine.load([batch], batch.schema)
        rows = rows.left_join(names, rows.value == names["_value"])
        label = ibis.coalesce(rows["_label"], rows.value)
    return rows.select("value", "n", label=ibis.ifelse(rows.value == UNKNOWN, f"no {one}", label))
