from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from coterie.clustering.kmeans import cloud
from coterie.clustering.seeding import add_one, draw, spread_out


def test_spread_out_draws_heavy_and_far_points():
    x = np.concatenate([np.zeros((50, 1)), [[10.0], [20.0]]])
    seeds = spread_out(cloud(x, np.ones(52)), 30, 3, np.random.default_rng(0))
    assert {tuple(sorted(start[:, 0])) for start in seeds} == {(0.0, 10.0, 20.0)}


def test_a_seed_for_few_clusters_begins_that_for_more():
    x = np.random.default_rng(1).normal(size=(300, 2))
    few, more = (spread_out(cloud(x, np.ones(300)), 5, k, np.random.default_rng(2)) for k in (3, 6))
    assert np.array_equal(few, more[:, :3])


def test_the_best_of_the_tries_is_added():
    x = np.array([[0.0], [1.0], [4.0], [9.0]])
    distance = np.square(x[:, 0])[None]
    luck = np.array([[0.005, 0.15, 0.9]])  # of 98: 0.49 is the second point, 14.7 the third, 88.2 the last
    added, nearer = add_one(cloud(x, np.ones(4)), np.ones((1, 4)), distance, luck)
    assert added.tolist() == [[9.0]]
    assert nearer[0].tolist() == np.minimum(distance[0], cdist(x, [[9.0]], "sqeuclidean")[:, 0]).tolist()


def test_positions_are_drawn_by_their_mass():
    assert draw(np.array([[1.0, 0.0, 3.0]]), np.array([[0.2, 0.25, 0.9, 1.0]])).tolist() == [[0, 2, 2, 2]]
