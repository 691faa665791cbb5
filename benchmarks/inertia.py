"""How far the inertia of each k is above scikit-learn's best of ten starts, over many seeds.

    python benchmarks/inertia.py [SOURCE ...] [--seeds 20] [--k 2 10]

SOURCE is a folder or file that `coterie segment` takes; without one a sample shop of 100,000 customers is made. Prints
for each k the worst and the mean gap to scikit-learn with the same seed, and the worst gap to its best seed.
"""

from __future__ import annotations

import argparse

import numpy as np
from customers import each
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from coterie.clustering import Floats, sample_points, sweep

PROMISED = 0.002
"""Most that inertia may be above scikit-learn's with the same seed."""


def ours(x: Floats, ks: tuple[int, ...], seed: int) -> list[float]:
    points = sample_points(lambda: iter([x]), seed=seed)
    return [fit.inertia for fit in sweep(points, ks, seed)]


def theirs(x: Floats, ks: tuple[int, ...], seed: int) -> list[float]:
    return [float(KMeans(k, n_init=10, random_state=seed).fit(x).inertia_) for k in ks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--k", type=int, nargs=2, default=(2, 10))
    parser.add_argument("--customers", type=int, default=100_000, help="of the sample shop")
    options = parser.parse_args()
    ks = tuple(range(options.k[0], options.k[1] + 1))
    print("| customers | k | worst | mean | above their best seed |")
    print("|---|---:|---:|---:|---:|")
    for label, x in each(options.sources, options.customers):
        with threadpool_limits(1):
            plain = np.array([theirs(x, ks, seed) for seed in range(options.seeds)])
        found = np.array([ours(x, ks, seed) for seed in range(options.seeds)])
        gaps, above = found / plain - 1.0, found / plain.min(axis=0) - 1.0
        for at, k in enumerate(ks):
            worst, mean, best = gaps[:, at].max(), gaps[:, at].mean(), above[:, at].max()
            print(f"| {label} | {k} | {worst:+.3%} | {mean:+.3%} | {best:+.3%} |")
        kept = "kept" if gaps.max() <= PROMISED else "BROKEN"
        print(f"| {label} | all | {gaps.max():+.3%} | {gaps.mean():+.3%} | {above.max():+.3%} |")
        print(f"\nAt most {PROMISED:+.1%}: {kept}.\n", flush=True)


if __name__ == "__main__":
    main()
