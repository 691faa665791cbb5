"""Probability alive, expected orders and value as features: as the models say, learned once, refused where untold."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coterie.errors import DataError
from coterie.features import Aggregates, Events, Orders, day_number, describe, evaluate, learn_events
from coterie.features.bg_nbd import expected_orders
from coterie.features.catalogue import FEATURES, available
from coterie.features.presets import PRESETS

NAMES = ("probability_alive", "expected_orders", "expected_value")
START, CUT, END = dt.date(2023, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 6, 30)


def lines_of(customers=400, seed=1, amount=None):
    """Customers who buy at their own pace until they stop, all with an order by the cut."""
    draw = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        rate, stops, mean = draw.gamma(0.8, 1 / 40), draw.beta(0.6, 3.0), 60 / draw.gamma(4.0)
        day = int(draw.integers(0, 300))
        while day <= (END - START).days:
            rows.append((customer, day, round(amount or mean * draw.gamma(4.0, 0.25) + 0.01, 2)))
            day += 1 + int(draw.exponential(1 / rate))
            if draw.random() < stops:
                break
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame["ordered_on"] = [START + dt.timedelta(days=int(day)) for day in frame.day]
    return frame.assign(order_id=[str(place) for place in range(len(frame))])


@pytest.fixture(scope="module")
def lines():
    return lines_of()


@pytest.fixture(scope="module")
def shop(make_tables, lines):
    people = pd.DataFrame({"customer_id": [*range(400), 990]})  # one without an order
    free = pd.DataFrame({"customer_id": [991], "order_id": ["f"], "ordered_on": [CUT], "amount": [0.0]})
    return make_tables(pd.concat([lines, free]), customers=people, as_of=END)


def told_by_pandas(lines, as_of, lifetime):
    """The three figures by customer, from the paper's formulas."""
    days = lines[lines.ordered_on <= as_of].groupby(["customer_id", "ordered_on"]).amount.sum().reset_index()
    by = days.groupby("customer_id")
    first, last = by.ordered_on.min(), by.ordered_on.max()
    x = (by.size() - 1).astype(float)
    t_x, t = ((end - first).map(lambda span: span.days / 7) for end in (last, pd.Series(as_of, first.index)))
    spent = by.amount.sum() - by.amount.first()
    r, alpha, a, b = lifetime.bg_nbd.parameters
    with np.errstate(divide="ignore"):
        odds = a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    alive = (1 / (1 + odds)).where(x > 0, 1.0)
    orders = expected_orders(lifetime.bg_nbd.parameters, *(part.to_numpy() for part in (x, t_x, t)), 52.0)
    p, q, gamma = lifetime.gamma_gamma.parameters
    value = orders * p * (gamma + spent) / (p * x + q - 1)
    return pd.DataFrame(dict(zip(NAMES, (alive, orders, value), strict=True)), first.index)


def test_they_are_what_the_fitted_models_say(shop, lines, rows_of):
    described = describe(shop, features=NAMES)
    found, lifetime = rows_of(shop, described), described.learned.lifetime
    assert (lifetime.reason, described.clustered) == ("", NAMES)
    known = told_by_pandas(lines, END, lifetime)
    assert (known.probability_alive == 1).sum() > 20
    np.testing.assert_allclose(found.loc[known.index, list(NAMES)], known, rtol=1e-9)
    assert found.loc[[990, 991], list(NAMES)].isna().all(axis=None)


def test_they_are_told_of_everybody_without_being_clustered_on(shop, rows_of):
    described = describe(shop)
    assert not {entry.name for entry in described.features} & set(NAMES)
    asked = rows_of(shop, describe(shop, features=NAMES))
    pd.testing.assert_frame_equal(rows_of(shop, described)[list(NAMES)], asked[list(NAMES)])


def test_other_data_are_told_by_the_models_that_were_learned(make_tables, shop, rows_of):
    learned = describe(shop, features=NAMES).learned
    # Too few to fit anything to, and a later day.
    few, later = lines_of(30, seed=9), END + dt.timedelta(days=100)
    other = make_tables(few, as_of=later)
    again = describe(other, features=NAMES, learned=learned)
    assert again.learned is learned
    known = told_by_pandas(few, later, learned.lifetime)
    np.testing.assert_allclose(rows_of(other, again).loc[known.index, list(NAMES)], known, rtol=1e-9)


def test_a_model_of_before_there_were_lifetime_models_tells_nothing_more(shop, rows_of):
    old = replace(describe(shop).learned, lifetime=None)
    assert not set(rows_of(shop, describe(shop, learned=old)).columns) & set(NAMES)
    with pytest.raises(DataError, match=r"'expected_orders' cannot be computed from this data. The model holds no"):
        describe(shop, features=["expected_orders"], learned=old)


