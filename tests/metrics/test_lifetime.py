"""Lifetime value per segment: against numpy over customers, what happened later, and the delta method."""

from __future__ import annotations

import datetime as dt
import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.features import NOWHERE, GroupedHistories, Histories, order_history
from coterie.features.bg_nbd import alive_probability, expected_orders
from coterie.features.gamma_gamma import RepeatSales
from coterie.features.lifetime import fit_lifetime, fit_models
from coterie.metrics.lifetime import lifetime_value

ORDERS = pa.schema([("customer_id", pa.int64()), ("ordered_on", pa.date32()), ("sales", pa.int64())])
ASSIGNED = pa.schema([("customer_id", pa.int64()), ("segment", pa.int64())])
CUT, HORIZON = dt.date(1997, 9, 30), 39


@pytest.fixture(scope="module")
def engine():
    engine = open_engine()
    yield engine
    engine.close()


def load(engine, frame, schema):
    columns = [pa.array(frame[field.name].tolist(), field.type) for field in schema]
    return engine.load([pa.record_batch(columns, schema=schema)], schema)


@pytest.fixture(scope="module")
def orders(request):
    data = request.getfixturevalue("reference_data") / "cdnow" / "orders.csv"
    orders = pd.read_csv(data, parse_dates=["order_date"])
    orders["ordered_on"] = orders.order_date.dt.date
    orders["sales"] = (orders.amount * 10_000).round().astype(int)
    return orders


def segmented(orders):
    """Segments by order days up to the cut: 1 many, 2 some, 3 one; every tenth customer fits none; 0 has no orders."""
    known = orders[orders.order_date <= pd.Timestamp(CUT)].drop_duplicates(["customer_id", "order_date"])
    days = known.groupby("customer_id").size()
    segment = pd.cut(days, [0, 1, 3, 999], labels=[3, 2, 1]).astype(int)
    segment[segment.index % 10 == 0] = -1
    frame = segment.rename("segment").rename_axis("customer_id").reset_index()
    return pd.concat([frame, pd.DataFrame({"customer_id": [9001, 9002], "segment": [0, 0]})])


@pytest.fixture(scope="module")
def cdnow(engine, orders):
    table = load(engine, orders, ORDERS)
    people = engine.keep(order_history(table, CUT))
    frame = pd.DataFrame(engine.collect(people).to_pydict()).merge(segmented(orders), on="customer_id")
    found = lifetime_value(
        engine, table, load(engine, segmented(orders), ASSIGNED), CUT, segments=[1, 2, 3, 0, -1], horizon=HORIZON
    )
    return found, frame, fit_lifetime(engine, people)


def test_models_are_those_published(cdnow):
    found, _, _ = cdnow
    assert (found.time_unit, found.as_of, found.horizon, found.reason) == ("week", CUT, HORIZON, "")
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4}
    assert list(found.bg_nbd) == list(published)
    assert found.bg_nbd == pytest.approx(published, abs=0.05)
    assert {name: round(found.bg_nbd[name], 3) for name in "ab"} == {"a": 0.793, "b": 2.426}
    assert found.gamma_gamma == pytest.approx({"p": 6.25, "q": 3.74, "gamma": 15.44}, abs=5e-3)


def test_segments_equal_sums_over_their_customers(cdnow):
    found, frame, model = cdnow
    assert [value.segment for value in found.segments] == [None, 1, 2, 3, -1]
    x, t_x, t = (frame[name].to_numpy(float) for name in ("x", "t_x", "t"))
    frame["alive"] = alive_probability(model.bg_nbd.parameters, x, t_x, t)
    frame["orders"] = expected_orders(model.bg_nbd.parameters, x, t_x, t, HORIZON)
    p, q, gamma = model.gamma_gamma.parameters
    frame["value"] = frame.orders * p * (gamma + frame.repeat_sales / 10_000) / (p * x + q - 1)
    for value in found.segments:
        own = frame if value.segment is None else frame[frame.segment == value.segment]
        assert value.customers == len(own)
        assert value.alive == pytest.approx(own.alive.mean(), rel=1e-8)
        assert value.expected_orders == pytest.approx(own.orders.mean(), rel=1e-8)
        assert value.expected_value == pytest.approx(own.value.mean(), rel=1e-8)
        assert value.total_value == pytest.approx(own.value.sum(), rel=1e-8)
        assert value.at_risk == ((own.x > 0) & (own.alive < 0.5)).sum()
        assert value.expected_orders_low < value.expected_orders < value.expected_orders_high
        assert value.expected_value_low < value.expected_value < value.expected_value_high
    everyone, *segments = found.segments
    assert everyone.total_value == pytest.approx(sum(value.total_value for value in segments))
    assert found.segments[3].alive == 1  # who bought once is never taken for gone


