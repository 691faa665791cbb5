"""Ibis expressions as SQL for Spark, where its own words differ from what Ibis expects of all engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import ibis.expr.datatypes as dt
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType

if TYPE_CHECKING:
    import ibis.expr.types as ir


class _Compiler(PySparkCompiler):
    # Else the inherited ones would be made again, over the methods below.
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}
    UNSUPPORTED_OPS = ()

    # Whether NaN is NULL is an option of the backend, which is not there without Spark; ours never are NaN.
    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        if dtype.is_floating():
            return SQLGlotCompiler.visit_NonNullLiteral(self, op, value=value, dtype=dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_BitOr(self, op: Any, *, arg: Any, where: Any) -> Any:
        return self.agg.bit_or(arg, where=where)

    def visit_BitwiseLeftShift(self, op: Any, *, left: Any, right: Any) -> Any:
        return self.f.shiftleft(self.cast(left, dt.int64), self.cast(right, dt.int32))

    def visit_BitwiseRightShift(self, op: Any, *, left: Any, right: Any) -> Any:
        return self.f.shiftright(left, self.cast(right, dt.int32))


_COMPILER = _Compiler()


def sql_of(expression: ir.Table) -> str:
    """SQL whose columns have the types that the expression says."""
    query = _COMPILER.to_sqlglot(expression).sql("spark")
    columns = ", ".join(
        f"CAST({quoted(name)} AS {spelt(kind)}) AS {quoted(name)}" for name, kind in expression.schema().items()
    )
    return f"SELECT {columns} FROM ({query}) AS _kept"


def spelt(kind: dt.DataType) -> str:
    """What Spark calls a type."""
    return str(PySparkType.to_string(kind))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"
