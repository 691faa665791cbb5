"""Orders through the whole product: the reference tables with their published numbers, and shops of one kind only."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import coterie as ct
from coterie.clustering import sample_points, sweep

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
RETAIL, CDNOW = SHARED / "online-retail" / "lines.parquet", SHARED / "cdnow" / "orders.csv"
needs_reference_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data are not on this machine")

RFM_INERTIA = {2: 6481, 3: 4868, 4: 3939, 5: 3297}
"""Of log1p recency, orders and spend of online-retail's buyers, standardised, as known from elsewhere."""


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    """The run without settings, and its folder."""
    run = ct.segment(RETAIL)
    return run, run.save(tmp_path_factory.mktemp("retail") / "run")


@needs_reference_data
def test_online_retail_without_settings(retail):
    run, folder = retail
    metrics = json.loads((folder / "metrics.json").read_text())
    assert round(metrics["sales"], 2) == 8_911_407.90
    assert round(metrics["returns"], 2) == 611_342.09
    assert (metrics["orders"], metrics["customers"]) == (18_532, 4_338)
    assert (metrics["customers_returns_only"], metrics["customers_free_only"]) == (33, 1)
    assert metrics["repeat_purchase_rate"] == pytest.approx(1 - 0.344, abs=0.0005)
    lines = run.quality.tables["orders"]
    assert (lines.rows_in, lines.rows_used, dict(lines.reasons)) == (541_909, 406_829, {"missing_customer_id": 135_080})
    assert sum(segment["sales"] for segment in metrics["segments"]) == pytest.approx(metrics["sales"], rel=1e-12)
    assert {segment["segment"] for segment in metrics["segments"]} == {0, *range(1, run.choice.k + 1)}
    assert next(entry for entry in run.profiles.segments if entry.segment == 0).name == "No purchases"
    assert run.assign(RETAIL).equals(run.to_arrow())
    assert ct.load(folder).report() == run.report()


@needs_reference_data
def test_inertia_of_the_rfm_preset_is_the_known_one():
    """Our recency counts calendar days; the known figures count from the second of the last purchase."""
    run = ct.segment(RETAIL, preset="rfm", k_range=(2, 5), evidence=False)
    found = {candidate.k: candidate.inertia for candidate in run.choice.candidates}
    for k, known in RFM_INERTIA.items():
        assert found[k] == pytest.approx(known, rel=0.015)


@needs_reference_data
def test_the_exact_recipe_gives_the_known_inertia():
    lines = pd.read_parquet(RETAIL)
    lines.columns = [name.lower().replace("_", "").replace(" ", "") for name in lines.columns]
    sold = lines[
        lines.customerid.notna()
        & ~lines.invoice.astype(str).str.startswith("C")
        & (lines.quantity > 0)
        & (lines.price > 0)
    ]
    end = sold.invoicedate.max() + pd.Timedelta(days=1)
    people = (
        sold.assign(money=sold.quantity * sold.price)
        .groupby("customerid")
        .agg(last=("invoicedate", "max"), orders=("invoice", "nunique"), spend=("money", "sum"))
    )
    x = np.log1p(np.column_stack([(end - people["last"]).dt.days, people.orders, people.spend]).astype(float))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    points = sample_points(lambda: iter([z]), seed=0)
    for fit in sweep(points, ks=tuple(RFM_INERTIA), seed=0):
        assert fit.inertia == pytest.approx(RFM_INERTIA[fit.k], rel=0.003)


@needs_reference_data
def test_cdnow_has_the_published_parameters(tmp_path):
    run = ct.segment(CDNOW, as_of="1997-09-30", evidence=False)
    folder = run.save(tmp_path / "run", report=False)
    value = json.loads((folder / "metrics.json").read_text())["lifetime_value"]
    bg_nbd, gamma_gamma = value["bg_nbd"], value["gamma_gamma"]
    assert value["time_unit"] == "week"
    for name, published in {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}.items():
        assert round(bg_nbd[name], 3) == published
    assert round(bg_nbd["log_likelihood"], 1) == -9582.4
    assert [round(gamma_gamma[name], 2) for name in ("p", "q", "gamma")] == [6.25, 3.74, 15.44]
    assert run.result.as_of == dt.date(1997, 9, 30)


def orders(customers, *, each=lambda number: 1, amount=lambda number: 10.0):
    start, rows = dt.date(2024, 1, 1), []
    for number in range(customers):
        rows += [
            (number, start + dt.timedelta(days=(7 * number + 31 * i) % 360), amount(number))
            for i in range(each(number))
        ]
    columns = list(zip(*rows, strict=True))
    return {"orders": pa.table(dict(zip(("customer_id", "order_date", "amount"), columns, strict=True)))}


def test_a_shop_in_which_everybody_buys_once(tmp_path):
    run = ct.segment(orders(400, amount=lambda number: 5.0 + number % 17))
    metrics = run.metrics
    assert (metrics.orders, metrics.customers, metrics.repeat_purchase_rate) == (400, 400, 0.0)
    assert metrics.sales == sum(5.0 + number % 17 for number in range(400))
    assert metrics.lifetime_value.bg_nbd is None
    assert "repeat" in metrics.lifetime_value.reason or "second" in metrics.lifetime_value.reason
    assert run.evidence.stability.reason.startswith("Cannot be judged")
    assert run.save(tmp_path / "run").is_dir()


def test_a_shop_with_one_customer(tmp_path):
    run = ct.segment(orders(1, each=lambda _: 5))
    metrics = run.metrics
    assert (metrics.orders, metrics.customers, metrics.aov, metrics.repeat_purchase_rate) == (5, 1, 10.0, 1.0)
    assert [entry.customers for entry in run.profiles.segments] == [1]
    assert run.save(tmp_path / "run").is_dir()


def test_a_shop_in_which_all_amounts_are_equal(tmp_path):
    run = ct.segment(orders(300, each=lambda number: 1 + number % 6))
    metrics = run.metrics
    assert metrics.aov == 10.0
    assert metrics.sales == 10.0 * sum(1 + number % 6 for number in range(300))
    assert "aov" not in run.result.clustered
    assert run.save(tmp_path / "run").is_dir()


def test_a_shop_with_returns_only_is_refused_in_one_sentence():
    with pytest.raises(ct.DataError, match="Nobody in frames has an order or a coupon: its lines are returns"):
        ct.segment(orders(3, amount=lambda _: -10.0))
