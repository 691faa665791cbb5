"""The wide groups are found by an independent clustering of simple figures; the realistic ones only as far as possible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from coterie.tables.sample import NEVER_ACTIVE, attainable_ari, make_shop
from coterie.tables.sample.attainable import adjusted_rand_index
from coterie.tables.sample.groups import DESIGNS

AS_OF = pd.Timestamp(2024, 12, 31)


def simple_figures(shop) -> tuple[np.ndarray, list[str]]:
    """Standardised log count, burn rate, log recency, log merchants burnt at; and the true groups."""
    coupons, branches = (pd.DataFrame(shop.tables[name].to_pydict()) for name in ("transactions", "branches"))
    coupons = coupons.merge(branches, how="left")
    coupons["burnt"] = coupons.transaction_status == "burnt"
    by = coupons.groupby("customer_id")
    figures = pd.DataFrame(
        {
            "count": np.log(by.size() + 1),
            "rate": (by.burnt.sum() + 1) / (by.size() + 2),
            "recency": np.log1p((AS_OF - pd.to_datetime(by.transaction_date.max())).dt.days),
            "merchants": np.log1p(by.merchant_id.nunique()),
        }
    )
    truth = pd.DataFrame(shop.truth.to_pydict()).set_index("customer_id").group[figures.index]
    return ((figures - figures.mean()) / figures.std()).to_numpy(), truth.tolist()


def clustered(points: np.ndarray, k: int) -> np.ndarray:
    with threadpool_limits(1):  # so small a job is slower on many threads
        return KMeans(k, n_init=10, random_state=0).fit_predict(points)


@pytest.mark.parametrize("seed", range(10))
def test_wide_groups_are_found_again(seed):
    points, truth = simple_figures(make_shop(seed=seed, separation="wide"))

    assert adjusted_rand_score(truth, clustered(points, 5)) >= 0.95


def test_the_silhouette_of_the_wide_shop_is_highest_at_the_true_number():
    points, _ = simple_figures(make_shop(seed=0, separation="wide"))
    silhouettes = {k: silhouette_score(points, clustered(points, k)) for k in range(2, 9)}

    assert max(silhouettes, key=silhouettes.__getitem__) == len(DESIGNS["wide"].groups)


@pytest.mark.parametrize("seed", range(3))
def test_clustering_the_realistic_shop_reaches_less_than_the_true_model(seed):
    shop = make_shop(seed=seed)
    points, truth = simple_figures(shop)
    found, attainable = adjusted_rand_score(truth, clustered(points, 5)), attainable_ari(shop)

    assert 0.25 < found < attainable
    assert 0.70 < attainable < 0.85


def test_the_true_model_knows_the_wide_groups():
    assert attainable_ari(make_shop(seed=1, separation="wide")) > 0.99


def test_adjusted_rand_index_is_that_of_scikit_learn():
    draw = np.random.default_rng(0)
    for _ in range(20):
        first, second = draw.integers(0, 4, 50), draw.integers(0, 3, 50)
        assert adjusted_rand_index(first, second) == pytest.approx(adjusted_rand_score(first, second), abs=1e-12)
    assert adjusted_rand_index(np.zeros(5, dtype=int), np.zeros(5, dtype=int)) == 1.0


@pytest.mark.parametrize("separation", DESIGNS)
def test_every_design_is_complete(separation):
    groups = DESIGNS[separation].groups

    assert sum(group.share for group in groups) == pytest.approx(1)
    assert len({group.name for group in groups} | {NEVER_ACTIVE}) == len(groups) + 1
