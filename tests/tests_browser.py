"""A real browser: how it is started, what it draws, and a dashboard of the tests' own for it to visit."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
DRAWN = "html[data-charts=drawn]"
MARKS = """() => [...document.querySelectorAll('[data-chart]')].map(place => {
  const marks = [...place.querySelectorAll('svg .mark-rect path, svg .mark-line path, svg .mark-symbol path, svg .mark-rule line, svg .mark-area path')];
  const seen = marks.filter(mark => { const box = mark.getBoundingClientRect(); return box.width + box.height > 1; });
  const svg = place.querySelector('svg');
  return {name: place.dataset.chart, marks: seen.length, drawn: place.dataset.drawn,
          width: svg ? svg.getBoundingClientRect().width : 0, room: place.clientWidth,
          height: svg ? svg.getBoundingClientRect().height : 0};
})"""
"""Of every chart of a page: its name, the marks that are to be seen, and how wide and high it is."""


@contextmanager
def dashboard_of(run: Path, *options: str) -> Iterator[str]:
    """The address of a dashboard of this run, in a process of its own; it is there once the run is loaded."""
    server = subprocess.Popen(
        [sys.executable, "-m", "coterie", "dashboard", str(run), "--port", "0", *options],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stderr is not None
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)
        address = next((one[0] for one in found if one), "")
        assert address, "the server said no address"
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/healthz").close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(10)
        if server.stderr is not None:
            server.stderr.close()


@contextmanager
def visits(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens pages of the dashboard; in the end nothing was complained about and nothing asked of anybody else."""
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    def open_page(path: str = "/", *, width: int = 1280, scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + path)
        page.wait_for_selector(DRAWN, timeout=30_000)
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert not complaints, complaints
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
