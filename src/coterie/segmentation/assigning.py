"""Customers of any data placed with a saved model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import DataError
from coterie.features import available, delivered, describe
from coterie.segmentation.contract import FITS_NO_GROUP, Model
from coterie.segmentation.place import customer_list, place, refuse_rule, space_of
from coterie.tables import in_ranges, together

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables import Some, Tables


def assign(model: Model, tables: Tables, *, expected: bool = True) -> ir.Table:
    """The assignments of these tables' customers by a saved model, without learning anything; sorted by customer_id.

    Columns as in the run folder: customer_id, segment, name, distance, margin, action, and, if `expected`, with orders
    what the model of the run expects of each customer (probability_alive, expected_orders, expected_value). Everything
    after `tables.as_of` is unknown to it. Raises DataError where the data lack a feature of the model.
    """
    lacking = sorted({axis.feature for axis in model.coordinates} - set(available(tables)))
    if lacking:
        raise DataError(
            f"The model needs {', '.join(lacking)}, which cannot be computed from this data. "
            "Give it tables with the columns the model was made from."
        )
    if model.rule is not None:
        refuse_rule(tables.engine, model.algorithm)
    described = describe(
        tables,
        features=tuple(dict.fromkeys(axis.feature for axis in model.coordinates)),
        include_inactive=model.include_inactive,
        learned=model.learned,
        expected=expected,
    )
    centroids = np.array(model.centroids, dtype=np.float64).reshape(len(model.centroids), -1)
    inactive, engine = model.include_inactive, tables.engine
    # The customers it was made from may all have fitted; others need not.
    names = {str(FITS_NO_GROUP): "Fits no group", **model.names}
    more = [entry.name for entry in delivered(tables, model.learned.lifetime)] if expected else []

    def listed(some: Some) -> ir.Table:
        few = replace(described, table=some(described.table))
        space = engine.keep(space_of(few, model.coordinates, model.learned), order_by=("row",))
        placed = place(few, space, centroids, include_inactive=inactive, engine=engine, rule=model.rule)
        return customer_list(placed, names, model.actions, more)

    ranges = in_ranges(engine, described.customers)
    if len(ranges) == 1:
        return listed(ranges[0])
    return together([engine.keep(listed(some), order_by=("customer_id",)) for some in ranges])
