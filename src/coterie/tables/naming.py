"""Which columns of a file are which columns of the contract, and where its header stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import DataError
from coterie.schema import TABLES, TableSpec, key_of
from coterie.tables.advice import is_frame, setting, toml_text
from coterie.tables.discover import file_name

if TYPE_CHECKING:
    from coterie.settings import ReadSettings

HEADER_ROWS = 20
"""A header is looked for in so many rows from the top."""

Vocabulary = tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Matched:
    """Where the columns of the contract stand in a header.

    Attributes:
        columns: Canonical name -> position.
        rest: Positions of all other columns.
    """

    columns: Mapping[str, int]
    rest: tuple[int, ...]


def vocabulary(settings: ReadSettings, *specs: TableSpec) -> Vocabulary:
    """Per table (of these, or all of the contract), every name of a column (by `key_of`) -> its canonical name."""
    tables = []
    for spec in specs or TABLES:
        words = {
            key_of(word): column.name
            for column in spec.columns
            for word in (*column.fallbacks, *column.synonyms, column.name)
        }
        words |= {key_of(found): name for one in spec.exports for name, found in one.columns.items()}
        words |= {key_of(found): name for name, found in settings.columns.get(spec.name, {}).items()}
        tables.append(words)
    return tuple(tables)


def likeness(cells: Iterable[str], words: Vocabulary) -> int:
    """How many columns of the contract these cells name, in the table they fit best.

    Example:
        >>> from coterie.settings import ReadSettings
        >>> likeness(["Customer ID", "City", "whatever"], vocabulary(ReadSettings()))
        2
    """
    keys = {key_of(cell) for cell in cells}
    return max(len({name for word, name in table.items() if word in keys}) for table in words)


def find_header(rows: Sequence[Sequence[str]], words: Vocabulary) -> int:
    """Index of the row that names most columns of the contract, the first one if none does."""
    scores = [likeness(row, words) for row in rows[:HEADER_ROWS]]
    return scores.index(max(scores)) if scores else 0


def unique_names(header: Sequence[str]) -> list[str]:
    """The names with `_2`, `_3` behind repeated ones (whatever their case), and `column_5` where there is none.

    Example:
        >>> unique_names(["id", "ID", "", "id_2"])
        ['id', 'ID_3', 'column_3', 'id_2']
    """
    taken = {name.casefold() for name in header}
    seen: set[str] = set()
    names = []
    for position, name in enumerate(header):
        unique, number = name or f"column_{position + 1}", 2
        while unique.casefold() in seen or (unique != name and unique.casefold() in taken):
            unique, number = f"{name or 'column'}_{number}", number + 1
        seen.add(unique.casefold())
        names.append(unique)
    return names


def match_columns(spec: TableSpec, header: Sequence[str], settings: ReadSettings, label: str) -> Matched:
    """Find the columns of the contract in a header.

    By `[columns]`, then by the names of an export that is recognised, by canonical name, by synonym, by fallback.

    Raises:
        DataError: Where two columns fit one name, where a column that the settings name is absent, or where required
            ones are missing; the sentence holds the line to put into coterie.toml.
    """
    names = unique_names(header)
    keys = [key_of(name) for name in header]
    columns = {
        name: _named(found, name, names, keys, spec, label, settings)
        for name, found in settings.columns.get(spec.name, {}).items()
    }
    exported = _exported(spec, keys)
    for rank in range(3):
        for column in spec.columns:
            if column.name in columns:
                continue
            words = {key_of(exported.get(column.name, column.name))}
            if rank == 1:
                words = {key_of(word) for word in column.synonyms}
            elif rank == 2:
                words = _first_there(column.fallbacks, keys, columns)
            fits = [at for at, key in enumerate(keys) if key in words and at not in columns.values()]
            if len(fits) > 1:
                raise DataError(_ambiguous(column.name, [names[at] for at in fits], spec, label))
            if fits:
                columns[column.name] = fits[0]
    missing = [column.name for column in spec.columns if column.required and column.name not in columns]
    if spec.one_of and not any(name in columns for name in spec.one_of):
        missing.append(spec.one_of[0])
    if missing:
        raise DataError(_missing(missing, names, columns, spec, label, settings))
    return Matched(columns, tuple(at for at in range(len(header)) if at not in columns.values()))


def _exported(spec: TableSpec, keys: Sequence[str]) -> Mapping[str, str]:
    """Canonical name -> the name a recognised export gives it."""
    one = next((one for one in spec.exports if one.marks <= set(keys)), None)
    return {} if one is None else {name: found for name, found in one.columns.items() if key_of(found) in keys}


def _first_there(words: Sequence[str], keys: Sequence[str], columns: Mapping[str, int]) -> set[str]:
    """The first of these words that is a free column's name."""
    free = {key for at, key in enumerate(keys) if at not in columns.values()}
    return set([key_of(word) for word in words if key_of(word) in free][:1])


