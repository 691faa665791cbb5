"""The names of segments: an ordered grid over the levels, and qualifiers where two segments would share a name.

To add or change a name, edit GRID. Order matters: the first entry that fits gives the name, so every combination of
levels has exactly one. The last entry fits everything.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.levels import ACTIVITY, BURNING, RECENCY, TENURE, Levels

NEVER_ACTIVE, FITS_NO_GROUP, EVERYONE = "Never active", "Fits no group", "All customers"


@dataclass(frozen=True)
class NameEntry:
    """One name, the levels it is true of, and how it stands at the head of a sentence (the name itself where empty)."""

    name: str
    activity: tuple[str, ...] = ACTIVITY
    burning: tuple[str, ...] = BURNING
    recency: tuple[str, ...] = RECENCY
    tenure: tuple[str, ...] = TENURE
    subject: str = ""

    def fits(self, levels: Levels) -> bool:
        """Whether the name is true at these levels."""
        return (
            levels.activity in self.activity
            and levels.burning in self.burning
            and levels.recency in self.recency
            and levels.tenure in self.tenure
        )


GRID: tuple[NameEntry, ...] = (
    NameEntry("New burners", burning=("more", "mostly"), tenure=("new",)),
    NameEntry("New, not burning yet", burning=("none",), tenure=("new",), subject="New customers"),
    NameEntry("New customers", tenure=("new",)),
    NameEntry("Lapsed burners", burning=("more", "mostly"), recency=("lapsed",)),
    NameEntry("Lapsed collectors", activity=("high",), recency=("lapsed",)),
    NameEntry("Lapsed", recency=("lapsed",), subject="Lapsed customers"),
    NameEntry("Quiet burners", activity=("usual", "high"), burning=("more", "mostly"), recency=("quiet",)),
    NameEntry("Quiet collectors", activity=("high",), recency=("quiet",)),
    NameEntry("Loyal redeemers", activity=("high",), burning=("mostly",)),
    NameEntry("Regular burners", activity=("high",), burning=("more",)),
    NameEntry("Heavy claimers", activity=("high",), burning=("usual",)),
    NameEntry("Collectors who redeem less", activity=("high",), burning=("less",)),
    NameEntry("Collectors who rarely redeem", activity=("high",), burning=("rarely",)),
    NameEntry("Never-burn collectors", activity=("high",), burning=("none",)),
    NameEntry("Selective burners", activity=("low",), burning=("more", "mostly")),
    NameEntry("Light claimers", activity=("low",), burning=("usual",)),
    NameEntry("Occasional claimers", activity=("low",)),
    NameEntry("Ready redeemers", burning=("mostly",)),
    NameEntry("Steady burners", burning=("more",)),
    NameEntry("Middle of the crowd", burning=("usual",), subject="Customers in the middle of the crowd"),
    NameEntry("Claimers who burn less", burning=("less",)),
    NameEntry("Claimers who rarely burn", burning=("rarely",)),
    NameEntry("Never-burn claimers"),
)
"""Names of habits, for customers who do differ."""


@dataclass(frozen=True)
class Qualifier:
    """What tells two segments of one name apart: a feature, and the words for less and for more of it.

    `clarity` is how much a gap in it counts: "rarely redeem, with more burns" is true but must be thought about.
    """

    feature: str
    less: str
    least: str
    middle: str
    more: str
    most: str
    clarity: float = 1.0


QUALIFIERS: tuple[Qualifier, ...] = (
    Qualifier(
        "transaction_count",
        "with fewer coupons",
        "with the fewest coupons",
        "with medium coupon counts",
        "with more coupons",
        "with the most coupons",
    ),
    Qualifier("recency", "more recent", "most recent", "some time ago", "quiet for longer", "quiet for longest"),
    Qualifier(
        "burn_rate",
        "burning less",
        "burning least",
        "burning a medium share",
        "burning more",
        "burning most",
        clarity=0.5,
    ),
    Qualifier("tenure", "newer", "newest", "here for a medium time", "here for longer", "here for longest"),
    Qualifier(
        "coupons_burnt",
        "with fewer burns",
        "with the fewest burns",
        "with medium burn counts",
        "with more burns",
        "with the most burns",
        clarity=0.2,
    ),
    Qualifier(
        "merchants_burnt_at",
        "at fewer merchants",
        "at the fewest merchants",
        "at a medium number of merchants",
        "at more merchants",
        "at the most merchants",
        clarity=0.2,
    ),
    Qualifier(
        "order_count",
        "with fewer orders",
        "with the fewest orders",
        "with medium order counts",
        "with more orders",
        "with the most orders",
    ),
    Qualifier(
        "total_spend",
        "spending less",
        "spending least",
        "spending a medium amount",
        "spending more",
        "spending most",
        clarity=0.9,
    ),
    Qualifier(
        "aov",
        "with smaller orders",
        "with the smallest orders",
        "with medium orders",
        "with larger orders",
        "with the largest orders",
        clarity=0.9,
    ),
    Qualifier(
        "return_rate",
        "returning less",
        "returning least",
        "returning a medium share",
        "returning more",
        "returning most",
        clarity=0.2,
    ),
)
"""Comparisons with the namesakes only, each true of the means shown."""


@dataclass(frozen=True)
class Named:
    """A segment's name and how it stands at the head of a sentence."""

    name: str
    subject: str


