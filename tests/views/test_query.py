"""Filters as they stand in an address: read back as written, and told where they cannot be read."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import UsageError
from coterie.explore.contract import Filters
from coterie.views import (
    Search,
    compare_of,
    filters_of,
    find_of,
    measure_of,
    over_time,
    period_of,
    query_of,
    search_of,
)
from coterie.views.boards.query import address_of, pairs_of

texts = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30), unique=True)
days = st.none() | st.dates()


@given(
    segments=st.lists(st.integers(-1, 999_999), unique=True),
    cities=texts,
    genders=texts,
    branches=texts,
    merchants=texts,
    categories=texts,
    ends=st.tuples(days, days).filter(lambda both: None in both or both[0] <= both[1]),
)
def test_what_is_written_is_read_back(segments, cities, genders, branches, merchants, categories, ends):
    filters = Filters(
        tuple(segments), tuple(cities), tuple(genders), tuple(branches), tuple(merchants), tuple(categories), *ends
    )
    query = query_of(filters, page=3)
    assert query.isascii()
    params = parse_qsl(query, keep_blank_values=True)
    assert filters_of(params, others=("page",)) == filters
    assert search_of(params).page == 3


def test_an_address_is_read_by_hand():
    params = [
        ("segment", "2"),
        ("city", "Giza"),
        ("city", ""),
        ("city", "Giza"),
        ("since", "2024-01-31"),
        ("until", ""),
    ]
    assert filters_of(params) == Filters(segments=(2,), cities=("Giza", ""), since=dt.date(2024, 1, 31))
    assert compare_of([("compare", "3"), ("compare", "1"), ("segment", "2"), ("compare", "3")]) == (3, 1)
    assert search_of([("text", "ann"), ("segment", "1")]) == Search(text="ann")
    assert measure_of([("measure", "aov"), ("by", "month")]) == ("aov", "month")
    assert measure_of([("measure", "")]) == (None, None)
    assert filters_of([]) == Filters()
    assert over_time([("over", "month")])
    assert not over_time([("over", "")])
    # What is looked for among the values of a filter is no filter.
    looked_for = [("find-city", " giz "), ("find-branch", ""), ("city", "Cairo")]
    assert filters_of(looked_for) == Filters(cities=("Cairo",))
    assert find_of(looked_for) == {"cities": "giz"}


def test_an_address_is_written_by_hand():
    filters = Filters(segments=(1, 2), cities=("Gizeh & Kairo", ""), until=dt.date(2024, 2, 1))
    assert query_of(filters) == "segment=1&segment=2&city=Gizeh+%26+Kairo&city=&until=2024-02-01"
    assert (
        query_of(Filters(), text="", descending=False, page=None, compare=(1, 2), all=True)
        == "compare=1&compare=2&all=1"
    )


def test_links_and_hidden_fields_say_the_same():
    filters = Filters(segments=(1,), cities=("Gizeh & Kairo", ""))
    assert pairs_of(filters, sort="sales", descending=True, text="") == (
        ("segment", "1"), ("city", "Gizeh & Kairo"), ("city", ""), ("sort", "sales"), ("descending", "1"),
    )  # fmt: skip
    assert address_of("/customers", filters, page=2) == "/customers?segment=1&city=Gizeh+%26+Kairo&city=&page=2"
    assert address_of("/customers", Filters(), page=None) == "/customers"
    # Other words of an address may be called anything.
    assert address_of("/", Filters(), path="a", filters=("b", "c")) == "/?path=a&filters=b&filters=c"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ([("segment", "1.5")], "segment='1.5' is no segment."),
        ([("segment", "-2")], "segment='-2' is no segment."),
        ([("segment", "١")], "segment='١' is no segment."),
        ([("since", "20240101")], "since='20240101' is no day. Write it as 2024-01-31."),
        ([("until", "2024-W01-1")], "until='2024-W01-1' is no day."),
        ([("since", "2024-01-01"), ("since", "2024-01-02")], "The address has since 2 times. Give it once."),
        ([("since", "2024-01-02"), ("until", "2024-01-01")], "The days end, on 2024-01-01, before they begin"),
        ([("x" * 99, "1")], f"The address asks for '{'x' * 40}…', which is no filter."),
        ([("city", "x")] * 501, "The address has more than 500 values."),
    ],
)
def test_what_cannot_be_read_is_told(params, said):
    with pytest.raises(UsageError) as told:
        filters_of(params)
    assert told.value.sentence.startswith(said)


def test_nothing_is_told_over_weeks():
    with pytest.raises(UsageError, match=r"Nothing is told over 'week'\. Use month, or leave it out\."):
        over_time([("over", "week")])


@pytest.mark.parametrize(("params", "period"), [([], None), ([("period", "")], None), ([("period", "week")], "week")])
def test_the_period_of_retention(params, period):
    assert period_of([*params, ("city", "Giza")]) == period


@pytest.mark.parametrize("values", [("year",), ("Week",), ("week", "month")])
def test_a_period_that_there_is_not_is_refused(values):
    with pytest.raises(UsageError, match=r"Use one of week, month, quarter\.|Give it once\."):
        period_of([("period", value) for value in values])
