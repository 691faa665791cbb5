from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from coterie.clustering import gap, k_by_gap
from coterie.clustering.gap import evenly


def log_inertia(x, k, seed=0):
    """Log of W_k as the paper writes it: pairs of distances within clusters, over twice their size."""
    labels = KMeans(k, n_init=30, random_state=seed).fit_predict(x)
    total = 0.0
    for j in range(k):
        own = x[labels == j]
        total += np.square(own[:, None] - own[None]).sum() / (2 * len(own))
    return np.log(total)


def on_the_box(x, rng):
    """One reference as the paper makes it: turn to the principal axes, draw evenly, turn back."""
    centred = x - x.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1]
    turned = centred @ axes
    return rng.uniform(turned.min(axis=0), turned.max(axis=0), size=x.shape) @ axes.T + x.mean(axis=0)


def test_iris_agrees_with_the_published_algorithm():
    x, ks, draws, more = load_iris().data, range(1, 6), 10, 40
    rng = np.random.default_rng(7)
    references = [on_the_box(x, rng) for _ in range(draws)]
    found = gap(x, ks, seed=0, draws=more)
    assert [k for k, _, _ in found] == list(ks)
    for k, value, error in found:
        logs = [log_inertia(one, k) for one in references]
        spread = np.std(logs)
        assert value == pytest.approx(
            np.mean(logs) - log_inertia(x, k), abs=3.5 * spread * (1 / draws + 1 / more) ** 0.5
        )
        assert error == pytest.approx(spread, rel=0.75)


def test_iris_agrees_to_two_digits_on_the_same_references_and_so_does_the_rule():
    x, ks, draws = load_iris().data, range(1, 8), 6
    references = list(evenly(x, draws, seed=4))
    found, direct = gap(x, ks, seed=4, draws=draws), []
    for k, value, error in found:
        logs = [log_inertia(one, k) for one in references]
        direct.append((k, np.mean(logs) - log_inertia(x, k), np.std(logs) * np.sqrt(1 + 1 / draws)))
        assert (value, error) == pytest.approx(direct[-1][1:], abs=0.01)
    assert k_by_gap(found) == k_by_gap(direct)
    # Three species, two of which touch: the gap climbs steeply to 2 and 3.
    assert k_by_gap(found) is not None
    assert found[1][1] - found[0][1] > 0.4
    assert found[2][1] - found[1][1] > 0.2


def test_the_simulations_of_the_paper_are_told():
    # Tibshirani, Walther & Hastie 2001, section 5: (1) 200 points even in ten dimensions, (2) three clusters in two.
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert k_by_gap(gap(rng.random((200, 10)), range(1, 5), seed)) == 1
        three = [rng.normal(centre, 1.0, (size, 2)) for centre, size in (((0, 0), 25), ((0, 5), 25), ((5, -3), 50))]
        assert k_by_gap(gap(np.concatenate(three), range(1, 6), seed)) == 3


def test_references_fill_the_box_of_the_principal_axes():
    rng = np.random.default_rng(0)
    along = rng.uniform(-1, 1, 400)
    x = np.column_stack([along, along]) + rng.uniform(-0.01, 0.01, (400, 2))
    one = next(evenly(x, 1, 0))
    assert one.shape == (400, 2)
    assert np.ptp(one, axis=0) == pytest.approx([2 * np.sqrt(2), 0.028], rel=0.1)


def test_a_k_without_inertia_is_left_out_and_many_customers_are_thinned():
    x = np.repeat([[0.0], [1.0], [5.0]], 20, axis=0)
    assert [k for k, _, _ in gap(x, range(1, 6), 0)] == [1, 2]
    assert gap(np.zeros((9, 2)), (1, 2), 0) == ()
    big = np.random.default_rng(0).normal(size=(3_000, 2))
    wide = gap(big, (1, 2), 0, draws=4)
    assert wide == gap(big, (1, 2), 0, draws=4)
    # W_1 grows with the number of customers in data and references alike.
    assert wide[0][1] == pytest.approx(gap(big, (1,), 0, draws=4, most=3_000)[0][1], abs=0.3)


def test_rule_takes_the_smallest_k_within_the_error_of_the_next():
    assert k_by_gap([(1, 0.1, 0.0), (2, 0.4, 0.05), (3, 0.6, 0.05), (4, 0.62, 0.05)]) == 3
    assert k_by_gap([(1, 0.58, 0.0), (2, 0.6, 0.02), (3, 0.9, 0.05)]) == 1
    assert k_by_gap([(1, 0.1, 0.0), (2, 0.4, 0.05)]) is None
    assert k_by_gap([]) is None
