"""The terms of the report, each with its definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.segments import orders_only
from coterie.views.shop import metrics_of
from coterie.views.terms import COUPON_TERMS, ORDER_TERMS, SHOP_TERMS, TERMS, anchor

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput

_FIGURE = "figure-"


def terms_of(result: ReportInput) -> tuple[tuple[str, str], ...]:
    """The terms that this report uses, in order: those of orders only where there are orders."""
    metrics = metrics_of(result)
    if metrics is None:
        return TERMS
    known = TERMS if not orders_only(result) else tuple(entry for entry in TERMS if entry[0] not in COUPON_TERMS)
    return (*known, *SHOP_TERMS, *(ORDER_TERMS if metrics.orders is not None else ()))


def glossary(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Terms in the order of the report, then the features shown, with their meaning from the catalogue."""
    known, features = anchors(result), result.profiles.features
    own = [name for name, place in known.items() if place.startswith(_FIGURE)]
    return {
        "terms": tuple((term, text, anchor(term)) for term, text in terms_of(result)),
        "features": tuple(
            (features[name]["label"], features[name]["meaning"].rstrip(".") + ".", known[name]) for name in own
        ),
        "as_of": say.date(result.as_of),
    }


def anchors(result: ReportInput) -> dict[str, str]:
    """The id of each feature's entry, by feature; a feature named like a term shares that term's entry."""
    taken = {term.casefold(): anchor(term) for term, _ in terms_of(result)}
    found = {}
    for number, (name, feature) in enumerate(result.profiles.features.items(), 1):
        label = feature.get("label", "")
        if label.casefold() in taken:
            found[name] = taken[label.casefold()]
        elif label and feature.get("meaning"):
            found[name] = f"{_FIGURE}{number}"
    return found
