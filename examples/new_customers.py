"""A saved model places customers it has never seen, without fitting again."""

import tempfile
from pathlib import Path

import coterie as ct

folder = Path(tempfile.mkdtemp())
this_month = ct.sample(folder / "november", customers=500, seed=1)
ct.segment(this_month, k=4).save(folder / "run")

run = ct.load(folder / "run")
next_month = ct.sample(folder / "december", customers=200, seed=2)
placed = run.assign(next_month)
print(f"{placed.num_rows} customers placed as of {run.result.as_of}")
