"""Which number of segments to deliver, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.clustering.contract import Candidate, Choice

PREFERRED = (3, 8)
"""Numbers of segments that a team can work with; the rule looks here first."""

SMALLEST_SHARE = 0.02
STABLE = 0.75

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def choose_k(
    candidates: Sequence[Candidate], asked: int | None, elbow: int | None, natural: int | None = None
) -> Choice:
    """Choose k by the rule, or keep the one asked for; say why in both cases.

    The rule: as many as there are natural groups, where they are known and were tried. Else no k is right, and one is
    taken for convenience: among k of 3 to 8 (none there: all), those whose smallest segment holds 2 % of the customers
    and whose weakest segment overlaps 0.75 with itself after resampling; of these the highest silhouette. If none is
    that stable, the most stable; if it cannot be told of any, the highest silhouette. The smaller k wins a tie. The
    elbow is passed on and decides nothing.

    Args:
        candidates: The scores of every k tried; `asked`, if given, among them.
        asked: The k set by hand.
        elbow: Knee of inertia.
        natural: How many groups the data show that K-Means cuts along; None for none or not judged.

    Example:
        >>> def scored(k, silhouette, stability):
        ...     return Candidate(k, 1.0, silhouette, None, None, None, None, stability, 0.1)
        >>> choice = choose_k([scored(3, 0.38, 0.95), scored(4, 0.41, 0.78), scored(5, 0.44, 0.66)], None, None)
        >>> choice.k
        4
    """
    ordered = tuple(sorted(candidates, key=lambda candidate: candidate.k))
    shown = next((one for one in ordered if one.k == natural), None)
    ruled = shown or _by_rule(ordered)
    chosen = ruled if asked is None else next(candidate for candidate in ordered if candidate.k == asked)
    pool = _pool(ordered)
    if asked is None:
        reason = _shown(ruled) if shown else _why(ruled, pool)
    elif len(ordered) == 1:
        reason = f"You asked for {in_words(asked)}; no other number was tried.{_holds(chosen)}"
    elif chosen is ruled:
        why = _shown(ruled) if shown else _why(ruled, pool)
        reason = f"You asked for {in_words(asked)}, and the rule takes the same. {why}"
    elif shown:
        reason = f"You asked for {in_words(asked)}. The data show {in_words(ruled.k)} separate groups.{_holds(chosen)}"
    else:
        reason = f"You asked for {in_words(asked)}. {_compared(ruled, chosen)}"
    return Choice(k=chosen.k, reason=reason, k_by_rule=ruled.k, elbow=elbow, candidates=ordered)


def in_words(number: int) -> str:
    """Write a small number as a word: six; 13 and more as digits.

    Example:
        >>> in_words(6), in_words(20)
        ('six', '20')
    """
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def _shown(ruled: Candidate) -> str:
    return f"{in_words(ruled.k).capitalize()}: as many groups as the data show, with few customers between them."


def _pool(ordered: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    preferred = tuple(c for c in ordered if PREFERRED[0] <= c.k <= PREFERRED[1])
    return preferred or ordered


def _by_rule(ordered: tuple[Candidate, ...]) -> Candidate:
    pool = _pool(ordered)
    roomy = [c for c in pool if c.smallest_share >= SMALLEST_SHARE] or list(pool)
    stable = [c for c in roomy if (c.stability or 0.0) >= STABLE]
    if all(c.stability is None for c in roomy):  # too few customers to tell
        stable = roomy
    if stable:
        return max(stable, key=lambda c: (_silhouette(c), -c.k))
    return max(roomy, key=lambda c: (c.stability or 0.0, -c.k))


def _silhouette(candidate: Candidate) -> float:
    return -2.0 if candidate.silhouette is None else candidate.silhouette


def _why(ruled: Candidate, pool: tuple[Candidate, ...]) -> str:
    """Why the rule takes this k, as one sentence."""
    name = in_words(ruled.k).capitalize()
    if len(pool) == 1:
        return f"{name} is the only number that could be tried.{_holds(ruled)}"
    span = f"from {in_words(pool[0].k)} to {in_words(pool[-1].k)}"
    if ruled.stability is None:
        return (
            f"{name} is a choice of convenience: of the numbers {span} it sets customers apart best (silhouette "
            f"{_score(ruled.silhouette)}). Too few customers differ to see whether its segments would come back."
        )
    if ruled.stability < STABLE:
        return (
            f"{name} is a choice of convenience: no number {span} keeps every segment when customers are drawn again, "
            f"and {in_words(ruled.k)} comes closest (its weakest segment overlaps {_score(ruled.stability)} with "
            f"itself; {STABLE:.2f} would count as firm)."
        )
    return (
        f"{name} is a choice of convenience: of the numbers {span} whose segments all come back when customers are "
        f"drawn again, it sets customers apart best (silhouette {_score(ruled.silhouette)}; its weakest segment "
        f"overlaps {_score(ruled.stability)} with itself)."
    )


def _compared(ruled: Candidate, chosen: Candidate) -> str:
    """What the rule's k has over the one asked for, by the first condition the latter fails."""
    better, asked = in_words(ruled.k).capitalize(), in_words(chosen.k)
    stability = (chosen.stability or 0.0, ruled.stability or 0.0)
    if chosen.smallest_share < SMALLEST_SHARE <= ruled.smallest_share:
        return (
            f"{better} would leave no tiny segment: at {asked} the smallest holds {100 * chosen.smallest_share:.1f}% "
            f"of the customers, at {in_words(ruled.k)} {100 * ruled.smallest_share:.1f}%."
        )
    if chosen.stability is None and ruled.stability is not None:
        return (
            f"{better} would be surer: at {asked} too few customers differ to see whether its segments would come back."
        )
    if stability[0] < STABLE and stability[0] < stability[1]:
        return (
            f"{better} would hold together better: when customers are drawn again its weakest segment overlaps "
            f"{stability[1]:.2f} with itself, at {asked} {stability[0]:.2f}."
        )
    if _score(chosen.silhouette) == _score(ruled.silhouette):
        return (
            f"Left to itself the choice would be {in_words(ruled.k)}; between the two there is little to choose "
            f"(silhouette {_score(ruled.silhouette)} in both)."
        )
    if _silhouette(chosen) < _silhouette(ruled):
        return (
            f"{better} would set customers apart better: silhouette {_score(ruled.silhouette)}, at {asked} "
            f"{_score(chosen.silhouette)}."
        )
    span = f"{in_words(PREFERRED[0])} to {in_words(PREFERRED[1])}"
    return (
        f"Left to itself the choice would be {in_words(ruled.k)}, because {span} segments are easier to work with; "
        f"at {asked} the silhouette is {_score(chosen.silhouette)}, at {in_words(ruled.k)} {_score(ruled.silhouette)}."
    )


def _holds(candidate: Candidate) -> str:
    if candidate.stability is None:
        return ""
    return f" When customers are drawn again its weakest segment overlaps {candidate.stability:.2f} with itself."


def _score(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}".replace("-", "−")
