"""One draw: make the customers up, ask the procedure, note what it says."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import numpy as np

from coterie.clustering import (
    adjusted_rand,
    cloud,
    generator,
    learn_scaling_of,
    lloyd,
    nearest,
    spread_out,
)
from coterie.evidence.foresight import judge_foresight
from coterie.evidence.hills import find_hills
from coterie.evidence.reliability import judge_reliability
from coterie.evidence.sample import Sample, learned_here, values_of
from coterie.evidence.smear import plain_space, space_of
from coterie.evidence.structure import NATURAL, agreement_of
from coterie.features import FEATURES, Feature, learn_events
from families import FAMILIES
from families.contract import Customers, Drawn, Family, Floats, Integers, Points, seed_of

FEATURE = {entry.name: entry for entry in FEATURES}
CLOSE = 0.9
"""Adjusted Rand index with the planted groups from which the segments count as them."""
SEGMENTS = 5
"""Segments that are followed past the cut."""
DIFFER = {
    "coupons": {"claims": "claims_per_time", "burn rate": "burn_rate_mature"},
    "orders": {"orders": "orders_per_time", "order value": "aov", "spend": "total_spend"},
}
"""Features of which it is asked whether customers differ in them."""
_DATA = 90
_KMEANS = 91


def measure(family: Family, customers: int, draw: int) -> Drawn:
    """Figures of one draw; the same on every run."""
    begun = time.perf_counter()
    seed = seed_of(family.name, customers, draw)
    made = family.make(generator(seed, _DATA), customers, draw)
    ask = {"structure": structure, "foresight": foresight, "reliability": reliability}[family.question]
    figures = ask(made, seed)
    return {
        "family": family.name,
        "customers": customers,
        "draw": draw,
        "seed": seed,
        **figures,
        "seconds": round(time.perf_counter() - begun, 3),
    }


def named(name: str) -> Family:
    """The family of that name."""
    return next(family for family in FAMILIES if family.name == name)


def structure(made: Points | Customers, seed: int) -> Drawn:
    """How many hills, whether K-Means cuts along them, and how both agree with what was planted."""
    if isinstance(made, Points):
        space = plain_space(made.x)
    else:
        sample, features = sampled(made)
        learned, aggregates = learn_events(made.events)
        values = values_of(sample, features, aggregates, learned)
        learned = learned_here(learned, features, values)
        coordinates, _ = learn_scaling_of(features, values, learned)
        space = space_of(sample, features, coordinates, learned, aggregates)
    hills = find_hills(space, seed)
    agreement = agreement_of(hills, space, seed)
    natural = hills.k >= 2 and agreement is not None and agreement >= NATURAL
    figures: Drawn = {
        "k": hills.k,
        "agreement": None if agreement is None else round(agreement, 4),
        "natural": natural,
        "several": hills.k > 1,
    }
    if made.group is not None:
        planted = int(made.group.max()) + 1
        delivered = adjusted_rand(grouped(space.z, hills.k, seed), made.group)
        figures |= {
            "planted": planted,
            "exact": hills.k == planted,
            "above": hills.k > planted,
            "ari": round(delivered, 4),
            "ari_hills": round(adjusted_rand(hills.labels, made.group), 4),
            "close": delivered >= CLOSE,
        }
    return figures


def foresight(made: Points | Customers, seed: int) -> Drawn:
    """Whether five segments of K-Means differ in later burns, or sales. Nothing is pruned at the cut."""
    assert isinstance(made, Customers)
    sample, features = sampled(made)
    learned, aggregates = learn_events(made.events)
    values = values_of(sample, features, aggregates, learned)
    _, z = learn_scaling_of(features, values, learned_here(learned, features, values))
    now = grouped(z, SEGMENTS, seed)
    found = judge_foresight(
        sample,
        features,
        lambda then: now[then.rows],
        SEGMENTS,
        seed=seed,
        cut=None if made.cut is None else dt.date(1970, 1, 1) + dt.timedelta(days=made.cut),
    )
    top = next((one for one in found.segments if one.segment == found.top), None)
    return {
        "lasting": bool(found.lasting),
        "judged": found.lasting is not None,
        "reason": found.reason,
        "p": found.p,
        "lift": top.lift if top else None,
        "low": top.low if top else None,
        "eta2": found.eta2,
    }


def reliability(made: Points | Customers, seed: int) -> Drawn:
    """Whether customers are said to differ in claims and burns, or in how often they order and for how much."""
    assert isinstance(made, Customers)
    learned, _ = learn_events(made.events)
    # Each is also judged where the fit already finds all customers alike, which would answer for it.
    learned = replace(learned, alike=())
    asked = DIFFER["coupons" if made.events.has_coupons else "orders"]
    found = judge_reliability(made.events, [FEATURE[name] for name in asked.values()], learned, seed)
    figures: Drawn = {}
    for name, one in zip(asked, found, strict=True):
        figures |= {f"{name} real": bool(one.real), name: one.value}
    return figures


def sampled(made: Customers) -> tuple[Sample, list[Feature]]:
    """The customers as a sample that holds all of them, and the features they are clustered on."""
    n = made.events.customers
    return Sample(rows=np.arange(n), events=made.events, others={}, of=n), [FEATURE[name] for name in made.features]


def grouped(z: Floats, k: int, seed: int) -> Integers:
    """Labels 0..k-1 of K-Means with ten starts."""
    points = cloud(z, np.ones(len(z)))
    starts = spread_out(points, 10, k, generator(seed, _KMEANS))
    ended, inertia = lloyd(points, starts, iterations=100, tolerance=1e-6)
    labels, _ = nearest(z, ended[int(inertia.argmin())])
    return labels
