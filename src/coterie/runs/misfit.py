"""Which parts of a model, or of the evidence beside it, do not fit each other: both may come from a stranger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coterie.clustering import ALGORITHMS, MOST_CORES, ON_ORDERS, OWN, RFM_GRID, Cores, Mixture, Quintiles
from coterie.evidence import Evidence
from coterie.features import ALIKE, RFM_SCORES, Lifetime
from coterie.segmentation import MODEL_FORMAT, Model

EARLIEST = 1900
"""No as-of day lies before."""

LARGEST = 1e12
"""No number of a rule is larger; customers stand a few units from 0."""

LONGEST_NAME = 200
Check = tuple[bool, str]


def misfit_of(model: Model) -> str:
    """What does not fit, as part of a sentence; empty where all does. Numbers are finite already."""
    parts = (_shapes, _ranges, _kind, _mixture, _cores, _reach, _quintiles)
    return next((sentence for part in parts for fits, sentence in part(model) if not fits), "")


def misfit_of_evidence(evidence: Evidence, k: int) -> str:
    """What does not fit in the evidence of k segments, as part of a sentence; empty where all does."""
    structure, foresight = evidence.structure, evidence.foresight
    everyone = list(range(1, k + 1))
    rows = (evidence.stability.segments, foresight.segments, evidence.verdict.segments)
    told = [[one.segment for one in part] for part in rows]
    if told[2] != everyone or any(part not in ([], everyone) for part in told[:2]):
        return f"its segments are not those of the model, 1 to {k}"
    if foresight.top is not None and foresight.top not in everyone:
        return f"its top segment is {foresight.top}, and the model has 1 to {k}"
    named = {str(one) for one in everyone}
    if (
        not set(structure.shares or {}) <= named
        or not {str(end) for p in structure.paths for end in (p.one, p.other)} <= named
    ):
        return f"its structure tells of segments that the model does not have, 1 to {k}"
    if any(len(path.position) != len(path.density) or not path.position for path in structure.paths):
        return "a path does not have one density a place"
    numbers = (one.lift for one in foresight.segments if one.lift is not None)
    if any(lift < 0 for lift in numbers):
        return "a lift is negative"
    return ""


def _shapes(model: Model) -> Iterator[Check]:
    learned, axes = model.learned, model.coordinates
    segments = {str(segment) for segment in range(1, model.k + 1)}
    yield model.format == MODEL_FORMAT, f"its format is {model.format}, not {MODEL_FORMAT}"
    yield len(model.centroids) == model.k, f"it has {len(model.centroids)} centres for k = {model.k}"
    yield _all_long(model.centroids, len(axes)), "its centres do not have one number a coordinate"
    yield all(axis.sd > 0 for axis in axes), "a coordinate has no spread"
    yield all(axis.level is None or axis.feature in learned.levels for axis in axes), "a category has no values"
    yield segments <= set(model.names) and segments <= set(model.actions), "a segment has no name or no action"


def _ranges(model: Model) -> Iterator[Check]:
    learned = model.learned
    rates = (*learned.claims_prior, *learned.burn_rate_prior, *learned.burn_rate_mature_prior, *learned.orders_prior)
    powers = (learned.exposure_power, learned.orders_power)
    yield min(rates) >= 0 and all(0 <= power <= 1 for power in powers), "a prior is out of its range"
    cuts = learned.rfm_cuts
    yield (
        set(cuts) <= RFM_SCORES and all(len(four) == 4 and sorted(four) == list(four) for four in cuts.values()),
        "its cuts of recency, frequency and monetary value are no cuts",
    )
    yield _possible(learned.lifetime), "its lifetime value models are out of their range"
    yield all(0 <= share <= 1 for share in learned.burn_curve.share), "the burn curve leaves 0 to 1"
    yield model.as_of.year >= EARLIEST, f"its as-of day is {model.as_of}"


def _possible(lifetime: Lifetime | None) -> bool:
    """Whether the models behind expected orders and value can have been fitted."""
    if lifetime is None:
        return True
    orders, value, constant = lifetime.bg_nbd, lifetime.gamma_gamma, lifetime.constant
    if orders is not None and not (
        0 < orders.r <= ALIKE and 0 < orders.alpha <= LARGEST and 0 <= orders.a <= ALIKE and 0 < orders.b <= LARGEST
    ):
        return False
    if value is not None and not (0 < value.p <= LARGEST and 1 < value.q <= LARGEST and 0 < value.gamma <= LARGEST):
        return False
    return constant is None or 0 <= constant <= LARGEST


def _kind(model: Model) -> Iterator[Check]:
    name = model.algorithm
    own = name.startswith(OWN) and len(name) <= LONGEST_NAME and name.isprintable()
    yield (
        own or name in {one.name for one in (*ALGORITHMS, *ON_ORDERS)},
        f"this Coterie does not know the algorithm {name[:50]!r}",
    )
    rules = ("mixture", "cores", "reach", "quintiles")
    of = "reach" if own else {"mixture": "mixture", "hdbscan": "cores", "rfm": "quintiles"}.get(name)
    given = tuple(getattr(model, part) is not None for part in rules)
    wanted = tuple(part == of for part in rules)
    # One's own may go without, and where all customers are alike nothing was looked for.
    yield (
        given == wanted or ((own or model.k == 1) and not any(given)),
        f"its rule for placing customers is not the one of the algorithm {name!r}",
    )


def _mixture(model: Model) -> Iterator[Check]:
    rule, k, d = model.mixture, model.k, len(model.coordinates)
    if not isinstance(rule, Mixture):
        return
    yield len(rule.weights) == len(rule.means) == len(rule.precisions) == k, f"its mixture is not one of {k} components"
    yield (
        _all_long(rule.means, d) and all(len(matrix) == d and _all_long(matrix, d) for matrix in rule.precisions),
        "a component does not have one number a coordinate",
    )
    yield all(0 < weight <= 1 for weight in rule.weights), "a component has no weight"
    diagonal = (matrix[place][place] for matrix in rule.precisions for place in range(d))
    numbers = (value for rows in (rule.means, *rule.precisions) for row in rows for value in row)
    yield all(value > 0 for value in diagonal) and _small(numbers), "a component has no spread"


def _cores(model: Model) -> Iterator[Check]:
    rule = model.cores
    if not isinstance(rule, Cores):
        return
    yield (
        len(rule.points) == len(rule.segments) <= MOST_CORES,
        f"it has {len(rule.points)} cores in {len(rule.segments)} segments, and {MOST_CORES} are the most",
    )
    yield _all_long(rule.points, len(model.coordinates)), "a core does not have one number a coordinate"
    yield set(rule.segments) == set(range(1, model.k + 1)), "its cores are not those of its segments"
    yield _radii(rule.radii, model.k), "a segment's reach is missing or out of its range"
    yield _small(value for row in rule.points for value in row), "a core is out of range"


def _reach(model: Model) -> Iterator[Check]:
    if model.reach is not None:
        yield _radii(model.reach.radii, model.k), "a segment's reach is missing or out of its range"


def _quintiles(model: Model) -> Iterator[Check]:
    rule, k, d = model.quintiles, model.k, len(model.coordinates)
    if not isinstance(rule, Quintiles):
        return
    there = [axis for axis in rule.axes if axis >= 0]
    yield len(rule.axes) == len(rule.cuts) == 3, "it does not have three scores"
    yield all(-1 <= axis < d for axis in rule.axes) and len(set(there)) == len(there) > 0, "its scores have no columns"
    lengths = [4 if axis >= 0 else 0 for axis in rule.axes]
    yield [len(cuts) for cuts in rule.cuts] == lengths, "a score does not have four cuts"
    yield all(list(cuts) == sorted(cuts) for cuts in rule.cuts), "the cuts of a score do not ascend"
    yield _small(cut for cuts in rule.cuts for cut in cuts), "a cut is out of range"
    yield (
        len(rule.cells) == 125 and set(rule.cells) == set(range(1, k + 1)),
        "its grid does not give each of the 125 cells one of its segments",
    )
    known = {entry.name for entry in RFM_GRID}
    yield len(set(rule.names)) == len(rule.names) == k and set(rule.names) <= known, "its names are not of the grid"


def _radii(radii: Sequence[float], k: int) -> bool:
    return len(radii) == k and all(0 <= radius <= LARGEST for radius in radii)


def _all_long(rows: Sequence[Sequence[float]], length: int) -> bool:
    return all(len(row) == length for row in rows)


def _small(numbers: Iterator[float]) -> bool:
    return all(abs(value) <= LARGEST for value in numbers)
