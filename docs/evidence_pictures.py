"""Take the pictures of docs/evidence.md: each question asked of customers who are all alike and of planted groups.

Both shops are made here, segmented by the product, and drawn by its own charts; a browser puts them side by side.
"""

from __future__ import annotations

import html
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from picture import chromium

import coterie as ct
from coterie.views.contract import ChartTable, Drawn
from coterie.views.export import standalone
from coterie.views.tokens import PALETTES, slot, var
from coterie.views.vega import chart, mark

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
SEED = 7
CUSTOMERS, COUPONS, DAYS, BURNT = 1_000, 8.0, 365, 0.5
"""Of the shop in which all are alike: customers, coupons each on average, days, chance of a burn."""
WIDTH, SCALE = 1_160, 1.4
LEFT, RIGHT = "1,000 customers who are all alike", "A shop with five planted groups"
INK = PALETTES["light"]
STYLE = f"""
body {{ margin: 0; background: {INK["paper"]}; }}
main {{ display: flex; gap: 24px; box-sizing: border-box; padding: 16px 20px 4px;
       font: 13px/1.3 'Liberation Sans', Arial, sans-serif; color: {INK["ink-2"]}; }}
figure {{ margin: 0; flex: 1; min-width: 0; }}
figcaption {{ padding: 0 0 7px 17px; border-bottom: 1px solid {INK["line-2"]}; }}
svg {{ width: 100%; height: auto; display: block; }}
"""


def alike() -> dict[str, pa.Table]:
    """A shop in which only luck makes customers differ: Poisson many coupons each, a toss of a coin for each burn."""
    rng = np.random.default_rng(SEED)
    customer = np.repeat(np.arange(CUSTOMERS), rng.poisson(COUPONS, CUSTOMERS))
    claimed = rng.integers(0, DAYS, len(customer))
    burn_day = claimed + rng.integers(0, 30, len(customer))
    burnt = (rng.random(len(customer)) < BURNT) & (burn_day < DAYS)
    first = np.datetime64("2025-01-01")
    names = [f"C{number:04}" for number in range(CUSTOMERS)]
    burns = [day if there else None for day, there in zip((first + burn_day).tolist(), burnt, strict=True)]
    return {
        "customers": pa.table({"customer_id": names, "join_date": [first.item()] * CUSTOMERS}),
        "transactions": pa.table({
            "transaction_id": [f"T{number:05}" for number in range(len(customer))],
            "customer_id": [names[number] for number in customer],
            "transaction_date": (first + claimed).tolist(),
            "status": ["burnt" if one else "claimed" for one in burnt],
            "burn_date": pa.array(burns, pa.date32()),
        }),
    }  # fmt: skip


def neat(run: ct.Segmentation, shop: Mapping[str, pa.Table]) -> Drawn:
    """The picture that convinces everybody: customers in the colours of their segments."""
    segment = dict(zip(*(run.to_arrow()[name].to_pylist() for name in ("customer_id", "segment")), strict=True))
    held: dict[str, list[int]] = {}
    coupons = shop["transactions"]
    for customer, status in zip(coupons["customer_id"].to_pylist(), coupons["status"].to_pylist(), strict=True):
        held.setdefault(customer, [0, 0])[status == "burnt"] += 1
    rng = np.random.default_rng(SEED)
    rows: list[dict[str, Any]] = [
        {"open": claimed + x, "burnt": burnt + y, "fill": var(slot(segment[customer]))}
        for (customer, (claimed, burnt)), (x, y) in zip(
            held.items(), rng.uniform(-0.5, 0.5, (len(held), 2)).round(2).tolist(), strict=True
        )
    ]
    assert run.choice is not None
    score = next(one.silhouette for one in run.choice.candidates if one.k == run.choice.k)
    axis = {"grid": False, "tickCount": 8, "titleFontWeight": "normal"}
    layer = {
        "mark": mark("point", size=26, filled=True, opacity=0.75),
        "encoding": {
            "x": {"field": "open", "type": "quantitative", "axis": {**axis, "title": "Open coupons"}},
            "y": {"field": "burnt", "type": "quantitative", "axis": {**axis, "title": "Burnt coupons"}},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
        },
    }
    title = "Four neat segments of customers who are all alike"
    measure = f"{len(rows):,} customers, every burn the toss of a coin. K-Means, silhouette {score:.2f}."
    return Drawn("neat", title, measure, title, chart(title, rows, 260, [layer]), ChartTable((), ()))


def picture(drawn: Mapping[str, str], path: Path, browser: Browser) -> None:
    """Caption -> SVG, side by side, as one PNG."""
    figures = "".join(
        f"<figure><figcaption>{html.escape(caption)}</figcaption>{svg}</figure>" for caption, svg in drawn.items()
    )
    width = WIDTH if len(drawn) > 1 else WIDTH * 3 // 5
    page = browser.new_page(viewport={"width": width, "height": 600}, device_scale_factor=SCALE)
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><main>{figures}</main>")
    page.locator("main").screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1000} kB\n")


def main() -> None:
    """Segment both shops and take all pictures."""
    import vl_convert

    luck = alike()
    with tempfile.TemporaryDirectory() as folder:
        planted = ct.sample(Path(folder) / "shop", customers=2_000, seed=SEED, separation="wide")
        runs = (ct.segment(luck, preset="coupon-counts", k=4, seed=SEED), ct.segment(planted, seed=SEED))
        for run, name in zip(runs, ("alike", "planted"), strict=True):
            run.charts(Path(folder) / name, formats=("svg",))

        def svg(name: str, one: str) -> str:
            return (Path(folder) / name / f"{one}.svg").read_text(encoding="utf-8")

        def deepest(run: ct.Segmentation) -> str:
            way = max(run.evidence.structure.paths, key=lambda path: path.drop)
            return f"path-{way.one}-{way.other}"

        with chromium() as browser:
            cloud = vl_convert.vegalite_to_svg(standalone(neat(runs[0], luck)))
            picture({LEFT: cloud}, HERE / "evidence-neat.png", browser)
            for name, left, right in (
                ("differ", "reliability", "reliability"),
                ("groups", *map(deepest, runs)),
                ("return", "overlap", "overlap"),
                ("last", "baselines", "later"),
            ):
                both = {LEFT: svg("alike", left), RIGHT: svg("planted", right)}
                picture(both, HERE / f"evidence-{name}.png", browser)


if __name__ == "__main__":
    main()
