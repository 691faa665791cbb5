"""A model from a stranger: each rule for placing customers is refused unless all of it fits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import coterie as ct
from coterie.clustering import Cores, Mixture, Quintiles, Reach
from coterie.features import Lifetime
from coterie.features.bg_nbd import BgNbd
from coterie.features.gamma_gamma import GammaGamma
from coterie.runs.folder import load_saved_model
from coterie.runs.misfit import misfit_of
from coterie.runs.values import dump_json, from_json, to_json
from coterie.segmentation import Model, segment
from coterie.settings import Settings


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A K-Means model of two segments and two coordinates."""
    shop = ct.sample(tmp_path_factory.mktemp("misfit") / "shop", customers=150, seed=4, file_format="parquet")
    features = ("transaction_count", "burn_rate_shrunken")
    return segment(ct.read(shop), Settings(k=2, features=features, evidence=False)).result.model


EYE = ((1.0, 0.0), (0.0, 1.0))
MIXTURE = Mixture((0.5, 0.5), ((0.0, 0.0), (1.0, 1.0)), (EYE, EYE))
CORES = Cores(((0.0, 0.0), (1.0, 1.0), (2.0, 1.0)), (1, 2, 2), (0.5, 0.25))
REACH = Reach((1.0, 2.0))
GRID = Quintiles(
    (1, 0, -1), ((0.0, 0.5, 0.5, 1.0), (-1.0, 0.0, 1.0, 2.0), ()), (1,) * 50 + (2,) * 75, ("Champions", "Lost")
)

GOOD = {
    "k-means": {},
    "ward": {"algorithm": "ward"},
    "mixture": {"algorithm": "mixture", "mixture": MIXTURE},
    "hdbscan": {"algorithm": "hdbscan", "cores": CORES},
    "own with reach": {"algorithm": "own: DBSCAN", "reach": REACH},
    "own without": {"algorithm": "own: KMeans"},
    "rfm": {"algorithm": "rfm", "quintiles": GRID},
}
BAD = {
    "unknown": ({"algorithm": "evil"}, "does not know the algorithm 'evil'"),
    "own of any length": ({"algorithm": "own: " + "x" * 300}, "does not know the algorithm"),
    "own that does not print": ({"algorithm": "own: \x1b[31m"}, "does not know the algorithm"),
    "mixture without one": ({"algorithm": "mixture"}, "rule for placing customers is not the one"),
    "k-means with one": ({"mixture": MIXTURE}, "rule for placing customers is not the one"),
    "two rules": ({"algorithm": "hdbscan", "cores": CORES, "reach": REACH}, "is not the one"),
    "a component is missing": ({"mixture": replace(MIXTURE, weights=(1.0,))}, "not one of 2 components"),
    "a mean is short": ({"mixture": replace(MIXTURE, means=((0.0,), (1.0,)))}, "one number a coordinate"),
    "a factor is short": ({"mixture": replace(MIXTURE, precisions=(EYE, EYE[:1]))}, "one number a coordinate"),
    "a factor's row is short": ({"mixture": replace(MIXTURE, precisions=(EYE, (EYE[0], (1.0,))))}, "number a coordinate"),
    "a weight is 0": ({"mixture": replace(MIXTURE, weights=(0.0, 1.0))}, "no weight"),
    "a spread is negative": ({"mixture": replace(MIXTURE, precisions=(EYE, ((1.0, 0.0), (0.0, -1.0))))}, "no spread"),
    "a mean is huge": ({"mixture": replace(MIXTURE, means=((0.0, 1e300), (1.0, 1.0)))}, "no spread"),
    "a core is short": ({"cores": replace(CORES, points=((0.0, 0.0), (1.0,), (2.0, 1.0)))}, "one number a coordinate"),
    "a core has no segment": ({"cores": replace(CORES, segments=(1, 2))}, "3 cores in 2 segments"),
    "a segment has no core": ({"cores": replace(CORES, segments=(1, 1, 1))}, "not those of its segments"),
    "a core of segment 3": ({"cores": replace(CORES, segments=(1, 2, 3))}, "not those of its segments"),
    "a radius is missing": ({"cores": replace(CORES, radii=(1.0,))}, "reach is missing or out of its range"),
    "a radius is negative": ({"cores": replace(CORES, radii=(1.0, -1.0))}, "reach is missing or out of its range"),
    "a core is huge": ({"cores": replace(CORES, points=((0.0, 0.0), (1.0, 1e200), (2.0, 1.0)))}, "a core is out of range"),
    "more cores than we write": (
        {"cores": Cores(((0.0, 0.0),) * 5_001, (1,) * 5_000 + (2,), (1.0, 1.0))},
        "5000 are the most",
    ),
    "rfm without cuts": ({"algorithm": "rfm"}, "is not the one"),
    "a score of no column": ({"quintiles": replace(GRID, axes=(2, 0, -1))}, "scores have no columns"),
    "two scores of one column": ({"quintiles": replace(GRID, axes=(0, 0, -1))}, "scores have no columns"),
    "three cuts": ({"quintiles": replace(GRID, cuts=((0.0, 0.5, 1.0), *GRID.cuts[1:]))}, "does not have four cuts"),
    "cuts without a column": ({"quintiles": replace(GRID, cuts=GRID.cuts[:1] * 3)}, "does not have four cuts"),
    "a score is missing": ({"quintiles": replace(GRID, axes=GRID.axes[:2], cuts=GRID.cuts[:2])}, "three scores"),
    "cuts that fall": ({"quintiles": replace(GRID, cuts=((2.0, 0.5, 0.5, 1.0), *GRID.cuts[1:]))}, "do not ascend"),
    "a cut is huge": ({"quintiles": replace(GRID, cuts=((0.0, 0.5, 0.5, 1e300), *GRID.cuts[1:]))}, "a cut is out of range"),
    "a cell is missing": ({"quintiles": replace(GRID, cells=GRID.cells[1:])}, "each of the 125 cells"),
    "a cell of segment 3": ({"quintiles": replace(GRID, cells=(3, *GRID.cells[1:]))}, "each of the 125 cells"),
    "a segment without cells": ({"quintiles": replace(GRID, cells=(1,) * 125)}, "each of the 125 cells"),
    "a name of one's own": ({"quintiles": replace(GRID, names=("Champions", "<b>"))}, "not of the grid"),
    "a name twice": ({"quintiles": replace(GRID, names=("Lost", "Lost"))}, "not of the grid"),
    "own reach is missing": ({"algorithm": "own: DBSCAN", "reach": Reach((1.0,))}, "reach is missing"),
}  # fmt: skip


