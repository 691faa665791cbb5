"""From six tables to segments, names and advice, in a few lines."""

import tempfile
from pathlib import Path

import coterie as ct

folder = Path(tempfile.mkdtemp())
shop = ct.sample(folder / "shop", customers=500, seed=7)

run = ct.segment(shop, seed=7)
print(run.choice.reason)
for segment in run.profiles.segments:
    print(f"{segment.segment}  {segment.name}: {segment.customers:,} customers. {segment.blurb}.")
for action in run.actions:
    print(f"{action.priority}  {action.name}: {action.title}")

print(run.save(folder / "run") / "report.html")
