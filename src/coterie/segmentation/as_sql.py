"""The whole model as SQL: one query from the raw tables to customer_id and segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.clustering import Cores, Mixture, Quintiles, Reach, assign_nearest, standardise
from coterie.engines import ComposingEngine, Dialect, NoWord, RowsInOrder, named, write_query
from coterie.errors import DataError, UsageError
from coterie.features import LOOKED_UP, available, expressed
from coterie.segmentation.contract import FITS_NO_GROUP, NEVER_ACTIVE, Model
from coterie.segmentation.place import axis_names

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables import Tables

QUERY_BEGINS = "-- customer_id and segment of every customer, "
"""The first words of every query, by which a file is known as ours."""

WRITTEN = (
    "How cells are written (dates, decimal marks, ids, words of a status) was looked up in the data; rules about their "
    "content hold for rows to come."
)


def model_as_sql(model: Model, tables: Tables, dialect: Dialect, *, label: str = "", version: str = "") -> str:
    """The query that gives every customer the segment that `assign` does, with a comment on top.

    Args:
        model: Of a run.
        tables: Read by an engine that composes, as of the day of the query.
        dialect: To write it in.
        label: What to call the run.
        version: Of Coterie.

    Raises:
        UsageError: The model, or how the tables are read, cannot be said in SQL or in that dialect.
        DataError: The data lack a feature of the model.
    """
    engine = tables.engine
    assert isinstance(engine, ComposingEngine)
    _refuse(model, tables)
    customers = _customers(model, tables)
    try:
        query = write_query(engine, _placed(model, customers, engine), dialect)
    except RowsInOrder as error:
        raise UsageError(
            f"The order of the rows of {error} decides how they are read, and tables of a database have none. Give a "
            "row per coupon in its present state, not a log of events."
        ) from None
    except NoWord as error:
        raise _unspeakable(model, customers, engine, dialect, error) from None
    return f"{_comment(model, tables, dialect, query.sources, label, version)}\n{query.text}\n"


def _refuse(model: Model, tables: Tables) -> None:
    features = {axis.feature for axis in model.coordinates}
    lacking = sorted(features - set(available(tables)))
    if lacking:
        raise DataError(
            f"The model needs {', '.join(lacking)}, which cannot be computed from this data. "
            "Give it tables with the columns the model was made from."
        )
    for name in sorted(features & set(LOOKED_UP)):
        raise UsageError(
            f"Feature {name!r} cannot be said in SQL: it takes a special function of the orders of each customer. "
            "Segment without it, or place customers with `coterie assign`."
        )
    if isinstance(model.rule, Cores):
        raise UsageError(
            f"The segments of {model.algorithm} cannot be said in SQL: a customer belongs to the nearest of "
            f"{len(model.rule.points):,} others. Use k-means or ward, or place customers with `coterie assign`."
        )


def _customers(model: Model, tables: Tables) -> ir.Table:
    """customer_id, active and the features of the model."""
    return named(tables.engine, expressed(tables, model.needed, model.learned), "features")


def _placed(model: Model, customers: ir.Table, engine: ComposingEngine) -> ir.Table:
    """customer_id and segment."""
    values = standardise(customers, model.coordinates, model.learned)
    axes = dict(zip(axis_names(model.coordinates), values, strict=True))
    space = customers.select("customer_id", "active", **axes)
    engine.call(space, "coordinates")
    placed = _by_rule(model, space, tuple(axes))
    if model.include_inactive:
        return placed.select("customer_id", "segment")
    segment = ibis.ifelse(placed.active, placed.segment, NEVER_ACTIVE)
    return placed.select("customer_id", segment=segment.cast("int64"))


def _by_rule(model: Model, space: ir.Table, axes: Sequence[str]) -> ir.Table:
    """The customers with their segments; whoever has no event has one too."""
    match model.rule:
        case Quintiles():
            return space.mutate(segment=_of_scores(model.rule, space, axes))
        case Mixture():
            return _likeliest(model.rule, space, axes)
    if not axes:
        return space.mutate(segment=ibis.literal(1, "int64"))
    near = assign_nearest(space, axes, model.centroid_rows)
    if not isinstance(model.rule, Reach):
        return near
    reach = near.segment.cases(*enumerate(model.rule.radii, start=1), else_=0.0)
    return near.mutate(segment=ibis.ifelse(near.distance <= reach, near.segment, FITS_NO_GROUP).cast("int64"))


def _of_scores(rule: Quintiles, space: ir.Table, axes: Sequence[str]) -> ir.IntegerValue:
    """As `Quintiles.place`: the segment of the cell of the three scores."""
    cell: ir.IntegerValue = ibis.literal(0, "int64")
    for place, (axis, cuts) in enumerate(zip(rule.axes, rule.cuts, strict=True)):
        score: ir.IntegerValue = ibis.literal(3, "int64")
        if axis >= 0:
            beyond = sum(ibis.ifelse(space[axes[axis]] > cut, 1, 0) for cut in cuts)
            score = 5 - beyond if place == 0 else beyond + 1
        cell += (score - 1) * (25, 5, 1)[place]
    cells = {segment: [at for at, found in enumerate(rule.cells) if found == segment] for segment in set(rule.cells)}
    return ibis.cases(*((cell.isin(places), segment) for segment, places in sorted(cells.items()))).cast("int64")


def _likeliest(rule: Mixture, space: ir.Table, axes: Sequence[str]) -> ir.Table:
    """As `Mixture.place`: the first of the likeliest components."""
    likely = {}
    for place, (weight, mean, factor) in enumerate(zip(rule.weights, rule.means, rule.precisions, strict=True), 1):
        value: ir.FloatingValue = ibis.literal(float(np.log(weight) + np.log(np.diag(np.array(factor))).sum()))
        for column in range(len(axes)):
            steps = ((space[axes[row]] - mean[row]) * factor[row][column] for row in range(column + 1))
            value = value - sum(steps, start=ibis.literal(0.0)) ** 2 / 2.0
        likely[f"_l{place}"] = value
    found = space.mutate(**likely)
    best = found.mutate(_best=ibis.greatest(*(found[name] for name in likely)) if len(likely) > 1 else found["_l1"])
    branches = ((best[name] == best["_best"], place) for place, name in enumerate(likely, start=1))
    return best.mutate(segment=ibis.cases(*branches, else_=1).cast("int64"))


def _unspeakable(
    model: Model, customers: ir.Table, engine: ComposingEngine, dialect: Dialect, error: NoWord
) -> UsageError:
    """Which features the dialect cannot express; or that it is something in how the tables are read."""

    def fails(*names: str) -> bool:
        try:
            write_query(engine, customers.select("customer_id", *names), dialect)
        except NoWord:
            return True
        return False

    way_out = "Choose another dialect, or place customers with `coterie assign`."
    if fails():
        return UsageError(f"{dialect.name} has no word for {error}, which reading these tables takes. {way_out}")
    unsaid = [name for name in model.needed if fails(name)]
    if not unsaid:
        return UsageError(f"{dialect.name} has no word for {error}, which finding the segment takes. {way_out}")
    return UsageError(f"{dialect.name} cannot express {', '.join(unsaid)} ({error}). {way_out}")


def _comment(model: Model, tables: Tables, dialect: Dialect, sources: Sequence[str], label: str, version: str) -> str:
    names = {"0": "Never active", **(model.all_names if isinstance(model.rule, Reach) else model.names)}
    told = sorted(names.items(), key=lambda one: int(one[0]))
    segments = ", ".join(f"{number} {name}" for number, name in told)
    whose = f"by the model of {label or tables.label}" + (f" (Coterie {version})" if version else "")
    tried = "" if dialect.tried else f" Only the grammar of {dialect.name} was checked, not a run."
    found = f"Reads {', '.join(sources)}: names and columns as found in {tables.label}."
    lines = [
        f"{whose}, as of {tables.as_of}.",
        f"Dialect: {dialect.name}.{tried}",
        f"{found} Change them in the steps raw_….",
        f"Segments: {segments}.",
        WRITTEN,
        "Run it as it stands, or as CREATE TABLE … AS. For another day: coterie sql RUN --as-of DATE.",
        *([dialect.advice] if dialect.advice else []),
    ]
    return QUERY_BEGINS + "\n-- ".join(map(_line, lines))


def _line(text: str) -> str:
    """A text that ends no comment."""
    return " ".join(text.split())
