"""Take the pictures of the page about the dashboard: two of its pages on a sample shop, in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from picture import chromium

import coterie as ct

WIDTH, HEIGHT = 1280, 900
PICTURES = (
    ("dashboard-metrics.png", "/metrics?measure=sales&by=month&segment=1", "light"),
    ("dashboard-trends.png", "/trends?city=Belmora&city=Castrel", "dark"),
)
"""File, address, light or dark."""


@contextmanager
def served(shop: Path, run: Path) -> Iterator[str]:
    """The address of a dashboard of its own."""
    line = [sys.executable, "-m", "coterie", "dashboard", str(run), "--data", str(shop), "--port", "0"]
    server = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    found = (re.search(r"http://[\d.:]+", said) for said in server.stderr)
    try:
        yield next(one[0] for one in found if one)
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Segment a sample shop, serve it, keep what the first screen of each page shows."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        shop = ct.sample(Path(folder) / "shop", customers=5000, seed=7, orders=True)
        run = ct.segment(shop, seed=7).save(Path(folder) / "run")
        with served(shop, run) as address:
            for name, path, scheme in PICTURES:
                page = browser.new_page(
                    viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5, color_scheme=scheme
                )
                page.goto(address + path)
                page.wait_for_selector("html[data-charts=drawn]")
                page.screenshot(path=Path(__file__).with_name(name))


if __name__ == "__main__":
    main()
