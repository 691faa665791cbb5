"""When coupons are claimed and burnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput


def burns(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Coupons by month and the burn curve; left out where there is neither."""
    charts = drawings["months"] + drawings["burn-curve"]
    if not charts:
        return None
    curve = result.profiles.all.burn_curve
    if curve is None:
        return {"title": "No coupon has been burnt yet", "lead": "", "charts": charts}
    title = f"{say.upper_first(_of_ten(1 - curve.plateau))} coupons are never burnt"
    lead = "Open coupons count as not burnt yet (censored at the last day of the data), expired ones as never burnt."
    return {"title": title, "lead": lead, "charts": charts}


def _of_ten(part: float) -> str:
    """A share of coupons in tenths where that is honest, else in per cent."""
    tenths = round(10 * part)
    if 0 < tenths < 10 and abs(part - tenths / 10) < 0.005:
        return f"{say.word(tenths)} in ten"
    return f"{say.share(part)} of"
