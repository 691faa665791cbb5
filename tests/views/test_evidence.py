"""How evidence is said: verdict, four questions, grades, charts, each true of the numbers behind it."""

from __future__ import annotations

import dataclasses
import html
import math
import re

import pytest

from coterie.evidence.contract import CrowdSilhouette, Gap, Later, SegmentVerdict
from coterie.views.charts.later import baselines, later
from coterie.views.charts.overlap import overlap
from coterie.views.charts.paths import gap, paths, takes
from coterie.views.charts.reliability import reliability
from coterie.views.charts.tree import dendrogram
from coterie.views.grades import by_chance, detailed, grades
from coterie.views.pages.advice import advice
from coterie.views.pages.cards import cards
from coterie.views.pages.choice import choosing_k
from coterie.views.pages.comparison import comparison
from coterie.views.pages.evidence import evidence
from coterie.views.pages.method import method
from coterie.views.pages.opening import figures, opening, standfirst, verdict
from coterie.views.pages.questions import one_reason, questions
from coterie.views.pages.segments import segments
from coterie.views.render import document, draw_all

DIFFER, GROUPS, RETURN, LAST = range(4)


def _text(runs) -> str:
    return "".join(run.text for run in runs)


def _with(result, **parts):
    return dataclasses.replace(result, evidence=dataclasses.replace(result.evidence, **parts))


def _foresight(result, **parts):
    return _with(result, foresight=dataclasses.replace(result.evidence.foresight, **parts))


def test_one_crowd_with_lasting_differences(sample):
    assert verdict(sample) == (
        "Five segments whose differences last.",
        "Two have firm borders, three are cuts through a crowd.",
    )
    assert _text(standfirst(sample)) == (
        "Rely on the gap between segments 1 and 2 and the rest. Regular burners (1) went on to burn 5.3 times the average "
        "after 4 Sep 2017; segments 3 to 5 about half of it or less. Do not rely on the exact borders of segments 2 to 4: "
        "other customers of the same shop would draw them elsewhere."
    )
    assert [(one.glyph, one.answer) for one in questions(sample)] == [
        ("shown", "Yes"), ("not-shown", "One crowd"), ("partly", "Two of five"), ("shown", "Yes, all five"),
    ]  # fmt: skip
    lines = [one.line for one in questions(sample)]
    assert lines[DIFFER] == "Burn rate repeats itself: reliability 0.57 (0.48 to 0.66). Luck gives 0."
    # exp(0.6) and exp(1.5), the deepest pass of the sample and what would be a gap
    assert lines[GROUPS] == "Between two segments customers get 1.8 times sparser at most; a gap starts at 4.5."
    assert lines[RETURN] == (
        "Overlap when customers are drawn again: 0.66 to 0.91 of 1. Firm starts at 0.75; the weakest of one crowd "
        "reaches 0.51."
    )
    assert lines[LAST] == "Segments explain 25% of later burns; RFM groups explain 10%, random ones 0.6%."


def test_customers_who_do_not_differ(samples):
    result = samples.chance_result()
    assert verdict(result) == (
        "1,584 customers who do not differ in how they use coupons.",
        "The five segments are cuts through chance.",
    )
    text = _text(standfirst(result))
    assert "Do not rely on the segments" in text
    assert "reliability 0.00 (−0.12 to 0.08), where luck gives 0." in text
    assert {one.glyph for one in questions(result)} == {"not-shown"}
    assert (
        questions(result)[LAST].line
        == "Segments explain 0.4% of later burns, p\u00a0=\u00a00.41; random groups reach 0.9%."
    )
    assert opening(result, {})["todo"] == ()
    assert not any("of burns come from" in figure.what for figure in figures(result))
    assert by_chance(result)
    assert choosing_k(result, draw_all(result))["title"] == "Five segments, cut from customers who do not differ"
    assert "do not differ by more than chance" in advice(result, {})["lead"]


def test_chance_says_whom_it_speaks_of(samples):
    result = dataclasses.replace(samples.chance_result(), active=1573)
    assert verdict(result)[0] == "1,573 active customers who do not differ in coupon use."
    assert figures(result)[0].what == "customers: 1,573 active, 11\u00a0never active"


def test_a_cut_through_chance_is_none_that_falls_elsewhere(samples):
    result = samples.chance_result()
    graded = tuple(SegmentVerdict(number, "constructed", None) for number in range(1, 6))
    result = _with(result, verdict=dataclasses.replace(result.evidence.verdict, segments=graded))
    assert [(one.word, one.detail) for one in detailed(result.evidence, 1)] == [("Constructed", "a cut through chance")]
    assert segments(result, {})["notes"] == ("Constructed: a cut through chance, even where it comes back.",)


