"""The retention page: cohorts as printed, colours by printed value, averages only where enough stand behind them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest

from coterie.metrics import Cohort, Retention
from coterie.views.charts import retention as charts
from coterie.views.charts import retention_curves
from coterie.views.pages.retention import retention, sentence
from coterie.views.render import document, draw_all


@pytest.fixture(scope="module")
def shop(samples):
    return samples.shop_result()


def _with(result, **changes):
    return dataclasses.replace(result, metrics=dataclasses.replace(result.metrics, **changes))


def _cells(chart):
    return {(row["row"], int(row["column"])): row for row in chart.spec["data"]["values"]}


def _by_hand() -> Retention:
    """Three cohorts; the first is older, the last month is not complete."""
    cohorts = (
        Cohort(dt.date(2024, 1, 1), 100, (1.0, 0.5, 0.4, None), older=True),
        Cohort(dt.date(2024, 2, 1), 40, (1.0, 0.25, None)),
        Cohort(dt.date(2024, 3, 1), 60, (1.0, None)),
    )
    return Retention("month", cohorts, (1.0, 0.25, None, None))


def test_a_cell_is_the_share_of_its_cohort(shop):
    (chart,) = charts.cohorts(shop)
    cells = _cells(chart)
    # 94 of the 417 customers of January ordered in April, by the table of the sample.
    january = next(one for one in shop.metrics.retention.cohorts if one.cohort == dt.date(2011, 1, 1))
    assert cells["Jan 2011", 3]["text"] == "23"
    assert cells["Jan 2011", 3]["again"] == f"{round(january.rates[3] * 417)}"
    assert cells["Jan 2011", 3]["size"] == "417"


def test_months_that_are_not_complete_are_blank_and_never_zero(shop):
    (chart,) = charts.cohorts(shop)
    cells = _cells(chart)
    assert cells["Jan 2011", 11]["text"] == ""
    assert cells["Nov 2011", 1]["text"] == ""
    assert chart.table.rows[-1][2] == "–"


def test_the_average_comes_first_and_the_first_cohort_is_marked(shop):
    (chart,) = charts.cohorts(shop)
    names = list(dict.fromkeys(row["row"] for row in chart.spec["data"]["values"]))
    assert names[:3] == ["All months", "Dec 2010 or earlier", "Jan 2011"]
    assert "it also holds customers of before" in chart.notes[0]
    whole = shop.metrics.retention
    young = [one for one in whole.cohorts if not one.older and len(one.rates) > 1 and one.rates[1] is not None]
    average = sum(one.size * one.rates[1] for one in young) / sum(one.size for one in young)
    assert _cells(chart)["All months", 1]["text"] == f"{100 * average:.0f}"


def test_equal_numbers_have_equal_colour_and_more_is_deeper(shop):
    (chart,) = charts.cohorts(shop)
    tokens = {}
    for row in chart.spec["data"]["values"]:
        if row["text"]:
            tokens.setdefault(int(row["text"]), set()).add(row["token"])
    assert all(len(found) == 1 for found in tokens.values())
    steps = [int(next(iter(tokens[number]))[-2]) for number in sorted(tokens)]
    assert steps == sorted(steps)
    assert max(steps) <= 7


def test_no_colour_is_finer_than_the_error_of_a_cell():
    # A typical cell, 40% of 100, has an error of 4.9 points; seven steps of eight are needed to reach 50%.
    assert charts.step_of(_by_hand()) == 8
    few = tuple(dataclasses.replace(one, size=10) for one in _by_hand().cohorts)
    # Of ten customers 40% has an error of 15.5 points.
    assert charts.step_of(dataclasses.replace(_by_hand(), cohorts=few)) == 16


def test_the_sentence_reads_one_cohort(shop):
    assert sentence(shop.metrics.retention) == (
        "Of customers who first bought in Jan\u00a02011, 23% bought again three months later"
    )
    assert sentence(_by_hand()) == "Of customers who first bought in Feb\u00a02024, 25% bought again one month later"


def test_the_lead_says_how_much_is_luck(shop):
    page = retention(shop, draw_all(shop))
    assert page["lead"] == (
        "At that age cohorts lie between 17% (May 2011) and 28% (Feb 2011)."
        " With about 290 customers in a cohort, cells less than 7 points apart cannot be told apart."
    )


def test_averages_need_two_cohorts_and_thirty_customers():
    by_hand = _by_hand()
    assert charts.averages(by_hand) == []
    second = dataclasses.replace(by_hand.cohorts[2], rates=(1.0, 0.1))
    both = dataclasses.replace(by_hand, cohorts=(*by_hand.cohorts[:2], second), average=(1.0, 0.16, None, None))
    assert charts.averages(both) == [(1, 0.16)]
    few = tuple(dataclasses.replace(one, size=14) for one in both.cohorts)
    assert charts.averages(dataclasses.replace(both, cohorts=few)) == []


def test_curves_of_segments_keep_their_colour_and_name(shop):
    (chart,) = retention_curves.curves(shop)
    assert chart.title == "Three months on, 53% of big spenders buy again; of one-time buyers, 0%"
    first = next(row for row in chart.spec["data"]["values"] if row["name"] == "1 Big spenders" and row["period"] == 3)
    assert first["token"] == "var(--seg-1)"
    assert first["share"] == pytest.approx(shop.metrics.segments[0].retention.average[3])
    assert "two cohorts and 30 customers or more" in chart.measure
    assert "how they were cut" in chart.notes[0]
    names = [row["name"] for row in chart.spec["layer"][2]["data"]["values"]]
    assert {name.partition(":")[0] for name in names} == {"All", "1", "2", "3", "4", "5"}


def test_names_of_lines_do_not_touch(shop):
    (chart,) = retention_curves.curves(shop)
    top = max(row["share"] for row in chart.spec["data"]["values"])
    by_period = {}
    for row in chart.spec["layer"][2]["data"]["values"]:
        by_period.setdefault(row["period"], []).append(row["share"])
    for heights in by_period.values():
        ordered = sorted(heights)
        assert all((b - a) / top * retention_curves.HEIGHT >= 16.9 for a, b in pairwise(ordered))


def test_few_months_are_told_by_week(shop):
    weeks = tuple(
        Cohort(dt.date(2024, 1, 1) + dt.timedelta(weeks=place), 50, (1.0, 0.2, None)[: 3 - max(0, place - 1)])
        for place in range(3)
    )
    by_week = Retention("week", weeks, (1.0, 0.2, None))
    month = Retention("month", (Cohort(dt.date(2024, 1, 1), 150, (1.0,)),), (1.0,))
    result = _with(shop, retention=month, retention_by=(by_week,), segments=())
    page = retention(result, draw_all(result))
    assert (
        page["title"]
        == "Of customers who first bought in the week of 1\u00a0Jan\u00a02024, 20% bought again one week later"
    )
    assert "So it is in all cohorts" in page["lead"]


def test_nothing_to_show_gives_no_page(sample, samples, shop):
    alone = Retention("month", (Cohort(dt.date(2024, 1, 1), 1, (1.0,), older=True),), (1.0,))
    for result in (sample, samples.coupon_shop_result(), _with(shop, retention=alone, retention_by=())):
        assert retention(result, draw_all(result)) is None


def test_nobody_who_comes_back_is_said_in_words(shop):
    cohorts = tuple(
        dataclasses.replace(
            one, rates=tuple(None if rate is None else float(place == 0) for place, rate in enumerate(one.rates))
        )
        for one in shop.metrics.retention.cohorts
    )
    none = Retention("month", cohorts, (1.0, *(0.0 for _ in range(10)), None, None))
    result = _with(shop, retention=none, segments=())
    page = retention(result, draw_all(result))
    assert page["title"] == "Of customers who first bought in Jan\u00a02011, nobody bought again three months later"
    assert 'id="retention"' in document(result, "x")


def test_long_histories_show_the_newest_cohorts_and_keep_all_in_the_table(shop):
    cohorts = tuple(
        Cohort(
            dt.date(2020 + place // 12, place % 12 + 1, 1),
            100,
            (1.0, *(0.2 for _ in range(40 - place))),
            older=place == 0,
        )
        for place in range(40)
    )
    result = _with(shop, retention=Retention("month", cohorts, (1.0, *(0.2 for _ in range(40)))), segments=())
    (chart,) = charts.cohorts(result)
    assert len({row["row"] for row in chart.spec["data"]["values"]}) == 25
    assert max(int(row["column"]) for row in chart.spec["data"]["values"]) == 24
    assert len(chart.table.rows) == 41
    assert "The newest 24 cohorts" in chart.notes[0]
