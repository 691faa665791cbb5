"""One customer scored from feature values: as `assign` places the same customer from the tables."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import coterie as ct
from coterie.clustering import Mixture
from coterie.errors import UsageError
from coterie.features import describe
from coterie.segmentation import assign
from coterie.segmentation.scoring import score_customer, takes_text


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    shop = ct.sample(tmp_path_factory.mktemp("score") / "shop", customers=300, seed=4, orders=True)
    return ct.read(shop)


def scored_and_assigned(model, tables):
    described = describe(tables, features=model.needed, learned=model.learned, expected=False)
    rows = tables.engine.collect(described.table.filter(described.table.active)).to_pylist()
    listed = {row["customer_id"]: row for row in tables.engine.collect(assign(model, tables)).to_pylist()}
    return [
        (score_customer(model, {name: row[name] for name in model.needed}), listed[row["customer_id"]]) for row in rows
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"k": 4},
        {"features": ["coupons_claimed", "burn_rate", "city"], "k": 3},
        {"preset": "rfm", "algorithm": "rfm"},
        {"algorithm": "hdbscan"},
    ],
    ids=["k-means", "with a text", "rfm", "hdbscan"],
)
def test_a_customer_is_scored_as_assigned(tables, asked):
    model = ct.segment(tables, evidence=False, **asked).result.model
    both = scored_and_assigned(model, tables)
    assert len(both) > 200
    for scored, row in both:
        assert (scored.segment, scored.name, scored.action) == (row["segment"], row["name"], row["action"])
        assert math.isclose(scored.distance, row["distance"], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(scored.margin, row["margin"], rel_tol=1e-9, abs_tol=1e-9)


def test_a_customer_of_a_mixture_is_scored_as_assigned(tables, model):
    d = len(model.coordinates)
    wide = tuple(tuple(0.5 if row == column else 0.0 for column in range(d)) for row in range(d))
    mixture = Mixture((0.5, 0.3, 0.2), model.centroids, (wide, wide, wide))
    both = scored_and_assigned(replace(model, mixture=mixture), tables)
    assert {scored.segment for scored, _ in both} == {1, 2, 3}
    for scored, row in both:
        assert scored.segment == row["segment"]
        assert math.isclose(scored.distance, row["distance"], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(scored.margin, row["margin"], rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture(scope="module")
def model(tables):
    return ct.segment(tables, evidence=False, features=["coupons_claimed", "recency", "city"], k=3).result.model


def test_it_tells_what_it_needs(model):
    assert model.needed == ("coupons_claimed", "recency", "city")
    assert [takes_text(model, name) for name in model.needed] == [False, False, True]


def test_an_unknown_value_is_the_median_and_an_unknown_text_none_of_the_levels(model):
    known = {"coupons_claimed": 3, "recency": model.learned.medians["recency"], "city": "Nowhere"}
    assert score_customer(model, {**known, "recency": None}) == score_customer(model, known)
    assert score_customer(model, {**known, "city": None}).segment in (1, 2, 3)


def test_a_model_of_one_segment_places_everybody_in_it(model):
    alone = replace(model, k=1, coordinates=(), centroids=((),), names={"1": "All alike"}, actions={})
    assert score_customer(alone, {}) == score_customer(alone, {"recency": 5})
    assert (
        score_customer(alone, {}).segment,
        score_customer(alone, {}).distance,
        score_customer(alone, {}).margin,
    ) == (1, 0.0, 1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recency": "soon"}, "recency is 'soon', and the model knows it as a number. Give a number, or null."),
        ({"recency": True}, "recency is 'True', and the model knows it as a number. Give a number, or null."),
        ({"recency": math.nan}, "recency is not a number. Give a number, or null."),
        ({"recency": -math.inf}, "recency is beyond 1e+15, which no customer has. Check its unit."),
        ({"recency": 10**400}, "recency is beyond 1e+15, which no customer has. Check its unit."),
        ({"city": 7}, "city is 7, and the model knows it as a text. Give a text, or null."),
        ({"shoe_size": 41}, "shoe_size is not of this model. It takes coupons_claimed, recency, city."),
    ],
)
def test_what_cannot_be_scored_is_told(model, change, said):
    with pytest.raises(UsageError) as error:
        score_customer(model, {"coupons_claimed": 3, "recency": 5, "city": "Cairo", **change})
    assert error.value.sentence == said


def test_a_missing_feature_is_told(model):
    with pytest.raises(UsageError, match=r"^recency, city are missing. The model needs coupons_claimed, recency, city"):
        score_customer(model, {"coupons_claimed": 3})


def test_a_number_out_of_the_range_of_its_treatment_is_told(model):
    axis = next(one for one in model.coordinates if one.feature == "recency")
    logit = replace(
        model, coordinates=tuple(replace(one, treatment="logit") if one is axis else one for one in model.coordinates)
    )
    with pytest.raises(UsageError, match=r"recency is 1\.0, and must be between 0 and 1"):
        score_customer(logit, {"coupons_claimed": 3, "recency": 1.0, "city": None})
