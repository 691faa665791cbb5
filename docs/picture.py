"""Take the picture in the README: the first page of the sample shop's report, in a real browser."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import coterie as ct

WIDTH, HEIGHT = 1160, 1010
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that takes the pictures."""
    path = shutil.which("chromium")
    if path is None:
        sys.exit("There is no chromium on the path. Install it first.")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


def main() -> None:
    """Segment a sample shop, open its report, keep what the first screen shows."""
    with tempfile.TemporaryDirectory() as folder:
        shop = ct.sample(Path(folder) / "shop", customers=5000, seed=7)
        page_file = Path(folder) / "report.html"
        page_file.write_text(ct.segment(shop, k=5, seed=7).report(), encoding="utf-8")
        with chromium() as browser:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
            page.goto(page_file.as_uri())
            page.wait_for_function("document.documentElement.dataset.charts === 'drawn'")
            page.screenshot(path=Path(__file__).with_name("report.png"))


if __name__ == "__main__":
    main()
