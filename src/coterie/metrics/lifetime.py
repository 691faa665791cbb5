"""Lifetime value of all customers and of each segment, with intervals from how sure the models' parameters are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coterie.clustering import generator
from coterie.features import (
    HORIZON,
    NOWHERE,
    GroupedHistories,
    Histories,
    Lifetime,
    alive_probability,
    fit_lifetime,
    grouped_histories,
    order_history,
    orders_if_alive,
    value_of_order,
    within_bounds,
)
from coterie.metrics.contract import LifetimeValue, SegmentValue
from coterie.rounding import round9
from coterie.tables import with_segment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

Floats = NDArray[np.float64]

Parameters = tuple[Floats, Floats | None, float | None]
"""r, alpha, a, b; p, q, gamma where there is a Gamma-Gamma; the value of every order where there is but one."""

DRAWS = 200
THIN = 2_000
"""Histories of a group on which the draws are worked out; the mean itself is of all of them."""
_SEED, _ORDERS, _VALUES = 2005, 1, 2


def lifetime_value(
    engine: Engine,
    orders: ir.Table,
    assigned: ir.Table | None,
    as_of: dt.date,
    *,
    segments: Sequence[int] | None = None,
    horizon: int = HORIZON,
    model: Lifetime | None = None,
) -> LifetimeValue:
    """What customers will buy within `horizon` weeks from `as_of`, for all and per segment.

    One model is fitted to all customers; segments differ by the histories of their customers.

    Args:
        engine: Where the tables live.
        orders: `Tables.orders`, or customer_id, ordered_on, sales (int64 money) of each order.
        assigned: customer_id (unique), segment (integer); None without segments. Customers missing in it count for all.
        as_of: Orders after it are not known.
        segments: To tell, in this order; None for all of them, ascending. Those without an order are left out.
        horizon: Weeks, 1 or more.
        model: As fitted to these orders; fitted here if None.

    Returns:
        With `reason`, and without what it names, where a model cannot be used; a model in which nobody stops tells no
        alive and at_risk. Values are not discounted.

    Raises:
        ValueError: The horizon is not positive.
    """
    if horizon < 1:
        raise ValueError("the horizon must be at least 1 week")
    people = engine.keep(with_segment(order_history(orders, as_of), assigned))
    model = model or fit_lifetime(engine, people)
    if model.bg_nbd is None:
        return LifetimeValue("week", as_of, None, None, horizon, (), model.reason)
    grouped = grouped_histories(engine, people, by="segment")
    known = np.unique(grouped.group[grouped.group != NOWHERE]).tolist()
    asked = known if segments is None else [number for number in segments if number in known]
    likely, draws = _parameters(model), _draws(model)
    values = [_segment_value(likely, draws, number, grouped, horizon) for number in (None, *asked)]
    names = ("r", "alpha", "a", "b", "log_likelihood")
    bg_nbd = {name: float(getattr(model.bg_nbd, name)) for name in names}
    gamma_gamma = model.gamma_gamma
    value = None if gamma_gamma is None else {"p": gamma_gamma.p, "q": gamma_gamma.q, "gamma": gamma_gamma.gamma}
    return LifetimeValue("week", as_of, bg_nbd, value, horizon, tuple(values), model.reason)


def _parameters(model: Lifetime) -> Parameters:
    assert model.bg_nbd is not None
    return model.bg_nbd.parameters, model.gamma_gamma.parameters if model.gamma_gamma else None, model.constant


def _draws(model: Lifetime) -> list[Parameters]:
    """Parameters as they may be too: normal logarithms around the fitted ones; those without a mean value are left out.

    Maximum likelihood is about normal with many customers, and on the log scale sooner than on the plain one.
    """
    assert model.bg_nbd is not None
    bg_nbd = within_bounds(_around(model.bg_nbd.parameters, model.bg_nbd.covariance, _ORDERS))
    if model.gamma_gamma is None:
        return [(own, None, model.constant) for own in bg_nbd]
    gamma_gamma = _around(model.gamma_gamma.parameters, model.gamma_gamma.covariance, _VALUES)
    return [(own, value, None) for own, value in zip(bg_nbd, gamma_gamma, strict=True) if value[1] > 1]


def _around(parameters: Floats, covariance: tuple[tuple[float, ...], ...], purpose: int) -> Floats:
    """(DRAWS, k) parameters; those without a variance stay as they are."""
    known = np.array(covariance)
    free = np.diag(known) > 0
    normal = generator(_SEED, purpose).standard_normal((DRAWS, len(parameters)))[:, free]
    found = np.tile(parameters, (DRAWS, 1))
    found[:, free] *= np.exp(normal @ np.linalg.cholesky(known[np.ix_(free, free)]).T)
    return found


def _segment_value(
    likely: Parameters, draws: list[Parameters], segment: int | None, grouped: GroupedHistories, horizon: int
) -> SegmentValue:
    """One segment, or everyone (None)."""
    own = np.full(len(grouped.group), True) if segment is None else grouped.group == segment
    histories = Histories(*(getattr(grouped.histories, name)[own] for name in ("x", "t_x", "t", "customers")))
    sales = grouped.sales[own] / histories.customers
    alive, orders, value = _expected(likely, histories, sales, horizon)
    weight = histories.customers
    customers = int(weight.sum())
    means = np.array([alive @ weight, orders @ weight, value @ weight]) / customers
    low, high = (means[1:] * ends for ends in _interval(likely, draws, histories, sales, horizon))
    told, stops = not np.isnan(means[2]), likely[0][2] > 0
    return SegmentValue(
        segment=segment,
        customers=customers,
        alive=round9(float(means[0])) if stops else None,
        expected_orders=round9(float(means[1])),
        expected_orders_low=round9(float(low[0])),
        expected_orders_high=round9(float(high[0])),
        expected_value=round9(float(means[2])) if told else None,
        expected_value_low=round9(float(low[1])) if told else None,
        expected_value_high=round9(float(high[1])) if told else None,
        total_value=round9(float(value @ weight)) if told else None,
        at_risk=int(weight[(histories.x > 0) & (alive < 0.5)].sum()) if stops else None,
    )


def _expected(
    parameters: Parameters, histories: Histories, sales: Floats, horizon: int
) -> tuple[Floats, Floats, Floats]:
    """Probability alive, expected orders and their value, each (n,), with mean repeat sales (n,) per customer."""
    bg_nbd, gamma_gamma, constant = parameters
    alive = alive_probability(bg_nbd, histories.x, histories.t_x, histories.t)
    orders = alive * orders_if_alive(bg_nbd, histories.x, histories.t, float(horizon))
    base, slope = value_of_order(gamma_gamma, constant, histories.x)
    return alive, orders, orders * (base + slope * sales)


def _interval(
    likely: Parameters, draws: list[Parameters], histories: Histories, sales: Floats, horizon: int
) -> tuple[Floats, Floats]:
    """Low and high end, both (2,), of mean orders and mean value, as multiples of the likeliest; 95 %.

    Worked out on at most `THIN` histories, drawn evenly from all expected orders: how far a change of parameters moves
    a mean shows on a part of them as well.
    """
    weight = histories.customers
    if len(weight) > THIN:
        orders = _expected(likely, histories, sales, horizon)[1]
        ends = np.cumsum(weight * orders)
        at = np.searchsorted(ends, (np.arange(THIN) + 0.5) * ends[-1] / THIN)
        weight = 1 / orders[at]
        histories, sales = Histories(histories.x[at], histories.t_x[at], histories.t[at], weight), sales[at]

    def totals(parameters: Parameters) -> list[float]:
        return [float(each @ weight) for each in _expected(parameters, histories, sales, horizon)[1:]]

    moved = np.array([totals(parameters) for parameters in draws]) / np.array(totals(likely))
    low, high = np.quantile(moved, (0.025, 0.975), axis=0)
    return low, high
