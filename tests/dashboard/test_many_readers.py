"""A shop of 20,000 customers: pages stay small, a filter changes them in the browser, and fifty readers are all answered.

Seconds are measured by `benchmarks/dashboard.py`; here nothing may fail.
"""

from __future__ import annotations

import urllib.request

import pandas as pd
import pytest
from readers import offered_by, read

import coterie as ct
from coterie.views import BOARDS
from tests_browser import DRAWN, dashboard_of, visits

LARGEST = 600_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("large") / "shop", customers=20_000, orders=True, file_format="parquet")


@pytest.fixture(scope="module")
def address(shop, tmp_path_factory):
    run = ct.segment(shop, k=4, evidence=False).save(tmp_path_factory.mktemp("large") / "run")
    with dashboard_of(run, "--data", str(shop)) as address:
        yield address


def test_no_page_is_larger_than_it_may_be(address):
    sizes = {}
    for board in BOARDS:
        path = board.path.replace("{segment}", "1").replace("{customer}", "100000")
        if board.name != "customer":
            with urllib.request.urlopen(address + path) as answer:
                sizes[path] = len(answer.read())
    assert len(sizes) == len(BOARDS) - 1
    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}


def test_fifty_readers_at_once_are_all_answered(address):
    log = read(address, readers=50, seconds=5, pause=0.2)
    assert log.errors == {}
    assert len(log.all) >= 50
    assert len(log.seconds) > 5  # pages of all kinds


def test_a_filter_in_the_browser(browser, address, shop):
    customers, cities = pd.read_parquet(shop / "customers.parquet"), pd.read_parquet(shop / "cities.parquet")
    counts = customers.merge(cities, on="city_id").groupby("city_name").customer_id.nunique()
    city = counts.index[-1]
    assert city in offered_by(address).values["city"]
    with visits(browser, address) as visit:
        page = visit("/trends")
        page.locator("#filter-city summary").click()
        with page.expect_response(lambda response: "city=" in response.url):
            page.locator(f"#filter-city input[value='{city}']").check()
        page.wait_for_url("**city=**")
        page.wait_for_selector(DRAWN)
        assert page.locator(".filters .left").inner_text().startswith(f"{counts[city]:,} of 20,000 customers")