def test_luck_that_comes_back_is_no_plain_yes(samples):
    found = samples.chance_result().evidence.stability
    firm = tuple(dataclasses.replace(one, jaccard=0.85) for one in found.segments)
    result = _with(samples.chance_result(), stability=dataclasses.replace(found, segments=firm))
    answer = questions(result)[RETURN]
    assert (answer.glyph, answer.answer) == ("partly", "Yes, but so does luck")
    assert answer.line.endswith(" It is the same luck, cut the same way.")


def test_differences_that_last_only_together(sample):
    alone = tuple(dataclasses.replace(one, lasting=None, lift=None) for one in sample.evidence.foresight.segments)
    result = _foresight(sample, segments=alone)
    assert verdict(result)[0] == "Five segments whose differences last, taken together."
    assert questions(result)[LAST].answer == "Yes, taken together"
    assert questions(result)[LAST].line.endswith("; what became of each segment cannot be told.")
    assert "Together they differ in later burns; of no single one is that shown." in _text(standfirst(result))


def test_a_way_without_a_pass_is_not_called_sparser(sample):
    flat = tuple(dataclasses.replace(one, drop=0.01) for one in sample.evidence.structure.paths)
    result = _with(sample, structure=dataclasses.replace(sample.evidence.structure, paths=flat))
    assert questions(result)[GROUPS].line == (
        "Nowhere between two segments do customers get sparser; a gap starts at 4.5 times."
    )


def test_evidence_takes_the_place_of_the_older_sign_of_chance(sample, samples):
    alike = dataclasses.replace(sample.profiles, hardly_differ=True)
    assert not by_chance(dataclasses.replace(sample, profiles=alike))
    assert by_chance(dataclasses.replace(samples.unjudged_result(), profiles=alike))


def test_natural_groups(samples):
    result = samples.natural_result()
    assert verdict(result)[0] == "Five groups that exist, and their differences last."
    assert questions(result)[GROUPS].answer == "Five groups"
    assert "agreement 0.97, where 0.80 is needed" in questions(result)[GROUPS].line
    assert choosing_k(result, draw_all(result))["title"] == "Five segments: as many groups as the data show"
    assert evidence(result, draw_all(result))["paths_title"] == "A gap between every two neighbouring segments"
    assert "Do not rely" not in _text(standfirst(result))
    assert [one.detail for one in detailed(result.evidence, 1)] == [
        "0.94 overlap with a group", "5.3× (4.3 to 6.5) later burns",
    ]  # fmt: skip


def test_groups_that_segments_cut_across(samples):
    result = samples.across_result()
    assert verdict(result) == (
        "Three groups, and five segments that cut across them.",
        "The differences of two of them last.",
    )
    assert questions(result)[GROUPS].glyph == "partly"
    assert questions(result)[LAST].answer == "Two of five"
    assert "Do not rely on the borders: customers form three groups" in _text(standfirst(result))
    assert "What became of segment 5 cannot be told." in _text(standfirst(result))
    assert questions(result)[LAST].line.endswith("; what became of one cannot be told.")
    assert evidence(result, draw_all(result))["title"] == "The differences are traits; those of segments 1 and 2 last"
    (chart,) = later(result)
    assert chart.notes[0] == ("Segment 5: cannot be told. Of the segments made on 4 Sep 2017, none is like it.")
    assert chart.table.rows[4][1:3] == ("–", "cannot be told")
    assert segments(result, {})["rows"][4].later.text == "cannot be told"


def test_what_could_not_be_judged_says_why(samples):
    result = samples.little_result()
    assert [(one.glyph, one.answer) for one in questions(result)] == [("", "Cannot be judged")] * 4
    assert questions(result)[GROUPS].line == "Only 30 customers have a coupon, and 200 are needed to see groups."
    assert questions(result)[DIFFER].line.startswith("Burn rate: no customer has it in both halves")
    assert verdict(result)[0].startswith("1,584 customers, five segments")
    page = evidence(result, draw_all(result))
    assert (page["charts"], page["paths"], page["gap"]) == ((), (), ())
    assert len(page["open"]) == 4
    assert not segments(result, {})["graded"]
    assert [name for _, name in segments(result, {})["columns"]] == ["customers", "each", "rate", "burns"]


