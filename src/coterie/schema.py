"""The data contract as data: tables, columns, synonyms and status words. A new one is added here, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["id", "text", "date", "status", "number", "money"]


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Attributes:
        name: Canonical name, used everywhere after reading.
        kind: How its cells are understood.
        required: A table without it cannot be read; a row without a value in it is set aside.
        synonyms: Further names it is known by, matched like the name itself (see `key_of`).
        refers_to: The lookup table whose key it holds. Where that table is absent, the cell is the value itself.
        fallbacks: Names of less weight, tried one after the other where none of the others is there.
    """

    name: str
    kind: Kind
    required: bool = False
    synonyms: tuple[str, ...] = ()
    refers_to: str | None = None
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A table as one well-known program writes it, under names that would mean something else anywhere else.

    Attributes:
        program: Whose export it is.
        marks: Column names (as `key_of` gives them) that nobody else writes; all of them are there.
        columns: Canonical name -> the program's name for it.
    """

    program: str
    marks: frozenset[str]
    columns: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class TableSpec:
    """One table of the contract; the first column is its key where `keyed` is true.

    Attributes:
        event: It tells what customers did; one event table is required.
        keyed: No two rows may share a value of the first column.
        open_ended: Columns outside the contract are looked at as attributes (of customers).
        words: Further names a file or sheet of this table goes by.
        one_of: Columns of which one at least must be there.
        exports: The table as well-known programs write it.
    """

    name: str
    columns: tuple[Column, ...]
    event: bool = False
    keyed: bool = True
    open_ended: bool = False
    words: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    exports: tuple[Export, ...] = ()

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
SHOPIFY = Export(
    "Shopify",
    frozenset({"name", "lineitemprice", "lineitemquantity"}),
    {
        "order_id": "Name",
        "customer_id": "Email",
        "order_date": "Created at",
        "amount": "Total",
        "price": "Lineitem price",
        "quantity": "Lineitem quantity",
        "product": "Lineitem sku",
        "product_name": "Lineitem name",
        "currency": "Currency",
        "order_status": "Financial Status",
        "cancelled_at": "Cancelled at",
    },
)
ORDERS = TableSpec(
    "orders",
    (
        Column(
            "order_id", "text",
            synonyms=("order", "order_no", "order_number", "invoice", "invoice_no", "invoice_number"),
            fallbacks=("invoice_id", "receipt", "receipt_no", "receipt_id", "transaction_id", "transaction",
                       "basket_id", "id"),
        ),
        Column(
            "customer_id", "id", required=True, synonyms=("customer",), refers_to="customers",
            fallbacks=("customer_no", "customer_number", "client_id", "client", "member_id", "member", "user_id",
                       "user", "household_id", "customer_email", "email", "email_billing", "billing_email"),
        ),
        Column(
            "order_date", "date", required=True,
            synonyms=("date", "transaction_date", "invoice_date", "purchase_date", "ordered_on"),
            fallbacks=("order_datetime", "order_time", "order_timestamp", "ordered_at", "purchased_at",
                       "transaction_time", "created_at", "datetime", "timestamp", "time", "day"),
        ),
        Column(
            "amount", "money", synonyms=("purchase_amount", "total"),
            fallbacks=("line_total", "total_amount", "order_total", "order_amount", "order_value",
                       "transaction_amount", "sales_amount", "net_amount", "total_price", "total_sales", "sales",
                       "revenue", "spend", "value", "order_total_amount", "net_sales", "n_revenue"),
        ),
        Column(
            "price", "money", synonyms=("unit_price",),
            fallbacks=("price_per_unit", "item_price", "price_each", "item_cost"),
        ),
        Column("quantity", "number", synonyms=("qty",), fallbacks=("units", "quantity_ordered", "pieces")),
        Column(
            "product", "text", synonyms=("stock_code", "sku", "product_id", "product_code"),
            fallbacks=("item_id", "item_code", "article", "item"),
        ),
        Column("product_name", "text", synonyms=("description", "product_title", "item_name"), fallbacks=("title",)),
        Column(
            "product_category", "text", synonyms=("category",),
            fallbacks=("category_name", "product_type", "department"),
        ),
        Column(
            "branch_id", "id", synonyms=("branch",), refers_to="branches",
            fallbacks=("store_id", "store", "shop_id"),
        ),
        Column("currency", "text", synonyms=("currency_code",)),
        Column("order_status", "status", synonyms=("status",), fallbacks=("financial_status", "payment_status")),
        Column(
            "cancelled_at", "text",
            synonyms=("canceled_at", "cancelled_on", "canceled_on", "cancelled_date", "cancellation_date"),
        ),
    ),
    event=True,
    keyed=False,
    open_ended=True,
    words=("order", "purchases", "purchase"),
    one_of=("amount", "price"),
    exports=(SHOPIFY,),
)  # fmt: skip

TABLES: tuple[TableSpec, ...] = (CUSTOMERS, GENDERS, CITIES, MERCHANTS, BRANCHES, TRANSACTIONS, ORDERS)

STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "claimed": ("claimed", "subscribed", "active", "open"),
    "burnt": ("burnt", "burned", "redeemed", "used"),
    "expired": ("expired", "lapsed", "void"),
    "cancelled": ("cancelled", "canceled"),
}
"""Status of a coupon -> the words that mean it; `[status]` in coterie.toml adds more."""

ORDER_STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "sold": (
        "sold", "completed", "complete", "paid", "partially paid", "processing", "pending", "on hold", "new", "open",
        "confirmed", "approved", "authorized", "authorised", "captured", "settled", "success", "successful", "invoiced",
        "fulfilled", "unfulfilled", "partially fulfilled", "packed", "shipped", "partially shipped", "in transit",
        "sent", "delivered", "received", "done", "finished", "wc-completed", "wc-processing", "wc-pending",
        "wc-on-hold",
    ),
    "cancelled": (
        "cancelled", "canceled", "void", "voided", "refunded", "fully refunded", "returned", "failed", "rejected",
        "declined", "denied", "abandoned", "wc-cancelled", "wc-refunded", "wc-failed",
    ),
    "refunded in part": ("partially refunded", "partly refunded"),
}  # fmt: skip
"""Status of an order -> the words that mean it; `[order_status]` in coterie.toml adds more."""


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
