"""What is wrong with `coterie.toml`, in plain words: values of the wrong kind, and lines that are not TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

FIELDS: Mapping[str, str] = {
    "k_range": "a pair of whole numbers such as [2, 10]",
    "features": 'a list of texts such as ["recency", "burn_rate"]',
    "as_of": "a day such as 2026-01-31",
    "columns": 'a table for each table, such as [columns.customers] with customer_id = "member"',
    "files": 'a table, [files], such as transactions = "export.csv"',
    "status": 'a table, [status], such as "open" = "claimed"',
    "order_status": 'a table, [order_status], such as "storniert" = "cancelled"',
}
"""Key -> what it must be, where the kind of value alone would not say it."""

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text in quotes",
    "path": "a path in quotes",
    "dict": "a table [section]",
    "model": "a table [section]",
    "tuple": "a list in square brackets",
    "list": "a list in square brackets",
    "date": "a day such as 2026-01-31",
}
"""First word of pydantic's type of error -> what would be right."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def right_value(key: str, item: Mapping[str, Any]) -> str:
    """What the value of a key must be, after one error of pydantic.

    Example:
        >>> right_value("seed", {"type": "greater_than_equal", "ctx": {"ge": 0}, "msg": ""})
        '0 or more'
        >>> right_value("seed", {"type": "int_type", "msg": "Input should be a valid integer"})
        'a whole number'
    """
    kind, context = str(item["type"]), item.get("ctx", {})
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "greater_than_equal":
        return f"{context['ge']} or more"
    if key in FIELDS:
        return FIELDS[key]
    words = _KINDS.get(kind.split("_", maxsplit=1)[0])
    return words or f"something else ({str(item['msg'])[:1].lower()}{str(item['msg'])[1:]})"


def shown(value: object) -> str:
    """A value much as it stands in the file."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def not_toml(text: str, error: tomllib.TOMLDecodeError) -> str:
    """What to do about a text that is not TOML: most often a word without its quotes."""
    at = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    line = lines[int(at[1]) - 1] if at and int(at[1]) <= len(lines) else ""
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", '""', line)
    for keys in re.findall(r"([^{},=\[\]#]+)(?:=|\])", bare):
        for key in (word.strip() for word in keys.split(".")):
            if key not in ("", '""') and not _BARE_KEY.fullmatch(key) and '"' not in key:
                return f'Put the word in quotes: "{key}".'
    if "Invalid value" in str(error) and re.search(r"=\s*[^\W\d]", bare):
        return 'Put a text in quotes, such as "member", and write dates as 2026-01-31.'
    return "Correct that line."
