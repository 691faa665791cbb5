"""Odd orders that people really have: each line is used or set aside, and no money is lost between the two."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from coterie.errors import DataError
from coterie.features import orders_of
from coterie.tables import Tables, read

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "order_id,customer_id,order_date,amount"


def read_text(folder: Path, text: str, **more: Any) -> Tables:
    (folder / "orders.csv").write_text(text, encoding="utf-8")
    return read(folder, **more)


def accounted(tables: Tables, lines: int, money: float, **reasons: int) -> Tables:
    """Asserts what became of all lines, and that their readable money is that of lines used and set aside."""
    assert tables.lines is not None
    count = tables.quality.tables["orders"]
    assert (count.rows_in, count.rows_used, count.rows_set_aside) == (
        lines,
        lines - sum(reasons.values()),
        sum(reasons.values()),
    )
    assert dict(count.reasons) == reasons
    used = sum(row["money"] for row in tables.engine.collect(tables.lines.select("money")).to_pylist())
    aside = sum(p.revenue or 0 for p in tables.quality.problems if p.rule in reasons)
    assert used / 10_000 + aside == pytest.approx(money, abs=1e-9)
    return tables


def orders(tables: Tables) -> list[tuple[Any, ...]]:
    assert tables.lines is not None
    found = tables.engine.collect(orders_of(tables.lines)).to_pylist()
    return sorted((row["customer_id"], str(row["ordered_on"]), row["sales"] / 10_000) for row in found)


def problem(tables: Tables, rule: str) -> Any:
    return next((p for p in tables.quality.problems if p.rule == rule), None)


def test_four_columns_without_an_order_id(tmp_path: Path) -> None:
    rows = "1,2024-01-01 10:00,5,Tea\n1,2024-01-01 10:00,6,Cups\n1,2024-01-01 11:00,7,Tea\n2,2024-01-01 10:00,8,Tea"
    text = f"customer_id,transaction_date,purchase_amount,product_category\n{rows}"
    tables = accounted(read_text(tmp_path, text), 4, 26.0)
    assert orders(tables) == [(1, "2024-01-01", 7.0), (1, "2024-01-01", 11.0), (2, "2024-01-01", 8.0)]


def test_amounts_with_sign_brackets_and_nothing(tmp_path: Path) -> None:
    cells = ["€12.50", "(12.00)", "12.50-", "", "0", '"1,234.56"', "much", "- 3"]
    rows = "\n".join(f"{n},{n},2024-01-0{n},{cell}" for n, cell in enumerate(cells, 1))
    tables = read_text(tmp_path, f"{HEAD}\n{rows}")
    accounted(tables, 8, 12.5 - 12 - 12.5 + 0 + 1234.56 - 3, missing_amount=1, unparsable_amount=1)
    assert orders(tables) == [(1, "2024-01-01", 12.5), (5, "2024-01-05", 0.0), (6, "2024-01-06", 1234.56)]
    assert problem(tables, "returns").message == "3 rows of orders are returns, with a revenue of −€27.50."


def test_a_comma_among_points_is_set_aside_not_guessed(tmp_path: Path) -> None:
    rows = '1,1,2024-01-01,12.50\n2,1,2024-01-02,7.25\n3,1,2024-01-03,"1.234,56"'
    tables = accounted(read_text(tmp_path, f"{HEAD}\n{rows}"), 3, 19.75, unparsable_amount=1)
    assert problem(tables, "unparsable_amount").examples == ("orders.csv line 4: amount '1.234,56'",)


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-01T23:30:00Z", "2024-01-01 23:30:00 -0500", "2024-01-01T00:30:00+02:00", "2024-01-01 23:30 EST",
        "2024-01-01T01:00:00.000+01:00[Europe/Berlin]", "1/1/2024 11:30 PM CET", "2024-01-01 00:10:00 UTC",
    ],
)  # fmt: skip
def test_the_day_is_the_one_written_whatever_the_zone(tmp_path: Path, written: str) -> None:
    tables = accounted(read_text(tmp_path, f"{HEAD}\n1,1,{written},5"), 1, 5.0)
    assert tables.first_day == tables.as_of == dt.date(2024, 1, 1)


def test_an_order_id_of_two_customers_is_two_orders(tmp_path: Path) -> None:
    tables = read_text(tmp_path, f"{HEAD}\n7,1,2024-01-01,5\n7,2,2024-01-01,6\n7,2,2024-01-02,7")
    assert orders(accounted(tables, 3, 18.0)) == [(1, "2024-01-01", 5.0), (2, "2024-01-01", 13.0)]


def test_customers_may_be_email_addresses(tmp_path: Path) -> None:
    rows = "1,ann@x.com,2024-01-01,5\n2, ann@x.com ,2024-01-02,6\n3,bob@x.com,2024-01-01,7\n4,,2024-01-01,8"
    tables = read_text(tmp_path, f"Order,Email,Date,Total\n{rows}")
    accounted(tables, 4, 26.0, missing_customer_id=1)
    assert orders(tables) == [("ann@x.com", "2024-01-01", 5.0), ("ann@x.com", "2024-01-02", 6.0),
                              ("bob@x.com", "2024-01-01", 7.0)]  # fmt: skip


def test_a_single_line(tmp_path: Path) -> None:
    assert orders(accounted(read_text(tmp_path, f"{HEAD}\n7,1,2024-01-01,5"), 1, 5.0)) == [(1, "2024-01-01", 5.0)]


def test_nothing_but_returns(tmp_path: Path) -> None:
    tables = accounted(read_text(tmp_path, f"{HEAD}\n7,1,2024-01-01,-5\n8,2,2024-01-01,(6)"), 2, -11.0)
    assert orders(tables) == []
    assert problem(tables, "returns").message == "2 rows of orders are returns, with a revenue of −11.00."


def test_a_few_orders_of_a_far_day_are_told(tmp_path: Path) -> None:
    rows = [f"{n},{n % 9},2024-01-{n % 28 + 1:02},2" for n in range(1, 101)]
    late = ["201,3,2099-01-01,5", "202,4,2088-12-31,7", "203,4,2101-12-31,7"]
    text = "\n".join([HEAD, *rows, *late])
    tables = accounted(read_text(tmp_path, text), 103, 219.0, unparsable_date=1)
    found = problem(tables, "late_days")
    assert (found.count, found.severity) == (2, "fault")
    assert found.message == (
        "2 rows of orders lie more than a year after all others: the last day is 2099-01-01, the last of the others "
        "2024-01-28."
    )
    assert found.examples[0] == "orders.csv line 102: order_date '2099-01-01'"
    told = accounted(read_text(tmp_path, text, as_of="2024-12-31"), 103, 219.0, unparsable_date=1, after_as_of=2)
    assert problem(told, "late_days") is None
    assert told.as_of == dt.date(2024, 12, 31)


def test_a_shop_that_paused_for_years_is_none_of_that(tmp_path: Path) -> None:
    rows = [f"{n},{n % 9},{2020 + n % 2 * 3}-01-{n % 28 + 1:02},2" for n in range(1, 101)]
    assert problem(read_text(tmp_path, "\n".join([HEAD, *rows])), "late_days") is None


def test_several_currencies_in_one_file(tmp_path: Path) -> None:
    rows = "1,1,2024-01-01,5,EUR\n2,1,2024-01-02,5,eur\n3,1,2024-01-03,5,CHF"
    with pytest.raises(
        DataError, match=r"orders\.csv has amounts in several currencies: EUR \(2 rows\), CHF \(1 row\)"
    ):
        read_text(tmp_path, f"{HEAD},currency\n{rows}")
