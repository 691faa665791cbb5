"""Customers of any data placed with a saved model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.errors import DataError
from coterie.features import Described, available, delivered, describe
from coterie.segmentation.contract import Model
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
    described = described_for(model, tables, expected=expected)
    inactive, engine = model.include_inactive, tables.engine
    more = [entry.name for entry in delivered(tables, model.learned.lifetime)] if expected else []

    def listed(some: Some) -> ir.Table:
        few = replace(described, table=some(described.table))
        space = engine.keep(space_of(few, model.coordinates, model.learned), order_by=("row",))
        placed = place(few, space, model.centroid_rows, include_inactive=inactive, engine=engine, rule=model.rule)
        return customer_list(placed, model.all_names, model.actions, more)

    ranges = in_ranges(engine, described.customers)
    if len(ranges) == 1:
        return listed(ranges[0])
    return together([engine.keep(listed(some), order_by=("customer_id",)) for some in ranges])


def described_for(model: Model, tables: Tables, *, expected: bool) -> Described:
    """The customers of these tables with the features of the model, counted with what it learned.

    Raises:
        DataError: The data lack a feature of the model.
        UsageError: The model places by a rule, and the customers cannot leave their engine.
    """
    lacking = sorted(set(model.needed) - set(available(tables)))
    if lacking:
        raise DataError(
            f"The model needs {', '.join(lacking)}, which cannot be computed from this data. "
            "Give it tables with the columns the model was made from."
        )
    if model.rule is not None:
        refuse_rule(tables.engine, model.algorithm)
    return describe(
        tables,
        features=model.needed,
        include_inactive=model.include_inactive,
        learned=model.learned,
        expected=expected,
    )