def test_what_was_switched_off_is_said_once(samples):
    result = samples.unjudged_result()
    assert one_reason(result) == "Not judged: evidence was switched off."
    value = opening(result, {})
    assert (value["questions"], value["todo"]) == ((), ())
    assert value["unjudged"] == "Whether the segments are real was not judged: evidence was switched off."
    assert evidence(result, draw_all(result)) is None
    assert method(result, {})["evidence"] == ()


@pytest.mark.parametrize(
    ("lasting", "hills", "kinds", "lines"),
    [
        (False, 1, "ccccc", ("Five segments whose differences are not shown to last.",
                             "All are cuts through one crowd, and no border is firm.")),
        (None, 1, "rrrrr", ("All five segments have firm borders, yet they are cuts through one crowd.",)),
        (None, 1, "rcccc", ("One segment has a firm border, four are cuts through a crowd.",)),
        (True, None, "rrrrc", ("Five segments whose differences last.",
                               "Four have firm borders, one is a cut that would fall elsewhere.")),
        (True, None, "-----", ("Five segments whose differences last.",)),
        (None, 1, "-----", ("Five segments: cuts through one crowd.",)),
    ],
)  # fmt: skip
def test_other_verdicts(sample, lasting, hills, kinds, lines):
    words = {"c": "constructed", "r": "reproducible", "-": None}
    graded = tuple(SegmentVerdict(number, words[letter], lasting) for number, letter in enumerate(kinds, 1))
    result = _foresight(sample, lasting=lasting)
    found = dataclasses.replace(result.evidence.verdict, segments=graded)
    structure = dataclasses.replace(result.evidence.structure, k_hills=hills)
    assert verdict(_with(result, verdict=found, structure=structure)) == lines


def test_groups_asked_for_in_another_number(samples):
    result = samples.natural_result()
    structure = dataclasses.replace(result.evidence.structure, k_hills=4)
    found = dataclasses.replace(result.evidence.verdict, kind="reproducible")
    result = _with(result, structure=structure, verdict=found)
    assert verdict(result)[0] == "The data show four groups. These are five segments."
    assert "K-Means at k = 4 cuts along the gaps" in questions(result)[GROUPS].line


def test_some_features_are_real(sample):
    features = tuple(
        dataclasses.replace(one, real=one.feature != "recency" if one.real else one.real)
        for one in sample.evidence.reliability
    )
    answer = questions(_with(sample, reliability=features))[DIFFER]
    assert (answer.glyph, answer.answer) == ("partly", "In two of three figures")


def test_grades_stand_in_table_cards_and_advice(sample):
    assert [(one.glyph, one.word) for one in grades(sample.evidence, 2)] == [
        ("not-shown", "Constructed"), ("shown", "Lasting"),
    ]  # fmt: skip
    assert grades(sample.evidence, 0) == ()
    rows = segments(sample, {})["rows"]
    assert [row.later.text for row in rows] == ["5.3×", "2.6×", "0.55×", "0.44×", "0.28×"]
    assert [row.later.dot > row.later.one for row in rows] == [True, True, False, False, False]
    assert all(row.later.low <= row.later.dot <= row.later.high for row in rows)
    first = cards(sample, draw_all(sample))["cards"][0]
    assert [one.detail for one in first.grades] == ["overlap 0.77", "5.3× (4.3 to 6.5) later burns"]
    assert [row.grades[0].word for row in advice(sample, {})["rows"]] == [
        "Constructed", "Reproducible", "Constructed", "Constructed", "Reproducible",
    ]  # fmt: skip


def test_the_border_of_a_segment(sample):
    found = [card.border for card in cards(sample, draw_all(sample))["cards"]]
    assert found[0] is None
    assert found[4] is None
    assert found[1].text == (
        "20 customers, 11% of the segment, sit on its border, nearly as close to another segment as to their own, 15 of "
        "them next to regular burners (1)."
    )
    assert found[1].rows == (("Coupons", "3.1", "4.2"), ("Burn rate", "21%", "44%"))


def test_reliability_lists_every_feature(sample):
    (chart,) = reliability(sample)
    assert [row["name"] for row in chart.spec["data"]["values"]] == [
        "Burn rate", "Coupons", "Days since claim", "Burnt coupons",
    ]  # fmt: skip
    assert [row["token"] for row in chart.spec["data"]["values"]][-2:] == ["var(--ink)", "var(--none)"]
    assert chart.table.rows[0] == ("Burn rate", "0.57", "0.48 to 0.66", "p\u00a0<\u00a00.01", "1,210", "yes", "yes")
    assert chart.table.rows[-1] == ("Tenure", "–", "–", "–", "0", "not applicable", "yes")
    assert chart.title == "Three of four figures repeat themselves, burn rate among them"


