"""Ibis expressions as SQL for PostgreSQL, where its own words differ from what Ibis expects of all engines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from ibis.backends.sql.datatypes import PostgresType
from sqlglot.errors import SqlglotError

from coterie.engines.postgres_fence import fence

if TYPE_CHECKING:
    import ibis.expr.types as ir


class _Compiler(PostgresCompiler):  # type: ignore[misc]  # Ibis has no types here
    # Else the inherited ones would be made again, over the methods below.
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}
    UNSUPPORTED_OPS = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_boolean() and to.is_integer():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        if op.arg.dtype.is_struct():
            return self.f.hash_record_extended(arg, 0)
        return super().visit_Hash(op, arg=arg)

    def visit_BitwiseLeftShift(self, op: Any, *, left: Any, right: Any) -> Any:
        return sge.BitwiseLeftShift(this=self.cast(left, dt.int64), expression=self.cast(right, dt.int32))

    def visit_Log(self, op: Any, *, arg: Any, base: Any) -> Any:
        # Ibis counts logarithms in decimals, a hundred times as slow.
        return super().visit_Log(op, arg=arg, base=base) if base is not None else self.visit_Ln(op, arg=arg)

    def visit_Ln(self, op: Any, *, arg: Any) -> Any:
        return self.f.anon.ln(self.cast(arg, dt.float64))

    def visit_DateDelta(self, op: Any, *, left: Any, right: Any, part: Any) -> Any:
        if op.part.value != "day":
            return super().visit_DateDelta(op, left=left, right=right, part=part)
        days = sge.Sub(this=self.cast(left, dt.date), expression=self.cast(right, dt.date))
        return self.cast(sge.paren(days, copy=False), dt.int64)

    def visit_ExtractYear(self, op: Any, *, arg: Any) -> Any:
        return self._part("year", arg, op.dtype)

    def visit_ExtractMonth(self, op: Any, *, arg: Any) -> Any:
        return self._part("month", arg, op.dtype)

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        return self._part("epoch", arg, dt.int64)

    def _part(self, name: str, arg: Any, kind: dt.DataType) -> Any:
        # What EXTRACT gives is a decimal; its older name gives a float.
        return self.cast(self.f.anon.date_part(name, arg), kind)

    def visit_SortKey(self, op: Any, *, arg: Any, ascending: Any, nulls_first: Any) -> Any:
        return super().visit_SortKey(op, arg=_by_code_point(op.arg, arg), ascending=ascending, nulls_first=nulls_first)

    def visit_Min(self, op: Any, *, arg: Any, where: Any) -> Any:
        return super().visit_Min(op, arg=_by_code_point(op.arg, arg), where=where)

    def visit_Max(self, op: Any, *, arg: Any, where: Any) -> Any:
        return super().visit_Max(op, arg=_by_code_point(op.arg, arg), where=where)

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:
        return sge.RegexpLike(this=_by_code_point(op.arg, arg), expression=_pattern(pattern))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        text = _by_code_point(op.arg, arg)
        return super().visit_RegexReplace(op, arg=text, pattern=_pattern(pattern), replacement=replacement)

    def visit_RegexExtract(self, op: Any, *, arg: Any, pattern: Any, index: Any) -> Any:
        text = _by_code_point(op.arg, arg)
        return super().visit_RegexExtract(op, arg=text, pattern=_pattern(pattern), index=index)


COMPILER = _Compiler()


def sql_of(expression: ir.Table) -> str:
    """SQL whose columns have the types that the expression says: a sum of integers is numeric for PostgreSQL."""
    compiled = COMPILER.to_sqlglot(expression)
    fence(compiled)
    query = compiled.sql("postgres")
    columns = ", ".join(column_as(name, kind) for name, kind in expression.schema().items())
    return f"SELECT {columns} FROM ({query}) AS _kept"


def column_type(spelt_there: str) -> dt.DataType:
    """The type in which a column is read, by what the server calls its own; what we know nothing of is text."""
    if spelt_there.startswith(("numeric", "money")):
        return dt.float64
    try:
        kind = PostgresType.from_string(spelt_there)
    except (ValueError, SqlglotError):
        return dt.string
    if kind.is_timestamp():
        return dt.timestamp
    plain = kind.is_integer() or kind.is_floating() or kind.is_string() or kind.is_boolean() or kind.is_date()
    return kind if plain else dt.string


def column_as(name: str, kind: dt.DataType) -> str:
    """A column cast to a type, under its name; text in the language of the database, whatever that of the column."""
    language = ' COLLATE "default"' if kind.is_string() else ""
    return f"CAST({quoted(name)} AS {spelt(kind)}){language} AS {quoted(name)}"


def spelt(kind: dt.DataType) -> str:
    """What the server calls a type."""
    return str(PostgresType.to_string(kind))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _by_code_point(op: Any, arg: Any) -> Any:
    """A value to put in order or to match; text by its code points, as in other engines, whatever language is set.

    Nowhere else: equality is the same in all languages, and without one no Ä becomes ä.
    """
    if not op.dtype.is_string():
        return arg
    whole = sge.paren(arg, copy=False) if isinstance(arg, sge.Binary) else arg
    return sge.Collate(this=whole, expression=sge.to_identifier("C", quoted=True))


def _pattern(literal: Any) -> Any:
    """A pattern of ours in the dialect of PostgreSQL: no braces around code points, no options within."""
    pattern = re.sub(r"\\x\{([0-9A-F]{4})\}", lambda found: chr(int(found[1], 16)), literal.this)
    pattern = re.sub(
        r"\(\?i:([a-z|]+)\)",
        lambda found: "(?:" + re.sub("[a-z]", lambda one: f"[{one[0]}{one[0].upper()}]", found[1]) + ")",
        pattern,
    )
    return sge.convert(pattern)
