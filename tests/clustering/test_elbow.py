from __future__ import annotations

import numpy as np

from coterie.clustering import elbow


def test_the_worked_example_of_the_paper_has_its_knee_where_the_paper_sees_it():
    # Satopaa et al. 2011, figure 2: y = -1 / (x + 0.1) + 5 at ten x from 0 to 1, knee at x = 0.22, the third point.
    x = np.linspace(0.0, 1.0, 10)
    rising = -1.0 / (x + 0.1) + 5.0
    assert elbow(list(range(1, 11)), list(rising.max() - rising)) == 3


def test_a_straight_line_has_no_knee():
    assert elbow([2, 3, 4, 5, 6], [50.0, 40.0, 30.0, 20.0, 10.0]) is None


def test_a_knee_must_stand_out_by_its_sensitivity():
    ks, inertia = [2, 3, 4, 5, 6], [50.0, 39.0, 29.0, 19.5, 10.0]
    assert elbow(ks, inertia) is None
    assert elbow(ks, inertia, sensitivity=0.05) is not None


def test_few_or_equal_values_have_no_knee():
    assert elbow([], []) is None
    assert elbow([4], [1.0]) is None
    assert elbow([2, 3], [9.0, 1.0]) is None
    assert elbow([2, 3, 4], [5.0, 5.0, 5.0]) is None


def test_a_falling_concave_curve_has_no_knee():
    assert elbow([2, 3, 4, 5], [100.0, 95.0, 70.0, 0.0]) is None


def test_gaps_between_k_count():
    assert elbow([2, 4, 10], [100.0, 10.0, 0.0]) == 4
