"""Orders in the shapes people have, and every rule about them with lines made by hand, counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import DataError
from coterie.features import orders_of
from coterie.settings import ReadSettings
from coterie.tables import Problem, Tables, read
from coterie.tables.sample import write_shop

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "order_id,customer_id,order_date,amount"
GOOD = f"{HEAD}\n1,1,2024-01-01,10\n2,1,2024-01-05,20.50\n3,2,2024-02-01,5"


def lines(tables: Tables, *columns: str) -> list[tuple[Any, ...]]:
    assert tables.lines is not None
    found = tables.engine.collect(tables.lines).to_pylist()
    return sorted((tuple(row[column] for column in columns) for row in found), key=str)


def orders(tables: Tables) -> list[tuple[Any, ...]]:
    assert tables.lines is not None
    found = tables.engine.collect(orders_of(tables.lines)).to_pylist()
    return sorted((row["customer_id"], str(row["ordered_on"]), row["sales"] / 10_000) for row in found)


def problems(tables: Tables) -> dict[str, int]:
    return {p.rule: p.count for p in tables.quality.problems if p.table in ("orders", "")}


def problem(tables: Tables, rule: str) -> Problem:
    return next(p for p in tables.quality.problems if p.rule == rule)


def count(tables: Tables) -> tuple[int, int, dict[str, int]]:
    found = tables.quality.tables["orders"]
    return found.rows_in, found.rows_used, dict(found.reasons)


def moment(*parts: int) -> dt.datetime:
    """A time without a zone, as exports have it."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def shop(folder: Path, settings: dict[str, Any] | None = None, **files: str) -> Tables:
    """The files `<name>.csv`, read from a folder."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read(folder, settings=None if settings is None else ReadSettings(**settings))


def test_one_row_per_order(checking: Any) -> None:
    tables = checking(orders=GOOD)
    assert lines(tables, "customer_id", "order_id", "ordered_on", "kind", "money", "quantity") == [
        (1, "1", dt.date(2024, 1, 1), "sale", 100_000, None),
        (1, "2", dt.date(2024, 1, 5), "sale", 205_000, None),
        (2, "3", dt.date(2024, 2, 1), "sale", 50_000, None),
    ]
    assert problems(tables) == {}
    assert (tables.first_day, tables.as_of) == (dt.date(2024, 1, 1), dt.date(2024, 2, 1))
    assert tables.columns == {"orders", *(f"orders.{name}" for name in HEAD.split(","))}
    assert tables.has_orders
    assert not tables.has_coupons
    assert tables.engine.collect(tables.coupons).to_pylist() == []
    assert tables.coupons.customer_id.type().is_integer()
    assert tables.customers.columns == ("customer_id", "join_date", "city", "gender")


SHOPIFY = """Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Id
#1001,a@x.com,paid,EUR,25.00,30.00,2024-01-01 10:00:00 +0100,2,Tea,10.00,T-1,900
#1001,a@x.com,,,,,2024-01-01 10:00:00 +0100,1,Cup,5.00,C-1,
#1002,b@x.com,paid,EUR,7.50,7.50,2024-01-02 11:00:00 +0100,1,Milk,7.50,M-1,901
"""


def test_shopify_export(tmp_path: Path) -> None:
    path = tmp_path / "orders_export_1.csv"
    path.write_text(SHOPIFY)
    for source in (path, tmp_path):
        tables = read(source)
        assert lines(tables, "customer_id", "order_id", "money", "quantity", "product", "product_name") == [
            ("a@x.com", "#1001", 200_000, 2.0, "T-1", "Tea"),
            ("a@x.com", "#1001", 50_000, 1.0, "C-1", "Cup"),
            ("b@x.com", "#1002", 75_000, 1.0, "M-1", "Milk"),
        ]
        assert orders(tables) == [("a@x.com", "2024-01-01", 25.0), ("b@x.com", "2024-01-02", 7.5)]
        assert tables.currency == "EUR"
        assert (
            problem(tables, "amount_reading").effect == "the amount of a line is Lineitem price times Lineitem quantity"
        )
        assert count(tables) == (3, 3, {})


def test_transactions_with_an_amount_and_no_status_are_orders(tmp_path: Path) -> None:
    head = "customer_id,transaction_date,purchase_amount,product_category"
    tables = shop(
        tmp_path, transactions=f"{head}\n1,2024-01-01,5,A\n1,2024-01-01,6,B\n2,2024-01-01,7,A\n1,2024-01-02,8,A"
    )
    assert not tables.has_coupons
    assert orders(tables) == [(1, "2024-01-01", 11.0), (1, "2024-01-02", 8.0), (2, "2024-01-01", 7.0)]
    assert lines(tables, "category", "money")[0] == ("A", 50_000)
    assert "orders.order_id" not in tables.columns
    assert "orders.product_category" in tables.columns


def test_shopify_may_tell_customer_and_date_once(tmp_path: Path) -> None:
    once = SHOPIFY.replace("#1001,a@x.com,,,,,2024-01-01 10:00:00 +0100", "#1001,,,,,,")
    tables = shop(tmp_path, orders=once + "#1003,,paid,EUR,1,1,2024-01-03 10:00:00 +0100,1,Pen,1.00,P-1,902\n")
    assert orders(tables) == [("a@x.com", "2024-01-01", 25.0), ("b@x.com", "2024-01-02", 7.5)]
    assert count(tables) == (4, 3, {"missing_customer_id": 1})
    assert problem(tables, "order_header").count == 1
    other = "order_id,customer_id,order_date,amount\n1,7,2024-01-01,5\n1,,,6"
    (tmp_path / "other").mkdir()
    assert count(shop(tmp_path / "other", orders=other)) == (2, 1, {"missing_customer_id": 1})


def test_a_file_named_after_customers_may_hold_their_orders(tmp_path: Path) -> None:
    text = "customer_id,transaction_date,purchase_amount,product_category\n1,2024-01-01,5,A\n"
    (tmp_path / "customer_data.csv").write_text(text)
    assert orders(read(tmp_path / "customer_data.csv")) == [(1, "2024-01-01", 5.0)]
    both = shop(tmp_path, customers="customer_id,age\n1,30\n2,40\n")
    assert len(both.engine.collect(both.customers).to_pylist()) == 2
    assert orders(both) == [(1, "2024-01-01", 5.0)]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        ("2024-01-01 10:00", "2024-01-01 10:00", 1),
        ("2024-01-01 10:00", "2024-01-01 10:01", 2),
        ("2024-01-01T10:00:00Z", "2024-01-01T18:00:00Z", 2),
        ("2024-01-01", "2024-01-01", 1),
        ("01/13/2024 9:05 AM", "01/13/2024 9:05 PM", 2),
    ],
)
def test_lines_of_one_moment_are_one_order(tmp_path: Path, first: str, second: str, number: int) -> None:
    tables = shop(tmp_path, orders=f"customer_id,date,amount\n1,{first},5\n1,{second},6")
    assert len(orders(tables)) == number
    assert sum(money for _, _, money in orders(tables)) == 11.0
    assert {day.year for (day,) in lines(tables, "ordered_on")} == {2024}


def test_timestamps_of_frames_tell_orders_apart() -> None:
    moments = [moment(2024, 1, 1, 9), moment(2024, 1, 1, 9), moment(2024, 1, 1, 23, 59, 59)]
    frame = pa.table({"customer": ["a"] * 3, "order_date": moments, "amount": [1, 2, 3]})
    tables = read({"orders": frame})
    assert orders(tables) == [("a", "2024-01-01", 3.0), ("a", "2024-01-01", 3.0)]
    assert tables.as_of == dt.date(2024, 1, 1)


def test_several_lines_per_order_priced_by_quantity(tmp_path: Path) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    text = f"""{head}
536,A1,Tea,3,2024-01-01 08:00,2.55,7,France
536,A2,Cup,1,2024-01-01 08:00,4,7,France
537,A1,Tea,-1,2024-01-03 08:00,2.55,7,France
C538,A2,Cup,-1,2024-01-04 08:00,4,7,Spain
539,A3,Gift,2,2024-01-05 08:00,0,8,Spain
540,A3,Gift,1,2024-01-06 08:00,9,,Spain
541,A3,Gift,1,2024-01-06 08:00,1,8,Spain
"""
    tables = shop(tmp_path, sales_of_january=text)
    assert lines(tables, "order_id", "kind", "money") == [
        ("536", "sale", 40_000), ("536", "sale", 76_500), ("537", "return", -25_500), ("539", "free", 0), ("541", "sale", 10_000),
        ("C538", "return", -40_000),
    ]  # fmt: skip
    assert orders(tables) == [(7, "2024-01-01", 11.65), (8, "2024-01-06", 1.0)]
    assert count(tables) == (7, 6, {"missing_customer_id": 1})
    assert problem(tables, "missing_customer_id").revenue == 9.0
    assert problem(tables, "missing_customer_id").message == (
        "1 row of orders has no customer id, with a revenue of 9.00."
    )
    assert (problem(tables, "returns").count, problem(tables, "returns").revenue) == (2, -6.55)
    assert problem(tables, "free_items").count == 1
    assert tables.as_of == dt.date(2024, 1, 6)
    found = tables.engine.collect(tables.customers.order_by("customer_id")).to_pylist()
    assert [(row["customer_id"], row["Country"]) for row in found] == [(7, "France"), (8, "Spain")]


@pytest.mark.parametrize(
    ("rule", "line", "revenue", "example"),
    [
        ("missing_customer_id", "9,,2024-01-05,7.5", 7.5, "customer_id empty"),
        ("missing_date", "9,1,,7.5", 7.5, "order_date empty"),
        ("unparsable_date", "9,1,soon,7.5", 7.5, "order_date 'soon'"),
        ("missing_amount", "9,1,2024-01-05,", None, "amount empty"),
        ("missing_amount", "9,1,2024-01-05,NULL", None, "amount 'NULL'"),
        ("unparsable_amount", "9,1,2024-01-05,much", None, "amount 'much'"),
        ("unparsable_amount", "9,1,2024-01-05,1e300", None, "amount '1e300'"),
        ("missing_customer_id", "9,,soon,", None, "customer_id empty"),
    ],
)
def test_a_line_is_set_aside_for_one_reason(
    checking: Any, rule: str, line: str, revenue: float | None, example: str
) -> None:
    tables = checking(orders=f"{GOOD}\n{line}")
    assert count(tables) == (4, 3, {rule: 1})
    found = problem(tables, rule)
    assert (found.count, found.revenue, found.examples) == (1, revenue, (f"orders.csv line 5: {example}",))
    rejects = tables.engine.collect(tables.rejects["orders"]).to_pylist()
    assert [(row["_line"], row["_reason"]) for row in rejects] == [(5, rule)]
    assert orders(tables) == orders(checking(orders=GOOD))


def test_an_order_of_nothing_is_an_order_but_an_item_for_nothing_is_none(checking: Any) -> None:
    assert orders(checking(orders=f"{HEAD},quantity\n1,1,2024-01-01,0,2")) == [(1, "2024-01-01", 0.0)]
    free = checking(orders="order_id,customer_id,order_date,price,quantity\n1,1,2024-01-01,0,2\n2,2,2024-01-01,1,1")
    assert orders(free) == [(2, "2024-01-01", 1.0)]
    given = checking(orders=f"{HEAD},price,quantity\n1,1,2024-01-01,0,0,2\n2,1,2024-01-02,3,0,1\n3,1,2024-01-03,0,1,1")
    assert [row[1:] for row in lines(given, "order_id", "kind", "money")] == [
        ("free", 0),
        ("sale", 30_000),
        ("sale", 0),
    ]


def test_amounts_are_never_multiplied(checking: Any) -> None:
    tables = checking(orders=f"{HEAD},quantity,price\n1,1,2024-01-01,9,3,4\n2,1,2024-01-02,5,1,5")
    assert orders(tables) == [(1, "2024-01-01", 9.0), (1, "2024-01-02", 5.0)]
    assert "never multiplied" in problem(tables, "amount_reading").effect


def test_a_total_repeated_on_every_line_is_not_added_up(checking: Any) -> None:
    head = "order_id,customer_id,order_date,amount,quantity,price"
    tables = checking(orders=f"{head}\n1,1,2024-01-01,11,3,2\n1,1,2024-01-01,11,1,5\n2,1,2024-01-02,4,2,2")
    assert orders(tables) == [(1, "2024-01-01", 11.0), (1, "2024-01-02", 4.0)]
    assert "it is the order's total" in problem(tables, "amount_reading").message
    rows = "\n".join(f"{order},1,2024-01-{order:02},{order * 7},{item}" for order in range(1, 13) for item in "ab")
    told = checking(orders=f"order_id,customer_id,order_date,amount,product\n{rows}")
    assert problem(told, "repeated_totals").count == 12


@pytest.mark.parametrize(
    ("ids", "returns"),
    [
        (["1001", "1002", "C1001"], 1),
        (["C1001", "C1002", "C1003"], 0),
        (["A1001", "B1002", "C1003"], 0),
        (["1001", "1002", "CASH"], 0),
    ],
)
def test_an_invoice_with_c_is_cancelled_only_among_plain_numbers(checking: Any, ids: list[str], returns: int) -> None:
    rows = "\n".join(f"{one},1,2024-01-0{day},{day}" for day, one in enumerate(ids, 1))
    tables = checking(orders=f"{HEAD}\n{rows}")
    assert problems(tables).get("returns", 0) == returns
    assert problems(tables).get("return_sign", 0) == returns
    money = [row[0] for row in lines(tables, "money")]
    assert sorted(money) == ([-30_000, 10_000, 20_000] if returns else [10_000, 20_000, 30_000])


@pytest.mark.parametrize(
    ("cells", "amounts", "currency"),
    [
        (["€1.234,50", "€ 5,00", "-€2,25"], [1234.5, 5, -2.25], "€"),
        (["$1,234.50", "$5", "($2.25)"], [1234.5, 5, -2.25], "$"),
        (["12.50 USD", "1 000.00 usd", "2.25-"], [12.5, 1000, -2.25], "USD"),
        (["CHF 1'234.50", "Fr. 5", "7"], [1234.5, 5, 7], "CHF"),
        (["1,5", "2,25", "1.000,00"], [1.5, 2.25, 1000], None),
        (["12.5 kr", "3 Kr.", "\u22124.5 kr"], [12.5, 3, -4.5], "kr"),
    ],
)
def test_amounts_as_people_write_them(
    tmp_path: Path, cells: list[str], amounts: list[float], currency: str | None
) -> None:
    rows = "\n".join(f"{number};1;2024-01-0{number};{cell}" for number, cell in enumerate(cells, 1))
    tables = shop(tmp_path, orders=f"{HEAD.replace(',', ';')}\n{rows}\n")
    found = [(int(number), money / 10_000) for number, money in lines(tables, "order_id", "money")]
    assert found == list(enumerate(amounts, 1))
    assert tables.currency == currency


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"{HEAD},currency\n1,1,2024-01-01,5,EUR\n2,1,2024-01-02,5,usd\n3,1,2024-01-03,6,EUR",
            "EUR (2 rows), USD (1 row)",
        ),
        (f"{HEAD}\n1,1,2024-01-01,€5\n2,1,2024-01-02,£5", "£ (1 row), € (1 row)"),
        (f"{HEAD},currency\n1,1,2024-01-01,€5,GBP\n2,1,2024-01-02,€5,", "€ (2 rows), GBP (1 row)"),
    ],
)
def test_several_currencies_are_refused_by_name(checking: Any, text: str, words: str) -> None:
    with pytest.raises(DataError, match="several currencies") as error:
        checking(orders=text)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_sign_beside_its_code_is_one_currency(checking: Any) -> None:
    assert checking(orders=f"{HEAD},currency\n1,1,2024-01-01,$5,CAD\n2,1,2024-01-02,$6,cad").currency == "CAD"
    assert checking(orders=f"{HEAD}\n1,1,2024-01-01,$5\n2,1,2024-01-02,6 US$").currency in ("$", "US$")


def test_identical_lines_count_each_unless_told_otherwise(checking: Any) -> None:
    text = f"{HEAD}\n1,1,2024-01-01,10\n1,1,2024-01-01,10\n1,1,2024-01-01,10\n1,1,2024-01-01,11\n2,,2024-01-01,4\n2,,2024-01-01,4"
    kept = checking(orders=text)
    assert orders(kept) == [(1, "2024-01-01", 41.0)]
    found = problem(kept, "identical_lines")
    assert (found.count, found.revenue) == (3, 24.0)
    assert "1 of them set aside by other rules" in found.message
    once = checking(orders=text, drop_duplicate_lines=True)
    assert orders(once) == [(1, "2024-01-01", 21.0)]
    assert count(once) == (6, 2, {"missing_customer_id": 2, "duplicate": 2})
    assert problem(once, "duplicate").revenue == 20.0
    assert set(once.rejects) == {"orders"}
    assert len(once.engine.collect(once.rejects["orders"]).to_pylist()) == 2


def test_after_a_set_as_of_nothing_is_known(checking: Any) -> None:
    tables = checking(orders=GOOD, as_of=dt.date(2024, 1, 4))
    assert orders(tables) == [(1, "2024-01-01", 10.0)]
    assert count(tables) == (3, 1, {"after_as_of": 2})
    assert problem(tables, "after_as_of").revenue == 25.5
    assert tables.rejects == {}
    assert tables.as_of == dt.date(2024, 1, 4)
    with pytest.raises(DataError, match="before the first order of shop, 2024-01-01"):
        checking(orders=GOOD, as_of=dt.date(2023, 1, 4))


def test_no_order_that_can_be_used(checking: Any) -> None:
    with pytest.raises(
        DataError, match=r"No row of orders of shop could be used: missing amount 1 \(such as orders.csv"
    ):
        checking(orders=f"{HEAD}\n1,1,2024-01-01,")
    with pytest.raises(DataError, match="it has no rows"):
        checking(orders=HEAD)


def test_customers_and_branches_beside_orders(checking: Any) -> None:
    tables = checking(
        orders=f"{HEAD},branch_id\n1,1,2024-01-01,10,5\n2,1,2024-01-05,20,6\n3,3,2024-02-01,5,",
        customers="customer_id,join_date\n1,2024-01-03\n2,2024-01-03",
        branches="branch_id,merchant_id\n5,50",
        merchants="merchant_id,merchant_name\n50,Bakery",
    )
    assert lines(tables, "customer_id", "branch_id", "merchant_id") == [(1, 5, 50), (1, None, None), (3, None, None)]
    assert {rule: n for rule, n in problems(tables).items() if "or" in rule} == {
        "orphan_branch": 1, "orphan_customer": 1, "order_before_join": 1,
    }  # fmt: skip
    assert problem(tables, "orphan_branch").revenue == 20.0
    assert tables.names["merchant"] == {"50": "Bakery"}
    assert tables.degenerate["branch"].startswith("There is one branch only (5)")


COUPONS = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n2,2024-03-02,burnt"


def test_orders_beside_coupons(checking: Any) -> None:
    tables = checking(orders=GOOD, transactions=COUPONS)
    assert tables.has_orders
    assert tables.has_coupons
    assert (tables.first_day, tables.as_of) == (dt.date(2024, 1, 1), dt.date(2024, 3, 2))
    assert len(lines(tables, "money")) == 3
    assert len(tables.engine.collect(tables.coupons).to_pylist()) == 2
    assert {"orders", "transactions", "orders.amount", "transactions.transaction_status"} <= tables.columns


def test_a_table_of_events_that_is_empty_is_as_one_that_is_not_there(checking: Any) -> None:
    tables = checking(orders=HEAD, transactions=COUPONS)
    assert tables.lines is None
    assert "orders" not in tables.columns
    assert count(tables) == (0, 0, {})
    other = checking(orders=GOOD, transactions=COUPONS.splitlines()[0])
    assert not other.has_coupons
    assert (other.first_day, other.as_of) == (dt.date(2024, 1, 1), dt.date(2024, 2, 1))


def test_ids_are_of_one_kind_in_both_tables(checking: Any) -> None:
    tables = checking(orders=GOOD.replace("3,2,", "3,b7,"), transactions=COUPONS)
    assert tables.coupons.customer_id.type().is_string()
    assert tables.lines.customer_id.type().is_string()


def test_what_is_no_product_is_listed_and_left_in(checking: Any) -> None:
    head = "order_id,customer_id,order_date,amount,product,product_name"
    rows = "\n".join(f"{n},1,2024-01-0{n},{n},{n}00{n},Cup" for n in range(1, 6))
    text = (
        f"{head}\n{rows}\n6,1,2024-01-06,3,POST,POSTAGE\n7,1,2024-01-07,-9,D,Discount\n8,1,2024-01-08,4,9009,Shipping"
    )
    tables = checking(orders=text)
    found = problem(tables, "non_products")
    assert (found.count, found.revenue) == (3, -2.0)
    assert "D (Discount) −9.00, 9009 (Shipping) 4.00, POST (POSTAGE) 3.00" in found.message
    assert count(tables)[:2] == (8, 8)
    without = checking(orders=text, exclude_products=["post", " DISCOUNT"])
    assert count(without) == (8, 6, {"excluded_product": 2})
    assert problem(without, "excluded_product").revenue == -6.0


def test_names_alone_are_no_codes(checking: Any) -> None:
    tables = checking(orders="customer_id,order_date,amount,product_name\n1,2024-01-01,5,Tea\n1,2024-01-02,5,Delivery")
    assert problem(tables, "non_products").count == 1
    assert lines(tables, "product", "product_name") == [("Delivery", "Delivery"), ("Tea", "Tea")]


def test_columns_that_are_constant_per_customer_describe_customers(checking: Any) -> None:
    rows = []
    for who in range(1, 41):
        for day in (1, 2, 3):
            country = ("Spain", "France")[who % 2] if (who, day) != (5, 3) else "Peru"
            rows.append(f"{who},2024-01-0{day},5,{country},{day},{who * 31},{20 + who % 7},same")
    text = (
        "customer_id,order_date,amount,Country,channel,email,age,shop\n"
        + "\n".join(rows)
        + "\n5,2024-01-04,5,Peru,1,155,25,same"
    )
    tables = checking(orders=text)
    assert [(a.name, a.kind) for a in tables.attributes] == [("Country", "text"), ("age", "number")]
    assert tables.attributes[0].values == ("France", "Spain")
    found = {row["customer_id"]: row for row in tables.engine.collect(tables.customers).to_pylist()}
    assert len(found) == 40
    assert (found[5]["Country"], found[5]["age"]) == ("France", 25.0)  # two of each: the alphabetically first
    assert (found[6]["Country"], found[6]["join_date"]) == ("Spain", None)
    assert problem(tables, "attribute_varies").count == 1
    unread = [p.message for p in tables.quality.problems if p.rule == "unread_columns"]
    assert [message.split(" that ")[1] for message in unread] == [
        "do not describe customers: channel, email.",
        "is the same in all lines: shop.",
    ]


def test_city_and_gender_beside_orders_are_the_customers(checking: Any) -> None:
    text = "customer_id,order_date,amount,Gender,City,Age"
    rows = "\n".join(f"{n},2024-01-01,5,{'MF'[n % 2]},{'XY'[n % 2]},{n % 3}" for n in range(1, 13))
    tables = checking(orders=f"{text}\n{rows}")
    assert [(a.name, a.kind) for a in tables.attributes] == [("Age", "number")]
    assert {"customers.gender_id", "customers.city_id", "customers.Age"} <= tables.columns
    found = {row["customer_id"]: row for row in tables.engine.collect(tables.customers).to_pylist()}
    assert (found[3]["gender"], found[3]["city"], found[3]["Age"]) == ("F", "Y", 0.0)
    beside = checking(orders=f"{text}\n{rows}", customers="customer_id,gender_id\n1,M\n99,F")
    people = {row["customer_id"]: row for row in beside.engine.collect(beside.customers).to_pylist()}
    assert (people[1]["gender"], people[1]["city"]) == ("M", "Y")
    assert (people[3]["gender"], people[3]["city"], people[99]["city"]) == (None, "Y", None)
    assert len(people) == 13


def test_attributes_join_those_of_the_customers_table(checking: Any) -> None:
    tables = checking(
        orders="customer_id,order_date,amount,Country,Tier\n1,2024-01-01,5,Spain,x\n3,2024-01-02,6,Peru,y",
        customers="customer_id,join_date,tier,age\n1,2023-01-01,gold,30\n2,2023-01-01,iron,40",
    )
    assert [a.name for a in tables.attributes] == ["tier", "age", "Country"]
    found = sorted(tables.engine.collect(tables.customers).to_pylist(), key=lambda row: row["customer_id"])
    assert [(row["customer_id"], row["tier"], row["age"], row["Country"]) for row in found] == [
        (1, "gold", 30.0, "Spain"), (2, "iron", 40.0, None), (3, None, None, "Peru"),
    ]  # fmt: skip


def test_orders_of_a_frame_and_of_other_formats_are_the_same(tmp_path: Path) -> None:
    frame = pa.table(
        {
            "order_id": [1, 2, 3], "customer_id": [1, 1, 2], "amount": [10.0, 20.5, 5.0],
            "order_date": [moment(2024, 1, 1, 9), moment(2024, 1, 5), moment(2024, 2, 1)],
        }
    )  # fmt: skip
    wanted = [(1, "2024-01-01", 10.0), (1, "2024-01-05", 20.5), (2, "2024-02-01", 5.0)]
    assert orders(read({"orders": frame})) == wanted
    assert orders(read({"anything": frame})) == wanted
    pq.write_table(frame, tmp_path / "export.parquet")
    assert orders(read(tmp_path / "export.parquet")) == wanted
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(frame.column_names)
    for row in frame.to_pylist():
        sheet.append(list(row.values()))
    book.save(tmp_path / "shop.xlsx")
    assert orders(read(tmp_path / "shop.xlsx")) == wanted


def test_lines_without_an_order_id_among_others(checking: Any) -> None:
    tables = checking(orders=f"{HEAD}\n1,1,2024-01-01,10\n,1,2024-01-01,5\n,1,2024-01-01,6")
    assert orders(tables) == [(1, "2024-01-01", 10.0), (1, "2024-01-01", 11.0)]
    assert problem(tables, "missing_order_id").count == 2


def test_an_order_is_of_the_day_of_its_first_sale(checking: Any) -> None:
    tables = checking(orders=f"{HEAD}\n7,1,2024-01-01,-3\n7,1,2024-01-04,10\n7,1,2024-01-03,5\n8,1,2024-01-09,-1")
    assert orders(tables) == [(1, "2024-01-03", 15.0)]
    assert tables.as_of == dt.date(2024, 1, 9)


def test_the_sample_shop_with_orders(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop", customers=60, seed=3, orders=True, file_format="parquet")
    tables = read(folder)
    assert tables.has_coupons
    whole = pq.read_table(folder / "orders.parquet")
    assert count(tables) == (whole.num_rows, whole.num_rows, {})
    assert sum(money for (money,) in lines(tables, "money")) == round(sum(whole["amount"].to_pylist()) * 10_000)
    assert problems(tables) == {}
