"""Which part of a source is which table: by the settings, by name, and the events by their columns if need be."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from coterie.errors import DataError
from coterie.schema import ORDERS, TABLES, TRANSACTIONS, TableSpec
from coterie.tables.advice import is_frame, setting
from coterie.tables.contract import Problem
from coterie.tables.discover import is_whole, table_of_name
from coterie.tables.naming import did_you_mean, likeness, listed, match_columns, vocabulary
from coterie.tables.parquet import in_one

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coterie.settings import ReadSettings
    from coterie.tables.part import Part


@dataclass(frozen=True)
class Candidate:
    """Something that may be a table or a part of one, not opened yet.

    Attributes:
        label: As shown to people.
        name: What may name its table: file name without endings, sheet, database table, key of a mapping.
        file: Path inside the source ("" for frames); `[files]` may name it.
        open: Finds its header, once however often it is asked.
        folder: Sub-folder named as a table in which it lies.
        stem: For the only sheet of a workbook, the workbook's name, which stands in where the sheet's says nothing.
    """

    label: str
    name: str
    file: str
    open: Callable[[], Part]
    folder: str = ""
    stem: str = ""


@dataclass(frozen=True)
class Choice:
    """Canonical table name -> its parts, opened; what belongs to no table; notes on how it was chosen."""

    tables: Mapping[str, list[Part]]
    left: tuple[str, ...]
    notes: tuple[Problem, ...] = ()


def choose_tables(
    candidates: Sequence[Candidate],
    settings: ReadSettings,
    label: str,
    holds_orders: Callable[[Part], bool],
    closed: Sequence[str] = (),
) -> Choice:
    """Give every candidate its table.

    Args:
        candidates: What may be a table.
        settings: `[files]` and `[columns]`.
        label: What to call the source in print.
        holds_orders: Whether a part with the columns of transactions holds orders, by the words of its status.
        closed: DuckDB files that were not opened, for the sentence that says what is missing.

    Raises:
        DataError: Where two candidates are the same table, or none is a table of events.
    """
    groups = _by_name(candidates, settings)
    used = {id(candidate) for group in groups.values() for candidate in group}
    left = [candidate for candidate in candidates if id(candidate) not in used]
    found: dict[TableSpec, list[tuple[Candidate, Part]]] = {}
    if not EVENTS & set(groups):
        unsure = [*left, *_doubtful(groups, settings)]
        found = _by_columns(unsure, settings, candidates, label, holds_orders, closed)
    taken = {id(candidate) for fits in found.values() for candidate, _ in fits}
    tables = {name: [one.open() for one in group if id(one) not in taken] for name, group in groups.items()}
    tables = {name: parts for name, parts in tables.items() if parts}
    tables |= {spec.name: [part for _, part in fits] for spec, fits in found.items()}
    _move_orders(tables, groups, settings, holds_orders)
    notes = tuple(_by_columns_note(spec, [candidate for candidate, _ in fits]) for spec, fits in found.items())
    return Choice(tables, tuple(candidate.label for candidate in left if id(candidate) not in taken), notes)


def _by_name(candidates: Sequence[Candidate], settings: ReadSettings) -> dict[str, list[Candidate]]:
    """Table -> the candidates that the settings or their own names give it."""
    groups: dict[str, list[Candidate]] = {}
    for table, wanted in settings.files.items():
        groups[table] = _wanted(table, wanted, candidates)
    set_by_hand = {id(candidate) for group in groups.values() for candidate in group}
    for candidate in candidates:
        spec = _table(candidate)
        if spec is not None and id(candidate) not in set_by_hand and spec.name not in settings.files:
            groups.setdefault(spec.name, []).append(candidate)
    for spec in TABLES:
        if spec.name in groups and spec.name not in settings.files:
            _refuse_doubles(spec, groups[spec.name])
    return groups


EVENTS = frozenset(spec.name for spec in TABLES if spec.event)


def _doubtful(groups: Mapping[str, Sequence[Candidate]], settings: ReadSettings) -> list[Candidate]:
    """What only begins with the name of a table, as customer_purchases.csv does: it may be one of events."""
    return [
        candidate
        for spec in TABLES
        if spec.name not in settings.files
        for candidate in groups.get(spec.name, ())
        if not candidate.folder and not is_whole(candidate.name, spec)
    ]


def _move_orders(
    tables: dict[str, list[Part]],
    groups: Mapping[str, Sequence[Candidate]],
    settings: ReadSettings,
    holds_orders: Callable[[Part], bool],
) -> None:
    """A table called transactions that has an amount and no status of coupons is orders."""
    parts = in_one(tables.get(TRANSACTIONS.name, []), TRANSACTIONS.name)
    if not parts or not all(_is(ORDERS, part, settings) for part in parts):
        return
    tables[TRANSACTIONS.name] = parts  # their rows are looked at, once for all of a kind
    by_hand = TRANSACTIONS.name in settings.files
    if any(_is(TRANSACTIONS, part, settings) and (by_hand or not holds_orders(part)) for part in parts):
        return
    if ORDERS.name in tables:
        _refuse(ORDERS, [groups[ORDERS.name][0], groups[TRANSACTIONS.name][0]])
    tables[ORDERS.name] = tables.pop(TRANSACTIONS.name)


def _table(candidate: Candidate) -> TableSpec | None:
    """The table that the candidate's folder, name or workbook names."""
    if candidate.folder:
        return table_of_name(candidate.folder)
    return table_of_name(candidate.name) or (table_of_name(candidate.stem) if candidate.stem else None)


