"""The contract of every chart: documented, valid Vega-Lite, tokens instead of colours, described, with its numbers."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import altair as alt
import pytest
from scipy.stats import chi2_contingency

from coterie.errors import UsageError
from coterie.profiles.contract import Mix, MixRow
from coterie.views import CHARTS, charts
from coterie.views.charts.burns import months
from coterie.views.charts.choice import silhouette
from coterie.views.charts.mixes import strength
from coterie.views.export import as_altair, standalone, write_files
from coterie.views.pages.overview import people
from coterie.views.render import draw_all
from coterie.views.tokens import PALETTES
from coterie.views.vega import wrapped

VALID: set[str] = set()
"""Specs found valid; most variants share most charts."""
VARIANTS = ("never_active", "alike", "many", "unjudged", "chance", "natural", "across", "little", "compared")
SAMPLE_CHARTS = {
    "inertia": 1, "silhouette": 1, "stability": 1, "reliability": 1, "later": 1, "overlap": 1, "baselines": 1, "paths": 5,
    "gap": 1, "dendrogram": 0, "sizes": 1, "averages": 1, "mix": 2, "density": 5, "orders-density": 0,
    "contrasts": 1, "coupons": 5, "orders": 0, "segment-burn-curve": 3, "burn-curve": 1, "months": 1, "sales-share": 0, "sales-category": 0,
    "sales-city": 0, "sales-branch": 0, "sales-product": 0,
    "retention": 0, "retention-curves": 0, "active": 0, "orders-by-month": 0, "sales-by-month": 0, "aov-by-month": 0,
    "burns-by-month": 0, "segment-months": 0, "flow": 0, "around-coupons": 0, "expected-orders": 0,
    "expected-value": 0, "alive": 0,
}  # fmt: skip


def _drawn(result):
    return [chart for drawn in draw_all(result).values() for chart in drawn]


def test_every_file_of_the_room_is_registered_and_every_entry_described():
    modules = {path.stem for path in Path(charts.__file__).parent.glob("*.py")} - {"__init__"}
    assert {chart.draw.__module__.rpartition(".")[2] for chart in CHARTS} == modules
    assert len({chart.name for chart in CHARTS}) == len(CHARTS)
    for chart in CHARTS:
        assert all((chart.label, chart.about.endswith("."), chart.draw.__doc__)), chart.name


def test_every_registered_chart_is_drawn_for_the_sample(sample):
    assert {name: len(drawn) for name, drawn in draw_all(sample).items()} == SAMPLE_CHARTS


def test_names_are_unique_and_safe_as_files(variant):
    names = [chart.name for chart in _drawn(variant)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_specs_are_valid_and_hold_tokens_only(variant):
    known = set(PALETTES["light"])
    for chart in _drawn(variant):
        text = json.dumps(chart.spec, allow_nan=False)
        if text not in VALID:
            alt.LayerChart.from_dict(chart.spec)
            VALID.add(text)
        assert not re.search(r'"#[0-9a-fA-F]{3,8}"', text), chart.name
        assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= known, chart.name
        assert chart.spec["width"] == "container"
        assert chart.spec["description"] == chart.description


def test_titles_and_descriptions_are_sentences_without_column_names(sample, samples):
    calm = [name for name in VARIANTS if name != "hostile"]
    for result in (sample, *(getattr(samples, f"{name}_result")() for name in calm)):
        for chart in _drawn(result):
            assert all((chart.title, chart.measure)), chart.name
            assert re.fullmatch(r"[^\n]+\.", chart.description), chart.name
            for text in (chart.title, chart.measure, chart.description, *chart.table.head, *chart.notes):
                assert not re.search(r"[a-z]_[a-z]", text), (chart.name, text)


def test_tables_are_rectangular_and_full(variant):
    for chart in _drawn(variant):
        assert chart.table.rows, chart.name
        for row in chart.table.rows:
            assert len(row) == len(chart.table.head), chart.name
            assert all(isinstance(cell, str) and cell for cell in row), chart.name


def test_standalone_charts_have_no_token_left(sample):
    for chart in _drawn(sample):
        for theme in ("light", "dark"):
            spec = standalone(chart, theme)
            assert "var(--" not in json.dumps(spec)
            assert " ".join(spec["title"]["text"]) == chart.title
            words = json.dumps(spec, ensure_ascii=False)
            assert all(key.word in words for key in chart.keys)
        assert isinstance(as_altair(chart), alt.LayerChart)


def test_titles_state_what_the_numbers_say(sample):
    titles = {chart.name: chart.title for chart in _drawn(sample)}
    assert titles["inertia"] == "No clear elbow"
    assert titles["silhouette"] == "Above one crowd, but not by much"
    assert titles["stability"] == "Six holds, five does not"
    assert titles["sizes"] == "Occasional claimers: the largest segment, 29% of customers"
    assert titles["averages"] == "Most coupons per customer: regular burners, 8.4 each, 2.4 of them burnt"
    assert titles["burn-curve-1"] == "Half of their burns come within 13 days"
    assert titles["mix-gender"] == "Gender: no segment stands out"
    assert titles["mix-coupon"] == "Regular burners: 12% Type C, against 8% of all"


def test_an_exact_silhouette_has_no_interval(samples):
    result = samples.sample_result()
    exact = tuple(
        dataclasses.replace(one, silhouette_low=None, silhouette_high=None) for one in result.choice.candidates
    )
    (chart,) = silhouette(dataclasses.replace(result, choice=dataclasses.replace(result.choice, candidates=exact)))
    assert "exact" in chart.measure
    assert "interval" not in chart.measure
    assert {row[2] for row in chart.table.rows} == {"exact"}
    assert chart.title == "Above one crowd, but not by much"


def test_months_without_a_coupon_count_nothing_and_stay(samples):
    result = samples.sample_result()
    gap = dataclasses.replace(result.profiles, monthly=((2016, 11, 5, 1), (2017, 2, 3, 0)))
    (chart,) = months(dataclasses.replace(result, profiles=gap))
    assert [row[:3] for row in chart.table.rows] == [
        ("Nov 2016", "5", "1"), ("Dec 2016", "0", "0"), ("Jan 2017", "0", "0"), ("Feb 2017", "3", "0"),
    ]  # fmt: skip


def test_stacked_bars_fill_their_row(sample):
    for chart in draw_all(sample)["mix"]:
        ends = {}
        for row in chart.spec["data"]["values"]:
            assert row["from"] <= row["to"]
            ends[row["row"]] = row["to"]
        assert all(abs(end - 1) < 1e-9 for end in ends.values()), chart.name
        assert len(chart.keys) == len({row["value"] for row in chart.spec["data"]["values"]})


def _mixed(sample, **dimensions):
    """The sample with these dimensions only: name -> counts of values per segment."""

    def mixes(place):
        found = []
        for name, counts in dimensions.items():
            values = range(len(counts[0]))
            everyone = [sum(row[value] for row in counts) for value in values]
            own = everyone if place is None else counts[place]
            found.append(Mix(name, name.capitalize(), "customers", tuple(
                MixRow(f"{name} {value}", own[value], everyone[value], own[value] / sum(own),
                       everyone[value] / sum(everyone), 1.0, 0.9, leads=False) for value in values)))  # fmt: skip
        return tuple(found)

    size = [sum(row) for row in next(iter(dimensions.values()))]
    segments = tuple(dataclasses.replace(one, mixes=mixes(place), customers=size[place])
                     for place, one in enumerate(sample.profiles.segments[: len(size)]))  # fmt: skip
    everyone = dataclasses.replace(sample.profiles.all, mixes=mixes(None))
    return dataclasses.replace(sample, profiles=dataclasses.replace(sample.profiles, segments=segments, all=everyone))


def test_how_much_segments_differ_in_a_dimension_agrees_with_chi_squared(sample):
    counts = [[60, 30, 10], [50, 100, 50], [20, 20, 60]]
    result = _mixed(sample, city=counts)
    phi = chi2_contingency(counts, correction=False).statistic / 400
    # Bergsma (2013): both the statistic and the number of rows and columns less what chance gives.
    fair = (phi - 4 / 399) / (3 - 4 / 399 - 1)
    assert strength(result, result.profiles.all.mixes[0]) == pytest.approx(fair**0.5)
    even = _mixed(sample, city=[[30, 30, 40], [60, 60, 80], [30, 30, 40]])
    assert strength(even, even.profiles.all.mixes[0]) == 0


def test_what_differs_most_is_drawn_first_and_what_they_buy_in_any_case(sample):
    alike, apart, more = [[50, 50], [100, 100]], [[40, 60], [120, 80]], [[10, 90], [180, 20]]
    many = [[1] * 100, [2] * 100]
    result = _mixed(sample, gender=alike, city=apart, category=alike, country=more, branch=many, tier=alike)
    assert [chart.name for chart in draw_all(result)["mix"]] == [
        "mix-country", "mix-city", "mix-gender", "mix-category",
    ]  # fmt: skip
    value = people(result, draw_all(result))
    assert value["rest"] == (
        "Not drawn: tier and branch. Segments hardly differ there, or over too many small values to see."
    )


def test_a_value_that_stands_out_is_shown_by_name(sample):
    (chart, _) = draw_all(sample)["mix"]
    assert chart.title == "Regular burners: 12% Type C, against 8% of all"
    assert dict(zip(chart.table.head, chart.table.rows[1], strict=True)) == {
        "Segment": "1 Regular burners", "Type A": "40% (0.73×)", "Type B": "48% (1.3×)", "Type C": "12% (1.5×)",
    }  # fmt: skip
    assert not any("×" in cell for cell in chart.table.rows[0])


def test_what_cannot_be_compared_is_not_drawn(samples):
    drawn = draw_all(samples.alike_result())
    for name in (
        "inertia",
        "silhouette",
        "stability",
        "reliability",
        "later",
        "overlap",
        "baselines",
        "paths",
        "gap",
        "dendrogram",
        "mix",
        "contrasts",
        "burn-curve",
        "segment-burn-curve",
        "months",
    ):
        assert drawn[name] == (), name


def test_long_names_take_two_lines_at_most():
    assert wrapped("1 Regular burners") == "1 Regular burners"
    assert wrapped("2 Collectors who redeem less").split("\n") == ["2 Collectors who", "redeem less"]
    assert wrapped("word " * 30).count("\n") == 1
    assert wrapped("word " * 30).endswith("…")


def test_files_of_every_chart(sample, tmp_path):
    few = {name: drawn[:1] for name, drawn in draw_all(sample).items() if name in ("sizes", "coupons")}
    paths = write_files(few, tmp_path / "charts")
    assert [path.name for path in paths] == ["sizes.png", "sizes.svg", "coupons-1.png", "coupons-1.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    svg = paths[1].read_text(encoding="utf-8")
    assert "#2668c0" in svg
    assert "var(--" not in svg
    assert "Regular burners" in svg


def test_an_unknown_format_is_refused_in_a_sentence(sample, tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written as pdf\. Use png or svg\."):
        write_files(draw_all(sample), tmp_path, ("pdf",))
    assert list(tmp_path.iterdir()) == []
