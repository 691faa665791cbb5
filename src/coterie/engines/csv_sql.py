"""DuckDB's SQL that reads a CSV file: cells as text, or as numbers and dates where nothing of the text is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coterie.engines.contract import CellKind

LOST = "cells that their type would spell otherwise"
"""What the query breaks off with at the first such cell."""

BUFFER_BYTES = 1 << 25
"""What is read at once; without it sixteen times the longest line, which takes half of the memory."""

_TYPES: Mapping[CellKind, tuple[str, str]] = {
    "int64": ("BIGINT", "BETWEEN -999999999999999 AND 999999999999999"),
    "date": ("DATE", "BETWEEN DATE '1900-01-01' AND DATE '2100-12-31'"),
}


def as_cells(source: str, columns: Sequence[str], kinds: Mapping[str, CellKind]) -> str:
    """The columns of the source, those of `kinds` typed; breaks off with `LOST` where a type spells a cell otherwise.

    Args:
        source: A table function whose columns are text.
        columns: Their names, which need no quotes.
        kinds: Column -> the type wanted.
    """
    if not kinds:
        return f"SELECT {', '.join(columns)} FROM {source}"
    cells = (
        f"CASE WHEN {_same(c, kinds[c])} THEN _{c} ELSE error('{LOST}') END AS {c}" if c in kinds else c
        for c in columns
    )
    return f"SELECT {', '.join(cells)} FROM {_parsed(source, kinds)}"


def which_same(source: str, kinds: Mapping[str, CellKind]) -> str:
    """For each column of `kinds`, in their order, whether the type spells every filled cell as it stands."""
    return (
        f"SELECT {', '.join(f'bool_and({_same(c, kind)})' for c, kind in kinds.items())} FROM {_parsed(source, kinds)}"
    )


def _parsed(source: str, kinds: Mapping[str, CellKind]) -> str:
    values = ", ".join(f"TRY_CAST({column} AS {_TYPES[kind][0]}) AS _{column}" for column, kind in kinds.items())
    return f"(SELECT *, {values} FROM {source})"


def _same(column: str, kind: CellKind) -> str:
    inside = _TYPES[kind][1]
    return f"({column} IS NULL OR coalesce(CAST(_{column} AS VARCHAR) = {column} AND _{column} {inside}, false))"
