"""Segments and retention as served: their figures are those of pandas, and their addresses say what is shown."""

from __future__ import annotations

import html
import re

import pandas as pd
import pytest

from coterie.dashboard import Session
from coterie.dashboard.private import without_small_segments
from coterie.explore import Figures
from tests_dashboard import client_of


@pytest.fixture(scope="module")
def people(saved, shop):
    """Customers with city and segment, their coupons and their orders, read straight from the files."""
    raw = {path.stem: pd.read_csv(path) for path in shop.glob("*.csv")}
    found = raw["customers"].merge(raw["cities"], on="city_id")
    listed = pd.read_parquet(saved / "assignments.parquet")[["customer_id", "segment"]]
    return found.merge(listed, on="customer_id"), raw["orders"]


@pytest.fixture(scope="module")
def city(people):
    return people[0]["city_name"].value_counts().index[0]


def text_of(part):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", part))).strip()


def test_segments_in_a_city_are_counted_as_pandas_does(live, people, city):
    customers, orders = people
    found = live.get("/segments", params={"city": city}).text
    inside = found.split('id="in-filters"')[1].split("</section>")[0]
    heads = [text_of(one) for one in re.findall(r'<th scope="col">(.*?)</th>', inside)]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in inside.split("<tr>")[2:]]
    there = customers[customers["city_name"] == city]
    bought = orders[orders["customer_id"].isin(there["customer_id"])].merge(there, on="customer_id")
    assert [text_of(row[0]) for row in rows][:1] == [f"{len(there)} of {len(customers)}"]
    for number, row in zip((1, 2, 3), rows[1:4], strict=True):
        own, whole = int((there["segment"] == number).sum()), int((customers["segment"] == number).sum())
        assert text_of(row[0]) == f"{own} of {whole}"
        orders_there = bought.loc[bought["segment"] == number, "order_id"].nunique()
        assert text_of(row[heads.index("Orders") - 1]) == f"{orders_there:,}"


def test_a_link_from_a_segment_leads_to_its_customers_in_the_filters(live, people, city):
    customers, _ = people
    page = html.unescape(live.get("/segments/2", params={"city": city}).text)
    link = re.search(r'href="(/customers\?segment=2[^"]*)"', page)[1]
    expected = int((customers["city_name"].eq(city) & customers["segment"].eq(2)).sum())
    assert re.search(rf"{expected} customers? in these filters", live.get(link).text)


def test_retention_by_another_period(live, client):
    first = live.get("/retention")
    assert "First order in month" in first.text
    for period in ("week", "quarter"):
        found = live.get(f"/retention?period={period}").text
        assert f"First order in {period}" in found
        assert "First order in month" not in found
        assert 'data-chart="retention-curves"' in found
        alone = client.get(f"/retention?period={period}").text
        assert f"First order in {period}" in alone
        assert 'data-chart="retention-curves"' not in alone
        assert f"Segments by {period} are told when the dashboard is started with --data." in alone
    by_segment = client.get("/retention?period=quarter&segment=1").text
    assert "By quarter a segment is told when the dashboard is started with --data." in by_segment
    assert "First order in quarter" in live.get("/retention?period=quarter&segment=1").text


def test_a_period_that_there_is_not_is_refused(client):
    found = client.get("/retention?period=year")
    assert found.status_code == 400
    assert "Retention is not told by &#39;year&#39;. Use one of week, month, quarter." in found.text
    assert client.get("/retention?period=week&period=month").status_code == 400


def test_a_small_part_of_a_segment_is_not_told_in_private(saved, shop, people):
    customers, _ = people
    sizes = customers.groupby(["city_name", "segment"]).size().unstack(fill_value=0)
    cities = [name for name, row in sizes.iterrows() if row.sum() >= 10 and 0 < row[row > 0].min() < 10]
    session = Session(saved, str(shop), private=True)
    session.start()
    with client_of(session) as private:
        found = private.get("/segments", params={"city": cities[0]}).text
    inside = found.split('id="in-filters"')[1].split("</section>")[0]
    shown = {int(number) for number in re.findall(r'class="who" href="/segments/(\d+)', inside)}
    small = {number for number, size in sizes.loc[cities[0]].items() if 0 < size < 10}
    assert small
    assert not small & shown
    assert len(set(sizes.columns) - shown) >= 2
    assert "Segments with too few customers in the filters are left out." in inside


def test_a_single_small_segment_takes_the_next_along():
    def of(customers):
        return Figures(customers, 100, customers, 5, 1, 0.2)

    def shown(*customers):
        return sorted(without_small_segments({at: of(one) for at, one in enumerate(customers, 1)}, {}))

    assert shown(40, 9, 12, 0) == [1, 4]
    assert shown(40, 9, 3) == [1]
    assert shown(40, 12) == [1, 2]


@pytest.mark.parametrize("served", ["client", "live"])
def test_one_segment_goes_from_month_to_month_as_its_orders_do(served, people, request):
    """Customers of the segment who ordered in each month, from the orders themselves; with and without raw tables."""
    customers, orders = people
    page = request.getfixturevalue(served).get("/segments/2").text
    months = page.split('id="by-month"')[1].split("</section>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", months, re.DOTALL)[1:]
    cells = [[text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]
    told = {row[0]: int(row[1].replace(",", "")) for row in cells}
    own = orders[orders["customer_id"].isin(customers.loc[customers["segment"] == 2, "customer_id"])]
    month = pd.to_datetime(own["order_date"]).dt.strftime("%b %Y")
    counted = own.groupby(month)["customer_id"].nunique()
    assert {name: number for name, number in told.items() if number} == counted.to_dict()
