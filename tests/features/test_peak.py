"""The peak of a likelihood against closed forms and scipy's own fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import psi

from coterie.features.peak import curvature, find_peak


def gamma_score(values):
    def score(parameters):
        shape, rate = parameters
        value = stats.gamma.logpdf(values, shape, scale=1 / rate).sum()
        slope = [(np.log(rate) - psi(shape) + np.log(values)).sum(), (shape / rate - values).sum()]
        return float(value), np.array(slope)

    return score


def test_the_peak_and_its_covariance_are_those_of_scipy():
    values = np.random.default_rng(2).gamma(2.5, 1 / 0.4, 4000)
    bounds = np.full(2, 1e-4), np.full(2, 1e4)
    peak = find_peak(gamma_score(values), [[1.0, 1.0], [30.0, 0.01]], *bounds, 4000.0)
    shape, _, scale = stats.gamma.fit(values, floc=0)
    assert peak.found
    assert peak.parameters == pytest.approx([shape, 1 / scale], rel=1e-6)
    # Fisher information of log shape and log rate, from the textbook.
    from scipy.special import polygamma

    information = 4000 * np.array([[shape**2 * float(polygamma(1, shape)), -shape], [-shape, shape]])
    assert peak.covariance == pytest.approx(np.linalg.inv(information), rel=1e-4)


def test_the_best_of_two_peaks_wins_whatever_the_order_of_starts():
    def two_hills(parameters):
        log = np.log(parameters[0])
        near, far = -((log - 1) ** 2), 0.5 - (log - 9) ** 2
        slope = -2 * (log - 1) if near > far else -2 * (log - 9)
        return float(max(near, far)), np.array([slope]) / parameters

    for starts in ([[1.0], [5000.0]], [[5000.0], [1.0]]):
        peak = find_peak(two_hills, starts, np.array([1e-3]), np.array([1e6]), 1.0)
        assert peak.parameters == pytest.approx([np.exp(9)])
        assert peak.covariance == pytest.approx(np.array([[0.5]]), rel=1e-6)


def test_what_rises_to_a_bound_or_is_flat_has_no_peak():
    def rising(parameters):
        return float(np.log(parameters[0])), 1 / parameters

    def flat(parameters):
        return 1.0, np.zeros(1)

    def nearly_flat(parameters):
        log = np.log(parameters[0])
        return -float(log**2) / 100, -2 * np.array([log / 100]) / parameters

    bounds = np.array([1e-6]), np.array([1e6])
    assert not find_peak(rising, [[1.0]], *bounds, 1.0).found
    assert not find_peak(flat, [[1.0]], *bounds, 1.0).found
    peak = find_peak(nearly_flat, [[5.0]], *bounds, 1.0)
    assert not peak.found  # its standard error is 7
    assert np.isnan(peak.covariance).all()


def test_curvature_of_a_quadratic_is_its_matrix():
    matrix = np.array([[2.0, 0.5], [0.5, 3.0]])
    assert curvature(lambda place: matrix @ place, np.array([1.0, -2.0])) == pytest.approx(matrix)
