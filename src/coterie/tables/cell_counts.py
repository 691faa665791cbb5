"""What stands in the cells of a table, counted before any is understood: in at most two passes over its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.schema import TableSpec, table_named
from coterie.tables.cells import says_nothing, text_of, to_strip
from coterie.tables.contract import RawTable
from coterie.tables.ids import IdCounts, id_counts
from coterie.tables.money import MoneyWords, bare_number, look_at_money, unusual
from coterie.tables.numbers import NumberCounts, measure_counts, number_counts

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine


@dataclass(frozen=True)
class CellCounts:
    """What was counted in a table.

    Attributes:
        rows: Its rows.
        ids, numbers: What was counted in each column of ids, of numbers, money and attributes.
        bare: Columns of text in which nothing needs to be stripped.
        texts: Column of text -> filled cells, and those of them that hold a word for empty.
        others: Column of another kind -> filled cells.
        money: Column of money in which a cell holds more than a number -> what stands beside it.
    """

    rows: int
    ids: Mapping[str, IdCounts]
    numbers: Mapping[str, NumberCounts]
    bare: frozenset[str]
    texts: Mapping[str, tuple[int, int]]
    others: Mapping[str, int]
    money: Mapping[str, MoneyWords]

    @property
    def filled(self) -> dict[str, int]:
        """Filled cells by column; those of the status are counted with its words."""
        filled = {name: found.filled - found.words for name, found in self.ids.items()}
        filled |= {name: found.filled - found.words for name, found in self.numbers.items()}
        filled |= {name: found - words for name, (found, words) in self.texts.items()}
        return filled | dict(self.others)

    @property
    def currencies(self) -> dict[str, int]:
        """Signs and codes of currencies beside amounts -> cells."""
        found: dict[str, int] = {}
        for words in self.money.values():
            for sign, cells in words.currencies.items():
                found[sign] = found.get(sign, 0) + cells
        return found


def count_cells(raw: RawTable, engine: Engine, present: frozenset[str]) -> CellCounts:
    """One aggregate over the table for ids, attributes and texts, after one that tells what need not be stripped."""
    spec = spec_of(raw)
    names = [name for name in columns_of(raw, spec) if _kind_of(spec, name, present) != "status"]
    kinds = {name: _kind_of(spec, name, present) for name in names}
    bare, strange = _bare(raw, names, engine, money=[name for name in names if kinds[name] == "money"])
    money = {name: look_at_money(engine, raw.rows, name) for name in strange}
    wanted: dict[tuple[str, str, str], ir.IntegerScalar] = {}
    for name in names:
        column, kind = raw.rows[name], kinds[name]
        if kind == "id":
            wanted |= {("id", name, part): value for part, value in id_counts(column, bare=name in bare).items()}
        elif kind == "attribute":
            wanted |= {
                ("number", name, part): value for part, value in number_counts(column, bare=name in bare).items()
            }
        elif kind in ("number", "money"):
            number = bare_number(column, money[name]) if name in money else column
            counted = measure_counts(number, bare=name in bare and name not in money)
            wanted |= {("number", name, part): value for part, value in counted.items()}
        elif kind == "text":
            text = text_of(column, bare=name in bare)
            wanted[("text", name, "filled")] = text.count()
            wanted[("text", name, "words")] = says_nothing(text).sum().fill_null(0)
        else:
            text = text_of(column, bare=name in bare) if column.type().is_string() else column
            wanted[("other", name, "filled")] = text.count()
    keys = list(wanted)
    counts = {f"c{i}": wanted[key] for i, key in enumerate(keys)}
    row = engine.collect(raw.rows.aggregate(rows=raw.rows.count(), **counts)).to_pylist()[0]
    parts: dict[tuple[str, str], dict[str, int]] = {}
    for i, (kind, name, part) in enumerate(keys):
        parts.setdefault((kind, name), {})[part] = int(row[f"c{i}"] or 0)
    texts = {name: found for (kind, name), found in parts.items() if kind == "text"}
    return CellCounts(
        rows=int(row["rows"]),
        bare=bare,
        ids={name: IdCounts(**found) for (kind, name), found in parts.items() if kind == "id"},
        numbers={name: NumberCounts(**found) for (kind, name), found in parts.items() if kind == "number"},
        texts={name: (found["filled"], found["words"]) for name, found in texts.items()},
        others={name: found["filled"] for (kind, name), found in parts.items() if kind == "other"},
        money=money,
    )


def _bare(
    raw: RawTable, names: Sequence[str], engine: Engine, *, money: Sequence[str]
) -> tuple[frozenset[str], list[str]]:
    """The text columns in which no cell is empty text or has white space at an end, and the columns of money in which a
    cell holds more than a number.
    """
    texts = [name for name in names if raw.rows[name].type().is_string()]
    if not texts:
        return frozenset(), []
    packed = len(texts) < len(names)  # a file of text alone has text in every column
    wanted = {f"c{i}": to_strip(raw.rows[name], packed=packed) for i, name in enumerate(texts)}
    wanted |= {f"m{i}": unusual(raw.rows[name]) for i, name in enumerate(texts) if name in money}
    row = engine.collect(raw.rows.aggregate(**wanted)).to_pylist()[0]
    bare = frozenset(name for i, name in enumerate(texts) if not row[f"c{i}"])
    return bare, [name for i, name in enumerate(texts) if row.get(f"m{i}")]


def spec_of(raw: RawTable) -> TableSpec:
    """The table's entry in the contract."""
    spec = table_named(raw.name)
    if spec is None:
        raise ValueError(f"{raw.name!r} is no table of the contract")
    return spec


def columns_of(raw: RawTable, spec: TableSpec) -> list[str]:
    """Its columns of the contract, then its attributes."""
    return [column.name for column in spec.columns if column.name in raw.rows.columns] + list(raw.attributes)


def _kind_of(spec: TableSpec, column: str, present: frozenset[str]) -> str:
    """A kind of the contract, or "attribute"; a foreign key whose lookup table is absent holds the value itself."""
    entry = spec.column(column)
    if entry is None:  # one of orders is understood when there is one value per customer left
        return "text" if spec.event else "attribute"
    if entry.kind == "id" and entry.refers_to in ("cities", "genders") and entry.refers_to not in present:
        return "text"
    return entry.kind
