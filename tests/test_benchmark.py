"""The tables of the benchmark, from figures made up so that the ratios are known."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from growth import PAGE, Measured, aims, beside, page_with, stages, tables, ways
from readers import Log, quantile

import dashboard


def rows() -> list[Measured]:
    """Ours ten times as fast as the plain way; describing grows with the customers, finding segments does not."""
    found = []
    for customers, describing in ((1_000_000, 2.0), (10_000_000, 20.0)):
        spent = {"Describe every customer": describing, "Find the segments": 3.0}
        ours = Measured("coupons", customers, "coterie", describing + 4.0, 0.5, spent)
        found += [ours, Measured("coupons", customers, "plain", 10 * ours.seconds, 2.0, {})]
        found += [Measured("coupons", customers, "floor", ours.seconds / 2, 0.4, {})]
    return found


def test_ratios_are_to_ours_of_the_same_shop() -> None:
    lines = ways(rows()).splitlines()
    assert lines[3] == "| 1,000,000 | plain | 60.0 | 2.00 GB | 10.00 |"
    assert lines[7] == "| 10,000,000 | floor | 12.0 | 0.40 GB | 0.50 |"


def test_growth_is_the_exponent_from_a_million_to_the_largest_shop() -> None:
    between = [Measured("coupons", at, "coterie", 9.9, 0.5, {}) for at in (100_000, 5_000_000)]
    ours = sorted([*between, *(row for row in rows() if row.way == "coterie")], key=lambda row: row.customers)
    lines = stages(ours).splitlines()
    assert lines[0] == "| stage | 100,000 | 1,000,000 | 5,000,000 | 10,000,000 | exponent |"
    assert lines[-1] == "| **all** | 9.9 | 6.0 | 9.9 | 24.0 | 0.60 |"
    lines = stages([row for row in rows() if row.way == "coterie"]).splitlines()
    assert "| Describe every customer | 2.0 | 20.0 | 1.00 |" in lines
    assert "| Find the segments | 3.0 | 3.0 | 0.00 |" in lines
    assert "| Start, read the settings, save | 1.0 | 1.0 | 0.00 |" in lines


def test_aims_stand_beside_what_was_measured() -> None:
    """At a million: 6 s, 5 of them without checking; the floor takes 3."""
    first, floor = rows()[0], rows()[2]
    checking = {"Read and check the tables": 1.0, "Describe every customer": 1.0, "Find the segments": 3.0}
    lines = aims([replace(first, stages=checking), floor, Measured("csv", 5, "coterie", 1.0, 1.0, {})]).splitlines()
    assert lines[2:] == ["| 1,000,000 customers from Parquet, times the floor | at most 3 | 2.0 |  |"]
    plain = Measured("coupons", 5_000_000, "plain", 60.0, 1.0, {})
    ours = Measured("coupons", 5_000_000, "coterie", 6.0, 1.0, checking)
    rows_of_csv = [replace(one, part="csv", customers=100_000) for one in (ours, plain)]
    assert aims([ours, plain, *rows_of_csv]).splitlines()[2:] == [
        "| 100,000 customers from CSV, times faster than the plain way | at least 10 | 10.0 |  |",
        "| 5,000,000 customers from Parquet, times faster than the plain way | at least 15 | 10.0 | 12.0 |",
    ]


def test_a_shop_measured_anew_stands_in_the_place_of_its_old_rows(tmp_path) -> None:
    stored = tmp_path / "measured.json"
    stored.write_text(json.dumps([asdict(row) for row in rows()]), encoding="utf-8")
    now = [Measured("coupons", 1_000_000, "coterie", 1.0, 0.1, {}), Measured("csv", 10, "coterie", 2.0, 0.1, {})]
    found = [(row.part, row.customers, row.way, row.seconds) for row in beside(now, stored)]
    assert found == [
        ("coupons", 1_000_000, "coterie", 1.0),
        ("coupons", 10_000_000, "coterie", 24.0),
        ("coupons", 10_000_000, "plain", 240.0),
        ("coupons", 10_000_000, "floor", 12.0),
        ("csv", 10, "coterie", 2.0),
    ]


def test_the_page_holds_what_was_measured_last() -> None:
    page = PAGE.read_text(encoding="utf-8")
    stored = json.loads((PAGE.parent.parent / "benchmarks" / "measured.json").read_text(encoding="utf-8"))
    assert page_with(page, tables([Measured(**row) for row in stored])) == page


def test_the_dashboard_beside_what_was_aimed_at() -> None:
    slow, fast = Log({"/": [1.0, 2.0, 3.0]}), Log({"/": [0.5], "/trends": [0.25]})
    slow.failed("503 /")
    visits = [dashboard.Visit("/", 1.004, 96.4, 344.0), dashboard.Visit("/trends", 1.06, 257.0, 371.2)]
    found = dashboard.Found(
        "coupons", 1_000_000, 12.4, visits, {"/": [0.2, 0.4], "/trends": [0.3]}, {5.0: fast, 0.0: slow}, 0.916
    )
    lines = dashboard.table([found]).splitlines()
    assert lines[0] == "| | aimed at | 1,000,000 customers, coupons |"
    assert "| first page (overview), shown, s | under 1.5 | 1.00 |" in lines
    assert "| change of a filter, median, ms | under 500 | 300 |" in lines
    assert "| largest page, HTML, KB | under 600 | 257 |" in lines
    assert "| memory of the server, GB | under 1 | 0.92 |" in lines
    assert "| 50 readers, 5 s on each page: pages, errors | no error | 2, 0 |" in lines
    assert "| 50 readers who never pause: pages, errors | no error | 3, 1 |" in lines
    assert lines[-1] == "| the same: median, 95 of 100 within, s |  | 2.00, 3.00 |"


def test_the_quantile_is_a_value_that_was_measured() -> None:
    assert quantile([float(number) for number in range(1, 101)], 0.95) == 96.0
    assert quantile([7.0], 0.95) == 7.0
