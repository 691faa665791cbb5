"""What a browser shows of a run folder that is damaged, older, newer, half copied, gone or replaced while it is served."""

from __future__ import annotations

import json
import shutil
import time

import pytest

import coterie as ct
from coterie.runs import writing
from tests_browser import DRAWN, dashboard_of

pytestmark = pytest.mark.usefixtures("browser")  # nothing is served where there is none


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("shop") / "shop", customers=150, seed=5)


@pytest.fixture(scope="module")
def runs(shop, tmp_path_factory):
    """Two runs of the same data, of three and of four segments."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        ct.segment(shop, features=["coupons_claimed", "recency"], k=k, evidence=False).save(folder / str(k))
        for k in (3, 4)
    ]


@pytest.fixture
def run(runs, tmp_path):
    """A run folder of the test's own, of three segments."""
    return shutil.copytree(runs[0], tmp_path / "run")


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def replaced(run, by):
    """Put another run into the place of this one, as `coterie segment` does."""
    with writing(run) as folder:
        shutil.copytree(by, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)


def shown(page, address, status, text):
    """Ask for the page until it says so; what it says is one heading and one sentence, without any traceback."""
    end = time.monotonic() + 15
    while True:
        found = page.goto(address)
        said = page.locator("body").inner_text()
        if (found.status, text in said) == (status, True):
            break
        assert time.monotonic() < end, (found.status, said[:500])
        time.sleep(0.1)
    assert page.locator("h1").count() == 1
    assert "Traceback" not in said
    return said


def changed(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


def half_copied(run):
    for name in ("profiles.json", "metrics.json", "assignments.parquet"):
        (run / name).unlink()


def test_a_run_that_cannot_be_read_is_one_clear_page(run, page, runs):
    damages = [
        (lambda: (run / "profiles.json").write_text('{"segments": [', encoding="utf-8"), "it is not valid JSON"),
        (lambda: changed(run / "model.json", format=0), "its format is 0"),
        (lambda: changed(run / "manifest.json", format=99), "has format 99, and this Coterie reads up to 1."),
        (lambda: half_copied(run), "it is missing"),
        (lambda: shutil.rmtree(run), "The run is not in its place just now."),
    ]
    with dashboard_of(run) as address:
        shown(page, address, 200, "Overview")
        for damage, said in damages:
            damage()
            if run.exists():
                changed(run / "manifest.json", seconds={})
            text = shown(page, address, 503, said)
            assert page.locator("h1").inner_text() == "Not just now"
            assert str(run.parent) not in text
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            replaced(run, runs[0])
            shown(page, address, 200, "Overview")
            page.wait_for_selector(DRAWN)


def test_a_run_that_is_replaced_is_shown_without_starting_anew(run, shop, page, runs):
    with dashboard_of(run, "--data", str(shop)) as address:
        shown(page, f"{address}/segments", 200, "Segments")
        assert page.goto(f"{address}/segments/4").status == 404
        replaced(run, runs[1])
        # The one before, or already the new one: never a page without anything.
        assert page.goto(f"{address}/segments").status == 200
        shown(page, f"{address}/segments/4", 200, "4")
        page.wait_for_selector(DRAWN)
        assert page.locator(".notice:visible").count() == 0
        names = json.loads((runs[1] / "profiles.json").read_text(encoding="utf-8"))["segments"]
        assert next(one["name"] for one in names if one["segment"] == 4) in page.locator("h1").inner_text()
