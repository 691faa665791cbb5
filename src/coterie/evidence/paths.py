"""The densest way from one segment to another: whether fewer customers stand between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.evidence.contract import Path
from coterie.evidence.hills import denser, find_root

if TYPE_CHECKING:
    from coterie.clustering import Floats, Labels
    from coterie.evidence.hills import Hills

MOST_POINTS = 40
_BRIDGE = 9


def paths_between(hills: Hills, labels: Labels, most: int = 6) -> tuple[Path, ...]:
    """The ways between neighbouring segments, each with its lowest density as high as possible.

    A drop under `hills.tau` means that no gap lies between the two.

    Args:
        hills: Of n customers.
        labels: (n,) segment of each, from 1; -1 for none.
        most: How many ways; more only where that many are needed to join all segments.
    """
    tops = {int(one): _densest(hills, labels == one) for one in np.unique(labels[labels > 0])}
    if len(tops) < 2 or hills.x.shape[1] == 0:
        return ()
    up = _forest(hills)
    return tuple(
        _path(hills, one, other, _way(hills, up, tops[one], tops[other]))
        for one, other in _neighbours(hills, labels, tuple(tops), most)
    )


def _densest(hills: Hills, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    customers = np.flatnonzero(inside)
    return int(customers[hills.density[customers].argmax()])


def _neighbours(hills: Hills, labels: Labels, segments: tuple[int, ...], most: int) -> list[tuple[int, int]]:
    """Pairs of segments: enough to join them all, then those with most pairs of near customers."""
    one, other = np.repeat(labels, hills.neighbours.shape[1]), labels[hills.neighbours.ravel()]
    centre = {segment: hills.x[labels == segment].mean(axis=0) for segment in segments}
    pairs = [(a, b) for place, a in enumerate(segments) for b in segments[place + 1 :]]
    shared = {(a, b): int((((one == a) & (other == b)) | ((one == b) & (other == a))).sum()) for a, b in pairs}
    pairs.sort(key=lambda pair: (-shared[pair], float(np.linalg.norm(centre[pair[0]] - centre[pair[1]])), pair))
    joined = {segment: segment for segment in segments}
    tree = []
    for a, b in pairs:
        if joined[a] != joined[b]:
            old, new = joined[b], joined[a]
            joined = {segment: new if root == old else root for segment, root in joined.items()}
            tree.append((a, b))
    more = [pair for pair in pairs if pair not in tree and shared[pair] > 0]
    return sorted([*tree, *more[: max(0, most - len(tree))]])


def _forest(hills: Hills) -> list[list[int]]:
    """A spanning forest of the nearest-neighbour graph in which every way keeps its lowest density highest.

    Kruskal's algorithm, an edge being as dense as its thinner end: from dense to thin, each customer is tied to its
    densest neighbour and to whatever other part it joins.
    """
    order = np.argsort(-hills.density, kind="stable")
    parent = list(range(len(order)))
    tied: list[list[int]] = [[] for _ in parent]
    place: list[int] = order.tolist()
    for point, near in enumerate(denser(order, hills.neighbours)):
        for end in near:
            one, other = find_root(parent, point), find_root(parent, end)
            if one == other:
                continue
            parent[max(one, other)] = min(one, other)
            tied[place[point]].append(place[end])
            tied[place[end]].append(place[point])
    return tied


def _way(hills: Hills, tied: list[list[int]], start: int, end: int) -> tuple[Floats, Floats]:
    """Points (p, d) and log densities (p,) on the way; where nothing joins the two, straight over the narrowest gap."""
    back = _reach(tied, start)
    if end in back:
        way = _walk(back, end)[::-1]
        return hills.x[way], hills.density[way]
    forth = _reach(tied, end)
    near, far = _narrowest(hills.x, sorted(back), sorted(forth))
    share = np.linspace(0.0, 1.0, _BRIDGE + 2)[1:-1, None]
    bridge = hills.x[near] * (1.0 - share) + hills.x[far] * share
    one, other = _walk(back, near)[::-1], _walk(forth, far)
    points = np.concatenate((hills.x[one], bridge, hills.x[other]))
    return points, np.concatenate((hills.density[one], _density_at(hills, bridge), hills.density[other]))


def _reach(tied: list[list[int]], start: int) -> dict[int, int]:
    """Every customer that a way leads to, with the one before it on that way."""
    back = {start: start}
    stack = [start]
    while stack:
        at = stack.pop()
        for other in tied[at]:
            if other not in back:
                back[other] = at
                stack.append(other)
    return back


def _walk(back: dict[int, int], at: int) -> list[int]:
    """From a customer back to the start."""
    way = [at]
    while back[at] != at:
        at = back[at]
        way.append(at)
    return way


def _narrowest(x: Floats, one: list[int], other: list[int]) -> tuple[int, int]:
    """The two customers, one of each part, that are nearest to each other."""
    from scipy.spatial import cKDTree

    distance, at = cKDTree(x[other]).query(x[one])
    place = int(distance.argmin())
    return one[place], other[int(at[place])]


def _density_at(hills: Hills, points: Floats) -> Floats:
    """Log density where nobody stands, as at customers: from the distance to the kk-th nearest."""
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(hills.x).query(points, [hills.neighbours.shape[1]])
    density: Floats = -hills.dimension * np.log(distance[:, 0])
    return density


def _path(hills: Hills, one: int, other: int, way: tuple[Floats, Floats]) -> Path:
    """The profile of a way, thinned to at most 40 points; both ends and the lowest point stay."""
    points, density = way
    walked = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    position = walked / walked[-1] if walked[-1] > 0 else walked
    lowest = int(density.argmin())
    kept = np.unique(
        np.append(np.linspace(0, len(density) - 1, min(MOST_POINTS - 1, len(density))).astype(int), lowest)
    )
    ends = (float(density[0]), float(density[-1]))
    return Path(
        one=one,
        other=other,
        position=tuple(position[kept].tolist()),
        density=tuple((density[kept] - max(ends)).tolist()),
        drop=min(ends) - float(density[lowest]),
    )
