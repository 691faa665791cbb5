"""The customer list: pages, search, and files that come back as they were."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pyarrow.parquet as pq
import pytest

from coterie.errors import UsageError
from coterie.explore import Filters
from coterie.explore.contract import SORTS

EVERYBODY = Filters()
BRANCH = Filters(branches=("28", "8"), since=dt.date(2023, 1, 1), segments=(1, 2))


def pages(shop, filters=EVERYBODY, **asked):
    first = shop.customers(filters, **asked)
    rest = [shop.customers(filters, page=at, **asked) for at in range(2, first.pages + 1)]
    assert [one.page for one in (first, *rest)] == list(range(1, first.pages + 1))
    assert {one.total for one in (first, *rest)} == {first.total}
    return [row for one in (first, *rest) for row in one.rows]


def by_hand(opened):
    """customer_id -> the cells of the list."""
    found = opened.people.set_index("customer_id")[["segment", "margin", "city", "gender"]]
    if opened.coupons is not None:
        grouped = opened.coupons.groupby("customer_id")
        burnt = opened.coupons.status.eq("burnt").groupby(opened.coupons.customer_id).sum()
        found = found.assign(coupons=grouped.size(), burnt=burnt, last_claimed=grouped.claimed_on.max())
        found = found.fillna({"coupons": 0, "burnt": 0})
    if opened.lines is not None:
        sold = opened.lines[opened.lines.kind == "sale"]
        days = sold.groupby(["customer_id", "order_id"]).ordered_on.min().groupby("customer_id")
        sales = sold.groupby("customer_id").money.sum() / 10_000
        found = found.assign(orders=days.size(), sales=sales, last_ordered=days.max())
        found = found.fillna({"orders": 0, "sales": 0})
    return found


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_everybody_once_and_in_order(both, sort, descending):
    rows = pages(both.shop, sort=sort, descending=descending, size=33)
    assert sorted(int(row.customer_id) for row in rows) == sorted(both.people.customer_id)
    expected = by_hand(both).reset_index()
    # Empty cells are last and equal ones by id whichever way; pandas sorts dates only without empty cells.
    key = expected[sort].map(lambda cell: cell.toordinal() if isinstance(cell, dt.date) else cell)
    expected = expected.assign(key=key).sort_values(
        ["key", "customer_id"], ascending=[not descending, True], na_position="last"
    )
    assert [int(row.customer_id) for row in rows] == list(expected.customer_id)


def test_cells_are_those_of_all_events(opened):
    expected = by_hand(opened)
    rows = pages(opened.shop, size=150)
    for row in rows:
        cells = expected.loc[int(row.customer_id)]
        for name in expected.columns:
            told, cell = getattr(row, name), cells[name]
            assert told is None if pd.isna(cell) else told == cell, name
    if opened.coupons is None:
        assert {(row.coupons, row.burnt, row.last_claimed) for row in rows} == {(None, None, None)}
    if opened.lines is None:
        assert {(row.orders, row.sales, row.last_ordered) for row in rows} == {(None, None, None)}


def test_only_those_looked_at(both):
    assert [int(row.customer_id) for row in pages(both.shop, BRANCH, size=7)] == sorted(
        both.customers(BRANCH).customer_id
    )


def test_pages_beyond_the_ends(both):
    last = both.shop.customers(Filters(), page=10**30, size=100)
    assert (last.page, last.pages, last.total) == (5, 5, len(both.people))
    assert both.shop.customers(Filters(), page=-3, size=100).page == 1
    nobody = both.shop.customers(Filters(cities=("nowhere",)))
    assert (nobody.rows, nobody.total, nobody.page, nobody.pages) == ((), 0, 1, 1)
    assert len(both.shop.customers(Filters(), size=10**9).rows) == len(both.people)
    assert len(both.shop.customers(Filters(), size=0).rows) == 1


def test_a_search_by_id(both):
    found = pages(both.shop, text="3", size=40)
    assert [row.customer_id for row in found] == [
        str(one) for one in sorted(both.people.customer_id) if str(one)[0] == "3"
    ]
    assert both.shop.customers(Filters(segments=(1,)), text=" 37 ").total == sum(
        str(one).startswith("37") for one in both.people[both.people.segment == 1].customer_id
    )


NAMES = {1: ("Zoë", "O'Hara", "zoe@x.org"), 2: ("100%", "Sure_thing", "a_b@x.org"), 3: ("ÅSA", "Ek", None)}


@pytest.fixture(scope="module")
def named(make_opened):
    """Ids as text, one of them a formula; names and addresses of some."""

    def change(frames):
        people = frames["customers"]
        for at, name in enumerate(("First Name", "last_name", "E-Mail")):
            people[name] = [NAMES.get(one, (None,) * 3)[at] for one in people.customer_id]
        for rows in frames.values():
            if "customer_id" in rows.columns:
                rows["customer_id"] = [f"=C{one}" if one == 5 else f"C{one}" for one in rows.customer_id]

    return make_opened(change=change, seed=11)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("zoë o'h", ["C1"]),
        ("ZOË", ["C1"]),
        ("@X.org", ["C1", "C2"]),
        ("0%", ["C2"]),
        ("e_t", ["C2"]),
        ("%", ["C2"]),
        ("åsa", ["C3"]),
        ("c399", ["C399"]),
        ("399", []),
        ("a\0", []),
        ("\udc80", []),
        ("'; DROP TABLE people; --", []),
    ],
)
def test_a_search_by_name(named, text, ids):
    assert [row.customer_id for row in named.shop.customers(Filters(), text=text).rows] == ids


@pytest.mark.parametrize("filters", [Filters(), BRANCH, Filters(cities=("nowhere",))])
def test_a_file_holds_the_whole_list(both, tmp_path, filters):
    both.shop.write(filters, tmp_path / "list.parquet", "parquet")
    both.shop.write(filters, tmp_path / "list.csv", "csv")
    rows = pq.read_table(tmp_path / "list.parquet").to_pylist()
    expected = pages(both.shop, filters, size=1_000)
    assert [one["customer_id"] for one in rows] == [int(one.customer_id) for one in expected]  # as the data have them
    for name in ("segment", "margin", "city", "gender", "coupons", "last_claimed", "orders", "sales", "last_ordered"):
        assert [one[name] for one in rows] == [getattr(one, name) for one in expected]
    labels = {int(option.value): option.label for option in both.shop.choices.values["segments"]}
    assert [one["name"] for one in rows] == [labels[one.segment] for one in expected]
    with (tmp_path / "list.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [(one["customer_id"], float(one["sales"]), one["city"]) for one in written] == [
        (one.customer_id, one.sales, one.city or "") for one in expected
    ]


def test_a_file_of_what_was_searched(named, tmp_path):
    named.shop.write(Filters(), tmp_path / "list.parquet", "parquet", text="@x.ORG")
    assert pq.read_table(tmp_path / "list.parquet")["customer_id"].to_pylist() == ["C1", "C2"]


def test_a_spreadsheet_runs_no_cell(named, tmp_path):
    named.shop.write(Filters(), tmp_path / "list.csv", "csv", text="=c")
    assert (tmp_path / "list.csv").read_text().splitlines()[1].startswith("'=C5,")
    named.shop.write(Filters(), tmp_path / "list.parquet", "parquet", text="=c")
    assert pq.read_table(tmp_path / "list.parquet")["customer_id"].to_pylist() == ["=C5"]


def test_a_file_lacks_what_the_data_cannot_tell(of_coupons, of_orders, tmp_path):
    columns = {}
    for name, opened in (("coupons", of_coupons), ("orders", of_orders)):
        opened.shop.write(Filters(), tmp_path / f"{name}.parquet", "parquet")
        columns[name] = pq.read_schema(tmp_path / f"{name}.parquet").names
    begin = ["customer_id", "segment", "name", "margin", "city", "gender"]
    assert columns["coupons"] == [*begin, "coupons", "burnt", "last_claimed"]
    assert columns["orders"] == [*begin, "orders", "sales", "last_ordered"]


def test_an_order_there_is_not(both):
    with pytest.raises(UsageError, match=r"cannot be put in order by 'key; --'\. Use one of customer_id, segment"):
        both.shop.customers(Filters(), sort="key; --")
