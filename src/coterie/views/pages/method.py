"""How the result came about: settings, what was learned, all scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.segments import feature_label, feature_unit

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput


def method(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Settings, learned numbers, notes and the full table of scores."""
    return {
        "settings": _settings(result),
        "learned": _learned(result),
        "notes": result.notes,
        "scores": _scores(result),
    }


def _settings(result: ReportInput) -> tuple[tuple[str, str], ...]:
    low, high = result.settings.k_range
    asked = f"{result.settings.k}, set by hand" if result.settings.k is not None else "chosen by the rule"
    features = say.listing([feature_label(result, name) for name in result.clustered])
    idle = "clustered too" if result.settings.include_inactive else "kept apart as Never active"
    return (
        ("Data", f"{result.label}, {say.dates(result.first_day, result.as_of)}"),
        ("As of", say.date(result.as_of)),
        ("Preset", result.preset),
        ("Clustered on", features or "nothing: all are alike"),
        ("Algorithm", "K-Means on treated, standardised features, several starts for every k"),
        ("Number of segments", f"{asked}; tried {low} to {high}"),
        ("Customers without coupons", idle),
        ("Playbook", result.settings.playbook.name if result.settings.playbook else "Coterie’s own"),
        ("Seed", str(result.seed)),
        ("Run", say.date(result.run_date)),
    )  # fmt: skip


def _learned(result: ReportInput) -> tuple[tuple[str, str], ...]:
    learned = result.learned
    rows = [
        ("Power of exposure", f"{say.significant(learned.exposure_power)}: claims grow with exposure to this power"),
        ("Prior of claims per time", _pair(learned.claims_prior)),
        ("Prior of the burn rate", _pair(learned.burn_rate_prior)),
        ("Prior of the mature burn rate", _pair(learned.burn_rate_mature_prior)),
        ("Plateau of the burn curve", say.share(learned.burn_curve.plateau, 1)),
    ]
    rows += [
        (f"Stands in for unknown: {feature_label(result, name).lower()}",
         f"{say.quantity(value, feature_unit(result, name))}, the median")
        for name, value in learned.medians.items()
        if name in result.profiles.features
    ]  # fmt: skip
    return tuple(rows)


def _pair(prior: tuple[float, float]) -> str:
    return " and ".join(say.significant(value) for value in prior)


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
