"""Mean, interval, median and contrast of every shown feature, per segment and for all customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.intervals import RatioSums, mean_interval, rate_interval
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
    engine: Engine, assigned: ir.Table, names: tuple[str, ...], clustered: tuple[str, ...]
) -> Mapping[Key, Mapping[str, FeatureFigure]]:
    """Figures by segment (None: all customers), by feature; a feature that is undefined throughout is absent.

    `burn_rate` is pooled, burnt / rows, with an interval that takes customers as the independent units; its median
    is that of the customers' own rates.
    """
    sums = _sums(assigned, names)
    rows: dict[Key, Mapping[str, Any]] = {None: engine.collect(assigned.aggregate(**sums)).to_pylist()[0]}
    for row in engine.collect(assigned.group_by("segment").aggregate(**sums)).to_pylist():
        rows[int(row["segment"])] = row
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
        values[f"median{index}"] = column.median()
        values[f"least{index}"] = column.min()
    part, whole = table.coupons_burnt.cast("float64"), table.transaction_count.cast("float64")
    values |= {
        "customers": (whole > 0).sum(),
        "x": part.sum(),
        "m": whole.sum(),
        "xx": (part * part).sum(),
        "xm": (part * whole).sum(),
        "mm": (whole * whole).sum(),
    }
    return values


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
    floor = 0.0 if row[f"least{index}"] >= 0 else None
    low, high = mean_interval(mean, row[f"sd{index}"], n, floor)
    return round9(float(mean)), round9(low), round9(high), round9(float(median))
