"""The dashboard in a real browser, from a server of its own: marks drawn, filters true, links restoring, nothing fetched
from elsewhere, nothing that axe finds serious."""

from __future__ import annotations

import re
import shutil

import pandas as pd
import pytest

import coterie as ct
from coterie.views import BOARDS
from tests_browser import DRAWN, MARKS, dashboard_of, visits

pytestmark = pytest.mark.usefixtures("browser")  # no shop is served where there is none
KINDS = ("coupons", "orders", "both")


def _shop(folder, kind):
    shop = ct.sample(folder / "shop", customers=400, orders=kind != "coupons", seed=5)
    if kind == "orders":
        for file in shop.iterdir():
            if file.name != "orders.csv":
                shutil.rmtree(file) if file.is_dir() else file.unlink()
    return shop


@pytest.fixture(scope="module", params=KINDS)
def served(request, tmp_path_factory):
    """Address of a dashboard over a shop of coupons, of orders, of both; and the shop."""
    folder = tmp_path_factory.mktemp(request.param)
    shop = _shop(folder, request.param)
    ct.segment(shop, k=3, evidence=request.param == "both").save(folder / "run")
    with dashboard_of(folder / "run", "--data", str(shop)) as address:
        yield request.param, address, shop


@pytest.fixture
def visit(browser, served):
    """Opens pages of the dashboard."""
    with visits(browser, served[1]) as open_page:
        yield open_page


def pages(kind):
    """Addresses of all pages."""
    some = {"segment": "/segments/1", "customer": "/customers"}
    return [some.get(board.name, board.path) for board in BOARDS] + [
        "/segments?compare=1&compare=2",
        "/metrics?by=month",
        "/metrics?by=segment&over=month",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_draws_its_charts_and_scrolls_one_way(served, visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    drawn = 0
    for path in pages(served[0]):
        page.goto(served[1] + path)
        page.wait_for_selector(DRAWN, timeout=30_000)
        for chart in page.evaluate(MARKS):
            assert (chart["drawn"], chart["marks"] > 0) == ("yes", True), (path, chart)
            drawn += 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path
    assert drawn > 15


def test_nothing_serious_for_screen_reader_and_keyboard(served, visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe, of the extra `dev`").Axe()
    # The colours of the dark pages are the same on every shop.
    for scheme in ("light", "dark") if served[0] == "both" else ("light",):
        page = visit(scheme=scheme)
        for path in pages(served[0]):
            page.goto(served[1] + path)
            page.wait_for_selector(DRAWN, timeout=30_000)
            found = axe.run(page).response["violations"]
            serious = [
                (path, one["id"], [node["html"][:120] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == []


def _counted(page):
    """Customers that the bar says are looked at."""
    return int(page.locator(".filters .left").inner_text().split(" of ")[0].replace(",", ""))


def _customers_by_city(shop):
    customers = pd.read_csv(shop / "customers.csv").merge(pd.read_csv(shop / "cities.csv"), on="city_id")
    return customers.groupby("city_name").customer_id.nunique()


def test_a_filter_changes_the_numbers_and_a_link_restores_them(served, visit):
    kind, address, shop = served
    page = visit("/metrics")
    whole = _counted(page)
    if kind == "orders":
        lines = pd.read_csv(shop / "orders.csv", parse_dates=["order_date"])
        page.locator("#filter-days summary").click()
        with page.expect_response(lambda response: "since=2024-06-01" in response.url):
            page.locator("#since").fill("2024-06-01")
            page.locator("#since").press("Enter")
        wanted = lines[lines.order_date >= "2024-06-01"].customer_id.nunique()
    else:
        cities = _customers_by_city(shop)
        city = cities.index[0]
        page.locator("#filter-city summary").click()
        with page.expect_response(lambda response: "city=" in response.url):
            page.locator("#filter-city").get_by_label(city, exact=False).first.check()
        wanted = cities[city]
    page.wait_for_selector(DRAWN)
    page.wait_for_url(re.compile(r"\?"))
    assert _counted(page) == wanted < whole
    link = page.url
    assert page.locator("details.filter[open]").count() == 1  # still at hand for the next choice
    again = visit(link.removeprefix(address))
    assert _counted(again) == wanted
    page.go_back()
    page.wait_for_selector(DRAWN)
    assert _counted(page) == whole
    page.go_forward()
    page.wait_for_selector(DRAWN)
    assert _counted(page) == wanted


def test_a_choice_goes_along_to_other_pages(served, visit):
    page = visit("/metrics?measure=customers&by=month")
    page.locator("#filter-segment summary").click()
    with page.expect_response(lambda response: "segment=2" in response.url):
        page.locator("#filter-segment input[value='2']").check()
    page.wait_for_url(re.compile("segment=2"))
    page.wait_for_selector(DRAWN)
    assert "measure=customers&by=month" in page.url
    assert page.locator(".picks [aria-current]").all_inner_texts() == ["Active customers", "Month"]
    page.locator("#pages").get_by_role("link", name="Customers", exact=True).click()
    page.wait_for_selector(DRAWN)
    assert page.url.endswith("/customers?segment=2")
    chips = page.locator(".list td .chip").all_inner_texts()
    assert set(chips) == {"2"}
    page.locator("#pages").get_by_role("link", name="Model", exact=True).click()
    page.wait_for_selector(DRAWN)
    assert page.locator("#filters").count() == 0


def test_charts_and_lists_can_be_taken_along(served, visit, tmp_path):
    _, _, shop = served
    page = visit("/metrics?by=segment")
    for kind, begins in (("png", b"\x89PNG"), ("svg", b"<svg"), ("csv", b"\xef\xbb\xbf")):
        with page.expect_download() as got:
            page.locator(f'[data-take="{kind}"][data-of="measured"]').click()
        file = tmp_path / got.value.suggested_filename
        got.value.save_as(file)
        content = file.read_bytes()
        assert content.startswith(begins), kind
        assert b"var(--" not in content
    table = pd.read_csv(tmp_path / "measured.csv")
    shown = [float(text.replace(",", "")) for text in table.iloc[:, 1].astype(str)]
    assert len(shown) == 3
    if served[0] == "coupons":
        assert list(table.columns[:2]) == ["Segment", "Coupons"]
        assert sum(shown) == len(pd.read_csv(shop / "transactions.csv"))
    else:
        assert sum(shown) == pytest.approx(pd.read_csv(shop / "orders.csv").amount.sum(), abs=len(shown))
    with page.expect_download() as got:
        page.goto(f"{served[1]}/customers") and page.get_by_role("link", name="CSV", exact=True).click()
    got.value.save_as(tmp_path / "list.csv")
    source = "orders.csv" if served[0] == "orders" else "customers.csv"
    known = set(pd.read_csv(shop / source).customer_id)
    assert set(pd.read_csv(tmp_path / "list.csv").customer_id) >= known


def test_the_list_is_searched_and_leads_to_one_customer(served, visit):
    page = visit("/customers")
    first = page.locator(".list tbody th a").first.inner_text()
    page.locator("#text").fill(first)
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector(DRAWN)
    assert first in page.locator(".list tbody th a").all_inner_texts()
    page.locator(".list tbody th a").first.click()
    page.wait_for_selector(DRAWN)
    assert page.locator("h1").inner_text() == f"Customer {first}"


def test_everything_is_reached_with_the_keyboard(served, visit):
    page = visit("/trends")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    names = []
    for _ in range(14):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert [board.label for board in BOARDS if not board.hidden] == [one for one in names if one in
            {board.label for board in BOARDS}]  # fmt: skip
    page.locator(".filter summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.filter[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("details.filter[open]").count() == 0
