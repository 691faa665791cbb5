"""Some segments together, from the numbers of each: as if they had been measured as one."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

import coterie as ct
from coterie.metrics import measure, of_segments

SUMMED = ("sales", "returns", "revenue", "orders", "aov", "net_aov", "repeat_purchase_rate")


@pytest.fixture(scope="module", params=[True, False], ids=["orders", "coupons"])
def shop(request, tmp_path_factory):
    """Tables, and customers in segments 0 to 3 by their id."""
    folder = tmp_path_factory.mktemp("chosen") / "shop"
    tables = ct.read(ct.sample(folder, customers=300, seed=8, orders=request.param, file_format="parquet"))
    customers = tables.customers
    yield tables, customers.select("customer_id", segment=(customers.customer_id % 4).cast("int64"))
    tables.engine.close()


def test_all_segments_are_all_customers(shop):
    tables, assigned = shop
    whole = measure(tables, assigned, (0, 1, 2, 3))
    chosen = of_segments(whole, {0, 1, 2, 3})
    assert chosen.monthly == whole.monthly
    assert chosen.retention == whole.retention
    assert chosen.customers == whole.customers
    for name in SUMMED:
        assert getattr(chosen, name) == pytest.approx(getattr(whole, name))


def test_two_segments_are_those_measured_as_one(shop):
    tables, assigned = shop
    chosen = of_segments(measure(tables, assigned, (0, 1, 2, 3)), {1, 3})
    merged = assigned.mutate(segment=ibis.ifelse(assigned.segment.isin([1, 3]), 1, 0).cast("int64"))
    (one,) = [found for found in measure(tables, merged, (0, 1)).segments if found.segment == 1]
    assert [found.segment for found in chosen.segments] == [1, 3]
    assert chosen.monthly == one.monthly
    assert chosen.retention == one.retention
    assert chosen.customers == one.buyers
    for name in SUMMED:
        assert getattr(chosen, name) == pytest.approx(getattr(one, name))


def test_chosen_segments_are_set_beside_each_other(tmp_path):
    folder = ct.sample(tmp_path / "shop", customers=300, seed=8, orders=True, file_format="parquet")
    tables = ct.read(folder)
    customers = tables.customers
    assigned = customers.select("customer_id", segment=(customers.customer_id % 4).cast("int64"))
    chosen = of_segments(measure(tables, assigned, (0, 1, 2, 3)), {1, 3})
    tables.engine.close()
    lines = pd.read_parquet(folder / "orders.parquet")
    sold = lines[(lines.amount > 0) & (lines.customer_id % 2 == 1)]
    by_segment = sold.groupby(sold.customer_id % 4)
    shares = by_segment.amount.sum() / sold.amount.sum()
    of_buyers = by_segment.customer_id.nunique() / sold.customer_id.nunique()
    assert {one.segment: one.sales_share for one in chosen.segments} == pytest.approx(shares.to_dict())
    assert {one.segment: one.sales_index for one in chosen.segments} == pytest.approx((shares / of_buyers).to_dict())
    (alone,) = of_segments(chosen, {3}).segments
    assert (alone.sales_share, alone.sales_index) == (1, 1)


def test_a_segment_that_is_not_there_has_nothing(shop):
    tables, assigned = shop
    chosen = of_segments(measure(tables, assigned, (0, 1, 2, 3)), {7})
    assert (chosen.segments, chosen.monthly, chosen.retention) == ((), (), None)
    assert chosen.orders == (0 if tables.has_orders else None)
