"""The customer list: pages of it, looked up by a text, and all of it as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from coterie.engines import write_here
from coterie.explore.contract import Customer
from coterie.explore.looked_at import sayable
from coterie.metrics import in_money
from coterie.tables import spreadsheet_safe
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine, FileFormat
    from coterie.explore.narrow import Narrow

_OF_COUPONS, _OF_ORDERS = ("coupons", "burnt", "last_claimed"), ("orders", "sales", "last_ordered")
_CELLS = ("key", "segment", "margin", "city", "gender", *_OF_COUPONS, *_OF_ORDERS)


def found_by(people: ir.Table, text: str) -> ir.Table:
    """Those whose id begins with the text, or whose name or address holds it, in capital or small letters."""
    text = text.strip()
    if not text:
        return people
    if not sayable(text):
        return people.filter(ibis.literal(False))
    # Neither asks by a pattern, so that no letter of the text means more than itself.
    small = ibis.literal(text).lower()
    return people.filter(people.key.lower().startswith(small) | people.named.contains(small).fill_null(False))


def page_of(
    narrow: Narrow, people: ir.Table, *, sort: str, descending: bool, start: int, size: int
) -> tuple[Customer, ...]:
    """So many of these people in that order, from `start`; empty cells last, and within the same by id."""
    column = people["row" if sort == "customer_id" else sort]
    key = column.desc(nulls_first=False) if descending else column.asc(nulls_first=False)
    # Put in order by two columns; all the others only for those on the page.
    ordered = (
        people.order_by(key if sort == "customer_id" else [key, people.row]).select("row").limit(size, offset=start)
    )
    rows = narrow.engine.collect(ordered)["row"].to_pylist()
    found = {one.pop("row"): one for one in customers_at(narrow, rows)}
    return tuple(told(found[row]) for row in rows)


def customers_at(narrow: Narrow, rows: list[int]) -> list[dict[str, Any]]:
    """The cells of the customers of these numbers, with `row`."""
    if not rows:
        return []
    some = narrow.people.filter(narrow.people.row.isin(rows))
    found: list[dict[str, Any]] = narrow.engine.collect(some.select("row", "join_date", *_CELLS)).to_pylist()
    return found


def told(cells: dict[str, Any]) -> Customer:
    """One customer as told."""
    sales = cells["sales"]
    own = {name: cells[name] for name in _CELLS if name not in {"key", "sales"}}
    return Customer(customer_id=str(cells["key"]), sales=None if sales is None else in_money(sales), **own)


def write_list(narrow: Narrow, people: ir.Table, path: Path, file_format: FileFormat) -> None:
    """Write these people to a file, in the order of their ids; a CSV so that no spreadsheet runs a cell of it.

    The columns are those of the list, without what the data cannot tell; customer_id as the data have it, `name` that
    of the segment, sales in the currency.
    """
    rows = people.order_by("row")
    left_out = set() if narrow.coupons is not None else {*_OF_COUPONS}
    left_out |= set() if narrow.orders is not None else {*_OF_ORDERS}
    left_out |= {"city", "gender"} if narrow.tables is None else set()
    name = rows.segment.cases(*sorted(narrow.labels.items()), else_="")
    cells = {column: rows[column] for column in _CELLS if column not in {"key"} | left_out}
    cells = {"customer_id": rows.customer_id, "segment": cells.pop("segment"), "name": name, **cells}
    if "sales" in cells:
        cells["sales"] = cells["sales"] / MONEY
    if file_format == "csv":
        texts = [column for column, cell in cells.items() if cell.type().is_string()]
        cells |= {column: spreadsheet_safe(cells[column]) for column in texts}
    if narrow.engine.remote:  # the workers of a cluster would write a folder of parts
        write_here(narrow.engine, rows.select(**cells), path, file_format)
    else:
        narrow.engine.write(rows.select(**cells), path, file_format)


def count(engine: Engine, rows: ir.Table) -> int:
    """How many."""
    return int(engine.collect(rows.aggregate(n=rows.count())).to_pylist()[0]["n"])
