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
    title = f"About {say.share(1 - curve.plateau)} of coupons stay unburnt"
    if abs(curve.plateau - 0.5) < 0.02:
        title = "About half of all coupons stay unburnt"
    lead = (
        "An estimate for coupons followed to the end of the curve: open ones are followed until the last day of the"
        " data, expired ones count as never burnt."
    )
    return {"title": title, "lead": lead, "charts": charts}
