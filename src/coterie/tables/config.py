"""`coterie.toml` beside the data: how to read it, and what to do with it."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coterie.engines import is_address
from coterie.errors import DataError, UsageError
from coterie.schema import TABLES, key_of
from coterie.settings import ReadSettings, Settings
from coterie.tables.config_words import not_toml, right_value, shown
from coterie.tables.naming import close_to, did_you_mean, listed

CONFIG = "coterie.toml"


def read_config(
    source: str | Path | Mapping[str, Any], config: str | Path | None = None
) -> tuple[ReadSettings, dict[str, Any]]:
    """The settings of `coterie.toml`; defaults without one.

    Args:
        source: It stands in the folder, beside the workbook or database file, for an address in the current folder.
        config: The file to read instead.

    Returns:
        How to read, and the table `[segment]` as it stands there (its keys are fields of `Settings`).

    Raises:
        UsageError: Where the file is not TOML, or holds a key or value that is not ours; all of them in one sentence.
    """
    path = config_used(source, config)
    if path is None:
        return ReadSettings(), {}
    content = _parse(path)
    segment = content.pop("segment", {})
    wrong = [*_wrong_names(content)]
    if isinstance(segment, dict):
        wrong += _complaints(Settings, segment, "segment.")
    else:
        wrong.append("segment must be a table, [segment]")
    wrong += _complaints(ReadSettings, content, "")
    if wrong:
        raise UsageError(f"{path.name} cannot be used: {'; '.join(dict.fromkeys(wrong))}.")
    settings = _canonical(ReadSettings.model_validate(content))
    if "playbook" in segment:
        segment["playbook"] = str(path.parent / segment["playbook"])
    return settings, segment


def config_used(source: str | Path | Mapping[str, Any], config: str | Path | None = None) -> Path | None:
    """The `coterie.toml` of `read_config`; None without one. Raises UsageError where the one named is not there."""
    if config is None:
        path = _place(source)
        return path if path is not None and path.is_file() else None
    if not Path(config).is_file():
        raise UsageError(f"There is no file {str(config)!r}. Check the path of the settings.")
    return Path(config)


def _place(source: str | Path | Mapping[str, Any]) -> Path | None:
    if isinstance(source, Mapping):
        return None
    if is_address(source):
        return Path(CONFIG)
    path = Path(source)
    return (path if path.is_dir() else path.parent) / CONFIG


def _parse(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is not valid TOML: {error}. {not_toml(text, error)}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error


def _complaints(model: type[ReadSettings | Settings], content: Mapping[str, Any], prefix: str) -> list[str]:
    """What pydantic says against these values, each with its key."""
    try:
        model.model_validate(dict(content))
    except ValidationError as error:
        return [_complaint(model, content, prefix, item) for item in error.errors(include_url=False)]
    return []


def _complaint(
    model: type[ReadSettings | Settings], content: Mapping[str, Any], prefix: str, item: Mapping[str, Any]
) -> str:
    key = prefix + ".".join(str(step) for step in item["loc"])
    if item["type"] == "extra_forbidden":
        fields = [*model.model_fields, *([] if prefix else ["segment"])]
        near = close_to(key.removeprefix(prefix), fields)
        cure = f" (did you mean {prefix}{near}?)" if near else f"; there are {listed(prefix + name for name in fields)}"
        return f"unknown key {key}{cure}"
    field, found = str(item["loc"][0]), item["input"]
    if field in ("k_range", "features"):  # as a whole, whatever part of it is wrong
        key, found = prefix + field, content[field]
    return f"{key} = {shown(found)} is wrong: it must be {right_value(key.removeprefix(prefix), item)}"


def _wrong_names(content: Mapping[str, Any]) -> list[str]:
    """Tables and columns that the contract does not have, an unknown encoding, a delimiter of several characters."""
    wrong = []
    tables = {spec.name: [column.name for column in spec.columns] for spec in TABLES}
    for section in ("columns", "files"):
        part = content.get(section)
        for table, inner in part.items() if isinstance(part, dict) else ():
            if table not in tables:
                wrong.append(
                    f"{section}.{table} names no table{did_you_mean(table, tables)}; there are {listed(tables)}"
                )
            elif section == "columns" and isinstance(inner, dict):
                known = {key_of(name) for name in tables[table]}
                wrong += [
                    f"columns.{table}.{name} names no column of {table}{did_you_mean(name, tables[table])}"
                    for name in inner
                    if key_of(name) not in known
                ]
    encoding, delimiter = content.get("encoding"), content.get("delimiter")
    if isinstance(encoding, str) and not _known_encoding(encoding):
        wrong.append(f'encoding = {encoding!r} is not known; such as "utf-8", "cp1252" or "utf-16" would be right')
    if isinstance(delimiter, str) and (len(delimiter) != 1 or delimiter in '"\r\n'):
        wrong.append(f'delimiter = {delimiter!r} must be one character, such as ";" or "\\t"')
    return wrong


def _known_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _canonical(settings: ReadSettings) -> ReadSettings:
    """Column names of the contract written as there, whatever their case in the file."""
    names = {spec.name: {key_of(column.name): column.name for column in spec.columns} for spec in TABLES}
    columns = {
        table: {names[table][key_of(name)]: found for name, found in inner.items()}
        for table, inner in settings.columns.items()
    }
    return settings.model_copy(update={"columns": columns})
