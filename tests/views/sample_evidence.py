"""Hand-made evidence: what a run can find out about its segments, from five lasting ones to nothing at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

from coterie.evidence.contract import (
    ATTRIBUTE,
    Baselines,
    CrowdSilhouette,
    Evidence,
    Foresight,
    Gap,
    Hill,
    Later,
    Path,
    Reliability,
    SegmentStability,
    SegmentVerdict,
    Stability,
    Structure,
    Verdict,
    unjudged,
)

CUT = dt.date(2017, 9, 4)
LUCK = "Customers do not differ in it by more than luck."


def _path(one: int, other: int, drop: float, other_end: float = -0.4) -> Path:
    """A way whose pass lies in the middle, `drop` under its lower end."""
    steps = 24
    low = min(0.0, other_end) - drop
    density = []
    for step in range(steps + 1):
        at = step / steps
        end = 0.0 if at <= 0.5 else other_end
        density.append(low + (end - low) * abs(math.cos(math.pi * at)) ** 1.5)
    return Path(one, other, tuple(step / steps for step in range(steps + 1)), tuple(density), drop)


def _crowd(ks=range(2, 11), base: float = 0.33) -> tuple[CrowdSilhouette, ...]:
    return tuple(CrowdSilhouette(k, base + 0.03 * (k % 3 - 1), base + 0.03 * (k % 3 - 1) - 0.015,
                                 base + 0.03 * (k % 3 - 1) + 0.015) for k in ks)  # fmt: skip


def _gaps(peak: int, last: int = 10) -> tuple[Gap, ...]:
    return tuple(Gap(k, 0.2 + 0.08 * min(k, peak) - 0.01 * max(0, k - peak), 0.006) for k in range(1, last + 1))


def _reliability(*rows) -> tuple[Reliability, ...]:
    return tuple(Reliability(*row) for row in rows)


def _later(rows, lasting: bool = True) -> tuple[Later, ...]:
    return tuple(
        Later(number, lift, low, high, customers, lasting and (low > 1 or high < 1), 0.8 - 0.02 * number, lift * 0.31,
              claims, lift * 0.31 / claims)
        for number, (lift, low, high, customers, claims) in enumerate(rows, 1)
    )  # fmt: skip


def _graded(values, crowd, kinds=None) -> tuple[SegmentStability, ...]:
    return tuple(
        SegmentStability(number, value, of_crowd,
                         kinds[number - 1] if kinds else "reproducible" if value >= 0.75 else "constructed")
        for number, (value, of_crowd) in enumerate(zip(values, crowd, strict=True), 1)
    )  # fmt: skip


def _verdict(kind, foresight: Foresight, stability: Stability, text: str) -> Verdict:
    last = {one.segment: one.lasting for one in foresight.segments}
    rows = tuple(SegmentVerdict(one.segment, one.grade, last.get(one.segment)) for one in stability.segments)
    return Verdict(kind, foresight.lasting, text, rows)


def one_crowd() -> Evidence:
    """One crowd, two of five segments with firm borders, all differences last, the top segment 5.3 times."""
    foresight = Foresight(
        CUT, "burns", 1,
        _later(((5.3, 4.3, 6.5, 221, 5.1), (2.6, 2.2, 3.0, 160, 2.4), (0.55, 0.31, 0.83, 412, 3.4),
                (0.44, 0.32, 0.58, 408, 1.6), (0.28, 0.19, 0.39, 230, 0.9))),
        0.25, Baselines(0.1, 0.19, 0.006, "burn_rate"), 0.0005, lasting=True, customers=1431, left_out=153, later=444,
    )  # fmt: skip
    stability = Stability(1584, 0.71, 0.55, _graded((0.77, 0.66, 0.68, 0.68, 0.91), (0.58, 0.51, 0.52, 0.55, 0.8)), 50)
    structure = Structure(
        (Hill(1584, 0.0, None),), 1, None, _gaps(3), _crowd(), customers=1584, natural=False, tau=1.5,
        paths=(_path(1, 2, 0.35), _path(1, 3, 0.2), _path(2, 4, 0.6, -0.9), _path(3, 4, 0.0), _path(4, 5, 0.1)),
        shares={},
    )  # fmt: skip
    return Evidence(
        _reliability(
            ("burn_rate", 0.57, 0.48, 0.66, 0.005, 1210, True, True),
            ("transaction_count", 0.43, 0.36, 0.49, 0.005, 1402, True, True),
            ("recency", 0.35, 0.25, 0.43, 0.005, 1402, True, True),
            ("coupons_burnt", 0.02, -0.06, 0.1, 0.4, 900, False, False, LUCK),
            ("tenure", None, None, None, None, 0, None, True, ATTRIBUTE),
        ),
        structure, stability, foresight, _verdict("constructed", foresight, stability, "One crowd."), 1584, differ=True,
    )  # fmt: skip


def chance(segments: int = 5) -> Evidence:
    """Nothing is real: constructed and not lasting."""
    foresight = Foresight(
        CUT, "burns", 1,
        _later(tuple((1.06 - 0.03 * one, 0.8 - 0.03 * one, 1.3 - 0.03 * one, 150, 2.0) for one in range(segments)), False),
        0.004, Baselines(0.003, 0.002, 0.009, "recency"), 0.412, lasting=False, customers=820, left_out=180, later=260,
    )  # fmt: skip
    values = tuple(0.62 - 0.03 * one for one in range(segments))
    stability = Stability(1000, 0.48, 0.5, _graded(values, tuple(one + 0.02 for one in values)), 50)
    structure = Structure(
        (Hill(1000, 0.0, None),), 1, None, _gaps(1), _crowd(base=0.41), customers=1000, natural=False, tau=1.5,
        paths=tuple(_path(one, one + 1, 0.1 * one) for one in range(1, segments)), shares={},
    )  # fmt: skip
    return Evidence(
        _reliability(
            ("burn_rate", 0.0, -0.12, 0.08, 0.51, 610, False, True, LUCK),
            ("transaction_count", 0.04, -0.05, 0.12, 0.22, 700, False, True,
             "Handed out by plan, not by customer: everybody got about the same."),
            ("recency", 0.01, -0.08, 0.1, 0.4, 700, False, True, LUCK),
        ),
        structure, stability, foresight, _verdict("constructed", foresight, stability, "Luck."), 1000, differ=False,
    )  # fmt: skip


def natural() -> Evidence:
    """Five groups with gaps between them."""
    base = one_crowd()
    stability = Stability(1584, 0.98, 0.55, _graded((0.99, 0.98, 0.97, 0.99, 1.0), (0.58, 0.51, 0.52, 0.55, 0.8),
                                                    ("natural",) * 5), 50)  # fmt: skip
    structure = Structure(
        tuple(Hill(317, 0.0 - 0.1 * one, -2.5) for one in range(5)), 5, 0.97, _gaps(5), _crowd(), customers=1584,
        natural=True, tau=1.5, paths=tuple(_path(one, one + 1, 2.2 + 0.3 * one) for one in range(1, 5)),
        shares={str(one): 0.93 + 0.01 * one for one in range(1, 6)},
    )  # fmt: skip
    return dataclasses.replace(
        base, structure=structure, stability=stability,
        verdict=_verdict("natural", base.foresight, stability, "Five groups."),
    )  # fmt: skip


def across() -> Evidence:
    """There are three groups, and the segments cut across them; two segments last."""
    base = one_crowd()
    later = tuple(dataclasses.replace(one, lasting=one.segment < 3) for one in base.foresight.segments)
    later = (*later[:4], dataclasses.replace(later[4], lift=None, low=None, high=None, lasting=None, overlap=0.31))
    foresight = dataclasses.replace(base.foresight, segments=later)
    structure = dataclasses.replace(
        base.structure, hills=(Hill(900, 0.0, -2.0), Hill(400, -0.3, -2.0), Hill(284, -0.5, -3.0)), k_hills=3,
        agreement=0.42, paths=(_path(1, 2, 2.0), *base.structure.paths[1:]),
    )  # fmt: skip
    return dataclasses.replace(
        base, structure=structure, foresight=foresight,
        verdict=_verdict("constructed", foresight, base.stability, "Three groups."),
    )  # fmt: skip


def switched_off(segments: int = 5) -> Evidence:
    """Nothing was judged."""
    return unjudged("Not judged: evidence was switched off.", segments)


def little(segments: int = 5) -> Evidence:
    """Too little data: each question has its own reason."""
    base = switched_off(segments)
    note = "Cannot be judged: no customer has it in both halves of their coupons, and 50 are needed."
    return dataclasses.replace(
        base,
        reliability=_reliability(("burn_rate", None, None, None, None, 0, None, True, note),
                                 ("transaction_count", None, None, None, None, 0, None, True, note)),
        structure=dataclasses.replace(
            base.structure, reason="Cannot be judged: only 30 customers have a coupon, and 200 are needed to see groups."),
        stability=dataclasses.replace(base.stability, reason="Cannot be judged: only 30 customers can be drawn again."),
        foresight=dataclasses.replace(base.foresight, reason="Cannot be judged: the data cover one week only."),
        verdict=dataclasses.replace(base.verdict, text="Too little data."),
    )  # fmt: skip
