"""How the result came about: settings, what was learned, all scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.clustering import ALGORITHMS
from coterie.views import format as say
from coterie.views.charts.paths import sparser
from coterie.views.grades import any_judged, later_noun
from coterie.views.pages.questions import DIFFER, GROUPS, LAST, RETURN
from coterie.views.segments import feature_label, feature_said, feature_value, orders_only, with_both

if TYPE_CHECKING:
    from coterie.features.contract import Learned
    from coterie.views.contract import Drawings, ReportInput

_DIFFER = (
    "{} were split in halves by lot, over and over, and the halves compared. A figure counts as real where its"
    " interval lies above 0 and {} dealt out by chance reach as much in one of 50 cases at most. What is not real"
    " is left out of clustering, unless it was asked for by name."
)
_GROUPS = (
    "Counts were smeared by a little chance, so that equal numbers do not look like hills. Then the density around"
    " every customer was measured and its hills counted."
)
_RETURN = (
    "Customers were drawn again with replacement and segments made anew, {} times. A segment is firm if it overlaps"
    " 0.75 or more with its match on average; that grows with the number of customers, and is no proof of groups."
)
_LAST = (
    "Segments were made again from what was known {}{}. What came"
    " after it was counted: {}. Who was first seen later was left out. The differences last if chance, among customers"
    " first seen at about the same time, does as well in one of 50 cases at most, and the lift of the leading"
    " segment lies above 1."
)


def method(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Settings, learned numbers, notes and the full table of scores."""
    return {
        "counted": _events(result),
        "settings": _settings(result),
        "learned": _learned(result),
        "notes": result.notes,
        "evidence": _evidence(result),
        "scores": _scores(result),
    }


def _events(result: ReportInput) -> str:
    """What customers did that figures are counted from."""
    return "orders" if orders_only(result) else "coupons and the orders" if with_both(result) else "coupons"


def _settings(result: ReportInput) -> tuple[tuple[str, str], ...]:
    low, high = result.settings.k_range
    k = result.choice.k if result.choice is not None else 1
    finds = next((one.label for one in ALGORITHMS if one.name == result.settings.algorithm and not one.needs_k), "")
    asked = f"{k}, set by hand" if result.settings.k is not None else f"{k}, chosen by the rule"
    asked = f"{k}, found by {finds}" if finds else f"{asked}; {low} to {high} were tried"
    labels = [feature_said(result, name) for name in result.clustered]
    features = say.listing([*labels[:1], *(say.lower_first(label) for label in labels[1:])])
    apart = next((one.name for one in result.profiles.segments if one.segment == 0), "Never active")
    idle = "clustered too" if result.settings.include_inactive else f"kept apart as {apart}"
    return (
        ("Data", f"{result.label}, {say.dates(result.first_day, result.as_of)}"),
        ("As of", say.date(result.as_of)),
        ("Preset of figures", result.preset or "none: figures named one by one"),
        ("Clustered on", features or "nothing: all are alike"),
        ("Algorithm", _algorithm(result)),
        ("Number of segments", asked if result.choice else "1: all are alike"),
        (f"Customers without {_events(result).replace(' and the ', ' and ')}", idle),
        ("Playbook", result.settings.playbook.name if result.settings.playbook else "Coterie’s own"),
        ("Seed", str(result.seed)),
        ("Run", say.date(result.run_date)),
    )  # fmt: skip


def _evidence(result: ReportInput) -> tuple[tuple[str, str], ...]:
    """How each question was judged, in plain sentences with the numbers of this run; empty where nothing was."""
    found = result.evidence
    if not any_judged(found):
        return ()
    later = found.foresight
    until = f"up to {say.date(later.cut)}" if later.cut else "up to a day"
    tau = found.structure.tau
    deep = "" if tau is None else f" Two hills count as two if customers are at least {sparser(tau)} between them."
    events = _events(result).replace(" the ", " ")
    open_still = "" if orders_only(result) else ": coupons burnt later still count as open in them"
    sample = f"{say.plural(found.customers, 'customer')}, drawn with the same chance for each, with all their {events}."
    if found.customers >= result.active:
        what = "an order" if orders_only(result) else "a coupon or an order" if with_both(result) else "a coupon"
        sample = f"All {say.plural(found.customers, 'customer')} with {what}."
    return (
        ("Sample", sample if found.customers else "All customers."),
        (DIFFER, _DIFFER.format(say.upper_first(events), events)),
        (GROUPS, f"{_GROUPS}{deep} Silhouette and gap statistic are shown beside one crowd and decide nothing."),
        (RETURN, _RETURN.format(say.count(found.stability.refits))),
        (LAST, _LAST.format(until, open_still, later_noun(found))),
    )


