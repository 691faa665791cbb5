"""Time the main job beside the plain way on generated shops, each as a process of its own, with its peak memory.

    python benchmarks/main_job.py --customers 100000 1000000 --format parquet

Nothing else should run meanwhile. Seconds depend on the machine; ratios within one run are what counts.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain way out")
    options = parser.parse_args()
    coterie = [sys.executable, "-m", "coterie"]
    print("| customers | way | seconds | peak memory | times faster |")
    print("|---:|---|---:|---:|---:|")
    for customers in options.customers:
        with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
            shop = Path(folder) / "shop"
            measure([*coterie, "sample", str(shop), "--customers", str(customers), "--format", options.format])
            ours = measure([*coterie, "segment", str(shop), "-o", f"{folder}/run", "--no-evidence", "--no-report"])
            if options.no_plain:
                plain = None
            else:
                plain = measure([sys.executable, str(HERE / "plain.py"), str(shop), folder])
                print(f"| {customers:,} | plain | {plain[0]:.1f} | {plain[1]:.2f} GB | |")
            judged = measure([*coterie, "segment", str(shop), "-o", f"{folder}/judged", "--no-report"])
            times = f"{plain[0] / ours[0]:.1f}" if plain else ""
            print(f"| {customers:,} | coterie | {ours[0]:.1f} | {ours[1]:.2f} GB | {times} |")
            print(f"| {customers:,} | coterie with evidence | {judged[0]:.1f} | {judged[1]:.2f} GB | |", flush=True)


if __name__ == "__main__":
    main()
