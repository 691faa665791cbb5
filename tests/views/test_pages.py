"""Pages: registered, documented, with a template, and true of the numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from coterie.views import PAGES
from coterie.views.pages.advice import advice
from coterie.views.pages.cards import cards
from coterie.views.pages.choice import choosing_k
from coterie.views.pages.glossary import glossary
from coterie.views.pages.opening import figures, standfirst, verdict
from coterie.views.pages.overview import people
from coterie.views.pages.quality import quality
from coterie.views.pages.segments import segments
from coterie.views.render import draw_all
from coterie.views.segments import cited
from coterie.views.templating import TEMPLATES


def _text(runs) -> str:
    return "".join(run.text for run in runs)


@pytest.fixture
def unjudged(samples):
    """The sample without evidence: the report leads with what segments are like, not with how real they are."""
    return samples.unjudged_result()


def test_every_page_has_a_template_and_every_template_a_page():
    names = [page.name for page in PAGES]
    assert len(set(names)) == len(names)
    assert {path.stem for path in Path(TEMPLATES).glob("*.html")} == {*names, "report", "_figure"}
    assert all(page.about.endswith(".") and page.value.__doc__ for page in PAGES)


def test_verdict_says_how_many_which_segments_and_who_burns(unjudged):
    assert verdict(unjudged) == (
        "1,584 customers, five segments: from regular burners to lapsed.",
        "Most burns come from one customer in six.",
    )


def test_verdict_of_customers_who_are_alike(samples):
    assert verdict(samples.alike_result())[0] == "50 customers, all alike."
    assert verdict(samples.alike_result(1)) == ("One customer.", "There is nobody to compare with.")


def test_verdict_leaves_out_names_that_are_phrases(unjudged):
    first = dataclasses.replace(unjudged.profiles.segments[0], name="More coupons, burn about half of them")
    profiles = dataclasses.replace(unjudged.profiles, segments=(first, *unjudged.profiles.segments[1:]))
    assert verdict(dataclasses.replace(unjudged, profiles=profiles))[0] == "1,584 customers, five segments."


def test_standfirst_says_what_to_do_and_what_not_to_rely_on(unjudged):
    text = _text(standfirst(unjudged))
    assert "Regular burners (1) made 67% of all burns, with 16% of customers." in text
    assert "Give coupons to light burners (2) first, then to regular burners (1) and occasional claimers (4)." in text
    assert "Give none to never-burn collectors (3) and lapsed (5)." in text
    assert "not on its exact borders" in text
    assert "has not been judged" in text
    assert "was set by hand" in text
    reason = "Cannot be judged: only 30 customers have a coupon."
    structure = dataclasses.replace(unjudged.evidence.structure, reason=reason)
    few = dataclasses.replace(unjudged, evidence=dataclasses.replace(unjudged.evidence, structure=structure))
    assert "cuts through one crowd cannot be judged here." in _text(standfirst(few))
    free = dataclasses.replace(unjudged, settings=unjudged.settings.model_copy(update={"k": None}))
    assert "choice of convenience" in _text(standfirst(free))


def test_who_differs_by_chance_only_is_not_sold_as_segments(unjudged):
    profiles = dataclasses.replace(unjudged.profiles, hardly_differ=True)
    result = dataclasses.replace(unjudged, profiles=profiles)
    assert verdict(result)[1] == "They differ little more than chance would make them."
    text = _text(standfirst(result))
    assert "Do not rely on the segments yet" in text
    assert "% of all burns" not in text


def test_burns_of_many_are_no_news(unjudged):
    big = dataclasses.replace(unjudged.profiles.segments[0], share=0.57)
    profiles = dataclasses.replace(unjudged.profiles, segments=(big, *unjudged.profiles.segments[1:]))
    result = dataclasses.replace(unjudged, profiles=profiles)
    assert verdict(result)[1] == "No small segment makes most of the burns."
    assert "of all burns" not in _text(standfirst(result))
    assert not any("of burns come from" in figure.what for figure in figures(result))


def test_half_is_not_called_most(unjudged):
    half = dataclasses.replace(unjudged.profiles.segments[0], share_of_burns=0.504)
    profiles = dataclasses.replace(unjudged.profiles, segments=(half, *unjudged.profiles.segments[1:]))
    assert verdict(dataclasses.replace(unjudged, profiles=profiles))[1].startswith("About half of all burns come from")


def test_the_burn_rate_has_its_interval(sample):
    figure = dataclasses.replace(sample.profiles.segments[0].features["burn_rate"], low=0.1162, high=0.1309)
    everyone = dataclasses.replace(sample.profiles.all, features={"burn_rate": figure})
    result = dataclasses.replace(sample, profiles=dataclasses.replace(sample.profiles, all=everyone))
    rate = next(one for one in figures(result) if one.what.startswith("burn rate"))
    assert rate.what == "burn rate (burnt / all coupons), 95% interval 11.6 to 13.1%"


def test_names_within_sentences_carry_their_number(sample):
    first, *_ = sample.profiles.segments
    assert cited(first) == "regular burners (1)"
    phrase = dataclasses.replace(first, name="Light burners, quiet for longer")
    assert cited(phrase) == "segment 1 (light burners, quiet for longer)"
    assert cited(dataclasses.replace(first, segment=0)) == "customers who were never active"


def test_every_feature_of_a_card_is_explained_in_the_glossary(sample):
    entries = glossary(sample, {})
    places = [place for _, _, place in (*entries["terms"], *entries["features"])]
    assert len(set(places)) == len(places)
    shown = [row for card in cards(sample, draw_all(sample))["cards"] for row in card.contrasts]
    assert shown
    assert {row.term for row in shown if row.term} <= set(places)


def test_key_figures(sample, samples):
    shown = {figure.what: figure.number + figure.unit for figure in figures(sample)}
    assert shown["customers, 4.6 coupons each"] == "1,584"
    assert shown["coupons: 889 burnt, 6,319 not burnt"] == "7,208"
    assert shown["burn rate (burnt / all coupons), 95% interval 11.5 to 12.5%"] == "12.3%"
    assert shown["of burns come from segment 1, 16% of customers"] == "67%"
    assert len(figures(samples.alike_result())) == 3


def test_segment_rows(sample):
    value = segments(sample, {})
    assert value["title"] == "Burn rates run from 0% to 43%"
    first = value["rows"][0]
    assert (first.customers.text, first.customers.aside, first.each.text, first.rate.text, first.burns.text) == (
        "246", "16%", "8.4", "29%", "67%",
    )  # fmt: skip
    assert (first.first, first.offer) == ("Offer first", "New ranges, early access")
    assert max(row.customers.length for row in value["rows"]) == 100
    assert all(0 <= row.each.length <= 100 and 0 <= row.rate.length <= 100 for row in value["rows"])


def test_advice_is_ranked_and_says_who_gets_none(sample, samples):
    value = advice(sample, {})
    assert value["title"] == "Coupons for three segments, none for two"
    assert [row.action.priority for row in value["rows"]] == [1, 2, 3, 4, 5]
    assert "Start with light burners (2)." in value["lead"]
    # 451 + 251 of 1,584
    assert "44% of customers get no coupon." in value["lead"]
    extra = dataclasses.replace(sample.actions[0], primary=False, title="A branch deal", priority=6)
    more = advice(dataclasses.replace(sample, actions=(*sample.actions, extra)), {})
    assert [[one.title for one in row.more] for row in more["rows"] if row.action.segment == 1] == [["A branch deal"]]


def test_choosing_k_tells_asked_from_rule(sample, samples):
    drawings = draw_all(sample)
    assert choosing_k(sample, drawings)["title"] == "You asked for five. Six would hold together better."
    own = dataclasses.replace(sample, choice=dataclasses.replace(sample.choice, k=6))
    free = dataclasses.replace(own, settings=sample.settings.model_copy(update={"k": None}))
    assert choosing_k(free, drawings)["title"] == "Six segments hold together"
    assert choosing_k(samples.alike_result(), drawings) is None


def test_degenerate_dimensions_get_a_sentence(samples, sample):
    mixes = (dataclasses.replace(sample.profiles.all.mixes[2], rows=(), note="There is one city only."),)
    everyone = dataclasses.replace(sample.profiles.all, mixes=mixes)
    result = dataclasses.replace(sample, profiles=dataclasses.replace(sample.profiles, all=everyone))
    value = people(result, draw_all(result))
    assert (value["title"], value["charts"], value["notes"]) == ("Who they are", (), ["There is one city only."])


def test_cards(sample, samples):
    value = cards(sample, draw_all(sample))["cards"]
    first = value[0]
    assert first.place == "Segment 1 of 5 · 246 customers · 15.5%"
    assert first.lead.startswith("One customer in six. They hold 29% of all coupons and 67% of all burnt ones.")
    assert first.priority == "2 of 5"
    assert first.rule == (
        ("Has burnt ", False), ("at least one", True), (" coupon and holds ", False), ("5 or more", True), (".", False),
    )  # fmt: skip
    assert first.rule_worth == "Finds 98% of the segment. 83% of those it finds belong to it."
    assert [row.label for row in first.contrasts][:3] == ["Coupons", "Burn rate", "Days since claim"]
    assert all(0 <= place <= 100 for row in first.contrasts for place in (row.own, row.all, *row.others))
    assert first.typical[1] == ("1590", "9", "2", "55 days ago")
    assert [mix.label for mix in first.mixes] == ["Coupon type"]
    assert first.mixes_rest == "Gender and city: nothing stands out beyond chance."
    idle = cards(samples.never_active_result(), draw_all(samples.never_active_result()))["cards"][-1]
    assert idle.place.startswith("Outside the segments")
    assert idle.rule == ()
    assert idle.curve is None


def test_quality_counts(sample, samples):
    value = quality(sample, {})
    # 1,584 + 7,231 rows in, 23 set aside
    assert value["title"] == "8,792 of 8,815 rows were used, 23 set aside"
    assert [row.why for row in value["tables"]] == ["", "23 with an unknown status"]
    assert (len(value["faults"]), len(value["notes"])) == (1, 1)
    assert quality(samples.alike_result(), {})["title"] == "All 50 rows were used"
