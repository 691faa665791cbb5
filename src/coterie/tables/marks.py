"""Which decimal mark the numbers of each file have: by its own cells, else by the files beside it, else by hints."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.tables.contract import Problem, RawTable
from coterie.tables.money import CURRENCY_DECIMALS, DECIMAL_COMMA, meant_by
from coterie.tables.numbers import GROUPED_COMMA, GROUPED_POINT, Decimal, NumberCounts, surely
from coterie.tables.tell import in_words, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

OTHER: Mapping[Decimal, Decimal] = {".": ",", ",": "."}
_NAMES: Mapping[Decimal, str] = {".": "point", ",": "comma"}

MOST_CURRENCIES = 10


@dataclass(frozen=True)
class Marks:
    """Column -> numbers of the files whose decimal mark is the comma (the others have the point); what was guessed."""

    commas: Mapping[str, frozenset[int]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Unsure:
    """Cells of a column in one file that tell nothing: three digits after their only point or comma, or whole."""

    points: int
    commas: int
    whole: int
    point: str | None
    comma: str | None

    @property
    def mark(self) -> Decimal:
        """The mark in question."""
        return "," if self.commas > self.points else "."


def find_marks(
    engine: Engine,
    raw: RawTable,
    numbers: Mapping[str, ir.Column],
    counts: Mapping[str, NumberCounts],
    money: Collection[str],
    currencies: Collection[str],
    wanted: Decimal | None,
) -> Marks:
    """The decimal mark of each column of numbers in each file.

    The setting decides; else the column's own sure cells in the file, such as 1,5 or 1.234,5; else those of the columns
    beside it in the file. Where no cell of a file is sure, the mark is guessed and told, if it matters at all.

    Args:
        engine: Where the rows are.
        raw: The table.
        numbers: Column -> its cells as bare numbers.
        counts: Column -> what was counted in it, over all files.
        money: Which of the columns are money, seldom with three decimals.
        currencies: Currencies met beside amounts.
        wanted: The setting.
    """
    files = range(len(raw.files))
    if wanted is not None:
        return Marks({name: frozenset(files if wanted == "," else ()) for name in numbers})
    texts = {name: column for name, column in numbers.items() if column.type().is_string()}
    evidence = _evidence(engine, raw, texts, counts)
    marks: dict[tuple[str, int], Decimal] = {}
    for file in files:
        beside = sum(evidence.get((name, file), 0) for name in texts)
        for name in texts:
            found = evidence.get((name, file), 0) or beside
            if found:
                marks[name, file] = "," if found > 0 else "."
    open_ones = {(name, file) for name in texts for file in files} - set(marks)
    unsure = _unsure(engine, raw, texts, open_ones) if open_ones else {}
    agreed = set(marks.values())
    met = _currencies(engine, raw, currencies) if unsure else frozenset()
    notes = []
    for (name, file), cells in sorted(unsure.items()):
        mark = _guess(cells, money=name in money, currencies=met, agreed=agreed, layout=_layout(raw, file))
        marks[name, file] = mark
        notes.append(_note(raw, name, file, cells, mark))
    return Marks(
        {name: frozenset(file for file in files if marks.get((name, file)) == ",") for name in texts}, tuple(notes)
    )


def _evidence(
    engine: Engine, raw: RawTable, texts: Mapping[str, ir.Column], counts: Mapping[str, NumberCounts]
) -> dict[tuple[str, int], int]:
    """(Column, file) -> cells that surely have a decimal comma, less those that surely have a point."""
    if len(raw.files) == 1:
        return {(name, 0): counts[name].sure_comma - counts[name].sure_point for name in texts}
    if not texts:
        return {}
    wanted = {}
    for i, column in enumerate(texts.values()):
        point, comma = surely(column)
        wanted[f"n{i}"] = comma.cast("int64").sum() - point.cast("int64").sum()
    rows = engine.collect(raw.rows.group_by("_file").aggregate(**wanted).order_by("_file")).to_pylist()
    return {(name, int(row["_file"])): int(row[f"n{i}"] or 0) for row in rows for i, name in enumerate(texts)}


def _unsure(
    engine: Engine, raw: RawTable, texts: Mapping[str, ir.Column], asked: Collection[tuple[str, int]]
) -> dict[tuple[str, int], _Unsure]:
    """What the cells of these (column, file) are, where some have a mark that may be either."""
    names = sorted({name for name, _ in asked})
    wanted: dict[str, ir.Scalar] = {}
    for i, name in enumerate(names):
        point, comma = texts[name].re_search(GROUPED_POINT), texts[name].re_search(GROUPED_COMMA)
        wanted |= {
            f"points{i}": point.sum().fill_null(0),
            f"commas{i}": comma.sum().fill_null(0),
            f"whole{i}": texts[name].re_search(r"^[+-]?\d+$").sum().fill_null(0),
            f"point{i}": texts[name].min(where=point),
            f"comma{i}": texts[name].min(where=comma),
        }
    rows = engine.collect(raw.rows.group_by("_file").aggregate(**wanted).order_by("_file")).to_pylist()
    found = {}
    for row in rows:
        for i, name in enumerate(names):
            cells = _Unsure(*(row[f"{part}{i}"] for part in ("points", "commas", "whole", "point", "comma")))
            if (name, int(row["_file"])) in asked and (cells.points or cells.commas):
                found[name, int(row["_file"])] = cells
    return found


def _currencies(engine: Engine, raw: RawTable, beside: Collection[str]) -> frozenset[str]:
    """Codes of the currencies that the amounts may be of; empty where nothing is known."""
    names = set(beside)
    if "currency" in raw.rows.columns and raw.rows["currency"].type().is_string():
        cells = raw.rows.select("currency").distinct().filter(lambda t: t["currency"].notnull()).order_by("currency")
        names |= {row["currency"] for row in engine.collect(cells.limit(MOST_CURRENCIES)).to_pylist()}
    meant = [codes for codes in (meant_by(name) for name in names) if codes]
    return frozenset.intersection(*meant) if meant else frozenset()


def _layout(raw: RawTable, file: int) -> Decimal | None:
    return raw.decimals[file] if file < len(raw.decimals) else None


def _guess(
    cells: _Unsure, *, money: bool, currencies: frozenset[str], agreed: set[Decimal], layout: Decimal | None
) -> Decimal:
    """The likelier decimal mark of cells such as 1.050, from the strongest hint to the weakest."""
    thousands = OTHER[cells.mark]
    decimals = {CURRENCY_DECIMALS.get(code, 2) for code in currencies}
    if len(decimals) == 1 and decimals != {2}:
        return thousands if decimals == {0} else cells.mark
    if len(agreed) == 1:
        return next(iter(agreed))
    if layout == ".":
        return "."
    if money and cells.whole:  # amounts of three decimals all of which fill them, or end in three zeros, are rarer
        return thousands
    of_comma = {code in DECIMAL_COMMA for code in currencies}
    if of_comma == {False}:
        return "."
    if of_comma == {True} and cells.mark == ".":
        return ","
    return layout or "."


def _note(raw: RawTable, name: str, file: int, cells: _Unsure, mark: Decimal) -> Problem:
    number, example = (cells.commas, cells.comma) if cells.mark == "," else (cells.points, cells.point)
    where = raw.name if len(raw.files) == 1 else raw.files[file]
    message = (
        f"The {_NAMES[cells.mark]} in the {in_words(name)} of {where} could part thousands or decimals in all "
        f"{number:,} cells that have one, such as {example}; it was read as parting "
        f"{'decimals' if mark == cells.mark else 'thousands'}"
    )
    return tell("ambiguous_decimal", raw, number, column=name, message=message)
