"""Mean, interval, median and contrast of every shown feature, per segment and for all customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.in_turns import aggregate_in_turns
from coterie.profiles.intervals import RatioSums, mean_interval, rate_interval, ratio_interval
from coterie.profiles.people import RETURNS, SALES, has_coupons, in_currency
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.features.contract import Described

Key = int | None
"""A segment's number, or None for all customers together."""
PLACEMENT = ("segment", "distance", "margin", "second")
"""Columns that say where a customer was placed; an attribute of such a name is hidden by them."""


def shown_features(described: Described, assigned: ir.Table) -> tuple[str, ...]:
    """Numeric features that a mean makes sense of, in catalogue order; codes and one-hot columns go to the mix."""
    schema = assigned.schema()
    return tuple(
        feature.name
        for feature in described.features
        if feature.name in schema
        and feature.name not in PLACEMENT
        and schema[feature.name].is_numeric()
        and feature.treatment not in ("one-hot", "code")
    )


def figures(
    engine: Engine, assigned: ir.Table, names: tuple[str, ...], clustered: tuple[str, ...], *, customers: int
) -> Mapping[Key, Mapping[str, FeatureFigure]]:
    """Figures by segment (None: all customers), by feature; a feature that is undefined throughout is absent.

    `burn_rate` is pooled, burnt / rows, with an interval that takes customers as the independent units; its median
    is that of the customers' own rates. So are `aov`, sales / orders, and `return_rate`, returns / sales.
    """
    sums, medians = _sums(assigned, names), _medians(assigned, names)
    rows: dict[Key, Mapping[str, Any]] = {}
    for by in (None, "segment"):
        for row in aggregate_in_turns(engine, assigned, sums, medians, customers=customers, by=by):
            rows[int(row[by]) if by else None] = row
    everyone = {name: _figure(rows[None], index, name) for index, name in enumerate(names)}
    result: dict[Key, Mapping[str, FeatureFigure]] = {}
    for key, row in rows.items():
        found: dict[str, FeatureFigure] = {}
        for index, name in enumerate(names):
            own, all_ = _figure(row, index, name), everyone[name]
            if own is None or all_ is None:
                continue
            mean, low, high, median = own
            contrast = mean / all_[0] if all_[0] else None
            by_construction = name in clustered and key is not None
            found[name] = FeatureFigure(mean, low, high, median, all_[0], all_[3], contrast, by_construction)
        result[key] = found
    return result


def _sums(table: ir.Table, names: tuple[str, ...]) -> dict[str, ir.Value]:
    values: dict[str, ir.Value] = {}
    for index, name in enumerate(names):
        column = table[name].cast("float64")
        values[f"n{index}"] = column.count()
        values[f"mean{index}"] = column.mean()
        values[f"sd{index}"] = column.std(how="sample")
        values[f"least{index}"] = column.min()
    for name, (part, whole) in pooled(table).items():
        more = "" if name == "burn_rate" else f"_{name}"
        x, m = part.cast("float64"), whole.cast("float64")
        values |= {
            f"customers{more}": (m > 0).sum(),
            f"x{more}": x.sum(),
            f"m{more}": m.sum(),
            f"xx{more}": (x * x).sum(),
            f"xm{more}": (x * m).sum(),
            f"mm{more}": (m * m).sum(),
        }
    return values


def _medians(table: ir.Table, names: tuple[str, ...]) -> dict[str, ir.Value]:
    return {f"median{index}": table[name].cast("float64").median() for index, name in enumerate(names)}


def pooled(table: ir.Table) -> dict[str, tuple[ir.Value, ir.Value]]:
    """Features that are a sum over a sum -> part and whole of each customer. Money is in the currency's unit."""
    found: dict[str, tuple[ir.Value, ir.Value]] = {}
    if has_coupons(table):
        found["burn_rate"] = (table.coupons_burnt, table.transaction_count)
    if SALES in table.columns:
        found["aov"] = (in_currency(table[SALES]), table.order_count)
        found["return_rate"] = (in_currency(table[RETURNS]), in_currency(table[SALES]))
    return found


def _figure(row: Mapping[str, Any], index: int, name: str) -> tuple[float, float, float, float] | None:
    """Mean, low, high and median of one feature in one group, or None where it is undefined throughout."""
    n, mean, median = row[f"n{index}"], row[f"mean{index}"], row[f"median{index}"]
    if not n or mean is None:
        return None
    # Sums of an engine depend on its threads in their last digits; names are made from these figures and must not.
    if name == "burn_rate":
        sums = RatioSums(*(float(row[key] or 0) for key in ("customers", "x", "m", "xx", "xm", "mm")))
        low, high = rate_interval(sums)
        return round9(sums.share), round9(low), round9(high), round9(float(median))
    if f"x_{name}" in row and row[f"m_{name}"]:
        sums = RatioSums(*(float(row[f"{key}_{name}"] or 0) for key in ("customers", "x", "m", "xx", "xm", "mm")))
        low, high = ratio_interval(sums)
        return round9(sums.share), round9(low), round9(high), round9(float(median))
    floor = 0.0 if row[f"least{index}"] >= 0 else None
    low, high = mean_interval(mean, row[f"sd{index}"], n, floor)
    return round9(float(mean)), round9(low), round9(high), round9(float(median))
