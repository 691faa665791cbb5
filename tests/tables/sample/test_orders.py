from __future__ import annotations

import pandas as pd

from coterie.tables.sample import NEVER_ACTIVE, make_shop


def shop_frames(customers: int = 400):
    shop = make_shop(customers=customers, seed=1, orders=True)
    return shop, pd.DataFrame(shop.tables["orders"].to_pydict()), pd.DataFrame(shop.tables["transactions"].to_pydict())


def test_every_burnt_coupon_is_redeemed_in_an_order_of_its_own():
    _, orders, coupons = shop_frames()
    key = ["customer_id", "branch_id", "day"]
    burns = coupons.dropna().rename(columns={"burn_date": "day"}).astype({"branch_id": int}).groupby(key).size()
    bought = orders.rename(columns={"order_date": "day"}).groupby(key).size()

    assert (bought.reindex(burns.index, fill_value=0) >= burns).all()
    assert len(orders) > burns.sum()


def test_orders_are_in_time_order_with_known_keys_and_positive_amounts():
    shop, orders, _ = shop_frames()

    assert orders.order_id.tolist() == list(range(1, len(orders) + 1))
    assert orders.order_date.is_monotonic_increasing
    assert (orders.amount > 0).all()
    assert (orders.amount.round(2) == orders.amount).all()
    assert set(orders.branch_id) <= set(shop.tables["branches"]["branch_id"].to_pylist())
    truth = pd.DataFrame(shop.truth.to_pydict())
    assert not set(orders.customer_id) & set(truth.customer_id[truth.group == NEVER_ACTIVE])


def test_the_category_is_the_trade_of_the_merchant():
    shop, orders, _ = shop_frames()
    branches, merchants = (pd.DataFrame(shop.tables[name].to_pydict()) for name in ("branches", "merchants"))
    rows = orders.merge(branches).merge(merchants)

    assert (rows.merchant_name.str.split().str[-1] == rows.product_category).all()


def test_asking_for_orders_changes_no_other_table():
    shop, _, _ = shop_frames()
    plain = make_shop(customers=400, seed=1)

    assert all(plain.tables[name].equals(shop.tables[name]) for name in plain.tables)
