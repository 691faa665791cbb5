"""Describe every known customer: aggregate once, learn the priors, express the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from coterie.engines import named
from coterie.features.aggregates import attribute_column
from coterie.features.catalogue import FEATURES, available, choose_features, shown
from coterie.features.contract import BurnCurveTable, Described, Feature, Learned
from coterie.features.counted import counted
from coterie.features.expected import LOOKED_UP, delivered, refuse_untold, with_orders_if_alive
from coterie.features.histories import histories_of
from coterie.features.learn import learn_burn_rates, learn_curve, learn_levels, learn_median, learn_pace
from coterie.features.lifetime import fit_lifetime
from coterie.features.rfm import SCORED, learn_rfm_cuts
from coterie.rounding import round9
from coterie.tables import together

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.contract import Tables

CATEGORICAL = ("one-hot", "code")
KNOWN = ("customer_id", "active", "city", "gender", "join_date")


def describe(
    tables: Tables,
    *,
    preset: str | None = None,
    features: Sequence[str] | None = None,
    include_inactive: bool = False,
    learned: Learned | None = None,
    expected: bool = True,
) -> Described:
    """Every known customer with the features to cluster on and those always shown, kept in the engine.

    Args:
        tables: Checked tables.
        preset: Preset name; the default one if neither it nor `features` is given.
        features: Catalogue names to cluster on instead of a preset.
        include_inactive: Customers without a coupon or an order are clustered too, so they count in what is learned.
        learned: Numbers of a saved model; learned anew from these customers if None.
        expected: Whether the table also tells what the lifetime model expects of each customer; it costs a look-up.

    Raises UsageError for an unknown name and DataError where the data do not allow what was asked.
    """
    clustered, preset_name, notes = choose_features(tables, preset, features)
    asked_for = shown(tables).union(clustered)
    computed = tuple(entry for name, entry in available(tables).items() if name in asked_for)
    wanted = frozenset(entry.name for entry in computed)
    curve = learned.burn_curve if learned else _rounded(learn_curve(tables))
    parts = counted(tables, curve, wanted=wanted)
    people = named(tables.engine, together(parts), "customers_counted")
    sizes = [_size(tables.engine, part) for part in parts]
    customers, active = (sum(found) for found in zip(*sizes, strict=True))
    numbered = [(part, size) for part, (size, _) in zip(parts, sizes, strict=True)]
    if learned is None:
        basis = people if include_inactive else people.filter(people.active)
        learned = _learn_rates(tables, basis, curve)
        if wanted & SCORED.keys():
            learned = replace(learned, rfm_cuts=learn_rfm_cuts(tables.engine, people))
        if tables.has_orders:
            learned = replace(learned, lifetime=fit_lifetime(tables.engine, histories_of(people)))
        expressed = _express(tables, numbered, computed, learned, expected=expected)
        learned = _learn_rest(tables, expressed, computed, clustered, learned, include_inactive=include_inactive)
    else:
        expressed = _express(tables, numbered, computed, learned, expected=expected)
    return Described(
        table=expressed,
        features=computed,
        clustered=clustered,
        preset=preset_name,
        asked=preset is not None or features is not None,
        learned=learned,
        customers=customers,
        active=active,
        notes=(*notes, *_hidden(tables)),
    )


def _learn_rates(tables: Tables, basis: ir.Table, curve: BurnCurveTable) -> Learned:
    none = (0.0, 0.0)
    learned = Learned(0.0, none, none, none, curve, medians={}, levels={})
    alike: dict[str, bool] = {}
    if tables.has_coupons:
        power, claims, alike["claims_per_time"] = learn_pace(tables.engine, basis, "transaction_count")
        shrunken, mature, same = learn_burn_rates(tables.engine, basis)
        alike["burn_rate_shrunken"], alike["burn_rate_mature"] = same
        learned = replace(
            learned,
            exposure_power=power,
            claims_prior=claims,
            burn_rate_prior=shrunken,
            burn_rate_mature_prior=mature,
        )
    if tables.has_orders:
        power, orders, alike["orders_per_time"] = learn_pace(tables.engine, basis, "order_count")
        learned = replace(learned, orders_power=power, orders_prior=orders)
    return replace(learned, alike=tuple(name for name, found in alike.items() if found))


def _learn_rest(
    tables: Tables,
    table: ir.Table,
    computed: Sequence[Feature],
    clustered: Sequence[str],
    learned: Learned,
    *,
    include_inactive: bool,
) -> Learned:
    """Levels of categorical and medians of numeric features that are clustered on."""
    basis = table if include_inactive else table.filter(table.active)
    chosen = [entry for entry in computed if entry.name in clustered]
    levels = {e.name: learn_levels(tables.engine, basis, e) for e in chosen if e.treatment in CATEGORICAL}
    medians = {e.name: learn_median(tables.engine, basis, e.name) for e in chosen if e.treatment not in CATEGORICAL}
    return replace(learned, levels=levels, medians=medians)


def _express(
    tables: Tables,
    parts: Sequence[tuple[ir.Table, int]],
    computed: Sequence[Feature],
    learned: Learned,
    *,
    expected: bool,
) -> ir.Table:
    """The value columns of the features beside what is known of each customer, numbered by customer_id."""
    refuse_untold({entry.name for entry in computed}, learned.lifetime)
    more = delivered(tables, learned.lifetime) if expected else ()
    entries = {entry.name: entry for entry in (*computed, *more)}
    kept, first = [], 0
    for part, customers in parts:
        kept.append(_keep_part(tables, part, entries, learned, first))
        first += customers
    return named(tables.engine, together(kept), "features")


def _size(engine: Engine, people: ir.Table) -> tuple[int, int]:
    """Customers, and active ones."""
    found = engine.collect(people.aggregate(customers=people.count(), active=people.active.sum())).to_pylist()[0]
    return int(found["customers"]), int(found["active"] or 0)


def _keep_part(
    tables: Tables, people: ir.Table, entries: Mapping[str, Feature], learned: Learned, first: int
) -> ir.Table:
    """The customers of a part, whose numbers begin with `first`."""
    if learned.lifetime is not None and not entries.keys().isdisjoint(LOOKED_UP):
        people = with_orders_if_alive(tables.engine, people, learned.lifetime)
    values = {name: typed(entry, people, learned) for name, entry in entries.items()}
    attributes = {attribute.name: people[attribute_column(attribute.name)] for attribute in tables.attributes}
    known = {name: people[name] for name in KNOWN}
    row = ibis.row_number().over(ibis.window(order_by=people.customer_id))
    row = row + first if first else row
    # What is known and computed has its name before an attribute that was given the same one.
    columns = {"row": row} | {name: value for name, value in attributes.items() if name != "row"} | known | values
    return tables.engine.keep(people.select(**columns), order_by=("row",))


def _hidden(tables: Tables) -> tuple[str, ...]:
    """Notes on attributes that have the name of something else."""
    taken = {"row", *KNOWN, *(entry.name for entry in FEATURES)}
    names = (attribute.name for attribute in tables.attributes if attribute.name in taken)
    return tuple(
        f"Column {name!r} of the customers table is not used: it has the name of a figure that is counted from the "
        "events. Rename the column to use it."
        for name in names
    )


def typed(feature: Feature, people: ir.Table, learned: Learned) -> ir.Value:
    """The value column of a feature from the aggregates of `people`: float64 where it is numeric."""
    value = feature.express(people, learned)
    return value if feature.treatment in CATEGORICAL else value.cast("float64")


def _rounded(curve: BurnCurveTable) -> BurnCurveTable:
    return BurnCurveTable(tuple(round9(share) for share in curve.share))
