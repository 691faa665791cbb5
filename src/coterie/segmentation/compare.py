"""All ways to find groups side by side, judged on the same customers, and which of them to use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coterie.clustering import (
    ALGORITHMS,
    Algorithm,
    Dendrogram,
    Fit,
    Floats,
    Labeller,
    Labels,
    adjusted_rand,
    dendrogram,
    generator,
    group_points,
    placed,
    refit_at,
    resampled,
    silhouette_widths,
    ward_tree,
)
from coterie.errors import UsageError
from coterie.evidence.contract import Foresight
from coterie.rounding import round9
from coterie.segmentation.recommendation import recommendation

RESAMPLED = 1_000
REFITS = 10
WARD = "ward"
Foresee = Callable[[Labeller, int, Callable[[Floats, int], Labeller]], Foresight]
"""(segments 1..k or -1, k, how to find them again from rows and a seed) -> what became of them."""


@dataclass(frozen=True)
class Compared:
    """One way to find groups, at as many groups as were delivered (HDBSCAN and one's own: at their own number).

    Attributes:
        algorithm, label: As in the registry.
        k: Groups found; None, as all figures, where it finds none (`reason` says why).
        inertia: Sum of squared distances to the nearest centroid; None where customers go by another rule.
        silhouette: Mean over the customers who fit a group; leaving the doubtful out raises it.
        agreement: Adjusted Rand index with the hills of density, at as many groups as hills; None for one crowd.
        stability: Overlap with itself of the weakest segment over the refits, and
        ari: adjusted Rand index of the refits.
        eta2: Share of the later outcome that segments found at the cut explain; None where it cannot be told.
        lasting: As in evidence.
        smallest_share: Of all customers, in the smallest segment.
        balance: Entropy of the sizes over log k: 1 for equal sizes, near 0 where nearly all are in one.
        fits_no_group: Share of customers in no segment.
        reason: Why there are no figures, or "".
    """

    algorithm: str
    label: str
    k: int | None
    inertia: float | None = None
    silhouette: float | None = None
    agreement: float | None = None
    stability: float | None = None
    ari: float | None = None
    eta2: float | None = None
    lasting: bool | None = None
    smallest_share: float | None = None
    balance: float | None = None
    fits_no_group: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """The ways side by side: the content of comparison.json.

    Attributes:
        rows: One each, K-Means first.
        recommendation: Which to use and why, one sentence, by the rule of `recommendation`.
        customers: On which they were compared.
        k: Delivered.
        hills: Of density; None where they were not looked for.
        dendrogram: Of Ward's tree.
    """

    rows: tuple[Compared, ...]
    recommendation: str
    customers: int
    k: int
    hills: int | None
    dendrogram: Dendrogram | None


def compare(
    z: Floats,
    k: int,
    *,
    seed: int,
    activity: Floats | None = None,
    hills: Labels | None = None,
    foresee: Foresee | None = None,
    algorithms: Sequence[Algorithm] = ALGORITHMS,
    progress: Callable[[str], None] = lambda stage: None,
) -> tuple[Comparison, Mapping[str, float]]:
    """Find k groups among the same customers in every way there is, and judge each alike.

    Args:
        z: (n, d) customers as they are clustered, at most 5,000: the sample of evidence.
        k: Delivered number of segments.
        seed: Of all random choices.
        activity: (d,) what numbers segments.
        hills: (n,) hill of density of each customer, from 0; None where they were not looked for.
        foresee: Judges whether differences last; None where that is not asked.
        algorithms: K-Means first, which the recommendation falls back on.
        progress: Is told each algorithm's label.

    Returns:
        The comparison, and algorithm -> seconds to find the groups, which belong where times stand.
    """
    rows, seconds = [], {}
    for algorithm in algorithms:
        progress(algorithm.label)
        begun = time.perf_counter()
        try:
            fits = _fits(algorithm, z, k, seed, activity, hills)
        except UsageError as error:
            rows.append(Compared(algorithm.name, algorithm.label, None, reason=error.sentence))
            continue
        seconds[algorithm.name] = time.perf_counter() - begun
        rows.append(_row(algorithm, fits, z, k, seed, hills, foresee))
    found = None if hills is None else int(hills.max(initial=0)) + 1
    tree = dendrogram(ward_tree(z)) if len(z) > 1 and any(one.name == WARD for one in algorithms) else None
    return Comparison(tuple(rows), recommendation(rows, found), len(z), k, found, _rounded(tree)), seconds


def _fits(
    algorithm: Algorithm, z: Floats, k: int, seed: int, activity: Floats | None, hills: Labels | None
) -> dict[int, Fit]:
    """Fits by k, at k and at as many groups as hills; by an algorithm's own number, one."""
    wanted = {k} if hills is None else {k, int(hills.max(initial=0)) + 1}
    fits = {fit.k: fit for fit in algorithm.sweep(group_points(z), tuple(sorted(wanted - {1})), seed, activity)}
    if not fits or (algorithm.needs_k and k not in fits):
        raise UsageError(f"{algorithm.label} does not fill {k} segments: one of them would hold no customer.")
    return fits


def _row(
    algorithm: Algorithm,
    fits: Mapping[int, Fit],
    z: Floats,
    k: int,
    seed: int,
    hills: Labels | None,
    foresee: Foresee | None,
) -> Compared:
    fit = fits[k] if algorithm.needs_k else next(iter(fits.values()))
    labels = placed(z, fit.centroids, fit.rule)
    sizes = np.bincount(labels[labels >= 0], minlength=fit.k) / len(z)
    taken = np.sort(generator(seed, 76).permutation(len(z))[:RESAMPLED])
    overlaps, ari = resampled(z[taken], labels[taken], fit.k, algorithm.refit, seed, REFITS)
    widths = silhouette_widths(z, labels)
    later = None
    if foresee is not None:
        later = foresee(lambda rows: placed(rows, fit.centroids, fit.rule), fit.k, refit_at(algorithm, fit.k))
    return Compared(
        algorithm=algorithm.name,
        label=algorithm.label,
        k=fit.k,
        inertia=round9(fit.inertia) if fit.rule is None else None,
        silhouette=None if widths is None else round9(float(widths.mean())),
        agreement=_agreement(fits, fit, z, hills),
        stability=round9(float(overlaps.min())),
        ari=round9(ari),
        eta2=None if later is None or later.eta2 is None else round9(later.eta2),
        lasting=None if later is None else later.lasting,
        smallest_share=round9(float(sizes.min())),
        balance=round9(_balance(sizes)),
        fits_no_group=round9(float((labels < 0).mean())),
    )


def _agreement(fits: Mapping[int, Fit], fit: Fit, z: Floats, hills: Labels | None) -> float | None:
    """Adjusted Rand index with the hills of the fit at as many groups, or of the only one."""
    if hills is None or hills.max(initial=0) < 1:
        return None
    fit = fits.get(int(hills.max()) + 1, fit)
    return round9(adjusted_rand(placed(z, fit.centroids, fit.rule) + 1, hills))


def _balance(sizes: Floats) -> float:
    """Entropy of shares over log k (Pielou's evenness)."""
    share = sizes[sizes > 0] / sizes.sum()
    return float(-(share * np.log(share)).sum() / np.log(len(sizes))) if len(sizes) > 1 else 1.0


def _rounded(tree: Dendrogram | None) -> Dendrogram | None:
    """The heights with 9 digits, as all numbers of a run."""
    if tree is None:
        return None
    joins = (
        replace(
            join,
            left_height=round9(join.left_height),
            right_height=round9(join.right_height),
            height=round9(join.height),
        )
        for join in tree.joins
    )
    return replace(tree, joins=tuple(joins))
