"""From weighted points to a chosen number of segments: sweep, score, choose."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.clustering.choose_k import choose_k
from coterie.clustering.contract import Candidate, Clustered, Fit, Floats, Points
from coterie.clustering.elbow import elbow
from coterie.clustering.kmeans import nearest
from coterie.clustering.points import distinct
from coterie.clustering.scores import calinski_harabasz, davies_bouldin
from coterie.clustering.silhouette import Silhouette, silhouette
from coterie.clustering.stability import stability
from coterie.clustering.sweep import sweep
from coterie.errors import UsageError


def cluster(points: Points, *, ks: Sequence[int], asked: int | None, seed: int, activity: Floats) -> Clustered:
    """Segment customers for every k of `ks`, score each, and choose one.

    Args:
        points: Customers in standardised features, with at least two different ones.
        ks: The numbers of segments to try; those above the number of different customers are left out with a note.
        asked: Deliver this k; it is tried too.
        seed: Of all random choices. The same points and seed give the same result.
        activity: (d,) the direction of the features that means active: segment 1 is furthest along it.

    Raises:
        UsageError: A k below 2, or more segments than different customers.
        ValueError: All customers are alike, so that there is nothing to cluster.
    """
    different = distinct(points)
    if different < 2:
        raise ValueError("all customers are alike: there is nothing to cluster")
    tried, notes = _tried(ks, asked, different)
    fits = sweep(points, tried, seed, activity)
    silhouettes = silhouette(points, fits, seed)
    overlaps = stability(points, fits, seed)
    candidates = [
        _candidate(fit, score, float(overlaps[fit.k].min())) for fit, score in zip(fits, silhouettes, strict=True)
    ]
    knee = elbow([fit.k for fit in fits], [fit.inertia for fit in fits])
    return Clustered(
        choice=choose_k(candidates, asked, knee),
        fits={fit.k: fit for fit in fits},
        labels={fit.k: nearest(points.x, fit.centroids)[0] for fit in fits} if points.exact else None,
        notes=notes,
    )


def _tried(ks: Sequence[int], asked: int | None, different: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The k to try in ascending order, and notes on those left out."""
    for k in (*ks, *(() if asked is None else (asked,))):
        if k < 2:
            raise UsageError(
                f"k = {k} is not a number of segments: ask for 2 or more, or leave k out to have it chosen."
            )
    if asked is not None and asked > different:
        raise UsageError(
            f"k = {asked} asks for more segments than there are different customers ({different}). "
            f"Ask for {different} or fewer, or cluster on more features."
        )
    wanted = sorted({*ks, *(() if asked is None else (asked,))})
    if not wanted:
        raise UsageError("No number of segments to try: give a k of 2 or more, or a range such as 2 to 10.")
    tried = tuple(k for k in wanted if k <= different)
    if not tried:
        raise UsageError(
            f"The smallest number of segments to try, {wanted[0]}, is more than there are different customers "
            f"({different}). Start the range at 2."
        )
    if len(tried) == len(wanted):
        return tried, ()
    return tried, (
        f"Numbers of segments above {different} were left out: only {different} customers differ in these features.",
    )


def _candidate(fit: Fit, score: Silhouette, weakest: float) -> Candidate:
    return Candidate(
        k=fit.k,
        inertia=fit.inertia,
        silhouette=score.value,
        silhouette_low=score.low,
        silhouette_high=score.high,
        calinski_harabasz=calinski_harabasz(fit),
        davies_bouldin=davies_bouldin(fit),
        stability=weakest,
        smallest_share=float(fit.sizes.min() / fit.sizes.sum()),
    )