def _named(
    found: str,
    name: str,
    names: Sequence[str],
    keys: Sequence[str],
    spec: TableSpec,
    label: str,
    settings: ReadSettings,
) -> int:
    """Position of the column that the settings name."""
    if found in names:
        return names.index(found)
    fits = [at for at, key in enumerate(keys) if key == key_of(found)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise DataError(_ambiguous(name, [names[at] for at in fits], spec, label))
    who = "The settings say" if is_frame(label) else "coterie.toml says"
    raise DataError(
        f"{who} that {name} of table {spec.name} is called {found!r}, but {label} has no such column"
        f"{did_you_mean(found, names)}; it has {listed(names)}.{_in_force(settings, label)}"
    )


def _ambiguous(name: str, candidates: Sequence[str], spec: TableSpec, label: str) -> str:
    return (
        f"{label} has {len(candidates)} columns that may be {name} of table {spec.name}: {listed(candidates)}. "
        f"Say which {_column_setting(spec, name, candidates[0], label)}"
    )


def _missing(
    missing: Sequence[str],
    names: Sequence[str],
    columns: Mapping[str, int],
    spec: TableSpec,
    label: str,
    settings: ReadSettings,
) -> str:
    free = [name for at, name in enumerate(names) if at not in columns.values()]
    plural = "s" if len(missing) > 1 else ""
    told = [f"{name} (or price and quantity)" if name in spec.one_of else name for name in missing]
    guess = close_to(missing[0], free) or "…"
    return (
        f"Table {spec.name} lacks its column{plural} {listed(told)}: {label} has "
        f"{listed(names) if names else 'no columns'}{did_you_mean(missing[0], free)}."
        f"{_in_force(settings, label)} If it goes by another name, say so "
        f"{_column_setting(spec, missing[0], guess, label)}"
    )


def _column_setting(spec: TableSpec, name: str, found: str, label: str) -> str:
    """Where and how to say what a column is called; a frame's column may as well be renamed."""
    frames = is_frame(label)
    told = setting(["columns", spec.name, name], found, frames=frames)
    return f"{told}, or rename the column." if frames else told


def _in_force(settings: ReadSettings, label: str) -> str:
    """A sentence on the settings that may have split a text file wrongly, or nothing."""
    if file_name(Path(label))[1] != "csv":
        return ""
    found = {"delimiter": settings.delimiter, "encoding": settings.encoding}
    told = " and ".join(f"{name} = {toml_text(value)}" for name, value in found.items() if value is not None)
    return f" It was read with {told}, as set: correct that or leave it out if the columns look wrong." if told else ""


def listed(names: Iterable[str], limit: int = 20) -> str:
    """Names in a row, the first twenty of many."""
    names = [name if len(name) <= 60 else name[:57] + "..." for name in names]
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name) if name != name.strip() or not name else name for name in names[:limit]) + more


def close_to(wanted: str, names: Iterable[str]) -> str | None:
    """The one of these names that is most like the wanted one, if any is."""
    keys = {key_of(name): name for name in reversed(list(names))}
    close = difflib.get_close_matches(key_of(wanted), list(keys), n=1, cutoff=0.6)
    return keys[close[0]] if close else None


def did_you_mean(wanted: str, names: Iterable[str]) -> str:
    """A question in brackets, or nothing."""
    close = close_to(wanted, names)
    return f" (did you mean {close}?)" if close else ""
