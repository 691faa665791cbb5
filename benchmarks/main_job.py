"""Time the main job beside the plain way on generated shops, each as a process of its own, with its peak memory.

    python benchmarks/main_job.py --customers 100000 1000000 --format parquet
    python benchmarks/main_job.py --orders --customers 100000 1000000

With `--orders` the shop has orders instead of coupons, ten a customer, and the whole of it is timed: evidence, metrics,
report. Nothing else should run meanwhile. Seconds depend on the machine; ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
COTERIE = [sys.executable, "-m", "coterie"]


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory (GB) of a command; its output is shown only if it fails."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode()}")
    return seconds, usage.ru_maxrss / 1e6


def coupons(customers: int, folder: Path, kind: str, *, plain: bool) -> None:
    """A shop of coupons: the main job without evidence beside the plain way, then with evidence."""
    shop = folder / "shop"
    measure([*COTERIE, "sample", str(shop), "--customers", str(customers), "--format", kind])
    ours = measure([*COTERIE, "segment", str(shop), "-o", f"{folder}/run", "--no-evidence", "--no-report"])
    beside = measure([sys.executable, str(HERE / "plain.py"), str(shop), str(folder)]) if plain else None
    judged = measure([*COTERIE, "segment", str(shop), "-o", f"{folder}/judged", "--no-report"])
    tell(customers, ours, beside)
    print(f"| {customers:,} | coterie with evidence | {judged[0]:.1f} | {judged[1]:.2f} GB | |", flush=True)


def orders(customers: int, folder: Path, *, plain: bool) -> None:
    """A shop of orders: the whole main job beside the plain way."""
    shop = folder / "shop"
    measure([sys.executable, str(HERE / "orders_shop.py"), str(shop), str(customers)])
    ours = measure([*COTERIE, "segment", str(shop / "orders.parquet"), "-o", f"{folder}/run"])
    beside = measure([sys.executable, str(HERE / "plain_orders.py"), str(shop), str(folder)]) if plain else None
    tell(customers, ours, beside)


def tell(customers: int, ours: tuple[float, float], plain: tuple[float, float] | None) -> None:
    times = ""
    if plain:
        times = f"{plain[0] / ours[0]:.1f}"
        print(f"| {customers:,} | plain | {plain[0]:.1f} | {plain[1]:.2f} GB | |")
    print(f"| {customers:,} | coterie | {ours[0]:.1f} | {ours[1]:.2f} GB | {times} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet", help="of a shop of coupons")
    parser.add_argument("--orders", action="store_true", help="a shop of orders, and the whole of the job")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain way out")
    options = parser.parse_args()
    plain = not options.no_plain
    print("| customers | way | seconds | peak memory | times faster |")
    print("|---:|---|---:|---:|---:|")
    for customers in options.customers:
        with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
            if options.orders:
                orders(customers, Path(folder), plain=plain)
            else:
                coupons(customers, Path(folder), options.format, plain=plain)


if __name__ == "__main__":
    main()
