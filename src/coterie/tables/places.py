"""Where a finding is: examples as "transactions.csv line 17: status 'brunt'", and rows set aside with their cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ibis

from coterie.schema import table_named
from coterie.tables.contract import RawTable
from coterie.tables.judge import PLACE, Judged, kept_in_rejects

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_EXAMPLES = 3
MOST_FROM_AFAR = 100
"""Rows set aside that leave an engine where customers stay; all are counted."""

_LONGEST = 60
_OWN = ("_file", "_line")
_TEXT_FILE = re.compile(r"\.(csv|tsv|tab|txt)(\.gz)?$", re.IGNORECASE)


def examples(raw: RawTable, engine: Engine, found: ir.Table, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The first three of these rows (by file and line) with their cells as they stand in the file.

    A row of a database has no number that a person could look up, so its key and its customer stand in for it.
    """
    if engine.remote:
        columns = tuple(dict.fromkeys((*_naming(raw), *columns)))
    first = engine.collect(found.select(*PLACE).order_by(PLACE).limit(MOST_EXAMPLES)).to_pylist()
    if not first:
        return ()
    rows = raw.rows
    here: ir.BooleanValue = ibis.literal(False)
    for place in first:
        here = here | ((rows["_file"] == place["_file"]) & (rows["_line"] == place["_line"]))
    shown = [name for name in columns if name in rows.columns]
    cells = rows.filter(here).select(*PLACE, **{f"c{i}": rows[name].cast("string") for i, name in enumerate(shown)})
    return tuple(
        _example(raw, row, shown, numbered=not engine.remote)
        for row in engine.collect(cells.order_by(PLACE).limit(MOST_EXAMPLES)).to_pylist()
    )


def _naming(raw: RawTable) -> tuple[str, ...]:
    """The columns by which a row can be found again."""
    spec = table_named(raw.name)
    return () if spec is None else (spec.columns[0].name, *(("customer_id",) if spec.event else ()))


def _example(raw: RawTable, row: dict[str, object], shown: list[str], *, numbered: bool) -> str:
    file = raw.files[int(str(row["_file"]))]
    cells = []
    for i, name in enumerate(shown):
        value = row[f"c{i}"]
        text = "" if value is None else str(value).strip()
        text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        cells.append(f"{raw.original.get(name, name)} {text!r}" if text else f"{raw.original.get(name, name)} empty")
    what = "line" if _TEXT_FILE.search(file) else "row"
    place = f"{file} {what} {row['_line']}" if numbered else file
    return f"{place}: {', '.join(cells)}"


def aside_by(judged: Judged, rule: str) -> ir.Table:
    """The places of the rows that this rule set aside."""
    assert judged.aside is not None
    return judged.aside.filter(judged.aside["_code"] == judged.codes[rule])


def rejects(judged: Judged, engine: Engine) -> ir.Table | None:
    """Rows set aside for a fault or as cancelled: `_file`, `_line`, `_column`, `_value`, `_reason` and the cells.

    By file and line, so that the file written is the same however many threads computed it. Of a database only some,
    and without `_line`, which nobody could look up.
    """
    raw = judged.typed.raw
    names = [name for name in raw.rows.columns if name not in _OWN]
    parts = []
    rules = [rule for rule in judged.counts if kept_in_rejects(rule)]
    if rules and judged.aside is not None:
        parts.append(_rejected(judged, rules, names))
    if raw.unreadable:
        parts.append(_unreadable(raw, engine, names))
    if not parts:
        return None
    found = (parts[0] if len(parts) == 1 else ibis.union(*parts)).order_by(PLACE)
    return found.limit(MOST_FROM_AFAR).drop("_line") if engine.remote else found


def _rejected(judged: Judged, rules: list[str], names: list[str]) -> ir.Table:
    assert judged.aside is not None
    raw, aside = judged.typed.raw, judged.aside
    aside = aside.filter(aside["_code"].isin([judged.codes[rule] for rule in rules]))
    rows = raw.rows.inner_join(aside, PLACE)
    cells = {name: rows[name].cast("string") for name in names}
    null = ibis.null("string")
    reasons = [(rows["_code"] == judged.codes[rule], rule) for rule in rules]
    columns = [(rows["_code"] == judged.codes[rule], judged.columns[rule]) for rule in rules]
    values = [(rows["_code"] == judged.codes[rule], cells.get(judged.columns[rule], null)) for rule in rules]
    files = [(rows["_file"] == number, name) for number, name in enumerate(raw.files)]
    return rows.select(
        _file=ibis.cases(*files, else_=null),
        _line=rows["_line"].cast("int64"),
        _column=ibis.cases(*columns, else_=null),
        _value=ibis.cases(*values, else_=null),
        _reason=ibis.cases(*reasons, else_=null),
        **cells,
    )


def _unreadable(raw: RawTable, engine: Engine, names: list[str]) -> ir.Table:
    """Lines that could not be split into cells; the whole line stands in `_value`."""
    import pyarrow as pa

    file, line, text, rule = (list(part) for part in zip(*raw.unreadable, strict=True))
    nothing: list[str | None] = [None] * len(raw.unreadable)
    columns = {
        "_file": file,
        "_line": line,
        "_column": nothing,
        "_value": text,
        "_reason": rule,
        **dict.fromkeys(names, nothing),
    }
    schema = pa.schema([(name, pa.int64() if name == "_line" else pa.string()) for name in columns])
    return engine.load(pa.table(columns, schema=schema).to_batches(), schema)
