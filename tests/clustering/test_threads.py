from __future__ import annotations

import threading

import numpy as np
import pytest

from coterie.clustering import cluster, sample_points
from coterie.clustering.threads import in_threads

CORES = "coterie.clustering.threads._cores"


@pytest.mark.parametrize("cores", [1, 3])
def test_results_stand_in_the_order_of_the_items(cores, monkeypatch):
    monkeypatch.setattr(CORES, lambda: cores)
    assert in_threads(lambda value: value * value, list(range(20))) == [value * value for value in range(20)]


def test_as_many_work_at_a_time_as_there_are_cores(monkeypatch):
    monkeypatch.setattr(CORES, lambda: 3)
    together = threading.Barrier(3, timeout=10)
    assert sorted(in_threads(lambda _: together.wait(), range(3))) == [0, 1, 2]


def test_work_within_work_goes_on_in_its_thread(monkeypatch):
    monkeypatch.setattr(CORES, lambda: 2)

    def inner(_):
        return threading.get_ident()

    for outer, within in in_threads(lambda _: (inner(0), in_threads(inner, range(4))), range(2)):
        assert set(within) == {outer}


def test_what_goes_wrong_in_a_thread_is_told(monkeypatch):
    monkeypatch.setattr(CORES, lambda: 2)
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda value: 1 // value, [1, 0, 2])


def test_the_number_of_cores_changes_no_result(shop, monkeypatch):
    x = shop(30_000, 3)
    found = []
    for cores in (1, 4):
        monkeypatch.setattr(CORES, lambda cores=cores: cores)
        points = sample_points(lambda: iter([x]), seed=1)
        found.append(cluster(points, ks=(3, 5), asked=None, seed=1, activity=np.ones(4)))
    one, other = found
    assert one.choice == other.choice
    for k in (3, 5):
        assert one.fits[k].centroids.tobytes() == other.fits[k].centroids.tobytes()
        assert one.fits[k].within.tobytes() == other.fits[k].within.tobytes()
