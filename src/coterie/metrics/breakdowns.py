"""Sales by category, city and branch: the share of each value, and its index within every segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from coterie.metrics.contract import Breakdown, Share
from coterie.metrics.sales import Key, Tally, in_money, quotient, tally
from coterie.tables import with_segment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.contract import Tables

NAMED = 50
"""Values of a dimension with most sales that are named; the rest is one row."""
EMPTY = ""
"""Stands for an empty cell while sales are added up: no value of the data is called so."""

Told = tuple[Tally, int]
"""Per segment and value, None for the rest: sales, orders, customers; and of how many values the rest is."""


@dataclass(frozen=True)
class Dimension:
    """What sales are broken down by: a column of the order lines, or of the customers."""

    name: Literal["category", "city", "branch"]
    label: str
    column: str
    of: Literal["lines", "customers"]


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("category", "Category", "category", "lines"),
    Dimension("city", "City", "city", "customers"),
    Dimension("branch", "Branch", "branch_id", "lines"),
)


def breakdowns(
    tables: Tables, orders: ir.Table, assigned: ir.Table | None, dimensions: Sequence[Dimension] = DIMENSIONS
) -> Mapping[Key, tuple[Breakdown, ...]]:
    """Sales by each dimension that has several values, by segment, and under None of all customers.

    The values named are those with most sales of all customers; a segment has rows for those it bought. Orders and
    customers with several values count in each, and once among the rest.

    Args:
        tables: Checked tables with orders.
        orders: `Tables.orders`.
        assigned: customer_id and segment of every known customer; None for all customers alone.
        dimensions: What to break down by.
    """
    found: dict[Key, tuple[Breakdown, ...]] = {None: ()}
    for dimension in dimensions:
        if dimension.name in tables.degenerate or not _known(tables, dimension):
            continue
        if dimension.of == "customers":
            told = _of_customers(tables, dimension, orders, assigned)
        else:
            told = _of_lines(tables, dimension, orders, assigned)
        if told is None:
            continue
        cells, more = told
        names = {EMPTY: f"no {dimension.label.lower()}", **tables.names.get(dimension.name, {})}
        for key in cells:
            rows = tuple(_rows(cells, key, names, f"All others ({more:,})"))
            found[key] = (*found.get(key, ()), Breakdown(dimension.name, dimension.label, rows))
    return found


def _source(tables: Tables, dimension: Dimension) -> ir.Table | None:
    return tables.customers if dimension.of == "customers" else tables.lines


def _known(tables: Tables, dimension: Dimension) -> bool:
    """Whether any value is known."""
    source = _source(tables, dimension)
    if source is None or dimension.column not in source.columns:
        return False
    return bool(tables.engine.collect(source.aggregate(known=source[dimension.column].count())).to_pylist()[0]["known"])


def _coded(engine: Engine, rows: ir.Table) -> tuple[ir.Table, Sequence[str], int] | None:
    """The rows (value, sales and more) with `code`, the place of their value among those named, the rest `NAMED`.

    And the values named, in the order of their codes, and how many more there are; None where there is one value only.
    """
    by_value = rows.group_by("value").aggregate(sales=rows.sales.sum().cast("int64"))
    most = ibis.window(order_by=[ibis.desc("sales"), "value"])
    code, number = ibis.row_number().over(most).cast("int64"), by_value.count().over(ibis.window())
    ranked = by_value.select(_value=by_value.value, code=code, number=number)
    named = engine.keep(ranked.filter(ranked.code < NAMED))
    found = engine.collect(named.order_by("code")).to_pylist()
    if len(found) < 2:
        return None
    joined = rows.left_join(named.drop("number"), rows.value == named["_value"])
    coded = joined.drop("_value", "value").mutate(code=joined.code.fill_null(NAMED))
    return coded, [str(row["_value"]) for row in found], int(found[0]["number"]) - len(found)


def _of_customers(tables: Tables, dimension: Dimension, orders: ir.Table, assigned: ir.Table | None) -> Told | None:
    """Per segment and value: sales, orders, customers, each of whom has one value."""
    each = orders.group_by("customer_id").aggregate(orders=orders.count(), sales=orders.sales.sum().cast("int64"))
    source = tables.customers
    there = source.select(_customer=source.customer_id, value=source[dimension.column].cast("string"))
    joined = each.left_join(there, each.customer_id == there["_customer"])
    bought = joined.select("customer_id", "orders", "sales", "value")
    bought = tables.engine.keep(bought.mutate(value=ibis.coalesce(bought.value, EMPTY)))
    if (found := _coded(tables.engine, bought)) is None:
        return None
    rows = with_segment(found[0], assigned)
    cells = rows.group_by("segment", "code").aggregate(
        customers=rows.count(), orders=rows.orders.sum(), sales=rows.sales.sum().cast("int64")
    )
    return _by_value(tally(tables.engine, cells, "code"), found[1]), found[2]


def _of_lines(tables: Tables, dimension: Dimension, orders: ir.Table, assigned: ir.Table | None) -> Told | None:
    """Per segment and value: sales, orders, customers, who may have several values.

    What an order holds is one number with a bit for each code, so that orders are formed once rather than once per
    value, at less than half of the time. Where each line is an order of its own they need not be formed at all.
    """
    engine, lines = tables.engine, tables.lines
    if lines is None:
        return None
    sold = lines.filter(lines.kind == "sale")
    value = ibis.coalesce(sold[dimension.column].cast("string"), EMPTY)
    if (found := _coded(engine, sold.select("customer_id", "order_id", value=value, sales=sold.money))) is None:
        return None
    rows, values, more = found
    told = with_segment(rows, assigned)
    sums = told.group_by("segment", "code").aggregate(sales=told.sales.sum().cast("int64"), orders=told.count())
    cells = {key: {code: dict(one) for code, one in own.items()} for key, own in tally(engine, sums, "code").items()}
    held, formed = rows.select("customer_id", "order_id", bits=ibis.literal(1, "int64") << rows.code), {}
    if sum(one["orders"] for one in cells[None].values()) > _number(engine, orders):
        each = held.group_by("customer_id", "order_id").aggregate(bits=held.bits.bit_or())
        held = formed["orders"] = engine.keep(each.select("customer_id", "bits"))
    formed["customers"] = held.group_by("customer_id").aggregate(bits=held.bits.bit_or())
    for name, each in formed.items():
        for key, counts in tally(engine, _bits_set(with_segment(each, assigned), cells[None])).items():
            for code, one in cells[key].items():
                one[name] = counts[None][f"code{code}"]
    return _by_value(cells, values), more


def _number(engine: Engine, rows: ir.Table) -> int:
    return int(engine.collect(rows.aggregate(n=rows.count())).to_pylist()[0]["n"])


def _bits_set(rows: ir.Table, codes: Iterable[int]) -> ir.Table:
    """Per segment: code0, code1, …: rows whose `bits` have that bit."""
    return rows.group_by("segment").aggregate(**{f"code{code}": ((rows.bits >> code) & 1).sum() for code in codes})


def _by_value(cells: Tally, values: Sequence[str]) -> Tally:
    """With values in place of their codes, None for the rest."""
    named = dict(enumerate(values))
    return {key: {named.get(code): sums for code, sums in own.items()} for key, own in cells.items()}


def _rows(cells: Tally, key: Key, names: Mapping[str, str], rest: str) -> list[Share]:
    """The rows of one segment, most sales first, the rest last under the name given."""

    def place(item: tuple[Any, Mapping[str, int]]) -> tuple[bool, int, str]:
        value, sums = item
        return value is None, -sums["sales"], value or ""

    own, everyone = _sales(cells, key), _sales(cells, None)
    rows = []
    for value, sums in sorted(cells[key].items(), key=place):
        share = quotient(in_money(sums["sales"]), in_money(own)) or 0.0
        among_all = quotient(in_money(cells[None][value]["sales"]), in_money(everyone))
        index = 1.0 if key is None else quotient(share, among_all)
        shown, sales = rest if value is None else names.get(value, value), in_money(sums["sales"])
        rows.append(Share(shown, sales, sums["orders"], sums["customers"], share, index, rest=value is None))
    return rows


def _sales(cells: Tally, key: Key) -> int:
    return sum(sums["sales"] for sums in cells[key].values())
