"""The model: all that was learned by the steps so far."""

from __future__ import annotations

from coterie.clustering import Cores, Mixture, Quintiles, Reach
from coterie.segmentation.contract import MODEL_FORMAT, Model, Work, made


def model_of(work: Work) -> Model:
    """The model of finished segments; names and actions are part of it."""
    described, profiles, centroids = made(work.described), made(work.profiles), made(work.centroids)
    names = {str(entry.segment): entry.name for entry in profiles.segments}
    rule = work.clustered.fit.rule if work.clustered else None
    primary = {str(action.segment): action.action for action in work.actions if action.primary}
    return Model(
        format=MODEL_FORMAT,
        preset=described.preset,
        features=described.clustered,
        attributes=tuple(entry.name for entry in described.features if entry.family == "attributes"),
        include_inactive=work.settings.include_inactive,
        as_of=work.tables.as_of,
        seed=work.settings.seed,
        k=len(centroids),
        learned=described.learned,
        coordinates=made(work.scaling).coordinates,
        centroids=tuple(tuple(float(value) for value in row) for row in centroids),
        names=names,
        actions=primary,
        algorithm=work.algorithm.name,
        mixture=rule if isinstance(rule, Mixture) else None,
        cores=rule if isinstance(rule, Cores) else None,
        reach=rule if isinstance(rule, Reach) else None,
        quintiles=rule if isinstance(rule, Quintiles) else None,
    )
