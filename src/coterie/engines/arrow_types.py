"""The types of our columns, as Ibis and as Arrow say them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

if TYPE_CHECKING:
    import pyarrow as pa

_IBIS = {
    "date32[day]": "date",
    "double": "float64",
    "float": "float32",
    "bool": "boolean",
    "timestamp[us]": "timestamp",
}


def schema_of(shape: ibis.Schema) -> pa.Schema:
    """The Arrow schema of a result with these columns; decimals are floats."""
    import pyarrow as pa

    return pa.schema([(name, _arrow(kind)) for name, kind in shape.items()])


def ibis_schema(schema: pa.Schema) -> ibis.Schema:
    """The same the other way round."""
    return ibis.schema({column.name: _IBIS.get(str(column.type), str(column.type)) for column in schema})


def _arrow(kind: Any) -> pa.DataType:
    import pyarrow as pa

    if kind.is_date():
        return pa.date32()
    if kind.is_timestamp():
        return pa.timestamp("us")
    if kind.is_decimal():
        return pa.float64()
    if kind.is_array():
        return pa.list_(_arrow(kind.value_type))
    if kind.is_null():
        return pa.null()
    return pa.type_for_alias(str(kind.copy(nullable=True)))
