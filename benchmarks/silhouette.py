"""How often the 95 % interval of the estimated silhouette holds the true one, and how wide it is.

    python benchmarks/silhouette.py [SOURCE ...] [--draws 200]

SOURCE is a folder or file that `coterie segment` takes; without one a sample shop of 100,000 customers is made. At most
20,000 of its customers stand for all, so that the truth can be computed; the estimate is drawn anew with every seed,
once with all of them as references and once with half of them, drawn too. Widths are those of all given customers.
"""

from __future__ import annotations

import argparse

import numpy as np
from customers import each
from threadpoolctl import threadpool_limits

from coterie.clustering import Floats, nearest, sample_points, sweep
from coterie.clustering.points import UNIFORM
from coterie.clustering.silhouette import silhouette_exact
from coterie.clustering.silhouette_estimate import estimate

ALL = 20_000
"""Customers whose true silhouette is computed."""
COVERED, HALF_WIDTH = 0.93, 0.004
"""What is promised: the share of intervals that hold the truth, and half their width."""

KS = tuple(range(2, 11))


def coverage(x: Floats, centroids: list[Floats], draws: int, share: float) -> tuple[Floats, Floats]:
    """Share of the draws whose interval holds the truth, and mean error of the estimate, both for each k."""
    truth = silhouette_exact(x, np.ones(len(x)), [nearest(x, c)[0] for c in centroids])
    within, errors = np.zeros(len(centroids)), np.zeros(len(centroids))
    for seed in range(draws):
        drawn = np.random.default_rng([seed, 1]).random(len(x)) < share
        found = np.array(estimate(x[drawn], np.ones(int(drawn.sum())), len(x), centroids, seed))
        away = found[:, 0] - np.array(truth, dtype=float)
        within += np.abs(away) <= found[:, 1]
        errors += away
    return within / draws, errors / draws


def widths(x: Floats, centroids: list[Floats], customers: int) -> Floats:
    """Half of the interval of each k, the customers taken for a sample of so many."""
    some = x[np.random.default_rng(3).permutation(len(x))[:UNIFORM]]
    return np.array(estimate(some, np.ones(len(some)), max(customers, len(some)), centroids, 0))[:, 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--customers", type=int, default=100_000, help="of the sample shop")
    options = parser.parse_args()
    print("| customers | k | covered | covered, half of them drawn | half width | of ten times as many | error |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for label, x in each(options.sources, options.customers):
        points = sample_points(lambda x=x: iter([x]), seed=0)
        centroids = [fit.centroids for fit in sweep(points, KS, 0)]
        few = x[np.sort(np.random.default_rng(0).permutation(len(x))[:ALL])]
        with threadpool_limits(1):
            whole, error = coverage(few, centroids, options.draws, 1.0)
            half, _ = coverage(few, centroids, options.draws, 0.5)
        near, far = widths(x, centroids, len(x)), widths(x, centroids, 10 * len(x))
        for row in zip(KS, whole, half, near, far, error, strict=True):
            print("| {} | {} | {:.1%} | {:.1%} | {:.4f} | {:.4f} | {:+.5f} |".format(label, *row))
        kept = min(whole.mean(), half.mean()) >= COVERED and max(near.max(), far.max()) <= HALF_WIDTH
        print(f"| {label} | all | {whole.mean():.1%} | {half.mean():.1%} | {near.max():.4f} | {far.max():.4f} | |")
        print(f"\nAt least {COVERED:.0%}, at most {HALF_WIDTH}: {'kept' if kept else 'BROKEN'}.\n", flush=True)


if __name__ == "__main__":
    main()
