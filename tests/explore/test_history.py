"""One customer: every event once, newest first."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from coterie.explore import Filters

MOST = 200


def events_by_hand(opened, customer):
    """(day, kind, burnt_on, what, amount) of every event."""
    found = []
    if opened.coupons is not None:
        for row in opened.coupons[opened.coupons.customer_id == customer].itertuples():
            burnt_on = None if pd.isna(row.burnt_on) else row.burnt_on
            found.append((row.claimed_on, row.status, burnt_on, row.coupon_name, None))
    if opened.lines is not None:
        for row in opened.lines[opened.lines.customer_id == customer].itertuples():
            kind = "order" if row.kind == "sale" else row.kind
            found.append(
                (row.ordered_on, kind, None, None if pd.isna(row.category) else row.category, row.money / 10_000)
            )
    return found


def test_of_many_customers(opened):
    listed = {row.customer_id: row for row in opened.shop.customers(Filters(), size=1_000).rows}
    joined = opened.people.set_index("customer_id").join_date
    for customer in [*opened.people.customer_id[::25], *opened.people.customer_id[-3:]]:
        history = opened.shop.customer(str(customer))
        assert history.customer == listed[str(customer)]
        assert history.join_date == (None if pd.isna(joined[customer]) else joined[customer])
        days = [event.day for event in history.events]
        assert days == sorted(days, reverse=True)
        expected = events_by_hand(opened, customer)
        assert history.total == len(expected)
        told = [(one.day, one.kind, one.burnt_on, one.what, one.amount) for one in history.events]
        assert sorted(told, key=repr) == sorted(expected, key=repr)


def test_places_are_called_by_name(both):
    own = both.lines[both.lines.merchant_id == "1"].iloc[0]
    history = both.shop.customer(str(own.customer_id))
    assert ("Alder Coffee", own.branch_id) in {(event.merchant, event.branch) for event in history.events}


def test_of_many_events_the_newest(make_opened):
    def much(frames):
        frames["transactions"]["customer_id"] = [
            1 if at < 300 else one for at, one in enumerate(frames["transactions"].customer_id)
        ]

    opened = make_opened(change=much, seed=12)
    history, expected = opened.shop.customer("1"), events_by_hand(opened, 1)
    assert history.total == len(expected) > 300
    assert len(history.events) == MOST
    assert [event.day for event in history.events] == sorted((one[0] for one in expected), reverse=True)[:MOST]


@pytest.mark.parametrize("customer_id", ["", "0", "01", "1 ", "1.0", "x' OR '1'='1", "a\0", "\ud800", "9" * 40])
def test_of_nobody(both, customer_id):
    assert both.shop.customer(customer_id) is None


def test_an_expired_coupon_is_told_as_such(make_opened):
    def expiring(frames):
        coupons = frames["transactions"]
        coupons.loc[coupons.index[::9], "transaction_status"] = "expired"
        coupons["expiry_date"] = [day + dt.timedelta(days=30) for day in coupons.transaction_date]

    opened = make_opened(orders=False, seed=13, change=expiring)
    expired = opened.coupons[opened.coupons.status == "expired"]
    customer = expired.customer_id.iloc[0]
    kinds = [event.kind for event in opened.shop.customer(str(customer)).events]
    assert kinds.count("expired") == (expired.customer_id == customer).sum()
