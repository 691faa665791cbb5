"""Time the main job beside the plain way and the floor on generated shops, and write the tables of docs/benchmark.md.

    python benchmarks/main_job.py --write                             all of it, three quarters of an hour
    python benchmarks/main_job.py --only coupons --customers 100000   one shop, printed; with --write the page keeps
                                                                      what it says of others

Every command is a process of its own, with its peak memory. Nothing else should run meanwhile. Seconds depend on the
machine; the ratios of one run are what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from growth import PAGE, Measured, beside, page_with, tables

HERE = Path(__file__).resolve().parent
COTERIE = [sys.executable, "-m", "coterie"]
SIZES = {
    "coupons": (100_000, 1_000_000, 5_000_000, 10_000_000),
    "csv": (100_000, 1_000_000),
    "orders": (100_000, 1_000_000),
}
STORED = HERE / "measured.json"
PLAIN_UP_TO = 5_000_000
"""Beyond this the plain way needs more memory than the machine has."""


@dataclass(frozen=True)
class Shop:
    """A generated shop of `customers`, in files of this kind."""

    part: str
    customers: int
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "shop" / "orders.parquet" if self.part == "orders" else self.folder / "shop"


def command(line: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory (GB) of a command; its output is shown only if it fails."""
    # Modules compiled once stay compiled, as they do for everybody who has not switched that off.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(line, stdout=said, stderr=said, env=kept)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(line)} failed:\n{said.read().decode()}")
    return seconds, usage.ru_maxrss / 1e6


def make(shop: Shop) -> None:
    """Write the shop's files."""
    if shop.part == "orders":
        command([sys.executable, str(HERE / "orders_shop.py"), str(shop.folder / "shop"), str(shop.customers)])
    else:
        kind = "csv" if shop.part == "csv" else "parquet"
        wanted = ["--customers", str(shop.customers), "--format", kind]
        command([*COTERIE, "sample", str(shop.folder / "shop"), *wanted])


def measure(shop: Shop, *, plain: bool) -> list[Measured]:
    """The ways of this shop, one after the other."""

    def one(way: str, line: list[str], run: Path | None = None) -> Measured:
        seconds, memory = command(line)
        stages = json.loads((run / "manifest.json").read_text())["seconds"] if run else {}
        found = Measured(shop.part, shop.customers, way, round(seconds, 2), round(memory, 3), stages)
        print(f"{shop.part:8} {shop.customers:>11,} {way:22} {seconds:8.1f} s {memory:6.2f} GB", flush=True)
        return found

    def ours(way: str, *options: str) -> Measured:
        run = shop.folder / way.replace(" ", "-")
        return one(way, [*COTERIE, "segment", str(shop.data), "-o", str(run), *options], run)

    rows = [ours("coterie", "--no-evidence", "--no-report")]
    if plain and shop.customers <= PLAIN_UP_TO:
        script = HERE / ("plain_orders.py" if shop.part == "orders" else "plain.py")
        rows.append(one("plain", [sys.executable, str(script), str(shop.folder / "shop"), str(shop.folder)]))
    if shop.part == "coupons":
        rows.append(one("floor", [sys.executable, str(HERE / "floor.py"), str(shop.data), str(shop.folder)]))
    if shop.customers <= 1_000_000:
        rows.append(ours("coterie with evidence", "--no-report") if shop.part != "orders" else ours("coterie whole"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=tuple(SIZES), help="one part")
    parser.add_argument("--customers", type=int, nargs="+", help="sizes, in place of the usual ones")
    parser.add_argument("--write", action="store_true", help="write docs/benchmark.md and benchmarks/measured.json")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain way out")
    options = parser.parse_args()
    rows = []
    for part in (options.only,) if options.only else SIZES:
        for customers in options.customers or SIZES[part]:
            with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
                shop = Shop(part, customers, Path(folder))
                make(shop)
                rows += measure(shop, plain=not options.no_plain)
    if options.write:
        rows = beside(rows, STORED)
    written = tables(rows)
    for name, text in written.items():
        print(f"\n{name}\n{text}")
    if options.write:
        PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), written), encoding="utf-8")
        STORED.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
