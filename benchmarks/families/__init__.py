"""The simulated families: every row of the calibration table, with what must be said of it."""

from __future__ import annotations

from families import buyers, coupons, points
from families.contract import Claim, Customers, Drawn, Family, Points, Question, seed_of

MOST = 0.05
"""A family without groups, or in which nothing lasts, is met at so many false findings at most."""
ALL_SIZES = ((1_000, 200), (2_000, 40), (5_000, 20))

_NULL = (Claim("natural", MOST), Claim("several"))
_WIDE = (
    Claim("natural", 0.90, least=True),
    Claim("exact", 0.95, least=True),
    Claim("close", 0.90, least=True),
    Claim("above", 0.02),
)
_SMALL = (Claim("natural", 0.90, least=True), Claim("exact"), Claim("close"), Claim("above", 0.02))
_SMALL_EVENTS = (Claim("natural", 0.65, least=True), *_SMALL[1:])
_REPORTED = (Claim("natural"), Claim("exact"), Claim("close"), Claim("above", 0.02))


def _family(name, label, make, claims, draws=((1_000, 200),), question="structure"):  # type: ignore[no-untyped-def]
    meaning = " ".join((make.__doc__ or label).split())
    return Family(name, label, meaning, make, claims, draws, question)


FAMILIES: tuple[Family, ...] = (
    _family("gaussian", "Gaussian", points.gaussian, _NULL, ALL_SIZES),
    _family("cube", "Uniform cube", points.cube, _NULL),
    _family("log-normal", "Log-normal", points.log_normal, _NULL),
    _family("log-normal-logged", "Log-normal, logged", points.log_normal_logged, _NULL),
    _family("identical", "Identical customers, exposure varies", coupons.identical, _NULL),
    _family("identical-counts", "Identical customers, plain counts", coupons.identical_counts, _NULL),
    _family("gamma-beta", "Gamma-Poisson claims x beta burns", coupons.gamma_beta, _NULL, ALL_SIZES),
    _family("never-burners", "Never-burners", coupons.never_burners, _NULL),
    _family("correlated-counts", "Correlated counts", coupons.correlated_counts, _NULL),
    _family("ties-rounded", "Heavy ties: rounded columns", points.rounded, _NULL),
    _family("ties-coupons", "Heavy ties: one to four coupons each", coupons.few_coupons, _NULL),
    _family("one-timers", "97 % one-time buyers", coupons.one_timers, _NULL),
    _family("churners", "BG/NBD churners", coupons.churners, _NULL, ALL_SIZES),
    _family("buyers-churn", "Buyers: BG/NBD and Gamma-Gamma", buyers.churners, _NULL),
    _family("buyers-rfm", "Buyers: the same, by recency, orders and spend", buyers.churners_rfm, _NULL),
    _family("buyers-steady", "Buyers: gamma-Poisson, steady", buyers.steady, _NULL),
    _family("banana", "Banana", points.banana, _NULL),
    _family("near-collinear", "Near-collinear columns", points.near_collinear, _NULL),
    _family("quintiles", "Quintile scores of one Gaussian", points.quintiles, _NULL),
    _family("few-days", "Coupons handed out on a few days only", coupons.few_days, _NULL),
    _family("continuum", "Strong continuum, no gaps", coupons.continuum, _NULL, ALL_SIZES),
    _family("wide-points-equal", "Planted wide: Gaussian, equal sizes", points.wide_equal, _WIDE, ALL_SIZES),
    _family("wide-points-unequal", "Planted wide: Gaussian, each at least 10 %", points.wide_unequal, _WIDE),
    _family("wide-events-equal", "Planted wide: coupons, equal sizes", coupons.wide_equal, _WIDE, ALL_SIZES),
    _family("wide-events-unequal", "Planted wide: coupons, each at least 10 %", coupons.wide_unequal, _WIDE),
    _family("wide-buyers-equal", "Planted wide: buyers, equal sizes", buyers.wide_equal, _WIDE),
    _family("wide-buyers-unequal", "Planted wide: buyers, each at least 10 %", buyers.wide_unequal, _WIDE),
    _family("wide-points-small", "Planted wide: Gaussian, one group of 3 %", points.wide_small, _SMALL),
    _family("wide-events-small", "Planted wide: coupons, one group of 3 %", coupons.wide_small, _SMALL_EVENTS),
    _family("wide-recency-equal", "Planted wide: coupons, with recency, equal sizes", coupons.recency_equal, _REPORTED),
    _family(
        "wide-recency-unequal",
        "Planted wide: coupons, with recency, each at least 10 %",
        coupons.recency_unequal,
        _REPORTED,
    ),
    _family(
        "wide-recency-small", "Planted wide: coupons, with recency, one group of 3 %", coupons.recency_small, _REPORTED
    ),
    _family("moderate-points", "Planted moderate: Gaussian, 5 sd apart", points.moderate, _REPORTED),
    _family("moderate-events", "Planted moderate: coupons", coupons.moderate, _REPORTED),
    _family("wide-noise", "Planted wide, four noise columns", points.wide_noise, _REPORTED),
    _family(
        "continuum-lasts",
        "Strong continuum, no gaps",
        coupons.continuum,
        (Claim("lasting", 0.95, least=True),),
        question="foresight",
    ),
    _family(
        "buyers-last",
        "Buyers: strong continuum, no gaps",
        buyers.continuum,
        (Claim("lasting", 0.95, least=True),),
        question="foresight",
    ),
    _family(
        "nothing-lasts",
        "Nothing lasts: redrawn after the cut, late joiners busy",
        coupons.nothing_lasts,
        (Claim("lasting", MOST),),
        question="foresight",
    ),
    _family(
        "buyers-nothing-lasts",
        "Buyers: nothing lasts, redrawn after the cut, late joiners busy",
        buyers.nothing_lasts,
        (Claim("lasting", MOST),),
        question="foresight",
    ),
    _family(
        "identical-real",
        "Identical customers, exposure varies",
        coupons.identical,
        (Claim("claims real", 0.05), Claim("burn rate real", 0.05)),
        draws=((1_000, 150),),
        question="reliability",
    ),
    _family(
        "buyers-identical-real",
        "Buyers: identical, exposure varies",
        buyers.identical,
        (Claim("orders real", 0.05), Claim("order value real", 0.05), Claim("spend real")),
        draws=((1_000, 150),),
        question="reliability",
    ),
)

__all__ = ["FAMILIES", "Claim", "Customers", "Drawn", "Family", "Points", "Question", "seed_of"]
