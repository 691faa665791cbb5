"""Ibis expressions as SQL for Spark, where its own words differ from what Ibis expects of all engines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis
    import ibis.expr.types as ir


class _Compiler(PySparkCompiler):  # type: ignore[misc]  # Ibis has no types here
    # Else the inherited ones would be made again, over the methods below.
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}
    UNSUPPORTED_OPS = ()

    # Whether NaN is NULL is an option of Ibis' own connection to Spark, which is not there; for us it is a number.
    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        if dtype.is_floating():
            # A bare 0.5 is a decimal for Spark, and two of them are multiplied and divided as such, with few digits.
            return self.cast(SQLGlotCompiler.visit_NonNullLiteral(self, op, value=value, dtype=dtype), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        return SQLGlotCompiler.visit_IsNull(self, op, arg=arg)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return SQLGlotCompiler.visit_NotNull(self, op, arg=arg)

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        # Its hash passes over NULL, so that a value would be as good in the next column; as text it has its place.
        return self.f.xxhash64(self.f.to_json(arg) if op.arg.dtype.is_struct() else arg)

    def visit_BitOr(self, op: Any, *, arg: Any, where: Any) -> Any:
        return self.agg.bit_or(arg, where=where)

    def visit_BitwiseLeftShift(self, op: Any, *, left: Any, right: Any) -> Any:
        return self.f.shiftleft(self.cast(left, dt.int64), self.cast(right, dt.int32))

    def visit_BitwiseRightShift(self, op: Any, *, left: Any, right: Any) -> Any:
        return self.f.shiftright(left, self.cast(right, dt.int32))

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        # Spelt out by code points: Spark takes a backslash and f for an f, and would strip letters.
        return self.f.anon.btrim(arg, sge.Var(this=r"' \t\n\r\u000b\u000c'"))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        named = sge.convert(re.sub(r"\\(\d)", r"$\1", replacement.this))
        return super().visit_RegexReplace(op, arg=arg, pattern=pattern, replacement=named)

    # Where expressions promise 64 bits Spark counts with 32, and what is made from it overflows.
    def visit_WindowFunction(self, op: Any, **kwargs: Any) -> Any:
        return self._wide(op, super().visit_WindowFunction(op, **kwargs))

    def visit_DateDelta(self, op: Any, **kwargs: Any) -> Any:
        return self._wide(op, super().visit_DateDelta(op, **kwargs))

    def visit_StringLength(self, op: Any, **kwargs: Any) -> Any:
        return self._wide(op, super().visit_StringLength(op, **kwargs))

    def _wide(self, op: Any, value: Any) -> Any:
        return self.cast(value, op.dtype) if op.dtype.is_integer() else value


COMPILER = _Compiler()


def sql_of(expression: ir.Table) -> str:
    """SQL whose columns have the types that the expression says."""
    query = COMPILER.to_sqlglot(expression).sql("spark")
    columns = ", ".join(
        f"CAST({quoted(name)} AS {spelt(kind)}) AS {quoted(name)}" for name, kind in expression.schema().items()
    )
    return f"SELECT {columns} FROM ({query}) AS _kept"


def stream(frame: Any, shape: ibis.Schema) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame one after another; times as they are in UTC, which else would be those of this machine."""
    cells = [
        f"CAST({quoted(name)} AS TIMESTAMP_NTZ) AS {quoted(name)}" if kind.is_timestamp() else quoted(name)
        for name, kind in shape.items()
    ]
    return iter(frame.selectExpr(*cells).toLocalIterator())


def column_type(spelt_there: str) -> dt.DataType:
    """The type in which a column is read, by what Spark calls its own; what we know nothing of is text."""
    if spelt_there in _TYPES:
        return _TYPES[spelt_there]
    if spelt_there.startswith("decimal"):
        return dt.int64 if spelt_there.endswith(",0)") else dt.float64
    if spelt_there.startswith("timestamp"):
        return dt.timestamp
    if spelt_there.startswith(("array", "map", "struct")):
        return dt.Array(dt.string)  # never read: a column of lists is left out
    return dt.string


_TYPES = {
    "tinyint": dt.int8,
    "smallint": dt.int16,
    "int": dt.int32,
    "bigint": dt.int64,
    "float": dt.float32,
    "double": dt.float64,
    "boolean": dt.boolean,
    "date": dt.date,
    "binary": dt.binary,
}


def as_read(name: str, kind: dt.DataType, alias: str) -> str:
    """A column of somebody else's as one of ours."""
    if kind.is_nested() or kind.is_binary():
        return f"{quoted(name)} AS {quoted(alias)}"
    return f"CAST({quoted(name)} AS {spelt(kind)}) AS {quoted(alias)}"


def spelt(kind: dt.DataType) -> str:
    """What Spark calls a type."""
    return str(PySparkType.to_string(kind))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"
