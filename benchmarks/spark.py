"""Time the main job on Spark on this machine, per step, on generated shops.

    python benchmarks/spark.py --customers 100000 1000000

Spark runs in one process with as many threads as there are cores (`--engine spark`), so the seconds are those of its
ways, not of a cluster's size. Nothing else should run meanwhile. Peak memory is that of this process; Java has its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from main_job import COTERIE, Shop, command, make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    options = parser.parse_args()
    for customers in options.customers:
        with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
            shop, run = Shop("coupons", customers, Path(folder)), Path(folder) / "run"
            make(shop)
            line = [*COTERIE, "segment", str(shop.data), "-o", str(run), "--no-evidence", "--no-report"]
            seconds, memory = command([*line, "--engine", "spark"])
            stages = json.loads((run / "manifest.json").read_text())["seconds"]
        print(f"{customers:,} customers: {seconds:.0f} s, {memory:.2f} GB in this process", flush=True)
        for stage, spent in stages.items():
            print(f"  {stage:38} {spent:8.1f} s", flush=True)


if __name__ == "__main__":
    main()
