"""Lifetime value of customers: what their order days say, the models fitted to them, and both per customer.

All work proportional to customers is done in the engine. The models see distinct histories with counts; per customer,
the probability of being alive is a formula in the engine, and what needs special functions is looked up by repeat days
and age. Time is in weeks, money in the unit of the currency, except where a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from coterie.features.bg_nbd import BgNbd, fit_bg_nbd, orders_if_alive
from coterie.features.gamma_gamma import GammaGamma, RepeatSales, fit_gamma_gamma, order_value, value_correlation
from coterie.features.histories import MOST, WEEK, grouped_histories, grouped_sales, numbers_of
from coterie.rounding import round9
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine

Floats = NDArray[np.float64]

FEWEST = 50
"""Repeat buyers below which nothing is fitted."""


@dataclass(frozen=True)
class Lifetime:
    """What was fitted, and why not where it could not be.

    Attributes:
        bg_nbd: How often and how long customers buy; None with a reason.
        gamma_gamma: What an order is worth; None with a reason.
        constant: What every repeat order is worth, where all are worth the same and there is no Gamma-Gamma.
        repeat_buyers: Customers with two or more order days.
        correlation: Of mean value with frequency (see `value_correlation`); None where not computed.
        days_together: Width of histories put together, in days; 1 where none were.
        reason: Sentences; "" where both are fitted.
    """

    bg_nbd: BgNbd | None
    gamma_gamma: GammaGamma | None
    constant: float | None
    repeat_buyers: int
    correlation: float | None
    days_together: int
    reason: str

    @property
    def has_value(self) -> bool:
        """Whether it tells what an order is worth."""
        return self.gamma_gamma is not None or self.constant is not None


def fit_lifetime(engine: Engine, people: ir.Table, *, most: int = MOST) -> Lifetime:
    """Fit BG/NBD and Gamma-Gamma to customers, or say why not.

    Args:
        engine: Where `people` live.
        people: Of `order_history`, better kept.
        most: Distinct histories to hold.
    """
    grouped = grouped_histories(engine, people, most=most)
    data = grouped.histories
    buyers, repeat_buyers = int(data.customers.sum()), int(data.customers[data.x > 0].sum())
    model = Lifetime(None, None, None, repeat_buyers, None, grouped.days_together, "")
    if repeat_buyers < FEWEST:
        return replace(model, reason=_too_few(buyers, repeat_buyers))
    fitted = fit_bg_nbd(data)
    if isinstance(fitted, str):
        return replace(model, reason=fitted)
    return _with_value(replace(model, bg_nbd=fitted), grouped_sales(engine, people, most=most))


def value_of_order(gamma_gamma: Floats | None, constant: float | None, x: Floats) -> tuple[Floats, Floats]:
    """(base, slope), both (n,), as `order_value`, from p, q, gamma or from the one value that every order has."""
    if gamma_gamma is not None:
        return order_value(gamma_gamma, x)
    return np.full(len(x), np.nan if constant is None else constant), np.zeros(len(x))


def lifetime_per_customer(engine: Engine, people: ir.Table, model: Lifetime, *, horizon: int) -> ir.Table:
    """One row per customer of `people` with what the models expect of them, lazy in the engine.

    Args:
        engine: Where `people` live.
        people: Of `order_history`, better kept; of any as-of day, not only the model's.
        model: With a BG/NBD.
        horizon: Weeks looked ahead.

    Returns:
        customer_id; alive and churn_risk (1 - alive; exactly 0 for who bought once, of whom the model cannot tell);
        expected_orders and expected_value within the horizon (value NULL where there is no model of it).

    Raises:
        ValueError: The model has no BG/NBD.
    """
    if model.bg_nbd is None:
        raise ValueError(f"there is no model: {model.reason}")
    found = people.join(_lookup(engine, people, model, horizon), ["x", "age_days"])
    alive = _alive(found, model.bg_nbd)
    orders = alive * found.orders_if_alive
    value = orders * (found.base + found.slope * (found.repeat_sales / float(MONEY)))
    if not model.has_value:
        value = ibis.null("float64")
    return found.select("customer_id", alive=alive, churn_risk=1 - alive, expected_orders=orders, expected_value=value)


def _alive(people: ir.Table, model: BgNbd) -> ir.Value:
    """`alive_probability` as an expression."""
    last, now = people.t_x + model.alpha, people.t + model.alpha
    repeats = ibis.greatest(people.x, 1)
    odds = (model.a / (repeats + (model.b - 1))).ln() + (people.x + model.r) * (now / last).ln()
    # exp of more than 709 is an error in some engines.
    stopped = ibis.least(odds, 700.0).exp()
    return (people.x > 0).ifelse(1 / (1 + stopped), 1.0)


def _lookup(engine: Engine, people: ir.Table, model: Lifetime, horizon: int) -> ir.Table:
    """What depends on repeat days and age alone: x, age_days, orders_if_alive, base, slope (of the value of an order).

    Streamed through numpy; there are as many rows as distinct pairs, hundreds of thousands at the very most.
    """
    import pyarrow as pa

    assert model.bg_nbd is not None
    parameters = model.bg_nbd.parameters
    value = model.gamma_gamma.parameters if model.gamma_gamma else None
    names = ("orders_if_alive", "base", "slope")
    schema = pa.schema([("x", pa.int64()), ("age_days", pa.int64()), *((name, pa.float64()) for name in names)])

    def batches() -> Iterator[pa.RecordBatch]:
        for block in engine.blocks(people.select("x", "age_days").distinct().order_by("x", "age_days")):
            x, age = (numbers_of(block.column(place)) for place in range(2))
            orders = orders_if_alive(parameters, x, age / WEEK, float(horizon))
            floats = (orders, *value_of_order(value, model.constant, x))
            yield pa.record_batch([block.column(0), block.column(1), *map(_floats, floats)], schema=schema)

    return engine.load(batches(), schema)


def _with_value(model: Lifetime, data: RepeatSales) -> Lifetime:
    """The model with what an order is worth, or with the reason why that is not told."""
    intro = "The value of an order is not estimated: "
    count = int(data.customers.sum())
    if count < FEWEST:
        few = f"{count} customers have repeat orders that are worth something, and {FEWEST} are needed"
        return replace(model, reason=f"{intro}{few}; expected orders are.")
    value = data.sales / data.x
    if value.max() - value.min() <= 1e-9 * value.max():
        constant = round9(float(value[0]))
        same = f"All repeat purchases are worth the same, {constant:,.2f}, so every expected order counts as that"
        return replace(model, constant=constant, reason=f"{same}; there is no Gamma-Gamma model to fit.")
    correlation, too_strong = value_correlation(data)
    model = replace(model, correlation=correlation)
    if too_strong:
        why = f"it goes with how often customers buy (correlation {correlation:.2f}), which Gamma-Gamma rules out"
        return replace(model, reason=f"{intro}{why}; expected orders are.")
    fitted = fit_gamma_gamma(data)
    return replace(model, reason=fitted) if isinstance(fitted, str) else replace(model, gamma_gamma=fitted)


def _too_few(buyers: int, repeat_buyers: int) -> str:
    if buyers == 0:
        return "Lifetime value is not estimated: nobody has an order."
    if repeat_buyers == 0:
        found = f"none of the {buyers:,} customers with an order bought on a second day"
    else:
        found = f"only {repeat_buyers} of the {buyers:,} customers with an order bought on a second day"
    return f"Lifetime value is not estimated: {found}, and {FEWEST} are needed to tell how buying goes on."


def _floats(values: Floats) -> pa.Array:
    """As an Arrow array; from the buffer, because Arrow's own way loads pandas."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])
