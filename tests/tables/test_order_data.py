"""Real order data: every line accounted for, and the sums that others counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from coterie.features import orders_of
from coterie.settings import ReadSettings
from coterie.tables import Problem, Tables, read

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RETAIL, CDNOW = DATA / "online-retail" / "lines.parquet", DATA / "cdnow" / "orders.csv"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data sets are not beside this checkout")


def kinds(tables: Tables) -> dict[str, tuple[int, float]]:
    lines = tables.lines
    assert lines is not None
    found = lines.group_by("kind").aggregate(n=lines.count(), money=lines.money.sum().cast("int64"))
    return {row["kind"]: (row["n"], row["money"] / 10_000) for row in tables.engine.collect(found).to_pylist()}


def one(tables: Tables, expression: Any) -> dict[str, Any]:
    row: dict[str, Any] = tables.engine.collect(expression).to_pylist()[0]
    return row


def problem(tables: Tables, rule: str) -> Problem:
    return next(p for p in tables.quality.problems if p.rule == rule)


@pytest.fixture(scope="module")
def retail() -> Tables:
    return read(RETAIL)


@needs_data
def test_online_retail_accounts_for_every_line(retail: Tables) -> None:
    count = retail.quality.tables["orders"]
    assert (count.rows_in, count.rows_used, count.rows_set_aside) == (541_909, 406_829, 135_080)
    assert dict(count.reasons) == {"missing_customer_id": 135_080}
    assert kinds(retail) == {
        "sale": (397_884, 8_911_407.904),
        "return": (8_905, -611_342.09),
        "free": (40, 0.0),
    }
    aside = problem(retail, "missing_customer_id")
    assert aside.revenue == 1_447_682.12
    assert "1,447,682.12" in aside.message
    whole = pq.read_table(RETAIL)
    total = pc.sum(pc.multiply(whole["Quantity"].cast("float64"), whole["Price"])).as_py()
    used = sum(money for _, money in kinds(retail).values())
    assert used + aside.revenue == pytest.approx(total, abs=1e-3)
    assert round(total, 2) == 9_747_747.93
    rejects = retail.rejects["orders"]
    assert one(retail, rejects.aggregate(n=rejects.count())) == {"n": 135_080}


@needs_data
def test_online_retail_orders_and_customers(retail: Tables) -> None:
    lines = retail.lines
    assert lines is not None
    orders = orders_of(lines)
    found = one(retail, orders.aggregate(n=orders.count(), who=orders.customer_id.nunique(), money=orders.sales.sum()))
    assert (found["n"], found["who"], found["money"]) == (18_532, 4_338, 89_114_079_040)
    per = lines.group_by("customer_id").aggregate(
        sales=(lines.kind == "sale").sum(), returns=(lines.kind == "return").sum(), free=(lines.kind == "free").sum()
    )
    without = per.filter(per.sales == 0)
    counted = one(
        retail,
        without.aggregate(
            returns=(without.returns > 0).sum(), free=((without.returns == 0) & (without.free > 0)).sum()
        ),
    )
    assert counted == {"returns": 33, "free": 1}
    assert (str(retail.first_day), str(retail.as_of)) == ("2010-12-01", "2011-12-09")


@needs_data
def test_online_retail_findings(retail: Tables) -> None:
    copies = problem(retail, "identical_lines")
    assert copies.count == 5_268
    assert "43 of them set aside" in copies.message
    assert problem(retail, "attribute_varies").count == 8
    assert [attribute.name for attribute in retail.attributes] == ["Country"]
    assert retail.attributes[0].values[0] == "United Kingdom"
    customers = one(
        retail, retail.customers.aggregate(n=retail.customers.count(), of=retail.customers.Country.nunique())
    )
    assert customers == {"n": 4_372, "of": 37}
    codes = problem(retail, "non_products")
    assert "POST (POSTAGE)" in codes.message
    assert "BANK CHARGES 165.00" in codes.message
    assert (problem(retail, "returns").count, problem(retail, "returns").revenue) == (8_905, -611_342.09)
    assert problem(retail, "free_items").count == 40
    assert {p.rule for p in retail.quality.problems if p.severity == "fault"} == {"missing_customer_id"}


@needs_data
def test_online_retail_with_duplicates_dropped_and_postage_excluded() -> None:
    settings = ReadSettings(drop_duplicate_lines=True, exclude_products=("post", "Manual", "nothing"))
    collapsed = read(RETAIL, settings=settings.model_copy(update={"exclude_products": ()}))
    assert kinds(collapsed)["sale"] == (392_692, pytest.approx(8_887_208.894, abs=1e-6))
    assert dict(collapsed.quality.tables["orders"].reasons) == {"missing_customer_id": 135_080, "duplicate": 5_225}
    excluded = read(RETAIL, settings=settings.model_copy(update={"drop_duplicate_lines": False}))
    left_out = problem(excluded, "excluded_product")
    codes = pq.read_table(RETAIL, columns=["StockCode"], filters=[("Customer ID", ">", 0)])["StockCode"]
    assert left_out.count == pc.sum(pc.is_in(codes, pa.array(["POST", "M"]))).as_py()
    assert left_out.revenue == pytest.approx(66_710.24 - 58_385.46, abs=0.01)
    assert problem(excluded, "unmatched_exclusion").message.startswith("exclude_products names nothing, which")


@needs_data
def test_cdnow_orders_of_nothing_are_orders() -> None:
    tables = read(CDNOW)
    lines = tables.lines
    assert lines is not None
    count = tables.quality.tables["orders"]
    assert (count.rows_in, count.rows_used) == (6_919, 6_919)
    assert kinds(tables) == {"sale": (6_919, 244_091.94)}
    nothing = lines.filter(lines.money == 0)
    assert one(tables, nothing.aggregate(n=nothing.count())) == {"n": 8}
    orders = orders_of(lines)
    found = one(tables, orders.aggregate(n=orders.count(), who=orders.customer_id.nunique()))
    assert found == {"n": 6_919, "who": 2_357}
    assert not tables.has_coupons
    assert tables.coupons.columns[:4] == ("transaction_id", "customer_id", "claimed_on", "status")
    assert tables.coupons.customer_id.type() == lines.customer_id.type()
    assert one(tables, tables.coupons.aggregate(n=tables.coupons.count())) == {"n": 0}
