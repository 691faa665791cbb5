"""Orders alone are enough: one file with customer, date and amount."""

import tempfile
from pathlib import Path

import coterie as ct

folder = Path(tempfile.mkdtemp())
shop = ct.sample(folder / "shop", customers=500, seed=7, orders=True)

run = ct.segment(shop / "orders.csv", seed=7)
for segment in run.profiles.segments:
    print(f"{segment.segment}  {segment.name}: {segment.orders:,} orders, {segment.share_of_sales:.0%} of all sales")
metrics = run.metrics
print(f"{metrics.orders:,} orders, sales of {metrics.sales:,.0f}; {metrics.repeat_purchase_rate:.0%} bought again")