def test_what_happened_later_is_foretold_in_all_and_per_segment(cdnow, orders):
    found, frame, _ = cdnow
    later = orders[(orders.order_date > "1997-09-30") & (orders.order_date <= "1998-06-30")]
    later = later.drop_duplicates(["customer_id", "order_date"]).merge(frame[["customer_id", "segment"]])
    happened = later.groupby("segment").size()
    told = {value.segment: value.expected_orders * value.customers for value in found.segments}
    assert len(later) == 1882
    assert told[None] == pytest.approx(len(later), rel=0.15)
    for segment in (1, 2, 3, -1):
        assert told[segment] == pytest.approx(happened[segment], rel=0.25)


def test_intervals_are_those_of_the_delta_method(cdnow):
    found, frame, model = cdnow

    def mean(logs, own):
        x, t_x, t = (own[name].to_numpy(float) for name in ("x", "t_x", "t"))
        orders = expected_orders(np.exp(logs[:4]), x, t_x, t, HORIZON)
        p, q, gamma = np.exp(logs[4:])
        value = orders * p * (gamma + own.repeat_sales.to_numpy() / 10_000) / (p * x + q - 1)
        return np.log([orders.mean(), value.mean()])

    logs = np.log(np.concatenate([model.bg_nbd.parameters, model.gamma_gamma.parameters]))
    covariance = np.zeros((7, 7))
    covariance[:4, :4], covariance[4:, 4:] = model.bg_nbd.covariance, model.gamma_gamma.covariance
    for value in found.segments:
        own = frame if value.segment is None else frame[frame.segment == value.segment]
        slope = np.array([(mean(logs + step, own) - mean(logs - step, own)) / 2e-4 for step in 1e-4 * np.eye(7)])
        error = np.sqrt(np.diag(slope.T @ covariance @ slope))
        width = np.log(
            [
                value.expected_orders_high / value.expected_orders_low,
                value.expected_value_high / value.expected_value_low,
            ]
        )
        # 200 draws tell a width to about a tenth.
        assert width == pytest.approx(2 * 1.96 * error, rel=0.25)


def test_intervals_from_a_part_of_the_histories_are_nearly_the_same(engine, cdnow, orders, monkeypatch):
    monkeypatch.setattr(importlib.import_module("coterie.metrics.lifetime"), "THIN", 150)
    thin = lifetime_value(engine, load(engine, orders, ORDERS), None, CUT, horizon=HORIZON).segments[0]
    full = cdnow[0].segments[0]
    for name in ("expected_orders", "expected_value", "total_value", "alive", "at_risk"):
        assert getattr(thin, name) == getattr(full, name)
    for name in ("expected_orders_low", "expected_orders_high", "expected_value_low", "expected_value_high"):
        assert getattr(thin, name) == pytest.approx(getattr(full, name), rel=0.01)


def test_intervals_hold_the_truth_as_often_as_they_say(monkeypatch):
    """Of 16 simulated shops whose parameters are known, the true mean expectation lies within in 15 on average."""
    module = importlib.import_module("coterie.metrics.lifetime")
    monkeypatch.setattr(module, "THIN", 60)
    orders_truth, value_truth = np.array([0.6, 6.0, 0.8, 2.5]), np.array([6.0, 4.0, 30.0])
    held = []
    for seed in range(16):
        histories, sales = simulated(orders_truth, value_truth, customers=600, seed=seed)
        x = histories.x
        model = fit_models(histories, RepeatSales(x[x > 0], sales[x > 0], histories.customers[x > 0]))
        grouped = GroupedHistories(histories, sales, np.full(len(x), NOWHERE), 1)
        found = module._segment_value(module._parameters(model), module._draws(model), None, grouped, HORIZON)
        orders = expected_orders(orders_truth, x, histories.t_x, histories.t, HORIZON)
        p, q, gamma = value_truth
        value = (orders * p * (gamma + sales) / (p * x + q - 1)).mean()
        held.append(
            (
                found.expected_orders_low <= orders.mean() <= found.expected_orders_high,
                found.expected_value_low <= value <= found.expected_value_high,
            )
        )
    # Fewer than 13 happen once in 100 times where 95 % is true, and mostly where it is less than 75 %.
    assert np.sum(held, axis=0).min() >= 13


def simulated(orders_truth, value_truth, *, customers, seed):
    """Histories of customers as the models think of them, and their repeat sales."""
    draw = np.random.default_rng(seed)
    (r, alpha, a, b), (p, q, gamma) = orders_truth, value_truth
    t = draw.integers(20, 80, customers).astype(float)
    x, t_x = np.zeros(customers), np.zeros(customers)
    for one in range(customers):
        rate, stops, now = draw.gamma(r) / alpha, draw.beta(a, b), 0.0
        while (now := now + draw.exponential(1 / rate)) <= t[one]:
            x[one], t_x[one] = x[one] + 1, now
            if draw.random() < stops:
                break
    sales = np.where(x > 0, draw.gamma(p * np.maximum(x, 1)) * gamma / draw.gamma(q, size=customers), 0.0)
    return Histories(x, t_x, t, np.ones(customers)), sales