def test_no_preset_holds_them_and_they_need_orders(make_tables):
    assert not {name for preset in PRESETS for name in preset.features} & set(NAMES)
    catalogue = {entry.name: entry for entry in FEATURES}
    for name in NAMES:
        assert catalogue[name].needs == ("orders",)
    coupons = pd.DataFrame({"customer_id": [1], "claimed_on": [CUT], "status": ["claimed"]})
    assert not set(available(make_tables(None, coupons, as_of=END))) & set(NAMES)


def test_where_no_model_fits_asking_for_one_is_one_sentence(make_tables, rows_of):
    once = lines_of(80).drop_duplicates("customer_id")
    tables = make_tables(once, as_of=END)
    said = (
        "Feature 'expected_orders' cannot be computed from this data. Lifetime value is not estimated: none of the 80 "
        "customers with an order bought on a second day, and 50 are needed to tell how buying goes on."
    )
    with pytest.raises(DataError) as refused:
        describe(tables, features=["order_recency", "expected_orders"])
    assert str(refused.value) == said
    assert not set(rows_of(tables, describe(tables)).columns) & set(NAMES)


def test_what_one_model_tells_is_told_without_the_other(make_tables, lines, rows_of):
    # What an order is worth grows with how many there are.
    dear = lines.assign(amount=lines.groupby("customer_id").amount.transform("size") * lines.amount)
    tables = make_tables(dear, as_of=END)
    with pytest.raises(DataError, match=r"'expected_value' cannot .* The value of an order is not estimated: it goes"):
        describe(tables, features=["expected_value"])
    found = rows_of(tables, describe(tables, features=["expected_orders"]))
    assert (found.expected_orders > 0).all()
    assert found.expected_value.isna().all()


def test_where_all_orders_are_worth_the_same_that_is_their_value(make_tables, rows_of):
    tables = make_tables(lines_of(amount=25.0), as_of=END)
    found = rows_of(tables, describe(tables, features=["expected_value"]))
    np.testing.assert_allclose(found.expected_value, 25 * found.expected_orders)


def test_where_nobody_stops_who_is_alive_is_not_told(make_tables, rows_of):
    draw = np.random.default_rng(3)
    paces = draw.gamma(1.0, 1 / 30, 500)
    rows = [
        (customer, START + dt.timedelta(days=int(day)), 10.0 + customer % 7)
        for customer, pace in enumerate(paces)
        for day in {0, *np.cumsum(draw.exponential(1 / pace, 400)).astype(int)}
        if day <= 400
    ]
    lines = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "amount"])
    tables = make_tables(lines.assign(order_id=[str(at) for at in range(len(rows))]), as_of=START + dt.timedelta(400))
    described = describe(tables, features=["expected_orders"])
    r, alpha, a, _ = described.learned.lifetime.bg_nbd.parameters
    assert a == 0
    found = rows_of(tables, described)
    days = lines.drop_duplicates(["customer_id", "ordered_on"]).groupby("customer_id").size()
    np.testing.assert_allclose(found.expected_orders, (r + days - 1) / (alpha + 400 / 7) * 52)
    assert found.probability_alive.isna().all()
    with pytest.raises(DataError, match=r"'probability_alive' cannot .* Hardly anybody is seen to stop buying"):
        describe(tables, features=["probability_alive"])


def events_of(lines, as_of):
    frame = lines.sort_values(["ordered_on", "customer_id"], kind="stable")
    days = np.array([day_number(day) for day in frame.ordered_on])
    customer = frame.customer_id.to_numpy()
    none = np.zeros(0, dtype=np.int64)
    orders = Orders(customer=customer, day=days, sales=frame.amount.to_numpy())
    unknown = np.full(customer.max() + 1, np.nan)
    return Events(unknown, none, none, none, np.zeros(0), np.zeros(0), none, none, day_number(as_of), orders=orders)


def test_at_an_earlier_day_they_are_learned_from_what_was_known_then(make_tables, lines, rows_of):
    known = events_of(lines, END).known_at(day_number(CUT))
    learned, aggregates = learn_events(known)
    then = make_tables(lines[lines.ordered_on <= CUT], as_of=CUT)
    described = describe(then, features=NAMES)
    np.testing.assert_allclose(learned.lifetime.bg_nbd.parameters, described.learned.lifetime.bg_nbd.parameters)
    found = rows_of(then, described)
    for entry in described.features:
        if entry.name in NAMES:
            np.testing.assert_allclose(evaluate(entry, aggregates, learned), found[entry.name], rtol=1e-6)


def test_at_a_day_too_early_for_a_model_they_are_undefined(lines):
    known = events_of(lines, END).known_at(day_number(START) + 20)
    learned, aggregates = learn_events(known)
    assert isinstance(aggregates, Aggregates)
    assert learned.lifetime.bg_nbd is None
    for entry in FEATURES:
        if entry.name in NAMES:
            assert np.isnan(evaluate(entry, aggregates, learned)).all()
