"""Lifetime value: BG/NBD and Gamma-Gamma fitted to all customers, or why they cannot be.

The models see distinct histories with counts, grouped in the engine; what they say of each customer is in `expected`.
Time is in weeks, money in the unit of the currency, except where a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coterie.features.bg_nbd import BgNbd, Histories, fit_bg_nbd
from coterie.features.gamma_gamma import GammaGamma, RepeatSales, fit_gamma_gamma, order_value, value_correlation
from coterie.features.histories import MOST, grouped_histories, grouped_sales
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

Floats = NDArray[np.float64]

FEWEST = 50
"""Repeat buyers below which nothing is fitted."""
HORIZON = 52
"""Weeks that are looked ahead."""
NOBODY_STOPS = (
    "Hardly anybody is seen to stop buying, so who has left cannot be told: every customer is expected to go on at "
    "their own pace."
)


@dataclass(frozen=True)
class Lifetime:
    """What was fitted, and why not where it could not be.

    Attributes:
        bg_nbd: How often and how long customers buy; None with a reason. With `a` = 0 nobody stops, with a reason too.
        gamma_gamma: What an order is worth; None with a reason.
        constant: What every repeat order is worth, where all are worth the same and there is no Gamma-Gamma.
        repeat_buyers: Customers with two or more order days.
        correlation: Of mean value with frequency (see `value_correlation`); None where not computed.
        days_together: Width of histories put together, in days; 1 where none were.
        reason: Sentences; "" where both are fitted.
    """

    bg_nbd: BgNbd | None
    gamma_gamma: GammaGamma | None
    constant: float | None
    repeat_buyers: int
    correlation: float | None
    days_together: int
    reason: str

    @property
    def has_value(self) -> bool:
        """Whether it tells what an order is worth."""
        return self.gamma_gamma is not None or self.constant is not None


def fit_lifetime(engine: Engine, people: ir.Table, *, most: int = MOST) -> Lifetime:
    """Fit BG/NBD and Gamma-Gamma to customers, or say why not.

    Args:
        engine: Where `people` live.
        people: Of `order_history` or `histories_of`, better kept.
        most: Distinct histories to hold.
    """
    grouped = grouped_histories(engine, people, most=most)
    sales = grouped_sales(engine, people, most=most)
    return fit_models(grouped.histories, sales, days_together=grouped.days_together)


def fit_models(data: Histories, sales: RepeatSales, *, days_together: int = 1) -> Lifetime:
    """The same from histories and sales in memory."""
    buyers, repeat_buyers = int(data.customers.sum()), int(data.customers[data.x > 0].sum())
    model = Lifetime(None, None, None, repeat_buyers, None, days_together, "")
    if repeat_buyers < FEWEST:
        return replace(model, reason=_too_few(buyers, repeat_buyers))
    fitted = fit_bg_nbd(data)
    if isinstance(fitted, str):
        return replace(model, reason=fitted)
    found = _with_value(replace(model, bg_nbd=fitted), sales)
    return found if fitted.tells_alive else replace(found, reason=f"{NOBODY_STOPS} {found.reason}".rstrip())


def value_of_order(gamma_gamma: Floats | None, constant: float | None, x: Floats) -> tuple[Floats, Floats]:
    """(base, slope), both (n,), as `order_value`, from p, q, gamma or from the one value that every order has."""
    if gamma_gamma is not None:
        return order_value(gamma_gamma, x)
    return np.full(len(x), np.nan if constant is None else constant), np.zeros(len(x))


def _with_value(model: Lifetime, data: RepeatSales) -> Lifetime:
    """The model with what an order is worth, or with the reason why that is not told."""
    intro = "The value of an order is not estimated: "
    count = int(data.customers.sum())
    if count < FEWEST:
        few = f"{count} customers have repeat orders that are worth something, and {FEWEST} are needed"
        return replace(model, reason=f"{intro}{few}; expected orders are.")
    value = data.sales / data.x
    if value.max() - value.min() <= 1e-9 * value.max():
        constant = round9(float(value[0]))
        same = f"All repeat purchases are worth the same, {constant:,.2f}, so every expected order counts as that"
        return replace(model, constant=constant, reason=f"{same}; there is no Gamma-Gamma model to fit.")
    correlation, too_strong = value_correlation(data)
    model = replace(model, correlation=correlation)
    if too_strong:
        why = f"it goes with how often customers buy (correlation {correlation:.2f}), which Gamma-Gamma rules out"
        return replace(model, reason=f"{intro}{why}; expected orders are.")
    fitted = fit_gamma_gamma(data)
    return replace(model, reason=fitted) if isinstance(fitted, str) else replace(model, gamma_gamma=fitted)


def _too_few(buyers: int, repeat_buyers: int) -> str:
    if buyers == 0:
        return "Lifetime value is not estimated: nobody has an order."
    if repeat_buyers == 0:
        found = f"none of the {buyers:,} customers with an order bought on a second day"
    else:
        found = f"only {repeat_buyers} of the {buyers:,} customers with an order bought on a second day"
    return f"Lifetime value is not estimated: {found}, and {FEWEST} are needed to tell how buying goes on."
