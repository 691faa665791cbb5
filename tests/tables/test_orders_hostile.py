"""Whatever stands in an orders table: no line is lost, and every sum is exact."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coterie.errors import DataError

CENTS = st.integers(-50_000, 50_000)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from([None, "1", "2", "03", "NULL", " 2 "]),
            "order_id": st.sampled_from([None, "", "11", "12", "13", "C14", "15"]),
            "order_date": st.sampled_from(
                [None, "2024-01-01", "2024-01-01 09:30", "2024-02-03", "2024-03-04", "never", "1700-01-01"]
            ),
            "cents": st.one_of(CENTS, st.sampled_from([0, 1, -1])),
            "quantity": st.sampled_from([None, "1", "2", "-3", "0", "x"]),
            "broken": st.sampled_from(["", "", "", "", "none", "abc"]),
            "product": st.sampled_from([None, "A1", "A2", "POST"]),
            "order_status": st.sampled_from(
                [None, "paid", "PAID", "Cancelled", "refunded", "odd", "partially refunded"]
            ),
        }
    ),
    min_size=1,
    max_size=40,
)
FEW = hypothesis_settings(max_examples=4, phases=(Phase.explicit, Phase.generate))


def cell(line: dict[str, Any]) -> str:
    """The amount or price of a line as text."""
    return line["broken"] or f"{line['cents'] / 100:.2f}"


def table(lines: list[dict[str, Any]], shape: str) -> pa.Table:
    names = {
        "amount": ["customer_id", "order_date"],
        "lines": ["customer_id", "order_id", "order_date", "product", "order_status"],
    }
    columns: dict[str, list[Any]] = {name: [line[name] for line in lines] for name in names[shape]}
    if shape == "lines":
        columns |= {"price": [cell(line) for line in lines], "quantity": [line["quantity"] for line in lines]}
    else:
        columns |= {"amount": [cell(line) for line in lines]}
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def amount(line: dict[str, Any], shape: str) -> Decimal | str | None:
    """The amount by exact arithmetic; None where it is missing, "bad" where it cannot be read."""
    if line["broken"] == "abc" or (shape == "lines" and line["quantity"] == "x"):
        return "bad"
    if line["broken"] == "none" or (shape == "lines" and line["quantity"] is None):
        return None
    worth = Decimal(line["cents"]) / 100
    return worth * int(line["quantity"]) if shape == "lines" else worth


def fate(line: dict[str, Any], shape: str, as_of: dt.date | None, excluded: bool, cancels: bool) -> str:
    """Why the line is set aside, or "used"."""
    worth = amount(line, shape)
    if line["customer_id"] in (None, "NULL"):
        return "missing_customer_id"
    if line["order_date"] is None:
        return "missing_date"
    if line["order_date"] in ("never", "1700-01-01"):
        return "unparsable_date"
    if worth is None or worth == "bad":
        return "missing_amount" if worth is None else "unparsable_amount"
    if excluded and shape == "lines" and line["product"] == "POST":
        return "excluded_product"
    called_off = shape == "lines" and line["order_status"] in ("Cancelled", "refunded")
    if called_off and kind_and_money(line, shape, cancels)[0] != "return":
        return "cancelled_order"
    if as_of is not None and dt.date.fromisoformat(line["order_date"][:10]) > as_of:
        return "after_as_of"
    return "used"


def kind_and_money(line: dict[str, Any], shape: str, cancels: bool) -> tuple[str, int]:
    worth = amount(line, shape)
    assert isinstance(worth, Decimal)
    money = int((abs(worth) * 10_000).to_integral_value(ROUND_HALF_UP))
    by_line = shape == "lines"
    cancelled = by_line and cancels and line["order_id"] == "C14"
    if worth < 0 or cancelled or (by_line and int(line["quantity"]) < 0):
        return "return", -money
    return ("free" if by_line and (line["cents"] == 0 or line["quantity"] == "0") else "sale"), money


@pytest.mark.parametrize("shape", ["amount", "lines"])
@given(rows=LINES, as_of=st.sampled_from([None, None, dt.date(2024, 2, 10)]), excluded=st.booleans())
@FEW
def test_no_line_is_lost_and_every_sum_is_exact(
    checking: Any, shape: str, rows: list[dict[str, Any]], as_of: dt.date | None, excluded: bool
) -> None:
    ids = [line["order_id"] for line in rows if line["order_id"]]
    cancels = sum(one != "C14" for one in ids) > len(ids) / 2
    fates = [fate(line, shape, as_of, excluded, cancels) for line in rows]
    settings = {"as_of": as_of, "exclude_products": ["post"] if excluded else []}
    try:
        tables = checking(typed={"orders": table(rows, shape)}, **settings)
    except DataError:
        assert "used" not in fates
        return
    counted = tables.quality.tables["orders"]
    assert counted.rows_in == len(rows)
    assert dict(counted.reasons) == {rule: n for rule, n in Counter(fates).items() if rule != "used"}
    wanted = Counter(
        kind_and_money(line, shape, cancels) for line, one in zip(rows, fates, strict=True) if one == "used"
    )
    found = tables.engine.collect(tables.lines.select("kind", "money")).to_pylist()
    assert Counter((row["kind"], row["money"]) for row in found) == wanted
    for problem in tables.quality.problems:
        if problem.rule in counted.reasons:
            told = [line for line, one in zip(rows, fates, strict=True) if one == problem.rule]
            known = [
                kind_and_money(line, shape, cancels)[1] for line in told if isinstance(amount(line, shape), Decimal)
            ]
            assert problem.revenue == (sum(known) / 10_000 if known else None)
    rejected = tables.rejects.get("orders")
    kept = 0 if rejected is None else len(tables.engine.collect(rejected).to_pylist())
    assert kept == counted.rows_set_aside - counted.reasons.get("after_as_of", 0)


@given(rows=LINES, order=st.randoms(use_true_random=False))
@FEW
def test_the_order_of_lines_changes_nothing(checking: Any, rows: list[dict[str, Any]], order: Any) -> None:
    turned = list(rows)
    order.shuffle(turned)
    results: list[Any] = []
    for version in (rows, turned):
        try:
            tables = checking(typed={"orders": table(version, "lines")}, drop_duplicate_lines=True)
        except DataError as error:
            results.append(type(error))
            continue
        lines = sorted(map(str, tables.engine.collect(tables.lines).to_pylist()))
        results.append((lines, dict(tables.quality.tables["orders"].reasons), dict(tables.fingerprint)))
    assert results[0] == results[1]


@given(rows=LINES)
@FEW
def test_dropping_identical_lines_leaves_each_once(checking: Any, rows: list[dict[str, Any]]) -> None:
    twice = [*rows, *rows]
    try:
        once = checking(typed={"orders": table(rows, "lines")}, drop_duplicate_lines=True)
    except DataError:
        return
    both = checking(typed={"orders": table(twice, "lines")}, drop_duplicate_lines=True)
    results = [sorted(map(str, one.engine.collect(one.lines).to_pylist())) for one in (once, both)]
    assert results[0] == results[1]
    note = next(p for p in both.quality.problems if p.rule == "identical_lines")
    distinct = {tuple(row.values()) for row in table(rows, "lines").to_pylist()}
    assert note.count == len(twice) - len(distinct)
