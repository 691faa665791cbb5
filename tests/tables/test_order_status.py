"""Orders that were cancelled or refunded, as shop systems export them, counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import DataError
from coterie.features import orders_of
from coterie.settings import ReadSettings
from coterie.tables import Problem, Tables, read

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "order_id,customer_id,order_date,amount,order_status"


def orders(tables: Tables) -> list[tuple[Any, ...]]:
    assert tables.lines is not None
    found = tables.engine.collect(orders_of(tables.lines)).to_pylist()
    return sorted((row["customer_id"], str(row["ordered_on"]), row["sales"] / 10_000) for row in found)


def returns(tables: Tables) -> float:
    assert tables.lines is not None
    rows = tables.engine.collect(tables.lines.filter(tables.lines.kind == "return").select("money")).to_pylist()
    return float(sum(row["money"] for row in rows)) / 10_000


def problem(tables: Tables, rule: str) -> Problem:
    return next(p for p in tables.quality.problems if p.rule == rule)


def rules(tables: Tables) -> dict[str, int]:
    return {p.rule: p.count for p in tables.quality.problems}


def aside(tables: Tables) -> tuple[int, int, dict[str, int]]:
    found = tables.quality.tables["orders"]
    return found.rows_in, found.rows_used, dict(found.reasons)


SHOPIFY_HEAD = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing City,Billing Zip,Billing Country,Shipping Name,Shipping City,Shipping Country,"
    "Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Id,Tags,Risk Level,"
    "Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,Receipt Number,Duties,Billing Province Name,Payment ID"
).split(",")


def shopify(*lines: dict[str, Any]) -> str:
    """An export with every column, filled as the program does: what is told of an order stands on its first line."""
    rows = [",".join(SHOPIFY_HEAD)]
    for line in lines:
        assert set(line) <= set(SHOPIFY_HEAD)
        rows.append(",".join(f'"{line.get(name, "")}"' for name in SHOPIFY_HEAD))
    return "\n".join(rows) + "\n"


def first(name: str, email: str, status: str, total: float, number: int, **more: Any) -> dict[str, Any]:
    day = f"2024-03-0{number} 10:15:00 +0100"
    return {
        "Name": name, "Email": email, "Financial Status": status, "Paid at": day, "Fulfillment Status": "fulfilled",
        "Accepts Marketing": "yes", "Currency": "EUR", "Subtotal": total, "Shipping": "0.00", "Taxes": "1.00",
        "Total": total, "Created at": day, "Lineitem requires shipping": "true", "Lineitem taxable": "true",
        "Billing Name": "Ann", "Billing City": "Köln", "Billing Country": "DE", "Refunded Amount": "0.00",
        "Vendor": "Tea & Co", "Id": f"54{number}", "Source": "web", "Lineitem discount": "0.00",
    } | more  # fmt: skip


def item(sku: str, price: str, quantity: int = 1) -> dict[str, Any]:
    return {"Lineitem sku": sku, "Lineitem name": sku.title(), "Lineitem price": price, "Lineitem quantity": quantity}


def further(name: str, email: str, number: int, sku: str, price: str, quantity: int = 1) -> dict[str, Any]:
    """A further line of an order: name, email, day and the item, nothing else."""
    day = f"2024-03-0{number} 10:15:00 +0100"
    return {"Name": name, "Email": email, "Created at": day, "Vendor": "Tea & Co", **item(sku, price, quantity)}


CANCELLED = {"Cancelled at": "2024-03-04 09:00:00 +0100"}
EXPORT = shopify(
    first("#1001", "ann@x.com", "paid", 25, 1, **item("tea-1", "10.00", 2)),
    further("#1001", "ann@x.com", 1, "cup-1", "5.00"),
    first("#1002", "bob@x.com", "refunded", 18, 2, **item("tea-1", "10.00")) | {"Refunded Amount": "18.00"},
    further("#1002", "bob@x.com", 2, "cup-2", "4.00", 2),
    first("#1003", "bob@x.com", "voided", 7, 3, **item("pot-1", "7.00")) | CANCELLED,
    first("#1004", "ann@x.com", "paid", 6, 4, **item("mug-1", "3.00")) | CANCELLED,
    further("#1004", "ann@x.com", 4, "mug-2", "3.00"),
    first("#1005", "cid@x.com", "partially_refunded", 12, 5, **item("tea-2", "12.00")) | {"Refunded Amount": "2.00"},
    first("#1006", "", "paid", 9, 6, **item("tea-2", "9.00")),
    first("#1007", "cid@x.com", "pending", 3, 7, **item("cup-1", "3.00")),
)


def test_a_shopify_export_with_cancelled_and_refunded_orders(tmp_path: Path) -> None:
    (tmp_path / "orders_export.csv").write_text(EXPORT, encoding="utf-8")
    tables = read(tmp_path / "orders_export.csv")
    assert orders(tables) == [
        ("ann@x.com", "2024-03-01", 25.0), ("cid@x.com", "2024-03-05", 12.0), ("cid@x.com", "2024-03-07", 3.0),
    ]  # fmt: skip
    assert aside(tables) == (10, 4, {"missing_customer_id": 1, "cancelled_order": 5})
    found = problem(tables, "cancelled_order")
    assert (found.revenue, found.severity) == (10 + 8 + 7 + 3 + 3, "note")
    assert found.message == "5 rows of orders are cancelled or refunded, with a revenue of 31.00 EUR."
    part = problem(tables, "refunded_in_part")
    assert (part.count, part.revenue, part.effect) == (1, 12.0, "row kept with its full amount")
    assert "unknown_order_status" not in rules(tables)
    rejects = tables.engine.collect(tables.rejects["orders"].order_by("_line")).to_pylist()
    assert [(row["_line"], row["_reason"]) for row in rejects] == [
        (4, "cancelled_order"), (5, "cancelled_order"), (6, "cancelled_order"), (7, "cancelled_order"),
        (8, "cancelled_order"), (10, "missing_customer_id"),
    ]  # fmt: skip


def test_cancelled_orders_may_be_kept(tmp_path: Path) -> None:
    (tmp_path / "orders_export.csv").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "coterie.toml").write_text("keep_cancelled_orders = true")
    tables = read(tmp_path)
    assert aside(tables) == (10, 9, {"missing_customer_id": 1})
    assert sum(sales for _, _, sales in orders(tables)) == 25 + 18 + 7 + 6 + 12 + 3


def test_the_last_line_of_an_order_may_hold_its_status(tmp_path: Path) -> None:
    """Sorted otherwise, as by product, the line that tells the status is not the first."""
    lines = EXPORT.splitlines(keepends=True)
    (tmp_path / "orders.csv").write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    assert aside(read(tmp_path)) == (10, 4, {"missing_customer_id": 1, "cancelled_order": 5})


WOO = "Order Number,Order Status,Order Date,Customer User,Customer Email,Order Total"


def test_a_woocommerce_export(tmp_path: Path) -> None:
    rows = ["wc-completed", "processing", "Cancelled", "wc-refunded", "on-hold", "failed", "Completed", "lay-by", ""]
    text = "\n".join(f"{n},{word},2024-05-0{n} 12:30,{n % 2},c{n}@x.com,{n}.50" for n, word in enumerate(rows, 1))
    (tmp_path / "woocommerce-2024.csv").write_text(f"{WOO}\n{text}\n", encoding="utf-8")
    (tmp_path / "coterie.toml").write_text('[columns.orders]\ncustomer_id = "Customer User"')
    tables = read(tmp_path)
    assert aside(tables) == (9, 6, {"cancelled_order": 3})
    assert problem(tables, "cancelled_order").revenue == 3.5 + 4.5 + 6.5
    assert problem(tables, "cancelled_order").examples[0] == "woocommerce-2024.csv line 4: Order Status 'Cancelled'"
    told = [p for p in tables.quality.problems if p.rule == "unknown_order_status"]
    assert len(told) == 1
    assert (told[0].count, told[0].severity) == (1, "fault")
    assert told[0].message == "1 row of orders has a status that is not known ('lay-by' 1), with a revenue of 8.50."
    assert told[0].cure == ('Say what it means (sold or cancelled) in coterie.toml: [order_status] "lay-by" = "sold"')


def test_woocommerce_analytics(tmp_path: Path) -> None:
    """The download of its page of orders, whose status alone would make it a table of coupons."""
    head = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items Sold,Coupon(s),N. Revenue"
    )
    rows = [
        "2024-05-01 09:00:00,101,€20.00,completed,Ann A,new,1× Tea,1,,20",
        "2024-05-03 09:00:00,102,€15.00,processing,Ann A,returning,1× Cup,1,,15",
        "2024-05-04 09:00:00,103,€0.00,refunded,Bob B,new,2× Cup,2,,30",
        "2024-05-05 09:00:00,104,€9.00,on-hold,Bob B,new,1× Pot,1,,9",
    ]
    (tmp_path / "wc-orders-report-export.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    tables = read(tmp_path)
    assert orders(tables) == [
        ("Ann A", "2024-05-01", 20.0),
        ("Ann A", "2024-05-03", 15.0),
        ("Bob B", "2024-05-05", 9.0),
    ]
    assert aside(tables) == (4, 3, {"cancelled_order": 1})
    assert problem(tables, "cancelled_order").revenue == 30.0
    assert "unknown_order_status" not in rules(tables)


def test_a_woocommerce_export_of_items(tmp_path: Path) -> None:
    """As plugins write it: the order's total stands on each of its lines, beside cost and quantity of the item."""
    head = "Order Number,Order Status,Order Date,Email (Billing),Order Total Amount,SKU,Item Name,Quantity,Item Cost"
    rows = [
        "501,Completed,2024-05-01 09:00,ann@x.com,27,T1,Tea,2,10", "501,Completed,2024-05-01 09:00,ann@x.com,27,C1,Cup,1,7",
        "502,Cancelled,2024-05-02 09:00,bob@x.com,17,T1,Tea,1,10", "502,Cancelled,2024-05-02 09:00,bob@x.com,17,C1,Cup,1,7",
        "503,Completed,2024-05-03 09:00,bob@x.com,7,C1,Cup,1,7",
    ]  # fmt: skip
    (tmp_path / "orders-2024.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    tables = read(tmp_path)
    assert orders(tables) == [("ann@x.com", "2024-05-01", 27.0), ("bob@x.com", "2024-05-03", 7.0)]
    assert aside(tables) == (5, 3, {"cancelled_order": 2})
    assert problem(tables, "cancelled_order").revenue == 17.0


def test_what_a_word_means_can_be_said() -> None:
    rows = [("1", "1", "2024-01-01", "5", "bezahlt"), ("2", "1", "2024-01-02", "7", "storniert"),
            ("3", "2", "2024-01-03", "8", "refunded")]  # fmt: skip
    frame = {name: list(cells) for name, cells in zip(HEAD.split(","), zip(*rows, strict=True), strict=True)}
    source = {"orders": pa.table(frame)}
    unknown = read(source)
    assert rules(unknown)["unknown_order_status"] == 2
    assert "settings=ReadSettings(order_status={" in problem(unknown, "unknown_order_status").cure
    words = {"Bezahlt": "sold", "storniert": "cancelled", "refunded": "sold"}
    tables = read(source, settings=ReadSettings.model_validate({"order_status": words}))
    assert orders(tables) == [(1, "2024-01-01", 5.0), (2, "2024-01-03", 8.0)]
    assert aside(tables) == (3, 2, {"cancelled_order": 1})
    assert "unknown_order_status" not in rules(tables)


def test_a_negative_line_of_a_refunded_order_is_a_return(checking: Any) -> None:
    """Exports of payments have a row of their own for the money given back; it must still be taken off."""
    tables = checking(orders=f"{HEAD}\n1,1,2024-01-01,50,completed\n2,1,2024-01-05,-20,refunded")
    assert orders(tables) == [(1, "2024-01-01", 50.0)]
    assert returns(tables) == -20.0
    assert aside(tables) == (2, 2, {})


def test_a_day_of_cancellation_is_enough(checking: Any) -> None:
    head = "order_id,customer_id,order_date,amount,cancelled_at"
    rows = "1,1,2024-01-01,50,\n2,1,2024-01-05,20,2024-01-06\n3,2,2024-01-05,10,NULL"
    tables = checking(orders=f"{head}\n{rows}")
    assert aside(tables) == (3, 2, {"cancelled_order": 1})
    assert problem(tables, "cancelled_order").examples == ("orders.csv line 3: cancelled_at '2024-01-06'",)


def test_cancelled_orders_only_cannot_serve(checking: Any) -> None:
    with pytest.raises(DataError, match=r"No row of orders of shop could be used: cancelled order 2 \(such as"):
        checking(orders=f"{HEAD}\n1,1,2024-01-01,5,void\n2,2,2024-01-01,5,failed")


SALES = "customer_id,transaction_date,amount,status"


@pytest.mark.parametrize("name", ["transactions", "sales-2024", "export"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_transactions_that_are_completed_are_orders(tmp_path: Path, name: str, ending: str) -> None:
    rows = [
        ("1", "2024-01-01", "5", "completed"),
        ("1", "2024-01-02", "6", "open"),
        ("2", "2024-01-03", "7", "refunded"),
    ]
    columns = dict(zip(SALES.split(","), map(list, zip(*rows, strict=True)), strict=True))
    path = tmp_path / f"{name}.{ending}"
    if ending == "csv":
        path.write_text("\n".join([SALES, *(",".join(row) for row in rows)]))
    else:
        pq.write_table(pa.table(columns), path)
    for source in (path, tmp_path, {name: pa.table(columns)}):
        tables = read(source)
        assert (tables.has_orders, tables.has_coupons) == (True, False)
        assert orders(tables) == [(1, "2024-01-01", 5.0), (1, "2024-01-02", 6.0)]
        assert problem(tables, "cancelled_order").revenue == 7.0


@pytest.mark.parametrize(
    "text",
    [
        f"{SALES}\n1,2024-01-01,5,claimed\n2,2024-01-02,6,burnt",
        f"{SALES}\n1,2024-01-01,5,open\n2,2024-01-02,6,cancelled",
        f"{SALES}\n1,2024-01-01,5,completed\n2,2024-01-02,6,redeemed",
        f"{SALES},coupon\n1,2024-01-01,5,open,A\n2,2024-01-02,6,completed,B",
    ],
)
def test_coupons_with_an_amount_stay_coupons(tmp_path: Path, text: str) -> None:
    (tmp_path / "transactions.csv").write_text(text)
    assert not read(tmp_path).has_orders


def test_a_status_of_neither_says_how_to_call_it(tmp_path: Path) -> None:
    (tmp_path / "transactions.csv").write_text(f"{SALES}\n1,2024-01-01,5,A7\n2,2024-01-02,6,A7")
    with pytest.raises(DataError) as error:
        read(tmp_path)
    assert str(error.value) == (
        "No status of transactions.csv is known: status holds 'A7' (2). Say what it means (claimed, burnt, expired or "
        'cancelled) in coterie.toml: [status] "A7" = "claimed". If its rows are orders, not coupons, call the file orders.'
    )
    (tmp_path / "transactions.csv").rename(tmp_path / "orders.csv")
    assert orders(read(tmp_path)) == [(1, "2024-01-01", 5.0), (2, "2024-01-02", 6.0)]


def test_what_the_settings_call_transactions_is_not_taken_for_orders(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(f"{SALES}\n1,2024-01-01,5,completed")
    with pytest.raises(DataError, match=r"No status of export\.csv is known"):
        read(tmp_path, settings=ReadSettings(files={"transactions": "export.csv"}))
