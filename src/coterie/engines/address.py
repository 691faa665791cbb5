"""Addresses of databases: which source is one, and its parts; a password is never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from coterie.errors import UsageError

SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True)
class Address:
    """Where a database is.

    Attributes:
        server: The address as the server's own clients take it.
        schema: Where in the database the tables are; None for the usual one.
        label: What to call it in print.
        has_password: The address holds a password, where others may read it.
    """

    server: str
    schema: str | None
    label: str
    has_password: bool


def is_address(source: object) -> bool:
    """Whether a source is the address of a database rather than a path or frames."""
    return isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def parse_address(source: str) -> Address:
    """The parts of `postgresql://user@host:port/database?schema=name`.

    Raises:
        UsageError: It is the address of something else.

    Example:
        >>> parse_address("postgresql://ann@db.example.com/shop?schema=sales").label
        'shop on db.example.com, schema sales'
    """
    scheme = source.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise UsageError(
            f"Addresses that begin with {scheme}:// cannot be read. Give postgresql://user@host/database, a folder, a "
            "workbook, an orders file or a DuckDB file."
        )
    try:
        parts = urlsplit(source)
        has_password = bool(parts.password)
        host = parts.hostname or "this machine"
    except ValueError:
        raise UsageError(
            "The address of the database cannot be read. Write it as postgresql://user@host:5432/database."
        ) from None
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = next((value for name, value in options if name == "schema"), None)
    has_password = has_password or any(name == "password" for name, _ in options)
    rest = urlencode([(name, value) for name, value in options if name != "schema"])
    server = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
    database = parts.path.strip("/") or "database"
    label = f"{database} on {host}" + (f", schema {schema}" if schema else "")
    return Address(server, schema or None, label, has_password)
