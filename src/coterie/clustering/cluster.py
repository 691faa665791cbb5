"""From weighted points to a chosen number of segments: sweep, score, choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coterie.clustering.algorithms import ALGORITHMS
from coterie.clustering.choose_k import choose_k, in_words
from coterie.clustering.contract import Algorithm, Candidate, Choice, Clustered, Fit, Floats, Points
from coterie.clustering.drawn import MOST, placed
from coterie.clustering.elbow import elbow
from coterie.clustering.judged import silhouette_of, stability_of
from coterie.clustering.points import distinct
from coterie.clustering.scores import calinski_harabasz, davies_bouldin
from coterie.clustering.silhouette import Silhouette, silhouette
from coterie.clustering.stability import A_SEGMENT, FEWEST, stability
from coterie.errors import UsageError

K_MEANS = ALGORITHMS[0]


def cluster(
    points: Points,
    *,
    ks: Sequence[int],
    asked: int | None,
    seed: int,
    activity: Floats,
    algorithm: Algorithm = K_MEANS,
    natural: int | None = None,
) -> Clustered:
    """Segment customers for every k of `ks`, score each, and choose one.

    Args:
        points: Customers in standardised features, with at least two different ones.
        ks: The numbers of segments to try; those above the number of different customers are left out with a note.
        asked: Deliver this k; it is tried too.
        seed: Of all random choices. The same points and seed give the same result.
        activity: (d,) the direction of the features that means active: segment 1 is furthest along it.
        algorithm: How groups are found. One that finds its own number passes over `ks`.
        natural: How many groups the data show, for `choose_k`.

    Raises:
        UsageError: A k below 2, or more segments than different customers, or than the algorithm can find; a k asked of
            an algorithm that takes none; no group found.
        ValueError: All customers are alike, so that there is nothing to cluster.
    """
    different = distinct(points)
    if different < 2:
        raise ValueError("all customers are alike: there is nothing to cluster")
    tried, notes = _tried(ks, asked, different) if algorithm.needs_k else _untold(asked, algorithm)
    fits = algorithm.sweep(points, tried, seed, activity)
    notes = (*notes, *_missing(fits, tried, asked, algorithm), *_drawn(points, algorithm))
    nearest_centroid = all(fit.rule is None for fit in fits)
    silhouettes = (
        silhouette(points, fits, seed) if nearest_centroid else [silhouette_of(points, fit, seed) for fit in fits]
    )
    if algorithm is K_MEANS:
        overlaps = stability(points, fits, seed)
    else:
        overlaps = {fit.k: stability_of(points, fit, algorithm.refit, seed) for fit in fits}
    most = different // A_SEGMENT if points.customers >= FEWEST else 0
    weakest = [float(overlaps[fit.k].min()) if fit.k <= most else None for fit in fits]
    candidates = [_candidate(*scored) for scored in zip(fits, silhouettes, weakest, strict=True)]
    knee = elbow([fit.k for fit in fits], [fit.inertia for fit in fits]) if nearest_centroid else None
    choice = choose_k(candidates, asked, knee, natural) if algorithm.needs_k else _found(candidates, algorithm)
    by_k = {fit.k: fit for fit in fits}
    return Clustered(
        choice=choice,
        fits=by_k,
        labels={fit.k: placed(points.x, fit.centroids, fit.rule) for fit in fits} if points.exact else None,
        notes=(*notes, *_kept(by_k[choice.k], algorithm)),
    )


def _untold(asked: int | None, algorithm: Algorithm) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Nothing to try: the algorithm finds its own number."""
    if asked is not None:
        raise UsageError(f"{algorithm.label} finds its own number of groups: leave k = {asked} out, or use k-means.")
    return (), ()


def _found(candidates: Sequence[Candidate], algorithm: Algorithm) -> Choice:
    only = choose_k(candidates, None, None)
    number = in_words(only.k).capitalize()
    return replace(only, reason=f"{number} is what {algorithm.label} finds; it takes no number from outside.")


def _missing(fits: Sequence[Fit], tried: Sequence[int], asked: int | None, algorithm: Algorithm) -> tuple[str, ...]:
    """A note on the k that the algorithm could not fill; refuses where nothing asked for is left."""
    empty = [k for k in tried if k not in {fit.k for fit in fits}]
    if asked in empty or (tried and not fits):
        wanted = asked or empty[0]
        raise UsageError(
            f"{algorithm.label} does not fill {in_words(wanted)} segments: one of them would hold no customer. "
            "Ask for fewer, or use k-means."
        )
    if not empty:
        return ()
    listed = ", ".join(str(k) for k in empty)
    return (f"{algorithm.label} does not fill this many segments, so they were left out: {listed}.",)


def _drawn(points: Points, algorithm: Algorithm) -> tuple[str, ...]:
    """A note where the algorithm has seen only a part of the customers."""
    if algorithm is K_MEANS or algorithm.whole or points.customers <= MOST:
        return ()
    seen = f"{MOST:,} customers drawn from all {points.customers:,}"
    return (f"{algorithm.label} was fitted on {seen}; all of them were then placed by its rule.",)


def _kept(fit: Fit, algorithm: Algorithm) -> tuple[str, ...]:
    """A note where the rule that places all customers differs from what the algorithm said of those it saw."""
    if fit.kept is None or fit.kept > 0.9995:
        return ()
    agrees = f"agrees with {algorithm.label} itself on {100 * fit.kept:.1f}%"
    return (f"The rule that places every customer {agrees} of the customers it was fitted on.",)


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


def _candidate(fit: Fit, score: Silhouette, weakest: float | None) -> Candidate:
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