def _learned(result: ReportInput) -> tuple[tuple[str, str], ...]:
    learned = result.learned
    rows = [*_learned_of_coupons(result)] if learned.claims_prior[1] else []
    if learned.orders_prior[1]:
        orders, power = learned.orders_prior, say.score(learned.orders_power)
        pace = f"{say.quantity(orders[0] / orders[1], 'orders')} orders in the first year"
        rows += [
            ("How orders grow with time", f"with exposure to the power {power}; 1 would be in step, 0 not at all"),
            ("Usual pace of orders", f"{pace}; {_weight(learned, 'orders_per_time', orders[1], 'year')}"),
        ]
    rows += [
        (f"Unknown {say.lower_first(feature_label(result, name))}",
         f"taken as {feature_value(result, name, value)}, the median")
        for name, value in learned.medians.items()
        if name in result.profiles.features
    ]  # fmt: skip
    return tuple(rows)


def _learned_of_coupons(result: ReportInput) -> tuple[tuple[str, str], ...]:
    learned = result.learned
    claims, rate, mature = learned.claims_prior, learned.burn_rate_prior, learned.burn_rate_mature_prior
    pace = f"{say.quantity(claims[0] / claims[1], 'coupons')} coupons in the first year" if claims[1] else say.NOTHING
    plain = say.share(rate[0] / sum(rate) if sum(rate) else None, 1)
    aged = say.share(mature[0] / mature[1] if mature[1] else None, 1)
    power = say.score(learned.exposure_power)
    weights = {
        "claims_per_time": (claims[1], "year"),
        "burn_rate_shrunken": (sum(rate), "coupon"),
        "burn_rate_mature": (mature[1], "coupon"),
    }
    leans = {name: _weight(learned, name, *weight) for name, weight in weights.items()}
    return (
        ("How coupons grow with time", f"with exposure to the power {power}; 1 would be in step, 0 not at all"),
        ("Usual pace", f"{pace}; {leans['claims_per_time']}"),
        ("Usual burn rate", f"{plain}; {leans['burn_rate_shrunken']}"),
        (f"Usual {say.lower_first(feature_label(result, 'burn_rate_mature'))}", f"{aged}; {leans['burn_rate_mature']}"),
        ("End of the burn curve", say.share(learned.burn_curve.plateau, 1) + " burnt"),
    )


def _weight(learned: Learned, name: str, size: float, noun: str) -> str:
    """How much of a customer's own history the usual value weighs as."""
    if name in learned.alike:
        return "customers do not differ in it"
    number = say.plain(size, 1)
    return f"weighs as much as {number} {noun}{'' if number == '1.0' else 's'} of a customer’s own"


def _scores(result: ReportInput) -> tuple[tuple[str, ...], ...]:
    if result.choice is None:
        return ()
    return tuple(
        (
            f"{one.k}, chosen" if one.k == result.choice.k else str(one.k),
            say.plain(one.inertia, 0 if one.inertia >= 100 else 2),
            say.score(one.silhouette),
            say.NOTHING if one.calinski_harabasz is None else say.count(one.calinski_harabasz),
            say.score(one.davies_bouldin),
            say.score(one.stability),
            say.share(one.smallest_share),
        )
        for one in result.choice.candidates
    )


def _algorithm(result: ReportInput) -> str:
    """The way groups were found, by its label."""
    if result.settings.algorithm == "k-means":
        return "K-Means on treated, standardised figures, several starts for every number"
    known = {one.name: one.label for one in ALGORITHMS}
    label = known.get(result.settings.algorithm, result.settings.algorithm)
    return (
        f"{label} on treated, standardised figures, fitted on at most 5,000 customers; all are then placed by its rule"
    )