def changed(plain, given):
    of = {"mixture": "mixture", "cores": "hdbscan", "quintiles": "rfm"}
    algorithm = next((of[part] for part in of if part in given), "k-means")
    algorithm = "k-means" if given == {"mixture": MIXTURE} else algorithm
    return replace(plain, **{"algorithm": algorithm, **given})


@pytest.mark.parametrize("title", GOOD)
def test_what_fits_is_read_back_as_it_was(title, plain, tmp_path):
    model = changed(plain, GOOD[title])
    assert misfit_of(model) == ""
    dump_json(model, tmp_path / "model.json")
    assert load_saved_model(tmp_path) == model


@pytest.mark.parametrize("title", BAD)
def test_what_does_not_fit_is_told(title, plain, tmp_path):
    given, said = BAD[title]
    model = changed(plain, given)
    assert said in misfit_of(model)
    dump_json(model, tmp_path / "model.json")
    with pytest.raises(ct.DataError, match=r"is damaged or not ours: .*\. Write the run again"):
        load_saved_model(tmp_path)


@pytest.mark.parametrize("text", ["null", '"1"', "NaN", "1e999", "[1]"])
def test_a_number_that_is_none_is_refused(text, plain, tmp_path):
    dump_json(changed(plain, GOOD["mixture"]), tmp_path / "model.json")
    path = tmp_path / "model.json"
    at = path.read_text().index('"weights": [') + len('"weights": [')
    path.write_text(path.read_text()[:at] + path.read_text()[at:].replace("0.5", text, 1))
    with pytest.raises(ct.DataError, match="is damaged or not ours"):
        load_saved_model(tmp_path)


def test_a_model_from_before_there_were_algorithms_is_k_means(plain):
    old = json.loads(json.dumps(to_json(plain)))
    for name in ("algorithm", "mixture", "cores", "reach"):
        del old[name]
    assert from_json(Model, old) == plain


COVARIANCE = ((0.0,) * 4,) * 4
LIFETIME = Lifetime(
    BgNbd(0.2, 4.4, 0.8, 2.4, -1.0, COVARIANCE), GammaGamma(6.0, 3.7, 15.0, -1.0, COVARIANCE), None, 100, 0.1, 1, ""
)


@pytest.mark.parametrize(
    ("part", "given"),
    [
        ("bg_nbd", {"r": 0.0}),
        ("bg_nbd", {"r": 1e9}),
        ("bg_nbd", {"alpha": -1.0}),
        ("bg_nbd", {"a": -0.1}),
        ("bg_nbd", {"a": 1e9}),
        ("bg_nbd", {"b": 0.0}),
        ("gamma_gamma", {"p": 0.0}),
        ("gamma_gamma", {"q": 1.0}),
        ("gamma_gamma", {"gamma": 1e300}),
        ("constant", -1.0),
    ],
)
def test_lifetime_models_must_be_possible(part, given, plain, tmp_path):
    def with_(lifetime):
        return replace(plain, learned=replace(plain.learned, lifetime=lifetime))

    bad = given if part == "constant" else replace(getattr(LIFETIME, part), **given)
    assert "lifetime value models are out of their range" in misfit_of(with_(replace(LIFETIME, **{part: bad})))
    for fine in (LIFETIME, replace(LIFETIME, bg_nbd=replace(LIFETIME.bg_nbd, a=0.0), gamma_gamma=None, constant=2.0)):
        assert misfit_of(with_(fine)) == ""
        dump_json(with_(fine), tmp_path / "model.json")
        assert load_saved_model(tmp_path) == with_(fine)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"orders_power": 1.5}, "a prior is out of its range"),
        ({"orders_prior": (-1.0, 1.0)}, "a prior is out of its range"),
        ({"rfm_cuts": {"rfm_recency": (3.0, 2.0, 4.0, 5.0)}}, "are no cuts"),
        ({"rfm_cuts": {"rfm_recency": (3.0, 4.0, 5.0)}}, "are no cuts"),
        ({"rfm_cuts": {"recency": (1.0, 2.0, 3.0, 4.0)}}, "are no cuts"),
    ],
)
def test_what_was_learned_of_orders_must_be_possible(given, said, plain):
    assert said in misfit_of(replace(plain, learned=replace(plain.learned, **given)))
    fine = replace(plain.learned, orders_power=0.5, orders_prior=(1.0, 2.0), rfm_cuts={"rfm_recency": (1, 2, 2, 4)})
    assert misfit_of(replace(plain, learned=fine)) == ""
