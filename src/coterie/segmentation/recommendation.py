"""Which way to find groups is to be used, by a rule, as one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.segmentation.compare import Compared

STABLE = 0.75
SMALLEST_SHARE = 0.02
LEFT_OUT = 0.2
"""More customers without a group than that are too many to leave without an answer."""

FOLLOWS = 0.5
"""Agreement with the hills below which a way does not follow them."""

CLEARLY = 0.02
"""Agreement with the hills by which another way must be better, and"""
MORE = 1.2
"""how many times as much of the later outcome it must explain."""


def recommendation(rows: Sequence[Compared], hills: int | None) -> str:
    """Say which way to use and why. K-Means, the first row, is kept unless another is clearly better.

    Where there are separate groups (two hills of density or more), better is what follows them: the highest agreement,
    by more than 0.02, and 0.5 at least. In one crowd (and where nothing follows the groups) no way is right, and better
    is what is useful. Only those count that leave no segment under 2 % and at most a fifth of the customers out, and
    that come back (weakest overlap 0.75, or as high as that of K-Means). Of these, one whose differences last and which
    explains 1.2 times as much of the later outcome as K-Means, if that lasts too; where none lasts or it is not known,
    the most stable one if K-Means does not come back.

    Args:
        rows: K-Means first.
        hills: How many hills of density there are; None where that is not known.
    """
    plain = rows[0]
    found = [row for row in rows if row.k is not None]
    if plain.k is None or len(found) < 2:
        return f"Use {plain.label}: no other way finds groups here."
    if hills is None:
        opening = "whether there are groups is not known"
    elif hills == 1:
        opening = "the customers are one crowd, so no cut is the right one"
    else:
        best = max(row.agreement or 0.0 for row in found)
        if best >= FOLLOWS:
            return _along_hills(plain, found, hills)
        opening = f"there are {hills} separate groups, but none of these ways follows them (best agreement {best:.2f})"
    usable = [row for row in found if row is plain or _usable(row, plain)]
    if any(row.lasting for row in usable):
        return _by_what_lasts(plain, usable, opening)
    return _by_what_comes_back(plain, usable, opening)


def _along_hills(plain: Compared, found: Sequence[Compared], hills: int) -> str:
    best = max(found, key=lambda row: row.agreement or 0.0)
    own, other = plain.agreement or 0.0, best.agreement or 0.0
    if own >= other - CLEARLY:
        return f"Stay with {plain.label}: it follows the {hills} separate groups as well as any (agreement {own:.2f})."
    agreement = f"agreement {other:.2f}, {plain.label} {own:.2f}"
    return f"Use {best.label}: it follows the {hills} separate groups best ({agreement})."


def _by_what_lasts(plain: Compared, usable: Sequence[Compared], opening: str) -> str:
    best = max((row for row in usable if row.lasting), key=lambda row: row.eta2 or 0.0)
    own, other = plain.eta2 or 0.0, best.eta2 or 0.0
    if plain.lasting and other < MORE * own:
        why = f"none of the others explains clearly more of what customers did later ({plain.label} {_percent(own)}"
        rest = [row.eta2 or 0.0 for row in usable if row is not plain]
        best_other = f", the best of them {_percent(max(rest))}" if rest else ""
        return f"Stay with {plain.label}: {opening}, and {why}{best_other})."
    share = f"{_percent(other)}, {plain.label} {_percent(own)}"
    return f"Use {best.label}: {opening}, but its segments explain more of what customers did later ({share})."


def _by_what_comes_back(plain: Compared, usable: Sequence[Compared], opening: str) -> str:
    firm = max(usable, key=lambda row: row.stability or 0.0)
    own, other = plain.stability or 0.0, firm.stability or 0.0
    if own >= STABLE:
        why = f"its segments come back when customers are drawn again (weakest overlap {own:.2f})"
        return f"Stay with {plain.label}: {opening}, and {why}."
    if other >= STABLE:
        why = (
            f"its segments come back when customers are drawn again (weakest overlap {other:.2f}, {plain.label} "
            f"{own:.2f})"
        )
        return f"Use {firm.label}: {opening}, but {why}."
    why = "none of these ways makes segments that come back or are shown to last"
    return f"Stay with {plain.label}, for convenience only: {opening}, and {why}."


def _usable(row: Compared, plain: Compared) -> bool:
    """Whether a way can serve at all in place of K-Means."""
    return (
        (row.stability or 0.0) >= min(STABLE, plain.stability or 0.0)
        and (row.smallest_share or 0.0) >= SMALLEST_SHARE
        and (row.fits_no_group or 0.0) <= LEFT_OUT
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
