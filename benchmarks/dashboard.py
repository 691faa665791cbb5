"""Measure the dashboard on a large generated shop: its pages in a browser, changes of a filter, size, memory, readers.

    python benchmarks/dashboard.py --customers 1000000 --write
    python benchmarks/dashboard.py --run RUN --data SHOP          # of a shop that is there

Makes a shop of coupons and one of orders, ten events a customer, segments it, and starts `coterie dashboard` as a
process of its own. Needs Chromium and playwright. Nothing else should run meanwhile.

First page: from asking for it until the charts in the window are drawn, in a browser that has nothing of the dashboard;
every page of the bar once, each for the first time after the start. Filter: from ticking a box to the same, a value
that was not asked for before. Payload: the HTML of a page as it stands, and what a first visit transfers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orders_shop
import readers
from growth import page_with

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmark.md"
COTERIE = [sys.executable, "-m", "coterie"]
DRAWN = "html[data-charts=drawn]"
SEEN = f"html[data-charts=seen], {DRAWN}"
PAGES = ("/", "/segments", "/segments/1", "/metrics", "/metrics?by=month", "/trends", "/retention", "/customers",
         "/model", "/data")  # fmt: skip
FILTERED = ("/", "/metrics", "/trends", "/customers", "/segments", "/retention")
FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
FIRST_PAGE, FILTER, PAYLOAD, MEMORY = 1.5, 0.5, 600, 1.0
"""What was aimed at: seconds, seconds, KB and GB."""


@dataclass(frozen=True)
class Server:
    """A dashboard that runs: its address, its process, and the seconds until it answered."""

    address: str
    process: int
    started: float

    @property
    def memory(self) -> float:
        """The most it has held, in GB."""
        text = Path(f"/proc/{self.process}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) * 1024 / 1e9  # type: ignore[index]


@contextmanager
def served(run: Path, data: Path) -> Iterator[Server]:
    """The dashboard of this run."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*COTERIE, "dashboard", str(run), "--data", str(data), "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            sys.exit("".join(said))
        _wait_for(found[0])
        yield Server(found[0], process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(1_000):
        try:
            urllib.request.urlopen(f"{address}/healthz").close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"{address} does not answer")


@dataclass(frozen=True)
class Visit:
    """One page in the browser: seconds to its drawn charts, KB of its HTML, KB that came over the wire."""

    path: str
    seconds: float
    html: float
    wire: float


def visits(browser: Any, address: str) -> list[Visit]:
    """Every page once, in a browser that knows nothing of it."""
    found = []
    for path in PAGES:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page, sizes = context.new_page(), []
        page.on("requestfinished", lambda request, sizes=sizes: sizes.append(request.sizes()["responseBodySize"]))
        begun = time.perf_counter()
        answer = page.goto(address + path)
        page.wait_for_selector(SEEN, timeout=60_000)
        seconds = time.perf_counter() - begun
        page.wait_for_selector(DRAWN, timeout=60_000)
        found.append(Visit(path, seconds, len(answer.body()) / 1e3, sum(sizes) / 1e3))
        context.close()
    return found


