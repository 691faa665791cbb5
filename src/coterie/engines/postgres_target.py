"""The table of the database that the customer list becomes: whether we may write it, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coterie.engines.postgres_sql import quoted
from coterie.engines.postgres_told import Server
from coterie.errors import UsageError

Fetch = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs a query with its values; gives the rows."""

_FOUND = (
    "SELECT n.oid IS NOT NULL, c.relkind::text, has_schema_privilege(n.oid, 'CREATE'), "
    "has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'DELETE') "
    "FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = %s "
    "LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = %s"
)
_COLUMNS = (
    "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
_TABLES = ("r", "p")


@dataclass(frozen=True)
class Target:
    """A table of a server, by its schema and name; `table` is what the user calls it."""

    server: Server
    table: str
    schema: str
    name: str

    def check(self, fetch: Fetch, columns: Sequence[str]) -> None:
        """Raise UsageError where the list, which begins with these columns, could not be written at the end."""
        schema_there, kind, may_create, may_replace = fetch(_FOUND, [self.schema, self.name])[0]
        if not schema_there:
            raise UsageError(
                f"There is no schema {self.schema} in {self.server}, so the customer list cannot become table "
                f"{self.table}. Name another schema, or ask for: CREATE SCHEMA {self.schema}."
            )
        if kind is not None and kind not in _TABLES:
            raise UsageError(
                f"{self.table} of {self.server} is no table, so the customer list cannot replace it. Choose another "
                "name."
            )
        if not (may_create if kind is None else may_replace):
            right = f"CREATE ON SCHEMA {self.schema}" if kind is None else f"INSERT, DELETE ON {self.table}"
            raise UsageError(
                f"User {self.server.user} may not write table {self.table} in {self.server}. Ask for: GRANT {right} TO "
                f"{self.server.user}."
            )
        there = self._columns(fetch)
        if there and there[: len(columns)] != list(columns):
            raise self._other(there)

    def replaced(self, fetch: Fetch, columns: Mapping[str, str], query: str) -> list[str]:
        """What to run, all in one transaction, so that the table holds the result of the query; columns -> types."""
        there, target = self._columns(fetch), f"{quoted(self.schema)}.{quoted(self.name)}"
        if there and there != list(columns):
            raise self._other(there)
        shape = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        # Emptied rather than dropped: who may read it, and what is built on it, stays.
        begin = f"DELETE FROM {target}" if there else f"CREATE TABLE {target} ({shape})"
        return [begin, f"INSERT INTO {target} ({', '.join(map(quoted, columns))}) {query}"]

    def _columns(self, fetch: Fetch) -> list[str]:
        return [column for (column,) in fetch(_COLUMNS, [self.schema, self.name])]

    def _other(self, there: Sequence[str]) -> UsageError:
        return UsageError(
            f"Table {self.table} of {self.server} is there and is no customer list: its columns are "
            f"{', '.join(there)}. Choose another name, or drop it."
        )
