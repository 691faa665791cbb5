"""Puts each segment's profile together from what the other files of this room measure and say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.profiles.border import borders
from coterie.profiles.contract import Bin, Border, BurnCurve, FeatureFigure, Mix, PlainRule, Profiles, SegmentProfile
from coterie.profiles.curves import burn_curves
from coterie.profiles.figures import Key, figures, shown_features
from coterie.profiles.mixes import mixes
from coterie.profiles.people import has_coupons, has_orders, with_orders
from coterie.profiles.pictures import density, histograms, monthly, orders_density, typical
from coterie.profiles.rules import plain_rules
from coterie.profiles.said import Said, said_of
from coterie.profiles.sizes import facts_from, gaps, orders_as_chance, scatter_as_chance, sizes_of
from coterie.profiles.wording import Facts, Shop
from coterie.tables import coupons_by_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import Described
    from coterie.tables.contract import Tables


@dataclass(frozen=True)
class _Measured:
    """What was measured of the segments, each by segment (None: all customers)."""

    figures: Mapping[Key, Mapping[str, FeatureFigure]]
    mixes: Mapping[Key, tuple[Mix, ...]]
    typical: Mapping[int, tuple[Mapping[str, float | str | None], ...]]
    rules: Mapping[int, PlainRule]
    curves: Mapping[Key, BurnCurve]
    histograms: Mapping[Key, tuple[Bin, ...]]
    borders: Mapping[int, Border]
    orders_histograms: Mapping[Key, tuple[Bin, ...]]


def compose(
    tables: Tables,
    described: Described,
    assigned: ir.Table,
    *,
    k: int,
    hardly_differ: bool | None = None,
    by_day: ir.Table | None = None,
) -> Profiles:
    """All profiles of a run; see `coterie.profiles.profile`."""
    engine, assigned = tables.engine, with_orders(tables, assigned)
    features = shown_features(described, assigned)
    sizes = sizes_of(engine, assigned)
    order = sorted((key for key in sizes if key is not None), key=lambda key: (key == 0, key < 0, key))
    several = sum(key > 0 for key in order) > 1
    all_buy = sizes[None]["buyers"] == sizes[None]["customers"]
    if by_day is None:
        by_day = coupons_by_day(tables, assigned)
    mixed, comparisons = mixes(tables, assigned, clustered=described.clustered)
    measured = _Measured(
        figures=figures(engine, assigned, features, described.clustered, customers=sizes[None]["customers"]),
        mixes=mixed,
        typical=typical(engine, assigned, features, order),
        rules=plain_rules(engine, assigned, tables.currency, all_buy=all_buy, customers=sizes[None]["customers"])
        if several
        else {},
        curves=burn_curves(engine, by_day, tables.as_of),
        histograms=histograms(engine, assigned, "transaction_count"),
        borders=borders(engine, assigned, features),
        orders_histograms=histograms(engine, assigned, "order_count"),
    )
    shop = Shop(has_coupons(assigned), has_orders(assigned), tables.currency)
    between = gaps(engine, assigned)
    facts = {
        key: facts_from(row, sizes[None], measured.figures.get(key, {}), gap_days=between.get(key), shop=shop)
        for key, row in sizes.items()
    }
    span = (tables.as_of - tables.first_day).days + 1
    alike = _alike(tables, shop, sizes[None]) if hardly_differ is None else hardly_differ
    said = said_of(order, facts, span, k=k, hardly=alike)
    profiles = {key: _profile(key, facts[key], said[key], sizes[key]["never_burnt"], measured) for key in sizes}
    return Profiles(
        segments=tuple(profiles[key] for key in order),
        all=profiles[None],
        density=density(engine, assigned),
        features=_printed(described, features),
        monthly=monthly(engine, by_day),
        hardly_differ=alike,
        span_days=span,
        comparisons=comparisons,
        orders_density=orders_density(engine, assigned),
        currency=tables.currency,
    )


def _alike(tables: Tables, shop: Shop, everyone: Mapping[str, Any]) -> bool:
    """Whether customers differ in nothing that is counted, where evidence was not asked."""
    coupons = not shop.coupons or scatter_as_chance(everyone)
    return coupons and (tables.orders is None or orders_as_chance(everyone, tables.engine, tables.orders))


def _profile(key: Key, facts: Facts, words: Said, never_burnt: int, measured: _Measured) -> SegmentProfile:
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
        features=measured.figures.get(key, {}),
        mixes=measured.mixes.get(key, ()),
        typical=measured.typical.get(key, ()) if key is not None else (),
        rule=measured.rules.get(key) if key is not None else None,
        burn_curve=measured.curves.get(key),
        coupons_histogram=measured.histograms.get(key, ()),
        standfirst=words.standfirst,
        never_burnt_share=never_burnt / facts.customers if facts.customers else 0.0,
        levels=words.levels,
        border=measured.borders.get(key) if key is not None else None,
        buyers=facts.buyers,
        orders=facts.orders,
        sales=facts.sales,
        returns=facts.returns,
        share_of_orders=facts.share_of_orders,
        sales_share=facts.sales_share,
        aov=facts.aov,
        one_time_share=facts.one_time_share,
        orders_histogram=measured.orders_histograms.get(key, ()),
        gap_days=facts.gap_days,
        returns_only=facts.returns_only,
        free_only=facts.free_only,
    )


def _printed(described: Described, shown: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """How to print each shown feature."""
    entries = {feature.name: feature for feature in described.features}
    return {
        name: {"label": entries[name].label, "unit": entries[name].unit, "meaning": entries[name].meaning}
        for name in shown
    }