def changes(browser: Any, address: str, each: int) -> dict[str, list[float]]:
    """Page -> seconds of each change of a filter; the boxes of one filter after the other, each alone."""
    found: dict[str, list[float]] = {}
    for path in FILTERED:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(address + path)
        page.wait_for_selector(DRAWN, timeout=60_000)
        names = page.locator("details.filter[id]:not(#filter-days)").evaluate_all("all => all.map(one => one.id)")
        for number in range(each if names else 0):
            seconds = _change(page, names[number % len(names)], number // len(names))
            if seconds is not None:
                found.setdefault(path, []).append(seconds)
        context.close()
    return found


TICK = """([id, place]) => new Promise(done => {
  const root = document.documentElement, filter = document.getElementById(id);
  const box = filter.querySelectorAll('input[type=checkbox]')[place];
  if (!box) { done(null); return; }
  filter.open = true;
  root.dataset.charts = '';
  const begun = performance.now();
  const watch = new MutationObserver(() => {
    if (!root.dataset.charts) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done((performance.now() - begun) / 1000)));
  });
  watch.observe(root, {attributes: true});
  box.click();
})"""
"""Ticks a box and tells the seconds until the page is shown anew, its charts in the window drawn."""


def _change(page: Any, name: str, place: int) -> float | None:
    """Seconds from ticking one box until the page is shown; then it is cleared again. None without such a box."""
    seconds: float | None = page.evaluate(TICK, [name, place])
    if seconds is not None:
        page.wait_for_selector(DRAWN, timeout=60_000)
        page.evaluate(TICK, [name, place])
        page.wait_for_selector(DRAWN, timeout=60_000)
    return seconds


@dataclass(frozen=True)
class Found:
    """All that was measured on one shop."""

    shop: str
    customers: int
    started: float
    visits: list[Visit]
    changes: dict[str, list[float]]
    logs: dict[float, readers.Log]
    memory: float

    @property
    def every_change(self) -> list[float]:
        return [one for page in self.changes.values() for one in page]


def measure(shop: str, customers: int, run: Path, data: Path, *, each: int, seconds: float) -> Found:
    """One shop: pages, filters, then readers who pause and readers who do not."""
    from playwright.sync_api import sync_playwright

    with served(run, data) as server, sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        first = visits(browser, server.address)
        changed = changes(browser, server.address, each)
        browser.close()
        logs = {
            pause: readers.read(server.address, readers=50, seconds=seconds, pause=pause, seed=int(pause) + 1)
            for pause in (5.0, 0.0)
        }
        return Found(shop, customers, server.started, first, changed, logs, server.memory)


def tell(found: Found) -> None:
    """Everything, page by page."""
    print(f"\n{found.shop}, {found.customers:,} customers: answers {found.started:.1f} s after the start")
    for one in found.visits:
        print(f"  {one.path:20} shown after {one.seconds * 1e3:5.0f} ms, {one.html:4.0f} KB of HTML, "
              f"{one.wire:4.0f} KB transferred")  # fmt: skip
    for path, seconds in found.changes.items():
        print(f"  filter on {path:12} median {statistics.median(seconds) * 1e3:5.0f} ms, longest "
              f"{max(seconds) * 1e3:5.0f} ms of {len(seconds)}")  # fmt: skip
    for pause, log in found.logs.items():
        print(
            f"  {_read(log)}, pause {pause:.0f} s, {sum(log.errors.values())} errors {dict(log.errors.most_common(3))}"
        )
        for page, seconds in sorted(log.seconds.items()):
            middle, most = statistics.median(seconds), readers.quantile(sorted(seconds), 0.95)
            print(
                f"    {page:12} {len(seconds):5}, median {middle * 1e3:5.0f} ms, 95 of 100 within {most * 1e3:5.0f} ms"
            )
    print(f"  the server held at most {found.memory:.2f} GB", flush=True)


def _read(log: readers.Log) -> str:
    every = log.all
    return (f"{len(every):,} pages, median {statistics.median(every):.2f} s, 95 of 100 within "
            f"{readers.quantile(every, 0.95):.2f} s")  # fmt: skip


def table(rows: list[Found]) -> str:
    """For the page of the docs: what was measured beside what was aimed at."""
    head = [f"{one.customers:,} customers, {one.shop}" for one in rows]
    lines = ["| | aimed at | " + " | ".join(head) + " |", "|---|---:|" + "---:|" * len(rows)]

    def line(what: str, aim: str, cells: list[str]) -> None:
        lines.append(f"| {what} | {aim} | " + " | ".join(cells) + " |")

    line("from the start to the first answer, s", "", [f"{one.started:.0f}" for one in rows])
    line("first page (overview), shown, s", f"under {FIRST_PAGE}", [f"{one.visits[0].seconds:.2f}" for one in rows])
    line("slowest other page, asked for first, s", "",
         [f"{max(page.seconds for page in one.visits[1:]):.2f}" for one in rows])  # fmt: skip
    line("change of a filter, median, ms", f"under {FILTER * 1e3:.0f}",
         [f"{statistics.median(one.every_change) * 1e3:.0f}" for one in rows])  # fmt: skip
    line("change of a filter, 95 of 100 within, ms", "",
         [f"{readers.quantile(sorted(one.every_change), 0.95) * 1e3:.0f}" for one in rows])  # fmt: skip
    line("largest page, HTML, KB", f"under {PAYLOAD}", [f"{max(page.html for page in one.visits):.0f}" for one in rows])
    line("first visit, all files, transferred, KB", f"under {PAYLOAD}",
         [f"{max(page.wire for page in one.visits):.0f}" for one in rows])  # fmt: skip
    line("memory of the server, GB", f"under {MEMORY:.0f}", [f"{one.memory:.2f}" for one in rows])
    for pause in rows[0].logs:
        how = f"50 readers, {pause:.0f} s on each page" if pause else "50 readers who never pause"
        line(f"{how}: pages, errors", "no error",
             [f"{len(one.logs[pause].all):,}, {sum(one.logs[pause].errors.values())}" for one in rows])  # fmt: skip
        line("the same: median, 95 of 100 within, s", "",
             [f"{statistics.median(one.logs[pause].all):.2f}, {readers.quantile(one.logs[pause].all, 0.95):.2f}"
              for one in rows])  # fmt: skip
    return "\n".join(lines)


def shops(folder: Path, customers: int, wanted: list[str]) -> Iterator[tuple[str, Path, Path]]:
    """Name, run and data of each shop, made and segmented."""
    import coterie as ct

    for name in wanted:
        data = folder / name
        if name == "coupons":
            ct.sample(data, customers=customers, file_format="parquet")
        else:
            orders_shop.write(data, customers)
        run = folder / f"run-{name}"
        subprocess.run([*COTERIE, "segment", str(data), "-o", str(run), "--no-report", "--no-evidence"],
                       check=True, capture_output=True)  # fmt: skip
        yield name, run, data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--shops", nargs="+", choices=["coupons", "orders"], default=["coupons", "orders"])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--each", type=int, default=16, help="changes of a filter on each page")
    parser.add_argument("--seconds", type=float, default=60.0, help="for which readers read, twice")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmark.md")
    options = parser.parse_args()
    print(f"{dt.datetime.now().astimezone():%-d %B %Y}, {os.cpu_count()} cores")
    rows = []
    with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
        given = [("given", options.run, options.data)] if options.run else None
        for name, run, data in given or shops(Path(folder), options.customers, options.shops):
            customers = json.loads((run / "manifest.json").read_text()).get("customers", options.customers)
            rows.append(measure(name, customers, run, data, each=options.each, seconds=options.seconds))
            tell(rows[-1])
    print("\n" + table(rows))
    if options.write:
        PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), {"dashboard": table(rows)}), encoding="utf-8")


if __name__ == "__main__":
    main()