def test_where_nobody_stops_orders_are_told_with_intervals_and_who_is_alive_is_not(engine):
    draw = np.random.default_rng(5)
    rows = [
        (customer, dt.date(1997, 1, 1) + dt.timedelta(days=int(day)), int(draw.gamma(4.0) * mean))
        for customer, (rate, mean) in enumerate(
            zip(draw.gamma(1.0, 1 / 30, 600), 9e5 / draw.gamma(4, size=600), strict=True)
        )
        for day in {0, *np.cumsum(draw.exponential(1 / rate, 400)).astype(int)}
        if day <= 272
    ]
    table = load(engine, pd.DataFrame(rows, columns=ORDERS.names), ORDERS)
    found = lifetime_value(engine, table, None, CUT, horizon=HORIZON)
    everyone = found.segments[0]
    r, alpha, a = (found.bg_nbd[name] for name in ("r", "alpha", "a"))
    assert (a, everyone.alive, everyone.at_risk) == (0, None, None)
    assert found.reason.startswith("Hardly anybody is seen to stop buying, so who has left cannot be told")
    days = len({row[:2] for row in rows})
    mean = (600 * r + days - 600) / 600 / (alpha + 272 / 7) * HORIZON
    assert everyone.expected_orders == pytest.approx(mean, rel=1e-8)
    # The delta method, with the covariance of the fit itself.
    people = engine.keep(order_history(table, CUT))
    covariance = np.array(fit_lifetime(engine, people).bg_nbd.covariance)[:2, :2]
    slope = np.array([600 * r / (600 * r + days - 600), -alpha / (alpha + 272 / 7)])
    width = np.log(everyone.expected_orders_high / everyone.expected_orders_low)
    assert width == pytest.approx(2 * 1.96 * np.sqrt(slope @ covariance @ slope), rel=0.25)
    assert everyone.expected_value_low < everyone.expected_value < everyone.expected_value_high


def test_a_model_fitted_before_is_taken_as_it_is(engine, cdnow, orders):
    found, _, model = cdnow
    given = lifetime_value(engine, load(engine, orders, ORDERS), None, CUT, horizon=HORIZON, model=model)
    assert given.segments == found.segments[:1]
    refused = replace(model, bg_nbd=None, reason="No.")
    assert lifetime_value(engine, load(engine, orders, ORDERS), None, CUT, model=refused).reason == "No."


def test_segments_may_be_left_out_or_missing(engine, cdnow, orders):
    table, frame = load(engine, orders, ORDERS), segmented(orders)
    alone = lifetime_value(engine, table, None, CUT, horizon=HORIZON)
    assert alone.segments == cdnow[0].segments[:1]
    # Customers without a segment count for all.
    part = load(engine, frame[frame.segment == 2], ASSIGNED)
    found = lifetime_value(engine, table, part, CUT, horizon=HORIZON).segments
    assert found == (cdnow[0].segments[0], cdnow[0].segments[2])
    with pytest.raises(ValueError, match="at least 1 week"):
        lifetime_value(engine, table, None, CUT, horizon=0)


def test_refusals_reach_the_result(engine, orders):
    once = orders.drop_duplicates("customer_id")
    found = lifetime_value(engine, load(engine, once, ORDERS), None, CUT)
    assert (found.bg_nbd, found.gamma_gamma, found.segments, found.horizon) == (None, None, (), 52)
    assert "none of the 2,357 customers with an order bought on a second day" in found.reason


def test_value_is_left_open_or_constant_where_there_is_no_model_of_it(engine, cdnow, orders):
    everyone = cdnow[0].segments[0]
    free = lifetime_value(engine, load(engine, orders.assign(sales=0), ORDERS), None, CUT, horizon=HORIZON)
    assert (free.gamma_gamma, free.segments[0].expected_value, free.segments[0].total_value) == (None, None, None)
    assert free.segments[0].expected_orders == everyone.expected_orders
    assert free.reason.startswith("The value of an order is not estimated: 0 customers")
    single = orders.drop_duplicates(["customer_id", "order_date"]).assign(sales=200_000)
    same = lifetime_value(engine, load(engine, single, ORDERS), None, CUT, horizon=HORIZON)
    assert same.gamma_gamma is None
    assert same.reason.startswith("All repeat purchases are worth the same, 20.00,")
    for end in ("", "_low", "_high"):
        value, number = (getattr(same.segments[0], f"expected_{name}{end}") for name in ("value", "orders"))
        assert value == pytest.approx(20 * number, rel=1e-8)
