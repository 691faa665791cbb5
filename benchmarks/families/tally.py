"""Counts over draws, their intervals, and the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from families.contract import Claim, Drawn, Family

MEASURES = {
    "natural": "called natural",
    "several": "more than one hill",
    "exact": "number of groups exact",
    "close": "segments agree with the groups (ARI at least 0.9)",
    "above": "more groups than there are",
    "lasting": "called lasting",
    "claims real": "claims called real",
    "burn rate real": "burn rate called real",
    "orders real": "orders a year called real",
    "order value real": "order value called real",
    "spend real": "spend called real",
}
Row = dict[str, Any]


def wilson(hits: int, draws: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927).

    Example:
        >>> [round(end, 4) for end in wilson(0, 200)]
        [0.0, 0.0188]
    """
    if draws == 0:
        return 0.0, 1.0
    share, spare = hits / draws, z * z / draws
    middle, half = share + spare / 2, z * (share * (1 - share) / draws + spare / (4 * draws)) ** 0.5
    low, high = (middle - half) / (1 + spare), (middle + half) / (1 + spare)
    return (0.0 if hits == 0 else low), (1.0 if hits == draws else high)


def met(claim: Claim, hits: int, draws: int) -> bool | None:
    """Whether the share observed keeps to its bound; None where there is none."""
    if claim.bound is None or draws == 0:
        return None
    return hits >= claim.bound * draws if claim.least else hits <= claim.bound * draws


def counted(family: Family, drawn: Iterable[Drawn]) -> list[Row]:
    """A row for each number of customers and each claim."""
    mine = [one for one in drawn if one["family"] == family.name]
    rows = []
    for customers in sorted({one["customers"] for one in mine}):
        some = [one for one in mine if one["customers"] == customers]
        for claim in family.claims:
            hits = sum(bool(one[claim.measure]) for one in some)
            low, high = wilson(hits, len(some))
            rows.append({
                "family": family.name,
                "customers": customers,
                "measure": claim.measure,
                "hits": hits,
                "draws": len(some),
                "low": round(low, 4),
                "high": round(high, 4),
                "bound": claim.bound,
                "least": claim.least,
                "met": met(claim, hits, len(some)),
            })  # fmt: skip
    return rows


def table(families: Sequence[Family], rows: Sequence[Row]) -> str:
    """The rows as Markdown; the last sums up how often more groups were seen than were planted in any family."""
    lines = ["| customers are | number | what is counted | times | share (95 % interval) | must be | met |"]
    lines.append("| --- | ---: | --- | ---: | ---: | --- | --- |")
    for family in families:
        mine = [row for row in rows if row["family"] == family.name and row["measure"] != "above"]
        lines += [_line(family.label, row) for row in mine]
    above = [row for row in rows if row["measure"] == "above"]
    if above:
        lines.append(_line("Any planted groups", _summed(above)))
    return "\n".join(lines)


def makings(families: Sequence[Family]) -> str:
    """How the customers of each family are made, as Markdown."""
    meanings = {family.label: family.meaning for family in families}
    lines = ["| customers are | how they are made |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {label} | {meaning} |" for label, meaning in meanings.items())])


def _summed(rows: Sequence[Row]) -> Row:
    hits, draws = sum(row["hits"] for row in rows), sum(row["draws"] for row in rows)
    low, high = wilson(hits, draws)
    claim = Claim("above", rows[0]["bound"])
    sizes = {row["customers"] for row in rows}
    return {
        **rows[0],
        "customers": sizes.pop() if len(sizes) == 1 else "all",
        "hits": hits,
        "draws": draws,
        "low": low,
        "high": high,
        "met": met(claim, hits, draws),
    }


def _line(label: str, row: Row) -> str:
    customers = f"{row['customers']:,}" if isinstance(row["customers"], int) else row["customers"]
    share = f"{_percent(row['hits'] / row['draws'])} ({_percent(row['low'])} to {_percent(row['high'])})"
    bound = "" if row["bound"] is None else f"at {'least' if row['least'] else 'most'} {100 * row['bound']:.0f} %"
    verdict = {None: "reported", True: "yes", False: "**no**"}[row["met"]]
    cells = (label, customers, MEASURES[row["measure"]], f"{row['hits']} of {row['draws']}", share, bound, verdict)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
