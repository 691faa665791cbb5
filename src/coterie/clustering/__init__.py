"""Room 5: who is alike. Weighted points in; fits of every k, their scores and a chosen k out."""

from __future__ import annotations

from coterie.clustering.agreement import adjusted_rand, best_union, jaccard_table
from coterie.clustering.algorithms import ALGORITHMS, ON_ORDERS, algorithm_named, bound
from coterie.clustering.assign import assign_nearest, nearest_segment
from coterie.clustering.choose_k import choose_k
from coterie.clustering.cluster import cluster
from coterie.clustering.contract import (
    Algorithm,
    Candidate,
    Choice,
    Clustered,
    Fit,
    Floats,
    Labeller,
    Labels,
    Placed,
    Points,
    Refit,
    Rule,
)
from coterie.clustering.dependence import Dependence, find_dependence
from coterie.clustering.drawn import placed
from coterie.clustering.elbow import elbow
from coterie.clustering.gap import gap, k_by_gap
from coterie.clustering.in_engine import sample_in_engine
from coterie.clustering.judged import refit_at, resampled, silhouette_widths
from coterie.clustering.kmeans import cloud, generator, lloyd, nearest
from coterie.clustering.light import fit_each_k, fit_each_weight
from coterie.clustering.own import OWN, Clusterer, own_algorithm
from coterie.clustering.points import distinct, group_points, sample_points
from coterie.clustering.rfm_grid import RFM_GRID, GridName
from coterie.clustering.rules import MOST_CORES, Cores, Mixture, Quintiles, Reach
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
from coterie.clustering.seeding import spread_out
from coterie.clustering.silhouette import silhouette
from coterie.clustering.stability import stability
from coterie.clustering.sweep import full_pass, order_by, sweep
from coterie.clustering.ward import Dendrogram, Join, dendrogram, ward_tree

__all__ = [
    "ALGORITHMS",
    "MOST_CORES",
    "ON_ORDERS",
    "OWN",
    "RFM_GRID",
    "Algorithm",
    "Candidate",
    "Choice",
    "Clustered",
    "Clusterer",
    "Column",
    "Coordinate",
    "Cores",
    "Dendrogram",
    "Dependence",
    "Fit",
    "Floats",
    "GridName",
    "Join",
    "Labeller",
    "Labels",
    "Mixture",
    "Placed",
    "Points",
    "Quintiles",
    "Reach",
    "Refit",
    "Rule",
    "Scaling",
    "adjusted_rand",
    "algorithm_named",
    "assign_nearest",
    "best_union",
    "bound",
    "choose_k",
    "cloud",
    "cluster",
    "coordinate_labels",
    "dendrogram",
    "distinct",
    "elbow",
    "find_dependence",
    "fit_each_k",
    "fit_each_weight",
    "full_pass",
    "gap",
    "generator",
    "group_points",
    "jaccard_table",
    "k_by_gap",
    "learn_scaling",
    "learn_scaling_of",
    "lloyd",
    "nearest",
    "nearest_segment",
    "order_by",
    "own_algorithm",
    "placed",
    "refit_at",
    "resampled",
    "sample_in_engine",
    "sample_points",
    "silhouette",
    "silhouette_widths",
    "spread_out",
    "stability",
    "standardise",
    "standardise_values",
    "sweep",
    "treat",
    "ward_tree",
]
