"""Ways to find groups side by side, and which of them to use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.grades import later_noun

if TYPE_CHECKING:
    from coterie.segmentation.compare import Compared, Comparison
    from coterie.views.contract import Drawings, ReportInput


def comparison(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """The recommendation as title, a row per algorithm; left out where nothing was compared."""
    found = result.comparison
    if found is None:
        return None
    title, _, why = found.recommendation.partition(": ")
    return {
        "title": title.rstrip("."),
        "lead": say.sentence(why),
        "head": tuple(head for head, _ in _columns(result, found)),
        "rows": tuple(_row(result, found, one) for one in found.rows),
        "measure": f"All on the same {say.plural(found.customers, 'customer')}, at {say.word(found.k)} segments where"
        " the number can be asked for. Explained: share of the variation in what came later. Overlap: of the weakest"
        " segment with itself when customers are drawn again, only a few times here, so rougher than in “Evidence”."
        + (
            " Silhouette: without those who fit no group, which raises it."
            if any(one.fits_no_group for one in found.rows)
            else ""
        ),
        "charts": drawings["dendrogram"],
    }


def _columns(result: ReportInput, found: Comparison) -> list[tuple[str, Any]]:
    """Head and how a row is printed under it; a column nobody has a figure for is left out."""
    every: list[tuple[str, Any, Any]] = [
        ("Segments", lambda one: one.k, str),
        ("Inertia", lambda one: one.inertia, lambda value: say.plain(value, 0 if value >= 100 else 1)),
        ("Silhouette", lambda one: one.silhouette, say.score),
        ("Follows the gaps", lambda one: one.agreement, say.score),
        ("Weakest overlap", lambda one: one.stability, say.score),
        (f"{say.upper_first(later_noun(result.evidence))} explained", lambda one: one.eta2, say.small_share),
        ("Lasting", lambda one: one.lasting, lambda value: "yes" if value else "not shown"),
        ("Smallest segment", lambda one: one.smallest_share, say.share),
        ("Fits no group", lambda one: one.fits_no_group, say.share),
    ]
    return [
        (head, lambda one, get=get, show=show: say.NOTHING if get(one) is None else show(get(one)))
        for head, get, show in every
        if any(get(one) is not None for one in found.rows)
    ]


def _row(result: ReportInput, found: Comparison, one: Compared) -> Mapping[str, Any]:
    used = one.algorithm == result.settings.algorithm
    cells = () if one.k is None else tuple(show(one) for _, show in _columns(result, found))
    return {"label": one.label, "used": used, "cells": cells, "reason": one.reason}
