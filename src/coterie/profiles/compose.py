"""Puts each segment's profile together from what the other files of this room measure and say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.profiles.contract import FeatureFigure, Profiles, SegmentProfile
from coterie.profiles.curves import burn_curves
from coterie.profiles.figures import Key, figures, shown_features
from coterie.profiles.levels import Levels, levels_of
from coterie.profiles.mixes import mixes
from coterie.profiles.names import EVERYONE, FITS_NO_GROUP, NEVER_ACTIVE, Named, base_name, distinct_names
from coterie.profiles.numbers import capitalised, count_text, mean_text, percent_text
from coterie.profiles.pictures import density, histograms, monthly, typical
from coterie.profiles.rules import plain_rules
from coterie.profiles.wording import Facts, blurb, headline, never_active_headline, standfirst

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import Described
    from coterie.tables.contract import Tables

NEAR_CHANCE = 1.25
"""Dispersion (variance over what chance would give) up to which customers hardly differ."""

NO_COUPON_YET = "Known, but without a coupon so far"
WITHOUT_COUPONS = Named("Without coupons", "Customers without coupons")
"""A clustered segment of customers who never came, where these are clustered too."""


@dataclass(frozen=True)
class _Said:
    """The words of one segment."""

    name: str
    blurb: str
    headline: str
    levels: Mapping[str, str]


def compose(tables: Tables, described: Described, assigned: ir.Table, *, k: int) -> Profiles:
    """All profiles of a run; see `coterie.profiles.profile`."""
    engine = tables.engine
    features = shown_features(described, assigned)
    found = figures(engine, assigned, features, described.clustered)
    sizes = _sizes(tables, assigned)
    span = (tables.as_of - tables.first_day).days + 1
    hardly = _hardly_differ(sizes[None])
    parts = {key: _facts(row, sizes[None], found.get(key, {})) for key, row in sizes.items()}
    order = sorted((key for key in sizes if key is not None), key=lambda key: (key == 0, key < 0, key))
    said = _said(order, parts, span, k=k, hardly=hardly)
    curves = burn_curves(tables, assigned.select("customer_id", "segment"))
    mixed, comparisons = mixes(tables, assigned)
    bars, nearest = histograms(engine, assigned), typical(engine, assigned, features)
    rules = plain_rules(engine, assigned) if sum(key > 0 for key in order) > 1 else {}

    def one(key: Key) -> SegmentProfile:
        facts = parts[key]
        words = said[key]
        return SegmentProfile(
            segment=key,
            name=words.name,
            blurb=words.blurb,
            headline=words.headline,
            customers=facts.customers,
            share=facts.share,
            coupons=facts.coupons,
            burnt=facts.burnt,
            share_of_coupons=facts.share_of_coupons,
            share_of_burns=facts.share_of_burns,
            features=found.get(key, {}),
            mixes=mixed.get(key, ()),
            typical=nearest.get(key, ()) if key is not None else (),
            rule=rules.get(key) if key is not None else None,
            burn_curve=curves.get(key),
            coupons_histogram=bars.get(key, ()),
            standfirst=standfirst(facts) if key else "",
            never_burnt_share=float(sizes[key]["never_burnt"]) / facts.customers if facts.customers else 0.0,
            levels=words.levels,
        )

    return Profiles(
        segments=tuple(one(key) for key in order),
        all=one(None),
        density=density(engine, assigned),
        features=_printed(described, features),
        monthly=monthly(tables),
        hardly_differ=hardly,
        span_days=span,
        comparisons=comparisons,
    )


def _sizes(tables: Tables, assigned: ir.Table) -> dict[Key, dict[str, Any]]:
    """Customers, coupons, burns and their sums of squares by segment (None: all customers)."""
    count = assigned.transaction_count.cast("float64").fill_null(0.0)
    burnt = assigned.coupons_burnt.cast("float64").fill_null(0.0)
    rows = assigned.select("segment", count=count, burnt=burnt)
    sums = rows.group_by("segment").aggregate(
        customers=rows.count(),
        coupons=rows["count"].sum(),
        burnt=rows.burnt.sum(),
        never_burnt=(rows.burnt == 0).sum(),
        active=(rows["count"] > 0).sum(),
        squares=(rows["count"] * rows["count"]).sum(),
        burnt_squares=(rows.burnt * rows.burnt).sum(),
        products=(rows.burnt * rows["count"]).sum(),
    )
    collected = {int(row.pop("segment")): row for row in tables.engine.collect(sums).to_pylist()}
    everyone = {name: sum(row[name] for row in collected.values()) for name in next(iter(collected.values()))}
    return {**dict(sorted(collected.items())), None: everyone}


def _facts(row: Mapping[str, Any], everyone: Mapping[str, Any], found: Mapping[str, FeatureFigure]) -> Facts:
    def part(name: str) -> float:
        return float(row[name]) / float(everyone[name]) if everyone[name] else 0.0

    return Facts(
        figures=found,
        customers=int(row["customers"]),
        share=part("customers"),
        coupons=round(row["coupons"]),
        burnt=round(row["burnt"]),
        share_of_coupons=part("coupons"),
        share_of_burns=part("burnt"),
    )


def _hardly_differ(everyone: Mapping[str, Any]) -> bool:
    """Whether neither the number of coupons nor the burns scatter over active customers more than chance would.

    Coupons: variance over mean, 1 for a Poisson count. Burns: sum of (burnt - n R)^2 over sum of n R (1 - R), 1 when
    every coupon is burnt with the same probability R. Small shops are granted three standard errors of such a ratio.
    """
    n, coupons = float(everyone["active"]), float(everyone["coupons"])
    if n < 2 or not coupons:
        return True
    bound = max(NEAR_CHANCE, 1 + 3 * (2 / (n - 1)) ** 0.5)
    counts = (float(everyone["squares"]) - coupons**2 / n) / (n - 1) / (coupons / n)
    rate = float(everyone["burnt"]) / coupons
    chance = coupons * rate * (1 - rate)
    scatter = (
        float(everyone["burnt_squares"])
        - 2 * rate * float(everyone["products"])
        + rate * rate * float(everyone["squares"])
    )
    burns = scatter / chance * n / (n - 1) if chance > 0 else 0.0
    return bool(counts <= bound and burns <= bound)


def _said(order: Sequence[int], parts: Mapping[Key, Facts], span: int, *, k: int, hardly: bool) -> dict[Key, _Said]:
    """Names, blurbs and headlines; names unique within the run."""
    everyone = parts[None]
    summary = f"{mean_text(everyone.each)} coupons each, {percent_text(everyone.burn_rate)} burnt"
    together = f"{count_text(everyone.customers)} customers, {summary}"
    said: dict[Key, _Said] = {None: _Said(EVERYONE, capitalised(summary), together, {})}
    clustered = [key for key in order if key > 0]
    if k == 1 or len(clustered) == 1:
        name = EVERYONE if len(order) == 1 else "All active customers"
        facts = parts[clustered[0]]
        own = f"{mean_text(facts.each)} coupons each, {percent_text(facts.burn_rate)} burnt"
        levels = levels_of(facts.figures, facts.burn_rate, everyone.burn_rate, span)
        said[clustered[0]] = _Said(name, capitalised(own), f"{name} together: {own}", levels.as_mapping())
    else:
        said |= _clustered(clustered, parts, span, hardly=hardly)
    if 0 in parts:
        said[0] = _Said(NEVER_ACTIVE, NO_COUPON_YET, never_active_headline(parts[0]), {})
    if -1 in parts:
        outside = f"{count_text(parts[-1].customers)} customers fit no group"
        said[-1] = _Said(FITS_NO_GROUP, "Unlike any of the groups", outside, {})
    return said


def _clustered(keys: Sequence[int], parts: Mapping[Key, Facts], span: int, *, hardly: bool) -> dict[Key, _Said]:
    levels: dict[int, Levels] = {}
    bases: list[Named] = []
    for key in keys:
        facts = parts[key]
        levels[key] = levels_of(facts.figures, facts.burn_rate, parts[None].burn_rate, span)
        contrast = facts.each / parts[None].each if parts[None].each else 1.0
        base = base_name(levels[key], facts.burn_rate, contrast, hardly_differ=hardly)
        bases.append(base if facts.coupons else WITHOUT_COUPONS)
    names = distinct_names(bases, [parts[key].figures for key in keys])
    said: dict[Key, _Said] = {}
    for key, named in zip(keys, names, strict=True):
        words = (
            blurb(levels[key], parts[key], hardly_differ=hardly),
            headline(named, levels[key], parts[key], hardly_differ=hardly),
        )
        if not parts[key].coupons:
            words = (NO_COUPON_YET, never_active_headline(parts[key]))
        said[key] = _Said(named.name, *words, levels[key].as_mapping())
    return said


def _printed(described: Described, shown: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """How to print each shown feature."""
    entries = {feature.name: feature for feature in described.features}
    return {
        name: {"label": entries[name].label, "unit": entries[name].unit, "meaning": entries[name].meaning}
        for name in shown
    }
