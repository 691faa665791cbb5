"""Evidence through the whole product: on shops whose truth is known, and on the reference tables."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import coterie as ct

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_reference_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data are not on this machine")

KEYS = {
    "reliability": ["feature", "value", "low", "high", "p", "customers", "real", "used", "note"],
    "hills": ["customers", "peak", "pass"],
    "gap": ["k", "gap", "se"],
    "silhouette_crowd": ["k", "mean", "low", "high"],
    "stability": ["segment", "jaccard", "jaccard_crowd", "grade"],
    "foresight": ["segment", "lift", "low", "high", "customers", "lasting"],
    "verdict": ["segment", "kind", "lasting"],
}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    ct.sample(folder / "shop", customers=1000, separation="wide", seed=3)
    run = ct.segment(folder / "shop", seed=1)
    return run, run.save(folder / "run")


def alike(folder: Path, customers: int = 600) -> Path:
    """A shop of customers who are all the same: Poisson claims over a year, every second one burnt."""
    rng = np.random.default_rng(11)
    folder.mkdir()
    rows = []
    for customer in range(customers):
        for _ in range(rng.poisson(5.0)):
            day = np.datetime64("2024-01-01") + int(rng.integers(0, 300))
            burnt = rng.random() < 0.5
            burn = day + int(rng.integers(0, 40)) if burnt else ""
            rows.append([len(rows), customer, day, "burnt" if burnt else "claimed", burn])
    with (folder / "transactions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["transaction_id", "customer_id", "transaction_date", "transaction_status", "burn_date"])
        writer.writerows(rows)
    return folder


def test_separate_groups_are_found_told_and_delivered(wide):
    run, _ = wide
    assert run.choice.k == run.evidence.structure.k_hills == 5
    assert run.choice.reason.startswith("Five: as many groups as the data show")
    assert run.verdict.kind == "natural"
    assert run.verdict.lasting is True
    assert {one.kind for one in run.verdict.segments} == {"natural"}
    assert all(one.real for one in run.evidence.reliability)
    assert min(run.evidence.structure.shares.values()) > 0.95
    assert run.evidence.foresight.eta2 > run.evidence.foresight.baselines.rfm
    assert {action.grade for action in run.actions if action.segment > 0} == {"natural"}


def test_evidence_json_has_its_keys_and_comes_back(wide):
    run, folder = wide
    found = json.loads((folder / "evidence.json").read_text())
    assert {"reliability", "structure", "stability", "foresight", "verdict"} <= set(found)
    for part in ("hills", "gap", "silhouette_crowd"):
        assert set(KEYS[part]) <= set(found["structure"][part][0]), part
    assert set(KEYS["reliability"]) <= set(found["reliability"][0])
    for part in ("stability", "foresight", "verdict"):
        assert set(KEYS[part]) <= set(found[part]["segments"][0]), part
    assert {"rfm", "best_feature", "random"} <= set(found["foresight"]["baselines"])
    assert ct.load(folder).evidence == run.evidence


def test_the_same_data_and_seed_give_the_same_evidence(wide, tmp_path):
    _run, folder = wide
    again = ct.segment(folder.parent / "shop", seed=1).save(tmp_path / "again")
    assert (again / "evidence.json").read_bytes() == (folder / "evidence.json").read_bytes()


def test_an_asked_k_is_not_called_natural(wide):
    _run, folder = wide
    asked = ct.segment(folder.parent / "shop", seed=1, k=3)
    assert asked.choice.k_by_rule == 5
    assert "The data show five separate groups" in asked.choice.reason
    assert asked.verdict.kind != "natural"


def test_customers_who_are_alike_are_told_so_on_the_first_page(tmp_path):
    run = ct.segment(alike(tmp_path / "shop"))
    assert run.evidence.differ is False
    assert run.verdict.kind == "constructed"
    assert not run.verdict.lasting
    assert run.profiles.hardly_differ
    assert "do not differ in how they use coupons" in run.report()
    assert all("est on a small group first" in one.caution for one in run.actions if one.segment > 0 and one.primary)


def test_switched_off_nothing_is_judged_and_nothing_is_left_out(tmp_path):
    shop = alike(tmp_path / "shop")
    run = ct.segment(shop, evidence=False)
    folder = run.save(tmp_path / "run")
    assert run.verdict.kind is run.verdict.lasting is run.evidence.differ is None
    found = json.loads((folder / "evidence.json").read_text())
    assert found["structure"]["k_hills"] is found["stability"]["ari"] is found["foresight"]["eta2"] is None
    assert found["structure"]["reason"] == found["stability"]["reason"] == "Not judged: evidence was switched off."
    assert ct.load(folder).evidence == run.evidence


def test_what_was_asked_of_foresight_is_checked_first_and_told_where_it_is_not_used(tmp_path):
    shop = alike(tmp_path / "shop")
    stages = []
    with pytest.raises(ct.UsageError, match=r"There is no outcome 'money'\. Choose one of burns, claims, burn_rate"):
        ct.segment(shop, outcome="money", evidence=False, progress=stages.append)
    assert stages == ["Read and check the tables"]
    run = ct.segment(shop, outcome="claims", cut="2030-01-01", evidence=False)
    assert "The cut and the outcome asked for were not used: evidence was switched off." in run.result.notes
    run = ct.segment(shop, cut="2030-01-01", evidence=False)
    assert "The cut asked for was not used: evidence was switched off." in run.result.notes


def test_too_little_data_give_a_reason_for_each_question_and_no_number(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    lines = ["transaction_id,customer_id,transaction_date,transaction_status,burn_date"]
    for one in range(30):
        day = f"2024-01-0{1 + one % 7}"
        lines.append(f"{one},{one},{day},{'burnt' if one % 3 == 0 else 'claimed'},{day if one % 3 == 0 else ''}")
    (folder / "transactions.csv").write_text("\n".join(lines) + "\n")
    run = ct.segment(folder)
    evidence = run.evidence
    for one in evidence.reliability:
        assert (one.value, one.low, one.high, one.p, one.real) == (None,) * 5
        assert one.note.startswith("Cannot be judged: ")
    for question in (evidence.structure, evidence.stability, evidence.foresight):
        assert question.reason.startswith("Cannot be judged: ")
    assert evidence.structure.hills == evidence.structure.gap == evidence.structure.silhouette_crowd == ()
    assert evidence.structure.k_hills is evidence.structure.agreement is None
    assert evidence.stability.ari is None
    assert {one.jaccard for one in evidence.stability.segments} <= {None}
    assert evidence.foresight.eta2 is evidence.foresight.p is evidence.foresight.lasting is None
    assert run.verdict.kind is run.verdict.lasting is None
    assert "cannot be judged" in run.report().lower()


def test_one_coupon_each_tells_nothing_of_customers():
    """Nothing can be compared in halves, so firm borders would be those of luck."""
    day, n = dt.date(2025, 1, 1), 634
    rng = np.random.default_rng(0)
    claimed = [day + dt.timedelta(days=int(one)) for one in rng.integers(0, 200, n)]
    status = np.where(rng.random(n) < 0.5, "burnt", "claimed")
    coupons = pa.table({"id": range(n), "customer": range(n), "date": claimed, "status": status})
    evidence = ct.segment({"transactions": coupons}, k=3).evidence
    assert {one.value for one in evidence.reliability} == {None}
    assert (evidence.structure.k_hills, evidence.stability.ari, evidence.verdict.kind) == (None, None, None)
    reason = "Cannot be judged: no figure could be compared between halves of what a customer did"
    assert evidence.structure.reason.startswith(reason)
    assert evidence.stability.reason.startswith(reason)
    assert {(one.jaccard, one.grade) for one in evidence.stability.segments} == {(None, None)}
    assert evidence.verdict.text.count(reason.partition(": ")[2]) == 1


@needs_reference_data
def test_the_reference_coupons_are_customers_who_do_not_differ():
    run = ct.segment(SHARED / "coupons-1000.xlsx")
    rates = [one for one in run.evidence.reliability if one.feature.startswith("burn_rate")]
    assert rates
    assert all(one.low <= 0 <= one.high and not one.real for one in rates)
    assert run.evidence.structure.k_hills == 1
    assert run.verdict.kind == "constructed"
    assert run.verdict.text.startswith("These customers do not differ in how they use coupons")


@needs_reference_data
def test_dunnhumby_differs_and_lasts():
    run = ct.segment(SHARED / "dunnhumby")
    values = {one.feature: one.value for one in run.evidence.reliability}
    assert values["transaction_count"] > 0.4
    assert values["burn_rate_mature"] > 0.4
    foresight = run.evidence.foresight
    assert run.verdict.lasting is True
    top = next(one for one in foresight.segments if one.segment == foresight.top)
    assert top.lift >= 2.5
    assert top.low > 1
    assert foresight.eta2 > foresight.baselines.rfm
    assert run.evidence.structure.k_hills == 1
