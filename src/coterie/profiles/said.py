"""The words of each segment: name, blurb and headline, names unique within the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.profiles.figures import Key
from coterie.profiles.levels import Levels, levels_of
from coterie.profiles.names import EVERYONE, FITS_NO_GROUP, NEVER_ACTIVE, Named, base_name, distinct_names
from coterie.profiles.numbers import capitalised, customers_text, mean_text, percent_text
from coterie.profiles.wording import Facts, blurb, headline, never_active_headline

NO_COUPON_YET = "Known, but without a coupon so far"
WITHOUT_COUPONS = Named("Without coupons", "Customers without coupons")
"""A clustered segment of customers who never came, where these are clustered too."""


@dataclass(frozen=True)
class Said:
    """The words of one segment."""

    name: str
    blurb: str
    headline: str
    levels: Mapping[str, str]


def said_of(order: Sequence[int], parts: Mapping[Key, Facts], span: int, *, k: int, hardly: bool) -> dict[Key, Said]:
    """Names, blurbs and headlines; names unique within the run."""
    everyone = parts[None]
    summary = f"{mean_text(everyone.each)} coupons each, {percent_text(everyone.burn_rate)} burnt"
    together = f"{customers_text(everyone.customers)}, {summary}"
    said: dict[Key, Said] = {None: Said(EVERYONE, capitalised(summary), together, {})}
    clustered = [key for key in order if key > 0]
    if k == 1 or len(clustered) == 1:
        name = EVERYONE if len(order) == 1 else "All active customers"
        facts = parts[clustered[0]]
        own = f"{mean_text(facts.each)} coupons each, {percent_text(facts.burn_rate)} burnt"
        levels = levels_of(facts.figures, facts.burn_rate, everyone.burn_rate, span)
        said[clustered[0]] = Said(name, capitalised(own), f"{name} together: {own}", levels.as_mapping())
    else:
        said |= _clustered(clustered, parts, span, hardly=hardly)
    if 0 in parts:
        said[0] = Said(NEVER_ACTIVE, NO_COUPON_YET, never_active_headline(parts[0]), {})
    if -1 in parts:
        outside = f"{customers_text(parts[-1].customers)} {'fits' if parts[-1].customers == 1 else 'fit'} no group"
        said[-1] = Said(FITS_NO_GROUP, "Unlike any of the groups", outside, {})
    return said


def _clustered(keys: Sequence[int], parts: Mapping[Key, Facts], span: int, *, hardly: bool) -> dict[Key, Said]:
    levels: dict[int, Levels] = {}
    bases: list[Named] = []
    for key in keys:
        facts = parts[key]
        levels[key] = levels_of(facts.figures, facts.burn_rate, parts[None].burn_rate, span)
        contrast = facts.each / parts[None].each if parts[None].each else 1.0
        base = base_name(levels[key], facts.burn_rate, contrast, hardly_differ=hardly)
        bases.append(base if facts.coupons else WITHOUT_COUPONS)
    names = distinct_names(bases, [parts[key].figures for key in keys])
    said: dict[Key, Said] = {}
    for key, named in zip(keys, names, strict=True):
        words = (
            blurb(levels[key], parts[key], hardly_differ=hardly),
            headline(named, levels[key], parts[key], hardly_differ=hardly),
        )
        if not parts[key].coupons:
            words = (NO_COUPON_YET, never_active_headline(parts[key]))
        said[key] = Said(named.name, *words, levels[key].as_mapping())
    return said
