"""The data contract as data: tables, columns, synonyms and status words. A new one is added here, nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "status", "number"]


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Attributes:
        name: Canonical name, used everywhere after reading.
        kind: How its cells are understood.
        required: A table without it cannot be read; a row without a value in it is set aside.
        synonyms: Further names it is known by, matched like the name itself (see `key_of`).
        refers_to: The lookup table whose key it holds. Where that table is absent, the cell is the value itself.
    """

    name: str
    kind: Kind
    required: bool = False
    synonyms: tuple[str, ...] = ()
    refers_to: str | None = None


@dataclass(frozen=True)
class TableSpec:
    """One table of the contract; the first column is its key where `keyed` is true.

    Attributes:
        event: It tells what customers did; one event table is required.
        open_ended: Columns outside the contract are kept as attributes (customers only).
        words: Further names a file or sheet of this table goes by.
    """

    name: str
    columns: tuple[Column, ...]
    event: bool = False
    keyed: bool = True
    open_ended: bool = False
    words: tuple[str, ...] = ()

    @property
    def key(self) -> Column:
        """The key column."""
        return self.columns[0]

    def column(self, name: str) -> Column | None:
        """The column of that canonical name, or None."""
        return next((column for column in self.columns if column.name == name), None)


CUSTOMERS = TableSpec(
    "customers",
    (
        Column("customer_id", "id", required=True, synonyms=("id", "customer", "customer_no", "customer_number")),
        Column("join_date", "date", synonyms=("joined", "joined_on", "signup_date", "registration_date")),
        Column("city_id", "id", synonyms=("city", "city_name"), refers_to="cities"),
        Column("gender_id", "id", synonyms=("gender", "sex", "gender_name"), refers_to="genders"),
    ),
    open_ended=True,
    words=("customer", "clients", "members", "households"),
)
GENDERS = TableSpec(
    "genders",
    (
        Column("gender_id", "id", required=True, synonyms=("id",)),
        Column("gender_name", "text", required=True, synonyms=("name", "gender")),
    ),
    words=("gender",),
)
CITIES = TableSpec(
    "cities",
    (
        Column("city_id", "id", required=True, synonyms=("id",)),
        Column("city_name", "text", required=True, synonyms=("name", "city")),
    ),
    words=("city",),
)
MERCHANTS = TableSpec(
    "merchants",
    (
        Column("merchant_id", "id", required=True, synonyms=("id",)),
        Column("merchant_name", "text", required=True, synonyms=("name", "merchant")),
    ),
    words=("merchant", "partners"),
)
BRANCHES = TableSpec(
    "branches",
    (
        Column("branch_id", "id", required=True, synonyms=("id", "branch")),
        Column("merchant_id", "id", synonyms=("merchant",), refers_to="merchants"),
    ),
    words=("branch", "stores"),
)
TRANSACTIONS = TableSpec(
    "transactions",
    (
        Column("transaction_id", "id", synonyms=("id", "transaction")),
        Column("customer_id", "id", required=True, synonyms=("customer",), refers_to="customers"),
        Column("transaction_date", "date", required=True, synonyms=("date", "claim_date", "claimed_on")),
        Column("transaction_status", "status", required=True, synonyms=("status", "state")),
        Column("coupon_name", "text", synonyms=("coupon",)),
        Column("burn_date", "date", synonyms=("burnt_on", "redeemed_on", "redemption_date")),
        Column("branch_id", "id", synonyms=("branch",), refers_to="branches"),
        Column("expiry_date", "date", synonyms=("expires_on", "expiry", "valid_until")),
    ),
    event=True,
    words=("transaction", "coupons"),
)

TABLES: tuple[TableSpec, ...] = (CUSTOMERS, GENDERS, CITIES, MERCHANTS, BRANCHES, TRANSACTIONS)

STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "claimed": ("claimed", "subscribed", "active", "open"),
    "burnt": ("burnt", "burned", "redeemed", "used"),
    "expired": ("expired", "lapsed", "void"),
    "cancelled": ("cancelled", "canceled"),
}
"""Canonical status -> the words that mean it; `[status]` in coterie.toml adds more."""


def key_of(name: str) -> str:
    """A name as it is compared: lower case, letters and digits only, so `Customer ID` matches `customer_id`.

    Example:
        >>> key_of(" Customer-ID ")
        'customerid'
    """
    return re.sub(r"[\W_]+", "", name.casefold())


def table_named(name: str) -> TableSpec | None:
    """The table a file or sheet name stands for, or None."""
    wanted = key_of(name)
    for table in TABLES:
        if wanted in {key_of(word) for word in (table.name, *table.words)}:
            return table
    return None
