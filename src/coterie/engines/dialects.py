"""The dialects of SQL in which a query can be written."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from coterie.errors import UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines.contract import Engine

    ParseDates = Callable[[ir.StringColumn, Sequence[str]], ir.DateColumn]


@dataclass(frozen=True)
class Dialect:
    r"""One dialect.

    Attributes:
        name: As asked for.
        meaning: Whose it is.
        place: Module and name of its compiler; by default that of Ibis of the same name.
        tried: The query was run there by our tests; elsewhere only its grammar is.
        dates: Module and name of what parses dates there where another engine tries the query out; by default in words
            that all have.
        finish_with: Module and name of what tells its planner more in the tree of a whole query; by default nothing.
        unquoted: What a name without quotes becomes there: "lower" or "upper" case, or "" where case does not matter. A
            name with capitals then needs quotes where it becomes lower; a reserved word is quoted as it would become.
        spaces: A text of all white space, where it can be spelt out.
        decimals: A number with a point is a decimal of few digits, unless an exponent follows.
        advice: A sentence for whoever runs the query there.
        dollars: The replacement of a pattern names its groups as $1, not as \1.
    """

    name: str
    meaning: str
    place: str = ""
    tried: bool = False
    dates: str = "coterie.engines.portable:parse_dates"
    finish_with: str = ""
    unquoted: Literal["lower", "upper", ""] = ""
    spaces: str | None = None
    dollars: bool = False
    decimals: bool = False
    advice: str = ""

    @cached_property
    def compiler(self) -> Any:
        """What turns expressions into trees of SQL."""
        return _found(self.place or f"ibis.backends.sql.compilers.{self.name}:compiler")

    @property
    def spoken(self) -> Any:
        """The dialect as the writer of SQL knows it."""
        return self.compiler.dialect

    def parse_dates(self, engine: Engine) -> ParseDates:
        """What parses dates for a query in this dialect, tried out on that engine."""
        found: ParseDates = engine.parse_dates if engine.name == self.name else _found(self.dates)
        return found

    def compile(self, expression: ir.Table) -> Any:
        """The expression as a tree."""
        return self.compiler.to_sqlglot(expression)

    def finish(self, query: Any) -> None:
        """Say in the tree of a whole query what is said differently there, and what the planner needs to be told."""
        if self.dollars:
            _with_dollars(query)
        if self.decimals:
            _with_exponents(query)
        if self.finish_with:
            _found(self.finish_with)(query)

    def cast(self, value: Any, kind: Any) -> Any:
        """A tree cast to a type."""
        return self.compiler.cast(value, kind)

    def spell(self, identifier: Any) -> None:
        """Put quotes around a name in a tree where it needs them to be understood, and nowhere else."""
        name = identifier.name
        reserved = name.upper() in self._reserved
        if reserved and self.unquoted == "upper" and name == name.lower():
            identifier.set("this", name.upper())
        plain = re.fullmatch(r"[A-Za-z_]\w*", name, flags=re.ASCII) is not None
        identifier.set("quoted", reserved or not plain or (self.unquoted == "lower" and name != name.lower()))

    @cached_property
    def _reserved(self) -> frozenset[str]:
        from sqlglot.dialects.dialect import Dialect as Spoken

        words = Spoken.get_or_raise(self.spoken).tokenizer_class.KEYWORDS
        return frozenset(words) | _RESERVED


def _found(place: str) -> Any:
    """What stands at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _with_exponents(query: Any) -> None:
    import sqlglot.expressions as sge

    for one in query.find_all(sge.Literal):
        if not one.is_string and re.fullmatch(r"\d*\.\d+", one.name):
            one.set("this", f"{one.name}E0")


def _with_dollars(query: Any) -> None:
    import sqlglot.expressions as sge

    for one in query.find_all(sge.RegexpReplace):
        said = one.args.get("replacement")
        if said is not None and said.is_string:
            said.replace(sge.Literal.string(re.sub(r"\\(\d)", r"$\1", said.name)))


_RESERVED = frozenset("ACTIVE DAY DATE GROUP ORDER ROW ROWS START STATUS USER VALUE".split())

_SPELT = r"E' \x09\x0a\x0d\x0b\x0c'"
_SPELT_IN_SPARK = r"' \t\n\r\u000b\u000c'"
"""Spark takes a backslash and v for a v."""

_SPARK = "coterie.engines.spark_sql:COMPILER"

DIALECTS: tuple[Dialect, ...] = (
    Dialect("duckdb", "DuckDB.", tried=True, spaces=_SPELT),
    Dialect(
        "postgres",
        "PostgreSQL.",
        "coterie.engines.postgres_sql:COMPILER",
        tried=True,
        dates="coterie.engines.postgres_dates:parse_dates_for_both",
        finish_with="coterie.engines.postgres_fence:fence",
        unquoted="lower",
        spaces=_SPELT,
        advice="Say SET enable_nestloop = off first: the planner cannot tell how many rows the checks leave.",
    ),
    Dialect("spark", "Spark SQL.", _SPARK, tried=True, spaces=_SPELT_IN_SPARK, dollars=True, decimals=True),
    Dialect("bigquery", "Google BigQuery."),
    Dialect("snowflake", "Snowflake.", unquoted="upper"),
    Dialect(
        "databricks", "Databricks, which speaks Spark SQL.", _SPARK, spaces=_SPELT_IN_SPARK, dollars=True, decimals=True
    ),
    Dialect("trino", "Trino and Starburst.", dollars=True, decimals=True),
    Dialect("athena", "Amazon Athena.", dollars=True, decimals=True),
    Dialect("clickhouse", "ClickHouse."),
)


def dialect_named(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        UsageError: There is none.
    """
    for dialect in DIALECTS:
        if dialect.name == name.lower():
            return dialect
    raise UsageError(f"{name!r} is no dialect. There are {', '.join(one.name for one in DIALECTS)}.")
