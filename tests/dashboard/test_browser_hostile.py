"""A shop whose names are written to break pages, in a real browser: nothing runs, nothing is wider than the window."""

from __future__ import annotations

import re
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest

import coterie as ct
from coterie.views import BOARDS
from tests_browser import DRAWN, MARKS, dashboard_of, visits

pytestmark = pytest.mark.usefixtures("browser")
ARABIC = "\u0627\u0644\u062c\u064a\u0632\u0629 (\u0634\u0627\u0631\u0639 12)"
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    ARABIC,
    "\u202egnol\u202e turned",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
    "{{7*7}}",
    "</script>",
    "=1+1",
    "x" * 500,
    "Stra\u00dfe \u05d9\u05e8\u05d5\u05e9\u05dc\u05d9\u05dd, 12",
    "${alert(1)}",
    "a & b <i>c</i>",
)
CITIES, BRANCHES = 5_000, 60
LEFTOVER = "\u202a\u202b\u202c\u202d\u202e"
"""Marks that would turn the direction of all that follows."""


def hostile(folder):
    """1,500 active customers; everything that has a name has one of these first."""
    ct.sample(folder, customers=1_500, seed=3, orders=True)
    raw = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in folder.glob("*.csv")}
    names = [NASTY[at] if at < len(NASTY) else f"City {at:04}" for at in range(CITIES)]
    raw["cities"] = pd.DataFrame({"city_id": np.arange(CITIES).astype(str), "city_name": names})
    people, draw = raw["customers"], np.random.default_rng(3)
    more = [str(number) for number in range(1_501, CITIES + 1)]
    people = pd.concat([people, pd.DataFrame({"customer_id": more})], ignore_index=True)
    nasty = draw.integers(0, len(NASTY), CITIES)
    people["city_id"] = np.where(np.arange(CITIES) % 3 == 0, nasty, np.arange(CITIES)).astype(str)
    people = people.fillna({"join_date": "2023-01-01", "gender_id": "1", "age": "30", "tier": NASTY[0]})
    ids = {one: f"{one} {NASTY[at]}"[:300] if at < len(NASTY) else one for at, one in enumerate(people.customer_id)}
    raw["customers"] = people.assign(customer_id=people.customer_id.map(ids))
    places = {
        one: f"{one} {NASTY[at % len(NASTY)]}"[:499] for at, one in enumerate(raw["branches"].branch_id[:BRANCHES])
    }
    raw["branches"]["branch_id"] = raw["branches"].branch_id.replace(places)
    for column, table in (("merchant_name", "merchants"), ("gender_name", "genders")):
        raw[table][column] = [*NASTY, *raw[table][column]][: len(raw[table])]
    for column, table in (("product_category", "orders"), ("coupon_name", "transactions")):
        called = {one: NASTY[at % len(NASTY)] for at, one in enumerate(sorted(raw[table][column].unique()))}
        own = raw[table].assign(**{column: raw[table][column].map(called)})
        own["customer_id"] = own.customer_id.map(ids)
        raw[table] = own.assign(branch_id=own.branch_id.replace(places))
    for name, rows in raw.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    return list(ids.values())


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Address of the dashboard, and the ids of its customers."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = hostile(folder / "shop")
    ct.segment(folder / "shop", k=3, k_range=(2, 3), evidence=False).save(folder / "run")
    with dashboard_of(folder / "run", "--data", str(folder / "shop")) as address:
        yield address, ids


@pytest.fixture
def visit(browser, served):
    with visits(browser, served[0]) as open_page:
        yield open_page


def pages(ids):
    some = {"segment": "/segments/1", "customer": f"/customers/{quote(ids[2], safe='')}"}
    more = (
        "/metrics?by=city",
        "/metrics?by=category&over=month",
        "/metrics?measure=burn_rate&by=branch&over=month",
        f"/trends?city={quote(NASTY[0])}&city={quote(NASTY[8])}&find-city=%3C",
        f"/customers?branch={quote('1 ' + NASTY[0])}&merchant=1",
        f"/customers/{quote(ids[8], safe='')}",
        "/options?filter=city&find-city=alert",
    )
    return [some.get(board.name, board.path) for board in BOARDS] + list(more)


def test_nothing_runs_and_nothing_is_wider_than_the_window(served, visit):
    address, ids = served
    page = visit()
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in pages(ids):
        if path.startswith("/options"):  # no page of its own
            continue
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address + path)
        page.wait_for_selector(DRAWN, timeout=30_000)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for chart in page.evaluate(MARKS):
                assert (chart["drawn"], chart["marks"] > 0) == ("yes", True), (path, chart)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("main img, main i, #view script:not(#specs)").count() == 0, path
    assert dialogs == []


def test_pages_stay_small(served, visit):
    address, ids = served
    page = visit()
    for path in pages(ids):
        found = page.request.get(address + path)
        assert found.status == 200, path
        assert len(found.body()) < 600_000, path


def test_names_from_the_right_leave_our_sentences_as_they_are(served, visit):
    """Nothing that turns what follows stands outside of an element of its own; a name is an island in its sentence."""
    address, ids = served
    page = visit("/metrics?by=city")
    for path in (f"/customers/{quote(ids[3], safe='')}", "/metrics?by=city&over=month", "/metrics?by=category"):
        page.goto(address + path)
        page.wait_for_selector(DRAWN)
        for text in page.locator("main h1, main h2, main h3, main p, main li, main td").all_text_contents():
            assert not set(LEFTOVER) & set(text), (path, text)
    page.goto(f"{address}/customers/{quote(ids[2], safe='')}")
    assert page.locator("h1").text_content() == f"Customer \u2068{ids[2]}\u2069"


def test_one_of_5000_cities_is_found_by_its_name_and_chosen_with_the_keyboard(visit):
    page = visit("/customers")
    page.locator("#filter-city summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#options-city label").count() == 50
    page.keyboard.press("Tab")
    with page.expect_response(lambda response: "/options?" in response.url and "499" in response.url):
        page.keyboard.type("city 499")
    page.wait_for_selector("#options-city label:nth-child(7):last-of-type")
    labels = page.locator("#options-city .said").all_inner_texts()
    assert labels == [f"City {number}" for number in range(4990, 5000) if number % 3]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_response(lambda response: "/customers?" in response.url):
        page.keyboard.press("Space")
    page.wait_for_url(re.compile("city=City"))
    page.wait_for_selector(DRAWN)
    assert page.locator(".filters .left").inner_text().startswith("1 of 5,000 customers")
    assert page.locator("#filter-city summary b").inner_text() == labels[1]
    # Still there for the next one.
    assert page.evaluate("document.activeElement.value") == labels[1]
    assert page.locator("#find-city").input_value() == "city 499"
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe, of the extra `dev`").Axe()
    found = axe.run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