def test_later_outcome_on_a_log_axis(sample):
    (chart,) = later(sample)
    assert chart.title == "Regular burners went on to burn 5.3 times the average"
    # Coupons each 5.1 against (5.1*221 + 2.4*160 + 3.4*412 + 1.6*408 + 0.9*230) / 1431 = 2.63; burn rate 5.3*0.31/5.1
    assert chart.notes == (
        "Regular burners claimed 1.9 times the average after that day and burnt 32% of it, against 17% of all.",
    )
    scales = {layer["encoding"]["x"]["scale"]["type"] for layer in chart.spec["layer"]
              if "scale" in layer.get("encoding", {}).get("x", {})}  # fmt: skip
    assert scales == {"log"}


def test_a_lift_of_nothing_stands_at_the_end_of_the_axis(sample):
    rows = (*sample.evidence.foresight.segments[:4], Later(5, 0.0, 0.0, 0.0, 230, lasting=True, mean=0.0, claims=1.0))
    result = _foresight(sample, segments=rows)
    (chart,) = later(result)
    last = chart.spec["data"]["values"][-1]
    assert last["text"] == "0×"
    assert 0 < last["value"] == last["low"] < 0.31
    assert segments(result, {})["rows"][4].later.dot == 5
    assert "segments 3 to 5 about half of it or less" in _text(standfirst(result))


def test_only_segments_below_the_average_last(sample):
    rows = tuple(dataclasses.replace(one, lasting=one.segment > 3) for one in sample.evidence.foresight.segments)
    text = _text(standfirst(_foresight(sample, segments=rows)))
    assert text.startswith(
        "Rely on what sets segments 4 and 5 apart from the average. Segments 4 and 5 went on to burn 0.28 to 0.44 times "
        "the average after 4 Sep 2017. "
    )


def test_what_leads_but_does_not_stay_ahead_says_so(sample):
    result = _foresight(sample, lasting=False, p=0.001)
    assert questions(result)[LAST].line.endswith(
        "But segment 1, ahead before, is not shown to stay ahead: 5.3× (4.3 to 6.5)."
    )
    assert baselines(result)[0].title == "More than random groups, but the leading segment is not shown to stay ahead"


def test_a_figure_that_exposure_invents_is_told(sample):
    rows = tuple(
        dataclasses.replace(one, real=False, p=0.6) if one.feature == "recency" else one
        for one in sample.evidence.reliability
    )
    (chart,) = reliability(_with(sample, reliability=rows))
    assert chart.notes[0] == (
        "Days since claim: 0.35, but coupons dealt out by chance reach as much (p\u00a0=\u00a00.60), so it is no trait."
    )


def test_customers_who_fit_no_group_are_named(sample):
    first = dataclasses.replace(sample.profiles.segments[0], segment=-1, name="Fits no group", border=None)
    profiles = dataclasses.replace(sample.profiles, segments=(*sample.profiles.segments[1:], first))
    result = dataclasses.replace(sample, profiles=profiles)
    assert figures(result)[-1].what == "of burns come from customers who fit no group, 16% of customers"
    assert ">-1<" not in document(result, "a")


@pytest.mark.parametrize(
    ("eta2", "rfm", "best", "title"),
    [
        (0.25, 0.10, 0.19, "Better than RFM, and better than burn rate alone"),
        (0.25, 0.10, 0.251, "Better than RFM, and as good as burn rate alone"),
        (0.15, 0.10, 0.19, "Better than RFM, but not as good as burn rate alone"),
        (0.08, 0.10, 0.19, "Not as good as RFM, and not as good as burn rate alone"),
        (0.005, 0.002, 0.001, "No better than random groups"),
    ],
)
def test_better_than_rfm_only_where_it_is(sample, eta2, rfm, best, title):
    rivals = dataclasses.replace(sample.evidence.foresight.baselines, rfm=rfm, best_feature=best)
    (chart,) = baselines(_foresight(sample, eta2=eta2, baselines=rivals))
    assert chart.title == title


def test_overlap_beside_one_crowd(sample):
    (chart,) = overlap(sample)
    assert chart.spec["layer"][0]["encoding"]["text"] == {"field": "lines", "type": "nominal"}
    assert chart.title == "Segments 1 and 5 would come back; 2 to 4 would shift"
    assert chart.table.rows[1] == ("2 Light burners", "0.66", "0.51", "Constructed")


