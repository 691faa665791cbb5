"""The metrics page over time: what its title says is true by the figures, months that are not complete count nowhere."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import pytest

from coterie.explore.contract import Choices, Figures, Filters, Line, Option, Told, Value
from coterie.views import Look, board_page

FIRST, LAST = dt.date(2023, 1, 1), dt.date(2024, 6, 30)
NOW = Figures(40, 100, 25, coupons=130, burnt=26, burn_rate=0.2, orders=50, sales=1500.0, returns=0.0, aov=30.0)


def line(name, amounts, *, begin=FIRST, events=40):
    """A line from the month of `begin` on."""
    months = [dt.date(begin.year + (begin.month - 1 + at) // 12, (begin.month - 1 + at) % 12 + 1, 1) for at in
              range(len(amounts))]  # fmt: skip
    return Line(
        name,
        name,
        tuple(Value(f"{day}", f"{day}", amount, events) for day, amount in zip(months, amounts, strict=True)),
    )


def look_over_time(result, lines, *, measure="sales", dimension="city", filters=Filters(), others=0, last=LAST):  # noqa: B008
    rows = tuple(Value(one.value, one.label, 1.0, 100) for one in lines)
    told = Told(measure, dimension, rows, others, 100.0, lines=tuple(lines))
    options = tuple(Option(name, name, 9) for name in ("Giza", "Cairo"))
    address = f"/metrics?measure={measure}&by={dimension}&over=month"
    return Look(
        result, "shop", address, filters, Choices({"cities": options}, FIRST, last), live=True, figures=NOW,
        told=told, over_time=True,
    )  # fmt: skip


def shown(look):
    """The title and the notes of the chart, and its specification."""
    page = board_page("metrics", look)
    measured = page.split('id="measured"')[1].split("</section>")[0]
    specs = json.loads(re.search(r'id="specs">(.*?)</script>', page, re.DOTALL)[1])["charts"]
    title = re.sub(r"<[^>]+>", "", re.search(r"<h1[^>]*>(.*?)</h1>", measured)[1])
    notes = " ".join(re.findall(r'<p class="note">(.*?)</p>', measured))
    return title, notes, {name: spec for name, spec in specs.items() if name.startswith("measured")}


# 18 months: of the last three, 30 and 33 a month, Giza had 20 a year before (+50%), Cairo 30 (+10%).
GIZA = line("Giza", [10.0, 10.0, 10.0, 20.0, 20.0, 20.0, *[25.0] * 9, 30.0, 30.0, 30.0])
CAIRO = line("Cairo", [30.0] * 15 + [33.0] * 3)


def test_who_grew_most_against_a_year_before(sample):
    title, notes, specs = shown(look_over_time(sample, (GIZA, CAIRO), others=3))
    assert title == "Giza grew most of these two: sales in Apr to Jun 2024 were 50% above a year before"
    assert notes == "Drawn are the two values with most order lines; 3 more values are not."
    assert list(specs) == ["measured"]
    values = specs["measured"]["data"]["values"]
    assert [one["value"] for one in values if one["name"] == "Giza"] == [one.amount for one in GIZA.months]
    assert {one["opacity"] for one in values} == {1.0}


def test_a_month_that_is_not_complete_is_faded_and_compared_with_nothing(sample):
    """June lacks a day: from March to May, Giza has 85 after 50 a year before."""
    look = look_over_time(sample, (GIZA, CAIRO), last=dt.date(2024, 6, 29))
    title, notes, specs = shown(look)
    change = (25 + 30 + 30) / (10 + 20 + 20) - 1
    assert title == f"Giza grew most: sales in Mar to May 2024 were {change:.0%} above a year before"
    assert notes == "Faded: Jun 2024 is not complete."
    faded = {one["month"] for one in specs["measured"]["data"]["values"] if one["opacity"] < 1}
    assert faded == {"2024-06"}
    table = board_page("metrics", look).split('<details class="numbers">')[1].split("</table>")[0]
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", table)
    assert cells[:8] == ["Month", "Giza", "Cairo", "Complete", "Jan 2023", "10.00", "30.00", "yes"]
    assert cells[-4:] == ["Jun 2024", "30.00", "33.00", "no"]


def test_days_that_are_chosen_cut_months(sample):
    filters = Filters(since=dt.date(2023, 10, 2), until=dt.date(2024, 6, 30))
    giza, cairo = (line(one.label, [month.amount for month in one.months[9:]], begin=dt.date(2023, 10, 1)) for one in
                   (GIZA, CAIRO))  # fmt: skip
    title, notes, _ = shown(look_over_time(sample, (giza, cairo), filters=filters))
    # Eight months are left: the last three against the three before them.
    assert title == "Giza grew most: sales in Apr to Jun 2024 were 20% above the three months before"
    assert notes == "Faded: Oct 2023 is not complete."


def test_what_has_ended_is_nothing_from_then_on(sample):
    """Branches closed in June: the shop is known to the middle of December, and June to November are whole months."""
    filters = Filters(branches=("b1", "b2"))
    look = look_over_time(sample, (GIZA, CAIRO), filters=filters, last=dt.date(2024, 12, 14))
    title, notes, specs = shown(look)
    # Of the last three whole months nobody has sold anything: "grew most" would speak of June.
    assert title == "Sales by city, month by month"
    assert notes == "After Jun 2024 there are no order lines in what is drawn. Faded: Dec 2024 is not complete."
    values = specs["measured"]["data"]["values"]
    assert {one["month"] for one in values if one["opacity"] < 1} == {"2024-12"}
    giza = [(one["month"], one["value"]) for one in values if one["name"] == "Giza"]
    assert giza[:18] == [(f"{month.value[:7]}", month.amount) for month in GIZA.months]
    assert giza[18:] == [(f"2024-{month:02}", 0.0) for month in range(7, 13)]
    # Days that end before are not gone beyond; ratios of nothing are gaps.
    look = look_over_time(sample, (GIZA, CAIRO), measure="aov", filters=Filters(until=dt.date(2024, 8, 31)),
                          last=dt.date(2024, 12, 14))  # fmt: skip
    _, notes, specs = shown(look)
    assert "After Jun 2024 there are no order lines in what is drawn." in notes
    assert "Faded" not in notes
    values = [one["value"] for one in specs["measured"]["data"]["values"] if one["name"] == "Cairo"]
    assert values == [*[30.0] * 15, *[33.0] * 3, None, None]


def test_a_value_that_ends_beside_one_that_goes_on_hides_no_growth(sample):
    """Cairo has nothing since May; Giza grows by half against a year before, and all months are whole."""
    ended = line("Cairo", [30.0] * 16 + [0.0] * 2)
    third = line("Suez", [30.0] * 15 + [33.0] * 3)
    title, notes, _ = shown(look_over_time(sample, (GIZA, ended, third)))
    assert title == "Giza grew most: sales in Apr to Jun 2024 were 50% above a year before"
    assert notes == ""


def months_told(sample, measure, rows, *, filters=Filters(), last=LAST):  # noqa: B008
    """Title, notes and rows of the bars by month; `rows` are of months from January 2024 on: amount, events."""
    values = tuple(Value(f"2024-{at:02}-01", f"2024-{at:02}-01", *one) for at, one in enumerate(rows, 1) if one)
    look = look_over_time(sample, (GIZA,), filters=filters, last=last)
    told = Told(measure, "month", values, whole=1.0)
    title, notes, specs = shown(replace(look, told=told, over_time=False))
    return title, notes, specs["measured"]["data"]["values"]


def test_a_rate_of_a_few_coupons_is_no_highest_month(sample):
    """February is one coupon, burnt; 0.3 of 40 is the most of months with 30."""
    rows = ((0.2, 90), (1.0, 1), (0.3, 40), (0.25, 30))
    title, _, values = months_told(sample, "burn_rate", rows)
    assert title == "Burn rate: highest in Mar 2024, 30.0%"
    assert [one["value"] for one in values] == [0.2, 1.0, 0.3, 0.25, 0.0, 0.0]
    title, _, _ = months_told(sample, "burn_rate", ((1.0, 1), (0.3, 29)))
    assert title == "Burn rate: no complete month has 30 coupons"
    # Amounts add up: whatever is most is most.
    title, _, _ = months_told(sample, "coupons", ((90.0, 90), None, (7.0, 7)))
    assert title == "Coupons: most in Jan 2024, 90"


def test_months_that_days_cut_are_pale_by_month_too(sample):
    filters = Filters(since=dt.date(2024, 1, 2), until=dt.date(2024, 5, 30))
    rows = ((99.0, 50), (30.0, 50), None, (20.0, 50))
    title, notes, values = months_told(sample, "aov", rows, filters=filters)
    assert title == "Average order value: highest in Feb 2024, 30.00"
    assert notes == "Faded: Jan 2024 and May 2024 are not complete."
    assert [(one["month"], one["opacity"] < 1) for one in values] == [
        ("2024-01", True),
        ("2024-02", False),
        ("2024-03", False),
        ("2024-04", False),
        ("2024-05", True),
    ]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            (line("Giza", [50.0] * 15 + [45.0] * 3), line("Cairo", [50.0] * 15 + [20.0] * 3)),
            "Sales fell everywhere, least in Giza: in Apr to Jun 2024 10% below a year before",
        ),
        ((line("Giza", [50.0] * 18), line("Cairo", [50.0] * 15 + [20.0] * 3)), "Sales by city, month by month"),
        # One that cannot be compared may have grown.
        (
            (line("Giza", [50.0] * 15 + [45.0] * 3), line("Cairo", [50.0] * 15 + [20.0] * 3), line("Suez", [0.0] * 18)),
            "Sales by city, month by month",
        ),
        # What few events make grow is no finding, and what is not shown is not compared.
        (
            (GIZA, line("Cairo", [1.0] * 15 + [9.0] * 3, events=9), line("Suez", [30.0] * 15 + [33.0] * 3)),
            "Giza grew most: sales in Apr to Jun 2024 were 50% above a year before",
        ),
        (
            (GIZA, line("Cairo", [1.0] * 15 + [None] * 3), line("Suez", [30.0] * 15 + [33.0] * 3)),
            "Giza grew most: sales in Apr to Jun 2024 were 50% above a year before",
        ),
        ((line("Giza", [1.0] * 4), line("Cairo", [1.0, 2.0, 3.0, 4.0])), "Sales by city, month by month"),
    ],
)
def test_nothing_is_said_that_the_figures_do_not_show(sample, lines, title):
    last = LAST if len(lines[0].months) == 18 else dt.date(2023, 4, 30)
    assert shown(look_over_time(sample, lines, last=last))[0] == title


def test_ratios_tell_of_the_last_complete_month(sample):
    giza, cairo = line("Giza", [0.1, 0.2, 0.3, 0.4]), line("Cairo", [0.3, 0.4, 0.1, 0.2])
    few = line("Suez", [0.9, 0.9, 0.9, 0.9], events=9)
    look = look_over_time(sample, (giza, cairo, few), measure="aov", last=dt.date(2023, 4, 29))
    title, notes, specs = shown(look)
    assert title == "Average order value in Mar 2023: highest in Giza, 0.30; lowest in Cairo, 0.10"
    assert "Months with fewer than 10 order lines stand in the table alone." in notes
    assert "Faded: Apr 2023 is not complete." in notes
    values = next(iter(specs.values()))["data"]["values"]
    assert [one["value"] for one in values if one["place"] == 2] == [None] * 4


def test_young_coupons_are_not_compared(samples):
    result = samples.coupon_shop_result()
    curve = result.profiles.all.burn_curve
    needed = next(day for day, share in zip(curve.days, curve.share, strict=True) if share >= 0.9 * curve.share[-1])
    _, notes, specs = shown(look_over_time(result, (GIZA, CAIRO), measure="burnt"))
    assert "or whose coupons may still be burnt, are faded" in notes
    months = {one["month"]: one["opacity"] for one in specs["measured"]["data"]["values"]}
    ripe = LAST - dt.timedelta(days=needed)
    ends = {month: dt.date(int(month[:4]) + int(month[5:]) // 12, int(month[5:]) % 12 + 1, 1) for month in months}
    assert {month for month, opacity in months.items() if opacity < 1} == {
        month for month, end in ends.items() if end - dt.timedelta(days=1) > ripe
    }


def test_lines_that_tangle_are_drawn_one_by_one(sample):
    zigzag = [line("Giza", [1.0, 3.0] * 9), line("Cairo", [3.0, 1.0] * 9), line("Suez", [2.0] * 18)]
    look = look_over_time(sample, zigzag)
    _, _, specs = shown(look)
    assert list(specs) == ["measured-1", "measured-2", "measured-3"]
    page = board_page("metrics", look)
    assert re.findall(r'<h2 id="title-measured-\d">(.*?)</h2>', page) == ["Giza", "Cairo", "Suez"]
    assert re.findall(r'<p class="measure">(Jun 2024: .*?)<', page) == [
        "Jun 2024: 3.00",
        "Jun 2024: 1.00",
        "Jun 2024: 2.00",
    ]
    assert page.count("<h1") == 1


def test_bars_and_time_are_one_click_apart(sample):
    look = look_over_time(sample, (GIZA, CAIRO), filters=Filters(cities=("Giza",)))
    page = board_page("metrics", look)
    picks = re.findall(r'<li><a href="([^"]+)"( aria-current="true")?>(As bars|Over time|Cairo|Sales|City|Month)', page)
    assert picks == [
        ("/metrics?city=Giza&amp;measure=sales&amp;by=city&amp;over=month", ' aria-current="true"', "Sales"),
        ("/metrics?city=Giza&amp;measure=sales&amp;by=city&amp;over=month", ' aria-current="true"', "City"),
        ("/metrics?city=Giza&amp;measure=sales&amp;by=month&amp;over=month", "", "Month"),
        ("/metrics?city=Giza&amp;measure=sales&amp;by=city", "", "As bars"),
        ("/metrics?city=Giza&amp;measure=sales&amp;by=city&amp;over=month", ' aria-current="true"', "Over time"),
    ]
    form = page.split('id="filters"')[1].split("</form>")[0]
    assert '<input type="hidden" name="over" value="month">' in form
    one = look_over_time(sample, (line("Giza", [1.0]), line("Cairo", [2.0])))
    assert "All of it is in one month. Choose more days to see it over time." in board_page("metrics", one)


def test_names_written_from_the_right_leave_the_sentence_as_it_is(sample):
    arabic = "\u0627\u0644\u062c\u064a\u0632\u0629"
    turned = line(f"{arabic}\u202e", [month.amount for month in GIZA.months])
    title, _, _ = shown(look_over_time(sample, (turned, CAIRO)))
    assert title == f"\u2068{arabic}\u2069 grew most: sales in Apr to Jun 2024 were 50% above a year before"


def test_bars_of_values_with_one_name_stay_apart(sample):
    """Two merchants called the same, and two whose long names differ in their middle alone."""
    names = ("Bakery", "Bakery", "x" * 99 + "a" + "x" * 99, "x" * 99 + "b" + "x" * 99)
    rows = tuple(Value(str(at), name, 4.0 - at, 50) for at, name in enumerate(names))
    look = replace(look_over_time(sample, (GIZA,)), told=Told("sales", "merchant", rows, whole=10.0), over_time=False)
    _, _, specs = shown(look)
    values = specs["measured"]["data"]["values"]
    assert len({one["row"] for one in values}) == 4
    assert [one["value"] for one in values] == [4.0, 3.0, 2.0, 1.0]
