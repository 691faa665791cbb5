"""Lifetime models from orders: the published fit, what is expected of each customer, and every refusal."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom

from coterie.engines import open_engine
from coterie.features import order_history
from coterie.features.bg_nbd import expected_orders
from coterie.features.expected import expected_orders as orders_of_each
from coterie.features.expected import expected_value, probability_alive, with_orders_if_alive
from coterie.features.lifetime import fit_lifetime

ORDERS = pa.schema([("customer_id", pa.int64()), ("ordered_on", pa.date32()), ("sales", pa.int64())])
START, END = dt.date(2023, 1, 1), dt.date(2024, 6, 30)


@pytest.fixture(scope="module")
def engine():
    engine = open_engine()
    yield engine
    engine.close()


def people_of(engine, frame, as_of):
    columns = [pa.array(frame[field.name].tolist(), field.type) for field in ORDERS]
    table = engine.load([pa.record_batch(columns, schema=ORDERS)], ORDERS)
    return engine.keep(order_history(table, as_of))


def expected(engine, people, model, horizon=52):
    """What the models expect of each customer, by customer, from the columns that describing counts."""
    counted = people.select(
        "customer_id",
        order_days=people.x + 1,
        order_span=people.span_days,
        order_recency=people.age_days - people.span_days,
        repeat_spend=people.repeat_sales / 10_000,
    )
    t = with_orders_if_alive(engine, engine.keep(counted), model, horizon=horizon)
    alive, orders, value = probability_alive(t, model), orders_of_each(t, model), expected_value(t, model)
    return rows(engine, t.select("customer_id", alive=alive, expected_orders=orders, expected_value=value))


def rows(engine, table):
    return pd.DataFrame(engine.collect(table.order_by("customer_id")).to_pydict()).set_index("customer_id")


def shop(customers=600, seed=1, money=None, chance=None):
    """Customers who buy at their own pace until they stop, and spend what `money(draw, customer, x)` says."""
    draw = np.random.default_rng(seed)
    money = money or (lambda draw, mean, orders: mean * draw.gamma(4.0, 1 / 4.0, orders))
    found = []
    for customer in range(customers):
        rate, stops = draw.gamma(0.8, 1 / 6), draw.beta(0.6, 3.0) if chance is None else chance
        mean = 60 / draw.gamma(4.0)
        day = float(draw.integers(0, 400))
        days = [int(day)]
        while True:
            day += 7 * draw.exponential(1 / rate)
            if day > (END - START).days:
                break
            days.append(int(day))
            if draw.random() < stops:
                break
        found += [
            (customer, START + dt.timedelta(days=at), max(1, round(spent * 10_000)))
            for at, spent in zip(days, money(draw, mean, len(days)), strict=True)
        ]
    return pd.DataFrame(found, columns=ORDERS.names)


@pytest.fixture(scope="module")
def cdnow(engine, request):
    data = request.getfixturevalue("reference_data") / "cdnow" / "orders.csv"
    orders = pd.read_csv(data, parse_dates=["order_date"])
    orders["ordered_on"] = orders.order_date.dt.date
    orders["sales"] = (orders.amount * 10_000).round().astype(int)
    people = people_of(engine, orders, dt.date(1997, 9, 30))
    return people, fit_lifetime(engine, people), orders


def test_the_published_models_from_the_orders(cdnow):
    _, model, _ = cdnow
    assert model.bg_nbd.parameters == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert model.bg_nbd.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert model.gamma_gamma.parameters == pytest.approx([6.25, 3.74, 15.44], abs=5e-3)
    assert (model.repeat_buyers, model.days_together, model.reason) == (946, 1, "")
    assert 0 < model.correlation < 0.15
    assert model.has_value


def test_what_is_expected_of_each_customer_equals_numpy(engine, cdnow):
    people, model, _ = cdnow
    known, found = rows(engine, people), expected(engine, people, model, horizon=39)
    assert found.index.equals(known.index)
    x, t_x, t = (known[name].to_numpy(float) for name in ("x", "t_x", "t"))
    r, alpha, a, b = model.bg_nbd.parameters
    with np.errstate(divide="ignore"):
        odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x), 0)
    assert found.alive.to_numpy() == pytest.approx(1 / (1 + odds), rel=1e-12)
    orders = expected_orders(model.bg_nbd.parameters, x, t_x, t, 39.0)
    assert found.expected_orders.to_numpy() == pytest.approx(orders, rel=1e-12)
    p, q, gamma = model.gamma_gamma.parameters
    spent = x * known.mean_value.fillna(0).to_numpy()
    assert found.expected_value.to_numpy() == pytest.approx(orders * p * (gamma + spent) / (p * x + q - 1), rel=1e-12)
    assert found.loc[1, "expected_orders"] == pytest.approx(1.226, abs=5e-4)  # as in the paper


def test_held_out_purchases_are_foretold(engine, cdnow):
    people, model, orders = cdnow
    later = orders[(orders.order_date > "1997-09-30") & (orders.order_date <= "1998-06-30")]
    days = len(later.drop_duplicates(["customer_id", "order_date"]))
    assert days == 1882
    told = expected(engine, people, model, horizon=39).expected_orders.sum()
    assert told == pytest.approx(days, rel=0.15)
    assert told == pytest.approx(1653.4, abs=0.1)


def test_histories_put_together_change_the_models_little(engine, cdnow):
    people, exact, _ = cdnow
    rough = fit_lifetime(engine, people, most=900)
    assert rough.days_together == 7
    error = np.sqrt(np.diag(exact.bg_nbd.covariance))
    assert (np.abs(np.log(rough.bg_nbd.parameters / exact.bg_nbd.parameters)) < 0.05 * error).all()
    rough = fit_lifetime(engine, people, most=600)
    assert rough.gamma_gamma.parameters == pytest.approx(exact.gamma_gamma.parameters, rel=2e-3)


def test_same_customers_in_another_order_are_the_same_model(engine):
    frame = shop(300)
    first, second = (
        fit_lifetime(engine, people_of(engine, part, END)) for part in (frame, frame.sample(frac=1, random_state=3))
    )
    assert first.gamma_gamma is not None
    assert first == second


@pytest.mark.parametrize(
    ("customers", "said"),
    [
        (0, "nobody has an order"),
        (1, "none of the 1 customers with an order bought on a second day"),
        (80, "none of the 80 customers with an order bought on a second day, and 50 are needed"),
    ],
)
def test_one_time_buyers_have_no_model(engine, customers, said):
    frame = pd.DataFrame({"customer_id": range(customers), "ordered_on": [START] * customers, "sales": [9] * customers})
    # A second order of the day is none of another day.
    model = fit_lifetime(engine, people_of(engine, pd.concat([frame, frame]), END))
    assert model.bg_nbd is None
    assert said in model.reason
    assert (model.repeat_buyers, model.has_value) == (0, False)


def test_fewer_than_fifty_repeat_buyers_are_too_few(engine):
    frame = shop(55)
    days = frame.groupby("customer_id").ordered_on.nunique()
    repeat = days[days > 1].index
    assert len(repeat) < 50
    model = fit_lifetime(engine, people_of(engine, frame, END))
    assert model.reason.startswith(f"Lifetime value is not estimated: only {len(repeat)} of the 55 customers")


def test_where_nobody_stops_orders_go_on_and_who_is_alive_is_not_told(engine):
    """The limit a = 0 is the NBD: scipy's negative binomial, by Nelder-Mead; and what the same shop buys later."""
    frame = shop(800, chance=0.0)
    cut = END - dt.timedelta(days=180)
    people = people_of(engine, frame[frame.ordered_on <= cut], cut)
    model = fit_lifetime(engine, people)
    known = rows(engine, people)

    def loss(logs):
        r, alpha = np.exp(logs)
        return -nbinom.logpmf(known.x, r, alpha / (alpha + known.t)).sum()

    best = minimize(loss, np.log([1.0, 5.0]), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    r, alpha = np.exp(best.x)
    assert (model.bg_nbd.r, model.bg_nbd.alpha) == pytest.approx((r, alpha), rel=1e-5)
    assert (model.bg_nbd.a, model.bg_nbd.tells_alive) == (0.0, False)
    error = np.sqrt(np.diag(np.linalg.inv(hessian(loss, best.x))))
    assert np.sqrt(np.diag(model.bg_nbd.covariance)) == pytest.approx([*error, 0, 0], rel=1e-3)
    assert model.reason == (
        "Hardly anybody is seen to stop buying, so who has left cannot be told: every customer is expected to go on at "
        "their own pace."
    )
    found = expected(engine, people, model, horizon=180 // 7)
    assert found.alive.isna().all()
    assert found.expected_orders.to_numpy() == pytest.approx((r + known.x) / (alpha + known.t) * (180 // 7), rel=1e-5)
    p, q, gamma = model.gamma_gamma.parameters
    value = p * (gamma + known.repeat_sales / 10_000) / (p * known.x + q - 1)
    assert (found.expected_value / found.expected_orders).to_numpy() == pytest.approx(value.to_numpy())
    later = frame[(frame.ordered_on > cut) & frame.customer_id.isin(known.index)]
    later = later[[(day - cut).days <= 7 * (180 // 7) for day in later.ordered_on]]
    days = len(later.drop_duplicates(["customer_id", "ordered_on"]))
    assert found.expected_orders.sum() == pytest.approx(days, rel=0.1)


def hessian(function, place, width=1e-3):
    """Second derivatives by differences of the function itself."""
    steps = width * np.eye(len(place))
    return np.array(
        [
            [
                (function(place + a + b) - function(place + a - b) - function(place - a + b) + function(place - a - b))
                / (4 * width**2)
                for b in steps
            ]
            for a in steps
        ]
    )


def test_equal_amounts_are_that_amount(engine):
    frame = shop(money=lambda draw, mean, orders: [25.0] * orders).drop_duplicates(["customer_id", "ordered_on"])
    people = people_of(engine, frame, END)
    model = fit_lifetime(engine, people)
    assert (model.gamma_gamma, model.constant, model.has_value) == (None, 25.0, True)
    assert model.reason.startswith("All repeat purchases are worth the same, 25.00,")
    found = expected(engine, people, model)
    assert found.expected_value.to_numpy() == pytest.approx(25 * found.expected_orders.to_numpy())


def test_value_that_goes_with_frequency_is_not_told_and_orders_are(engine):
    people = people_of(engine, shop(money=lambda draw, mean, orders: draw.gamma(4.0, 5.0, orders) * orders), END)
    model = fit_lifetime(engine, people)
    assert model.bg_nbd is not None
    assert (model.gamma_gamma, model.constant, model.has_value) == (None, None, False)
    assert model.correlation > 0.3
    assert f"(correlation {model.correlation:.2f})" in model.reason
    found = expected(engine, people, model)
    assert (found.expected_orders > 0).all()
    assert found.expected_value.isna().all()


def test_worthless_repeat_orders_tell_no_value(engine):
    frame = shop()
    frame["sales"] = 0
    model = fit_lifetime(engine, people_of(engine, frame, END))
    assert model.bg_nbd is not None
    assert "0 customers have repeat orders that are worth something, and 50 are needed" in model.reason


def test_a_customer_long_gone_and_frequent_is_surely_lost(engine, cdnow):
    _, model, _ = cdnow
    frame = pd.DataFrame(
        {"customer_id": 1, "ordered_on": [START + dt.timedelta(days=k) for k in range(300)], "sales": 50_000}
    )
    people = people_of(engine, frame, dt.date(2090, 1, 1))
    found = expected(engine, people, model).iloc[0]
    assert 0 <= found.alive < 1e-100
    assert 0 <= found.expected_orders < 1e-100
