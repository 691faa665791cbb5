"""The real data sets: published inertias, exact silhouettes, and no offer sold on noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

import coterie as ct
from coterie.segmentation import Work
from coterie.segmentation.steps import describe_customers, find_segments, scale_features
from coterie.settings import Settings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data sets are not beside this checkout")
COUPONS, DUNNHUMBY = DATA / "coupons-1000.xlsx", DATA / "dunnhumby"

PUBLISHED = {
    "coupon-counts": (1317.4, 849.5, 667.2, 549.5, 452.1, 387.6, 340.1, 296.3, 262.4),
    "coupon-ratios": (3825.0, 3163.4, 2665.9, 2346.7, 2096.7, 1903.6, 1731.9, 1599.5, 1487.8),
    "coupon-demographics": (22648.2, 21635.6, 20636.7, 19635.8, 18626.1, 17633.6, 16565.0, 15508.2, 14446.0),
}


@needs_data
@pytest.mark.parametrize("preset", PUBLISHED)
def test_published_inertias_are_met(preset):
    run = ct.segment(COUPONS, preset=preset, include_inactive=True, evidence=False)
    for candidate, best in zip(run.choice.candidates, PUBLISHED[preset], strict=True):
        # The published values are the best of many starts, not proven optima: ours may lie a little below.
        assert 0.995 * best <= candidate.inertia <= best * (1.003 if candidate.k <= 6 else 1.01), candidate.k


@needs_data
@pytest.mark.parametrize("data", [COUPONS, DUNNHUMBY], ids=["coupons-1000", "dunnhumby"])
def test_scores_equal_scikit_learn_on_our_labels(data):
    tables = ct.read(data)
    work = find_segments(scale_features(describe_customers(Work(tables, Settings()))))
    space = work.space.filter(work.space.active).order_by("row").drop("row", "active")
    x = np.column_stack([np.asarray(column.to_pylist()) for column in tables.engine.collect(space).columns])
    for candidate in work.clustered.choice.candidates:
        centroids = work.clustered.fits[candidate.k].centroids
        squares = ((x[:, None, :] - centroids) ** 2).sum(axis=2)
        labels = squares.argmin(axis=1)
        assert candidate.inertia == pytest.approx(squares.min(axis=1).sum(), rel=1e-9)
        assert candidate.silhouette == pytest.approx(silhouette_score(x, labels), abs=1e-6)
        assert candidate.calinski_harabasz == pytest.approx(calinski_harabasz_score(x, labels), rel=1e-6)
        assert candidate.davies_bouldin == pytest.approx(davies_bouldin_score(x, labels), rel=1e-6)


@needs_data
@pytest.mark.parametrize("preset", [None, "coupon-demographics", "coupon-branches"])
def test_random_customers_get_no_regional_branch_or_partner_offer(preset):
    """Not even where the segments were cut along city, branch and merchant: then they differ in them by construction."""
    run = ct.segment(COUPONS, preset=preset, k=5 if preset else None, evidence=False)
    assert not [action for action in run.actions if not action.primary]
    leads = [row for entry in run.profiles.segments for mix in entry.mixes for row in mix.rows if row.leads]
    assert leads == []


@needs_data
def test_burn_curve_of_the_reference_table():
    curve = ct.segment(COUPONS, k=3, evidence=False).profiles.all.burn_curve
    assert (curve.half_of_burns_within, curve.median) == (44, 89)


@needs_data
def test_dunnhumby_accounts_for_every_row():
    run = ct.segment(DUNNHUMBY)
    counts = run.quality.tables["transactions"]
    assert (counts.rows_in, counts.rows_used, counts.rows_set_aside) == (7208, 7208, 0)
    assert (run.profiles.all.customers, run.profiles.all.coupons, run.profiles.all.burnt) == (1584, 7208, 889)
    assert run.profiles.all.burnt / run.profiles.all.coupons == pytest.approx(0.1233, abs=1e-4)
