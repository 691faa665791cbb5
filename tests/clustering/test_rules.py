"""Each rule against a direct computation, and against the order and blocks in which rows come."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from coterie.clustering import Cores, Mixture, Reach


def mixture(rng, k=3, d=4):
    spreads = [a @ a.T + 0.3 * np.eye(d) for a in rng.normal(size=(k, d, d))]
    factors = [np.linalg.cholesky(np.linalg.inv(s)) for s in spreads]
    # L L' is the precision with L lower; the rule wants U U' with U upper: the same with rows and columns reversed.
    upper = [np.linalg.cholesky(np.linalg.inv(s)[::-1, ::-1])[::-1, ::-1] for s in spreads]
    for lower, up, s in zip(factors, upper, spreads, strict=True):
        assert np.allclose(lower @ lower.T, up @ up.T)
        assert np.allclose(np.triu(up), up)
        assert np.allclose(up @ up.T @ s, np.eye(d))
    weights, means = rng.dirichlet(np.ones(k)), rng.normal(size=(k, d))
    as_rows = tuple(tuple(map(tuple, up.tolist())) for up in upper)
    return Mixture(tuple(weights.tolist()), tuple(map(tuple, means.tolist())), as_rows), weights, means, spreads


def test_likeliest_component_is_that_of_the_densities():
    rng = np.random.default_rng(1)
    rule, weights, means, spreads = mixture(rng)
    x, centroids = rng.normal(size=(200, 4)), rng.normal(size=(3, 4))
    p = np.stack([w * multivariate_normal(m, s).pdf(x) for w, m, s in zip(weights, means, spreads, strict=True)], 1)
    found, ranked = rule.place(x, centroids), np.sort(p, axis=1)
    assert np.array_equal(found.labels, p.argmax(axis=1))
    assert np.array_equal(found.second, p.argsort(axis=1)[:, -2])
    assert found.margin == pytest.approx((ranked[:, -1] - ranked[:, -2]) / (ranked[:, -1] + ranked[:, -2]))
    assert found.distance == pytest.approx(np.linalg.norm(x - centroids[found.labels], axis=1))


def test_nearest_core_within_reach_by_hand():
    # Segment 1 has cores at 0 and 1 and reaches 1, segment 2 one at 10 and reaches 5.
    rule = Cores(((0.0,), (1.0,), (10.0,)), (1, 1, 2), (1.0, 5.0))
    found = rule.place(np.array([[0.25], [1.75], [3.0], [5.5], [12.0], [-1.5], [16.0]]), np.zeros((2, 1)))
    assert found.labels.tolist() == [0, 0, -1, 1, 1, -1, -1]
    assert found.distance.tolist() == [0.25, 0.75, 2.0, 4.5, 2.0, 1.5, 6.0]
    # 5.5 is as far from the nearest core of segment 1 as from segment 2's, which alone reaches it.
    assert found.margin == pytest.approx([9.5 / 10, 7.5 / 9, 0, 0, 9 / 13, 0, 0])
    assert found.second.tolist() == [1, 1, -1, 0, 0, -1, -1]


def test_a_nearer_core_that_does_not_reach_so_far_leaves_the_customer_on_the_border():
    found = Cores(((0.0,), (10.0,)), (1, 2), (1.0, 9.0)).place(np.array([[3.0]]), np.zeros((2, 1)))
    assert (found.labels.tolist(), found.distance.tolist(), found.margin.tolist()) == ([1], [7.0], [0.0])


def test_one_segment_of_cores_has_no_border():
    found = Cores(((0.0,), (1.0,)), (1, 1), (2.0,)).place(np.array([[2.0], [9.0]]), np.zeros((1, 1)))
    assert (found.labels.tolist(), found.margin.tolist(), found.second.tolist()) == ([0, -1], [1.0, 0.0], [-1, -1])


def test_reach_by_hand():
    found = Reach((1.0, 4.0)).place(np.array([[0.5], [2.0], [7.0], [15.0]]), np.array([[0.0], [10.0]]))
    assert found.labels.tolist() == [0, -1, 1, -1]
    assert found.distance.tolist() == [0.5, 2.0, 3.0, 5.0]
    assert found.margin == pytest.approx([9.0 / 10, 0, 4 / 10, 0])
    assert found.second.tolist() == [1, -1, 0, -1]


def rules():
    rng = np.random.default_rng(5)
    points = rng.normal(size=(60, 4))
    return [
        mixture(rng)[0],
        Cores(tuple(map(tuple, points.tolist())), tuple([1, 2, 3] * 20), (0.4, 2.0, 1.0)),
        Reach((0.5, 1.5, 9.0)),
    ]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: type(rule).__name__)
def test_a_row_gets_the_same_bits_in_whatever_block_it_comes(rule):
    rng = np.random.default_rng(2)
    x, centroids = rng.normal(size=(501, 4)), rng.normal(size=(3, 4))
    whole = rule.place(x, centroids)
    for rows in (np.arange(7, 100), rng.permutation(501), np.array([13])):
        some = rule.place(x[rows], centroids)
        for part in ("labels", "distance", "margin", "second"):
            assert getattr(some, part).tobytes() == getattr(whole, part)[rows].tobytes()
    assert ((whole.margin >= 0) & (whole.margin <= 1)).all()
    assert (whole.second != whole.labels)[whole.labels >= 0].all()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: type(rule).__name__)
def test_a_rule_is_plain_numbers(rule):
    rule.place(np.zeros((1, 4)), np.zeros((3, 4)))  # what it keeps for itself is no part of it
    again = type(rule)(**json.loads(json.dumps({name: getattr(rule, name) for name in rule.__dataclass_fields__})))
    x = np.random.default_rng(3).normal(size=(50, 4))
    assert np.array_equal(rule.place(x, np.ones((3, 4))).margin, again.place(x, np.ones((3, 4))).margin)
