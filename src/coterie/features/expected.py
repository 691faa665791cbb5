"""Theme lifetime value: whether a customer is still one, and what they will order and spend within a year.

BG/NBD and Gamma-Gamma as fitted to all customers (`lifetime`), applied to each. All of it is a formula but the special
function of expected orders, which depends on order days and age alone: in the engine it is looked up by these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from coterie.errors import DataError
from coterie.features.bg_nbd import BgNbd, orders_if_alive
from coterie.features.column import Column
from coterie.features.contract import Feature
from coterie.features.histories import WEEK, numbers_of
from coterie.features.lifetime import HORIZON, Lifetime

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine
    from coterie.tables.contract import Tables

Floats = NDArray[np.float64]

ORDERS = ("orders",)
MODEL = "A model's expectation, drawn towards what is usual: customers with few orders look alike."


def with_orders_if_alive(engine: Engine, people: ir.Table, lifetime: Lifetime, *, horizon: int = HORIZON) -> ir.Table:
    """Customers with orders_if_alive (see `bg_nbd.orders_if_alive`), NULL without an order.

    Args:
        engine: Where `people` live.
        people: One row per customer with order_days, order_span and order_recency (days); better kept.
        lifetime: With a BG/NBD.
        horizon: Weeks looked ahead.
    """
    assert lifetime.bg_nbd is not None
    keyed = people.mutate(_age=_age(people))
    pairs = keyed.filter(keyed.order_days > 0).select("order_days", "_age").distinct()
    lookup = _looked_up(engine, pairs.order_by("order_days", "_age"), lifetime.bg_nbd, horizon)
    joined = keyed.left_join(lookup, [keyed.order_days == lookup.of_days, keyed["_age"] == lookup.of_age])
    return joined.drop("_age", "of_days", "of_age")


def probability_alive(t: ir.Table, lifetime: Lifetime | None) -> ir.Value:
    """`bg_nbd.alive_probability` of every customer as an expression; NULL without an order, or where it is not told.

    The odds are multiplied out, so that nothing grows beyond what a number holds.
    """
    if not tells("probability_alive", lifetime):
        return _nothing(t)
    assert lifetime is not None
    assert lifetime.bg_nbd is not None
    model, repeats = lifetime.bg_nbd, t.order_days - 1
    last, now = t.order_span / WEEK + model.alpha, _age(t) / WEEK + model.alpha
    faded = (last / now) ** (repeats + model.r)
    alive = faded / (faded + model.a / (repeats.nullif(0) + (model.b - 1)))
    return cast("ir.Value", alive.fill_null(1.0) * _one(t))


def expected_orders(t: ir.Table, lifetime: Lifetime | None) -> ir.Value:
    """`bg_nbd.expected_orders` of every customer as an expression; NULL without an order or a model."""
    if lifetime is None or lifetime.bg_nbd is None:
        return _nothing(t)
    if isinstance(t.order_days, Column):
        days, age = np.asarray(t.order_days), np.asarray(_age(t))
        if_alive = cast("ir.Value", _of_pairs(lifetime.bg_nbd, days, age, HORIZON).view(Column))
    else:
        if_alive = t.orders_if_alive
    return if_alive * probability_alive(t, lifetime) if lifetime.bg_nbd.tells_alive else if_alive


def expected_value(t: ir.Table, lifetime: Lifetime | None) -> ir.Value:
    """What these orders are worth, in the currency, as an expression (see `gamma_gamma.order_value`); NULL likewise."""
    if not tells("expected_value", lifetime):
        return _nothing(t)
    assert lifetime is not None
    orders = expected_orders(t, lifetime)
    if lifetime.gamma_gamma is None:
        return orders * cast("float", lifetime.constant)
    p, q, gamma = (float(value) for value in lifetime.gamma_gamma.parameters)
    return orders * ((t.repeat_spend + gamma) * p / ((t.order_days - 1) * p + (q - 1)))


EXPECTED: tuple[Feature, ...] = (
    Feature(
        name="probability_alive",
        label="Probability alive",
        unit="%",
        meaning="That the customer will ever order again, by BG/NBD; churn risk is what is left to 100%. Who bought on "
        "one day only counts as alive.",
        family="orders",
        needs=ORDERS,
        treatment="none",
        express=lambda t, learned: probability_alive(t, learned.lifetime),
        activity=1,
        by_chance="nothing",
        caution="Who bought on one day only has 100%, however long ago.",
    ),
    Feature(
        name="expected_orders",
        label="Expected orders",
        unit="orders",
        meaning=f"Days with an order expected within {HORIZON} weeks from as-of, by BG/NBD.",
        family="orders",
        needs=ORDERS,
        treatment="log1p",
        express=lambda t, learned: expected_orders(t, learned.lifetime),
        activity=1,
        by_chance="nothing",
        caution=MODEL,
    ),
    Feature(
        name="expected_value",
        label="Expected value",
        unit="money",
        meaning=f"Sales expected within {HORIZON} weeks from as-of, by BG/NBD and Gamma-Gamma; not discounted.",
        family="orders",
        needs=ORDERS,
        treatment="log1p",
        express=lambda t, learned: expected_value(t, learned.lifetime),
        activity=1,
        by_chance="nothing",
        caution=MODEL,
    ),
)
"""What the models do not tell is NULL."""


def delivered(tables: Tables, lifetime: Lifetime | None) -> tuple[Feature, ...]:
    """What is told of every customer beside the features asked for: all of `EXPECTED`, or nothing without a model."""
    return EXPECTED if tables.has_orders and tells("expected_orders", lifetime) else ()


def tells(name: str, lifetime: Lifetime | None) -> bool:
    """Whether the models tell this feature."""
    if lifetime is None or lifetime.bg_nbd is None:
        return False
    return {"probability_alive": lifetime.bg_nbd.tells_alive, "expected_value": lifetime.has_value}.get(name, True)


def refuse_untold(names: Iterable[str], lifetime: Lifetime | None) -> None:
    """Raise DataError where one of these features is asked for and the models do not tell it."""
    untold = [entry.name for entry in EXPECTED if entry.name in names and not tells(entry.name, lifetime)]
    if untold:
        why = lifetime.reason if lifetime is not None else "The model holds no lifetime value."
        raise DataError(f"Feature {untold[0]!r} cannot be computed from this data. {why}")


def _age(t: ir.Table) -> ir.NumericValue:
    """Days from the first order to as-of."""
    return cast("ir.NumericValue", t.order_recency + t.order_span)


def _one(t: ir.Table) -> ir.NumericValue:
    """1 for customers with an order, NULL for the others; in words that numbers in memory understand too."""
    return cast("ir.NumericValue", t.order_days / t.order_days.nullif(0))


def _nothing(t: ir.Table) -> ir.Value:
    return (t.order_days * 0).nullif(0)


def _of_pairs(model: BgNbd, days: Floats, age: Floats, horizon: int) -> Floats:
    found = np.full(len(days), np.nan)
    known = days > 0
    found[known] = orders_if_alive(model.parameters, days[known] - 1, age[known] / WEEK, float(horizon))
    return found


def _looked_up(engine: Engine, pairs: ir.Table, model: BgNbd, horizon: int) -> ir.Table:
    """of_days, of_age, orders_if_alive: streamed through numpy; hundreds of thousands of pairs at the very most."""
    import pyarrow as pa

    schema = pa.schema([("of_days", pa.int64()), ("of_age", pa.int64()), ("orders_if_alive", pa.float64())])

    def batches() -> Iterator[pa.RecordBatch]:
        for block in engine.blocks(pairs):
            days, age = (column.cast(pa.int64()) for column in block.columns)
            found = np.ascontiguousarray(_of_pairs(model, numbers_of(days), numbers_of(age), horizon))
            # From the buffer, because Arrow's own way loads pandas.
            values = pa.Array.from_buffers(pa.float64(), len(found), [None, pa.py_buffer(found)])
            yield pa.record_batch([days, age, values], schema=schema)

    return engine.load(batches(), schema)
