"""What customers are likely to bring from now on, and who is likely gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.lifetime import ahead, known, orders_text, whole_of
from coterie.views.pages.sales import Tile
from coterie.views.shop import metrics_of
from coterie.views.terms import anchor

if TYPE_CHECKING:
    from coterie.metrics.contract import LifetimeValue, SegmentValue
    from coterie.views.contract import Drawings, ReportInput

_VALUE, _ALIVE = "Lifetime value, expected orders", "Probability alive, at risk"


def lifetime(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Expected orders and value, who is likely gone; a sentence where the model cannot be used; none without orders."""
    metrics = metrics_of(result)
    found = metrics.lifetime_value if metrics is not None else None
    if metrics is None or found is None:
        return None
    charts = drawings["expected-orders"] + drawings["expected-value"]
    whole = whole_of(found) if known(result) is not None else None
    if whole is None:
        return {"title": "What customers will bring cannot be told", "lead": "", "tiles": (), "charts": charts,
                "alive": drawings["alive"],
                "reason": say.sentence(found.reason or "There is no model of these orders")}  # fmt: skip
    return {
        "title": _title(found, whole, metrics.currency),
        "lead": _lead(found, whole),
        "tiles": _tiles(found, whole, metrics.currency),
        "charts": charts,
        "alive": drawings["alive"],
        "reason": say.sentence(found.reason),
    }


def _title(found: LifetimeValue, whole: SegmentValue, currency: str | None) -> str:
    orders = say.plural(round(whole.expected_orders * whole.customers), "order")
    worth = ""
    if whole.total_value is not None:
        worth = f", worth about {say.money(whole.total_value, currency, rough=True)}"
    return f"The next {ahead(found)}: about {orders} from today’s customers{worth}"


def _lead(found: LifetimeValue, whole: SegmentValue) -> str:
    models = "BG/NBD"
    if whole.expected_value is not None:
        models += ", and Gamma-Gamma for the value of an order"
    return (
        f"Expected from how often, how lately and how long each customer has bought until {say.date(found.as_of)}"
        f" ({models}). It holds as long as customers go on as before, and leaves out customers still to come."
    )


def _tiles(found: LifetimeValue, whole: SegmentValue, currency: str | None) -> tuple[Tile, ...]:
    spread = f"{orders_text(whole.expected_orders_low)} to {orders_text(whole.expected_orders_high)}, 95% interval"
    tiles = [Tile("Orders per customer", anchor(_VALUE), orders_text(whole.expected_orders), spread)]
    low, high = whole.expected_value_low, whole.expected_value_high
    if whole.expected_value is not None:
        line = ""
        if low is not None and high is not None:
            line = f"{say.money(low, currency, rough=True)} to {say.money(high, currency, rough=True)}, 95% interval"
        value = say.money(whole.expected_value, currency, rough=True)
        tiles.append(Tile("Value per customer", anchor(_VALUE), value, line))
    if whole.alive is not None and whole.at_risk is not None:
        of_all = f"of {say.plural(whole.customers, 'customer')}, all who bought once among them"
        at_risk = "bought more than once, more likely gone than not"
        tiles.append(Tile("Still customers", anchor(_ALIVE), say.share(whole.alive, 1), of_all))
        tiles.append(Tile("At risk", anchor(_ALIVE), say.count(whole.at_risk), at_risk))
    return tuple(tiles)
