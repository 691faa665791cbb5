"""A run folder whose parts do not fit each other is refused in one sentence."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pandas as pd
import pytest

import coterie as ct
from coterie.runs import Manifest, load


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folder")
    shop = ct.sample(folder / "shop", customers=150, seed=4, file_format="parquet")
    return ct.segment(shop, k=3, features=["age", "transaction_count", "burn_rate_shrunken"]).save(folder / "run")


EDITS = {
    "a centre is shorter": (lambda m: m["centroids"][0].pop(), "one number a coordinate"),
    "a centre is missing": (lambda m: m["centroids"].pop(), "2 centres for k = 3"),
    "k is another": (lambda m: m.update(k=9), "3 centres for k = 9"),
    "a prior is negative": (lambda m: m["learned"].update(claims_prior=[-1.0, 1.0]), "prior is out of its range"),
    "a feature is no feature": (lambda m: m["features"].append('x"; DROP TABLE y'), "does not know"),
    "a coordinate is no feature": (lambda m: m["coordinates"][1].update(feature="evil"), "does not know"),
    "a spread is 0": (lambda m: m["coordinates"][1].update(sd=0.0), "no spread"),
    "a name is missing": (lambda m: m["names"].pop("2"), "no name or no action"),
    "the burn curve leaves its range": (lambda m: m["learned"]["burn_curve"].update(share=[0.0, 7.0]), "leaves 0 to 1"),
    "the day is absurd": (lambda m: m.update(as_of="1700-01-01"), "as-of day is 1700-01-01"),
    "the format is newer": (lambda m: m.update(format=2), "format is 2"),
}


@pytest.mark.parametrize("title", EDITS)
def test_model_that_does_not_fit_is_refused(title, run, tmp_path):
    edit, said = EDITS[title]
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    model = json.loads((copy / "model.json").read_text())
    edit(model)
    (copy / "model.json").write_text(json.dumps(model))
    with pytest.raises(ct.DataError, match=said):
        ct.load(copy)


def test_choice_of_another_run_is_refused(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    choice = json.loads((copy / "choice.json").read_text())
    (copy / "choice.json").write_text(json.dumps({**choice, "k": 5}))
    with pytest.raises(ct.DataError, match="says k = 5, the model 3"):
        ct.load(copy)


def test_attributes_are_listed_so_that_names_can_be_checked(run):
    assert ct.load(run).result.model.attributes == ("age",)


EVIDENCE_EDITS = {
    "a grade is missing": (lambda e: e["verdict"]["segments"].pop(), "segments are not those of the model, 1 to 3"),
    "of another run": (
        lambda e: e["verdict"]["segments"].append({**e["verdict"]["segments"][0], "segment": 4}),
        "1 to 3",
    ),
    "the top is no segment": (lambda e: e["foresight"].update(top=9), "top segment is 9"),
    "a path to nowhere": (
        lambda e: e["structure"].update(paths=[{**PATH, "other": 7}]),
        "segments that the model does",
    ),
    "a share of nobody": (lambda e: e["structure"].update(shares={"8": 0.5}), "segments that the model does not have"),
    "a path is short": (lambda e: e["structure"].update(paths=[{**PATH, "density": [0.0]}]), "one density a place"),
    "a figure is missing": (lambda e: e["structure"].update(gap=[{"k": 2, "gap": None, "se": 0.1}]), "structure.gap.0"),
    "a lift is negative": (
        lambda e: e["foresight"].update(segments=[{**LATER, "segment": one} for one in (1, 2, 3)]),
        "a lift is negative",
    ),
}
PATH = {"one": 1, "other": 2, "position": [0.0, 1.0], "density": [0.0, -1.0], "drop": 0.0}
LATER = {"lift": -0.5, "low": -1.0, "high": 1.0, "customers": 5, "lasting": False} | dict.fromkeys(
    ("overlap", "mean", "claims", "burn_rate")
)


@pytest.mark.parametrize("title", EVIDENCE_EDITS)
def test_evidence_that_does_not_fit_is_refused(title, run, tmp_path):
    edit, said = EVIDENCE_EDITS[title]
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    evidence = json.loads((copy / "evidence.json").read_text())
    edit(evidence)
    (copy / "evidence.json").write_text(json.dumps(evidence))
    with pytest.raises(ct.DataError, match=said) as raised:
        ct.load(copy)
    assert "evidence.json is damaged or not ours: " in str(raised.value)


def test_a_path_that_fits_is_taken(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    evidence = json.loads((copy / "evidence.json").read_text())
    evidence["structure"].update(paths=[PATH], shares={"3": 0.5})
    (copy / "evidence.json").write_text(json.dumps(evidence))
    assert ct.load(copy).evidence.structure.paths[0].density == (0.0, -1.0)


def test_a_comparison_with_a_hole_is_refused(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    join = {"left": 0.0, "right": 1.0, "left_height": 0.0, "right_height": 0.0, "height": None}
    tree = {"joins": [join], "leaves": [1, 1]}
    comparison = {"rows": [], "recommendation": "", "customers": 2, "k": 2, "hills": None, "dendrogram": tree}
    (copy / "comparison.json").write_text(json.dumps(comparison))
    with pytest.raises(ct.DataError, match=r"comparison.json is damaged or not ours: at dendrogram.joins.0.height"):
        ct.load(copy)


def test_what_was_set_of_how_the_data_are_read_is_in_the_manifest(run, tmp_path):
    assert json.loads((run / "manifest.json").read_text())["reading"] == {}
    rows = [{"member": n, "day": f"2024-0{1 + n % 6}-11", "state": "done" if n % 3 else "open"} for n in range(120)]
    names = {"customer_id": "member", "transaction_date": "day", "transaction_status": "state"}
    said = {"done": "burnt", "open": "claimed"}
    settings = ct.ReadSettings(columns={"transactions": names}, status=said, exclude_products=("POST",))
    tables = ct.read({"transactions": pd.DataFrame(rows)}, settings=settings, as_of="2024-06-30")
    saved = ct.segment(tables, features=["coupons_claimed", "recency"], k=2, evidence=False).save(tmp_path / "run")
    assert json.loads((saved / "manifest.json").read_text())["reading"] == {
        "columns": {"transactions": names},
        "status": said,
        "as_of": "2024-06-30",
        "exclude_products": ["POST"],
    }
    assert load(Manifest, saved, "manifest.json").reading == settings.model_copy(update={"as_of": dt.date(2024, 6, 30)})
