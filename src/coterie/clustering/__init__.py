"""Room 5: who is alike. Weighted points in; fits of every k, their scores and a chosen k out."""

from __future__ import annotations

from coterie.clustering.algorithms import ALGORITHMS
from coterie.clustering.assign import assign_nearest
from coterie.clustering.choose_k import choose_k
from coterie.clustering.cluster import cluster
from coterie.clustering.contract import Algorithm, Candidate, Choice, Clustered, Fit, Floats, Labels, Points
from coterie.clustering.dependence import Dependence, find_dependence
from coterie.clustering.elbow import elbow
from coterie.clustering.kmeans import cloud, generator, lloyd, nearest, spread_out
from coterie.clustering.points import distinct, group_points, sample_points
from coterie.clustering.scaling import (
    Column,
    Coordinate,
    Scaling,
    coordinate_labels,
    learn_scaling,
    learn_scaling_of,
    standardise,
    standardise_values,
    treat,
)
from coterie.clustering.silhouette import silhouette
from coterie.clustering.stability import stability
from coterie.clustering.sweep import order_by, sweep

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "Candidate",
    "Choice",
    "Clustered",
    "Column",
    "Coordinate",
    "Dependence",
    "Fit",
    "Floats",
    "Labels",
    "Points",
    "Scaling",
    "assign_nearest",
    "choose_k",
    "cloud",
    "cluster",
    "coordinate_labels",
    "distinct",
    "elbow",
    "find_dependence",
    "generator",
    "group_points",
    "learn_scaling",
    "learn_scaling_of",
    "lloyd",
    "nearest",
    "order_by",
    "sample_points",
    "silhouette",
    "spread_out",
    "stability",
    "standardise",
    "standardise_values",
    "sweep",
    "treat",
]