def test_paths_share_one_scale_and_tell_gaps(samples):
    drawn = paths(samples.across_result())
    assert [chart.title for chart in drawn] == [
        "1 to 2: a gap", "1 to 3: no gap", "2 to 4: no gap", "3 to 4: no gap", "4 to 5: no gap",
    ]  # fmt: skip
    domains = {tuple(chart.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]) for chart in drawn}
    assert len(domains) == 1
    # The gap's pass lies e^2 = 7.4 times under the sparser end, and under the grey line.
    assert drawn[0].measure == "Regular burners to light burners: 7.4 times sparser between"
    edge = drawn[0].spec["layer"][0]["data"]["values"][0]["density"]
    assert min(row["density"] for row in drawn[0].spec["data"]["values"]) < edge
    assert math.isclose(edge, math.exp(-0.4 - 1.5))


def test_many_ways_are_cut_to_the_deepest(sample):
    one = sample.evidence.structure.paths[0]
    many = tuple(dataclasses.replace(one, one=1, other=place, drop=place / 10) for place in range(2, 14))
    result = _with(sample, structure=dataclasses.replace(sample.evidence.structure, paths=many))
    assert [chart.name for chart in paths(result)] == [f"path-1-{place}" for place in range(6, 14)]
    assert "The eight deepest of 12 ways are drawn." in evidence(result, draw_all(result))["paths_lead"]


def test_the_gap_statistic_takes_the_first_k_that_no_next_one_beats(samples):
    # 0.50 < 0.60 - 0.01, then 0.60 >= 0.605 - 0.01
    assert takes((Gap(1, 0.5, 0.01), Gap(2, 0.6, 0.01), Gap(3, 0.605, 0.01))) == 2
    assert takes((Gap(1, 0.5, 0.01), Gap(2, 0.6, 0.01))) is None
    (chart,) = gap(samples.chance_result())
    assert chart.title == "The gap statistic sees one group"
    assert "decides nothing" in chart.notes[0]


@pytest.mark.parametrize(
    ("low", "high", "title"),
    [
        (0.30, 0.36, "Above one crowd, but not by much"),
        (0.10, 0.20, "Clearly above one crowd"),
        (0.35, 0.45, "No higher than one crowd"),
        (0.50, 0.60, "Lower than one crowd"),
    ],
)
def test_the_silhouette_is_read_beside_one_crowd(sample, low, high, title):
    crowd = (CrowdSilhouette(5, (low + high) / 2, low, high),)
    result = _with(sample, structure=dataclasses.replace(sample.evidence.structure, silhouette_crowd=crowd))
    assert draw_all(result)["silhouette"][0].title == title
    already = "already " if (low + high) / 2 <= 0.396 else ""
    told = f"One crowd without groups would {already}read {(low + high) / 2:.2f}."
    assert told in choosing_k(result, draw_all(result))["lead"]


def test_algorithms_side_by_side(samples, sample):
    result = samples.compared_result()
    value = comparison(result, draw_all(result))
    assert value["title"] == "Stay with K-Means"
    assert value["lead"].startswith("The customers are one crowd")
    assert "Follows the gaps" not in value["head"]
    assert value["rows"][0]["used"]
    assert value["rows"][0]["cells"][:3] == ("5", "1,170", "0.40")
    assert value["rows"][2]["cells"][1] == "–"
    assert value["rows"][3]["reason"].startswith("HDBSCAN finds no group")
    assert comparison(sample, draw_all(sample)) is None
    (chart,) = dendrogram(result)
    # Heights 14.5 to 31 are the widest stretch without a join: two branches pass it.
    assert chart.title == "The longest branches of Ward’s tree leave two groups"
    assert chart.table.rows[0] == ("1", "31.0", "1,584")


def test_every_glyph_has_its_word_and_no_p_value_is_nothing(variant):
    text = document(variant, "a")
    assert not re.search(r"p (=|&lt;|<) 0\.00\b", text)
    words = re.findall(r'<span class="grade"><svg class="glyph[^>]*>.*?</svg><span>(.*?)</span>', text)
    words += re.findall(r'<span class="answer">(?:<svg.*?</svg>)?<span>(.*?)</span>', text)
    assert all(html.unescape(word).strip() for word in words)
    glyphs = len(re.findall(r'<svg class="glyph (?:shown|partly|not-shown)"', text))
    # The advice table adds one glyph with its word, Yes or No, per row.
    told = sum("glyph" in part for part in re.findall(r'<span class="(?:grade|answer)">.*?</span>', text))
    assert glyphs == told