def _wanted(table: str, wanted: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that a setting names: a file, folder, sheet, or pattern such as `export-*.csv`."""
    pattern = wanted.strip().rstrip("/").casefold()
    found = [
        candidate
        for candidate in candidates
        if any(
            name and (name.casefold() == pattern or fnmatch.fnmatchcase(name.casefold(), pattern))
            for name in (candidate.file, candidate.label, candidate.name, candidate.folder)
        )
    ]
    if not found:
        names = [candidate.file or candidate.name for candidate in candidates]
        names += [candidate.name for candidate in candidates if candidate.name not in names]
        who = "The settings say" if any(is_frame(candidate.label) for candidate in candidates) else "coterie.toml says"
        raise DataError(
            f"{who} that table {table} is {wanted!r}, which is not there{did_you_mean(wanted, names)}; "
            f"found {listed(candidate.label for candidate in candidates)}."
        )
    return found


def _refuse_doubles(spec: TableSpec, group: Sequence[Candidate]) -> None:
    """One table may come once as a whole, or in parts of different names."""
    wholes: dict[str, Candidate] = {}
    parts: dict[str, Candidate] = {}
    for candidate in group:
        if candidate.folder:
            wholes.setdefault(candidate.folder, candidate)
            place = re.sub(r"(\.[^./]+)+$", "", candidate.file).casefold() + (
                f", {candidate.name}" if candidate.label != candidate.file else ""
            )
        elif is_whole(candidate.name, spec) and not (candidate.stem and table_of_name(candidate.stem) is spec):
            wholes[candidate.label] = candidate
            continue
        else:
            place = (candidate.stem or candidate.name).casefold()
        if place in parts:
            _refuse(spec, [parts[place], candidate])
        parts[place] = candidate
    if len(wholes) > 1:
        _refuse(spec, list(wholes.values()))


def _refuse(spec: TableSpec, twice: Sequence[Candidate]) -> None:
    names = [candidate.folder + "/" if candidate.folder else candidate.label for candidate in twice]
    line = _file_setting(spec, twice[0])
    raise DataError(
        f"Table {spec.name} is there {len(twice)} times: {listed(names)}. Take one away, or say which is meant {line}"
    )


def _file_setting(spec: TableSpec, one: Candidate) -> str:
    """Where and how to say which candidate is the table."""
    if is_frame(one.label):
        return setting(["files", spec.name], one.name, frames=True)
    return setting(["files", spec.name], one.folder or one.file or one.name, frames=False)


def _by_columns(
    left: Sequence[Candidate],
    settings: ReadSettings,
    candidates: Sequence[Candidate],
    label: str,
    holds_orders: Callable[[Part], bool],
    closed: Sequence[str],
) -> dict[TableSpec, list[tuple[Candidate, Part]]]:
    """Per table of events the one candidate, or the numbered parts of one, that has its columns."""
    opened = []
    for candidate in left:
        try:
            opened.append((candidate, candidate.open()))
        except DataError:
            if len(candidates) == 1:
                raise
    found: dict[TableSpec, list[tuple[Candidate, Part]]] = {}
    for spec in (TRANSACTIONS, ORDERS):
        free = [one for one in opened if not any(one in taken for taken in found.values())]
        fits = [(candidate, part) for candidate, part in free if _is(spec, part, settings)]
        if spec is TRANSACTIONS:
            kinds = in_one([part for _, part in fits], spec.name)
            sold = {file for part in kinds if holds_orders(part) for file in part.files}
            fits = [(candidate, part) for candidate, part in fits if part.files[0] not in sold]
        if fits:
            _refuse_several(spec, fits, label)
            found[spec] = fits
    if not found:
        _refuse_none(candidates, opened, settings, label, closed)
    return found


def _refuse_several(spec: TableSpec, fits: Sequence[tuple[Candidate, Part]], label: str) -> None:
    stems = {re.sub(r"\d.*", "", candidate.name.casefold()) for candidate, _ in fits}
    if len(fits) > 1 and (len(stems) > 1 or len({part.header for _, part in fits}) > 1):
        raise DataError(
            f"{label} has {len(fits)} {'frames' if is_frame(fits[0][1].label) else 'files'} with the columns of "
            f"{spec.name}: {listed(part.label for _, part in fits)}. Say which is meant "
            f"{_file_setting(spec, fits[0][0])}"
        )


def _refuse_none(
    candidates: Sequence[Candidate],
    opened: Sequence[tuple[Candidate, Part]],
    settings: ReadSettings,
    label: str,
    closed: Sequence[str],
) -> NoReturn:
    """There is no table of events: what was found, and what would be right."""
    if len(candidates) == 1 and opened:  # say what the only file lacks
        header = opened[0][1].header
        orders = likeness(header, vocabulary(settings, ORDERS)) > likeness(header, vocabulary(settings, TRANSACTIONS))
        match_columns(ORDERS if orders else TRANSACTIONS, header, settings, opened[0][1].label)
    found = f"found only {listed(candidate.label for candidate in candidates)}" if candidates else "found no table"
    if closed:
        raise DataError(
            f"{label} has no table of transactions or orders ({found}). {listed(closed)} stayed closed: a DuckDB file "
            f"is read only when it is named itself, such as {label}/{closed[0]}."
        )
    if label == "frames" and all(is_frame(candidate.label) for candidate in candidates):
        raise DataError(
            f"No frame is the table of transactions or orders ({found}). Give one under that name: transactions with "
            "customer_id, transaction_date and transaction_status, or orders with customer_id, order_date and amount: "
            '{"transactions": frame} or {"orders": frame}.'
        )
    raise DataError(
        f"{label} has no table of transactions or orders ({found}). It needs a file or sheet called transactions with "
        "customer_id, transaction_date and transaction_status, or one called orders with customer_id, order_date and "
        'amount, or a line in coterie.toml that names it: files.transactions = "…" or files.orders = "…"'
    )


def _is(spec: TableSpec, part: Part, settings: ReadSettings) -> bool:
    """Whether the part has the columns of the table."""
    try:
        match_columns(spec, part.header, settings, part.label)
    except DataError:
        return False
    return True


def _by_columns_note(spec: TableSpec, taken: Sequence[Candidate]) -> Problem:
    frames = is_frame(taken[0].label)
    line = setting(["files", spec.name], "…", frames=frames)
    return Problem(
        "table_by_columns",
        spec.name,
        len(taken),
        f"{listed((one.label for one in taken), 6)} was taken for {spec.name} because of its columns.",
        f"read as {spec.name}",
        f"If another {'frame' if frames else 'file'} holds them, name it {line}",
        severity="note",
    )
