"""Addresses of databases: which source is one, and its parts; a password is never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coterie.errors import UsageError

SCHEMES = ("postgresql", "postgres")
CATALOGUE = "catalogue:"
"""What stands before the name of a database of Spark's catalogue."""


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
    if is_catalogue(source):
        return True
    return isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def is_catalogue(source: object) -> bool:
    """Whether a source is a database of Spark's catalogue, as `catalogue:shop`."""
    return isinstance(source, str) and source.startswith(CATALOGUE)


def parse_address(source: str) -> Address:
    """The parts of `postgresql://user@host:port/database?schema=name`, or of `catalogue:name`.

    Raises:
        UsageError: It is the address of something else.

    Example:
        >>> parse_address("postgresql://ann@db.example.com/shop?schema=sales").label
        'shop on db.example.com, schema sales'
    """
    if is_catalogue(source):
        name = source.removeprefix(CATALOGUE) or "default"
        return Address(server="", schema=name, label=f"{name} of Spark's catalogue", has_password=False)
    scheme = source.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise UsageError(
            f"Addresses that begin with {scheme}:// cannot be read. Give postgresql://user@host/database, a folder, a "
            "workbook, an orders file or a DuckDB file."
        )
    where, _, options = source.partition("://")[2].partition("?")
    authority, _, database = where.partition("/")
    user, _, host = authority.rpartition("@")
    pairs = [option.partition("=") for option in options.split("&") if option]
    schema = next((value for name, _, value in pairs if name == "schema"), None)
    rest = "&".join(f"{name}={value}" for name, _, value in pairs if name != "schema")
    label = f"{database or 'the database'} on {_without_port(host) or 'this machine'}"
    return Address(
        server=f"postgresql://{where}" + (f"?{rest}" if rest else ""),
        schema=schema or None,
        label=label + (f", schema {schema}" if schema else ""),
        has_password=":" in user or any(name == "password" for name, _, _ in pairs),
    )


def without_password(source: str) -> str:
    """An address as it may be shown or kept.

    Example:
        >>> without_password("postgresql://ann:secret@db.example.com/shop?password=secret&schema=sales")
        'postgresql://ann@db.example.com/shop?schema=sales'
    """
    address, _, options = source.partition("?")
    address = re.sub(r"^([^:/]+://[^/@:]*):.*@(?=[^@/]*(?:/|$))", r"\1@", address)
    kept = "&".join(option for option in options.split("&") if option and not option.startswith("password="))
    return address + (f"?{kept}" if kept else "")


def no_database(table: str) -> UsageError:
    """Why a customer list cannot become a table: the data are files."""
    return UsageError(
        f"The customer list cannot be written to table {table}: the data are files. Leave --write-to out; the list "
        "stands in the run folder."
    )


def no_table_in_spark(table: str) -> UsageError:
    """Why a customer list cannot become a table of Spark's catalogue."""
    return UsageError(
        f"The customer list cannot be written to table {table}: Spark's catalogue cannot replace a table in one step. "
        "Leave --write-to out; the list stands in the run folder as Parquet."
    )


def _without_port(host: str) -> str:
    """The host of `host:5432`; one of IPv6 stands in brackets.

    Example:
        >>> _without_port("db.example.com:5432"), _without_port("[::1]:5432")
        ('db.example.com', '[::1]')
    """
    return re.sub(r":\d*$", "", host)