def base_name(levels: Levels, burn_rate: float, contrast: float, *, hardly_differ: bool = False) -> Named:
    """The name before qualifiers: from the grid of habits, or a plain comparison where customers hardly differ.

    Args:
        levels: Where the segment stands.
        burn_rate: Its pooled burn rate.
        contrast: Its coupons per customer over those of all.
        hardly_differ: Chance alone would scatter customers as much, so no habit may be claimed.

    Example:
        >>> base_name(Levels("high", "more", "usual", "settled"), 0.29, 1.8).name
        'Regular burners'
        >>> base_name(Levels("high", "usual", "usual", "settled"), 0.55, 1.4, hardly_differ=True).name
        'More coupons, burn about half of them'
    """
    if hardly_differ:
        return _plain(levels, burn_rate, contrast)
    entry = next(entry for entry in GRID if entry.fits(levels))
    return Named(entry.name, entry.subject or entry.name)


def distinct_names(bases: Sequence[Named], figures: Sequence[Mapping[str, FeatureFigure]]) -> tuple[Named, ...]:
    """The names made unique: those that share one get the qualifiers in which they differ most.

    Args:
        bases: Base name of each segment.
        figures: Its figures, in the same order.

    Returns:
        One name per segment, all different, in the same order.
    """
    means = [{name: figure.mean for name, figure in found.items()} for found in figures]
    words: dict[int, list[str]] = {index: [] for index in range(len(bases))}
    for name in {base.name for base in bases}:
        _qualify([index for index, base in enumerate(bases) if base.name == name], means, words, ())
    return tuple(
        Named(", ".join([base.name, *words[index]]), ", ".join([base.subject, *words[index]]))
        for index, base in enumerate(bases)
    )


def _plain(levels: Levels, burn_rate: float, contrast: float) -> Named:
    much = "More coupons" if contrast >= 1.1 else "Fewer coupons" if contrast <= 0.9 else "As many coupons as most"
    if levels.tenure == "new":
        return Named(f"{much}, here for a short time", much)
    if levels.recency in ("quiet", "lapsed"):
        return Named(f"{much}, quiet for a while", much)
    if burn_rate == 0:
        burn = "burn none of them"
    elif burn_rate < 0.15:
        burn = "burn few of them"
    elif burn_rate < 0.42:
        burn = "burn less than half of them"
    elif burn_rate <= 0.58:
        burn = "burn about half of them"
    else:
        burn = "burn most of them"
    return Named(f"{much}, {burn}", much)


def _qualify(
    group: list[int], means: Sequence[Mapping[str, float]], words: dict[int, list[str]], used: tuple[str, ...]
) -> None:
    """Split namesakes at the widest gap of the feature that parts them best, then split the parts on other features."""
    if len(group) < 2:
        return
    splits = [_split(group, means, qualifier) for qualifier in QUALIFIERS if qualifier.feature not in used]
    found = max((split for split in splits if split is not None), key=lambda split: split[0], default=None)
    if found is None:
        # Alike in every mean shown: a letter is all that can truly tell them apart.
        for letter, index in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", group, strict=False):
            words[index].append(f"group {letter}")
        return
    _, qualifier, parts = found
    two, three = (qualifier.less, qualifier.more), (qualifier.least, qualifier.middle, qualifier.most)
    labels = two if len(parts) == 2 else three
    for label, part in zip(labels, parts, strict=True):
        for index in part:
            words[index].append(label)
        _qualify(part, means, words, (*used, qualifier.feature))


def _split(
    group: list[int], means: Sequence[Mapping[str, float]], qualifier: Qualifier
) -> tuple[float, Qualifier, list[list[int]]] | None:
    """Two parts (or three single ones) by this feature, with how clearly it parts them; None where it cannot."""
    if not all(qualifier.feature in means[index] for index in group):
        return None
    values = {index: means[index][qualifier.feature] for index in group}
    ordered = sorted(group, key=lambda index: values[index])
    scale = sum(abs(value) for value in values.values()) / len(values) or 1.0
    gaps = [(values[after] - values[before]) / scale for before, after in itertools.pairwise(ordered)]
    if len(group) == 3 and min(gaps) > 0.02:
        return min(gaps) * qualifier.clarity, qualifier, [[index] for index in ordered]
    # A balanced split needs fewer qualifiers, so the gap counts by how evenly it parts the group.
    weights = [gap * min(place, len(group) - place) for place, gap in enumerate(gaps, start=1)]
    widest = max(range(len(gaps)), key=lambda place: weights[place])
    if gaps[widest] <= 1e-9:
        return None
    return weights[widest] * qualifier.clarity, qualifier, [ordered[: widest + 1], ordered[widest + 1 :]]
