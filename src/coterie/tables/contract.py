"""What reading gives (`RawTable`), what checking gives (`Tables`, `Quality`), and how a finding is told (`Problem`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from coterie.engines import named
from coterie.settings import ReadSettings
from coterie.tables.purchases import in_sequence, orders_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

Severity = Literal["fault", "note"]


@dataclass(frozen=True)
class Problem:
    """One finding about the data.

    Attributes:
        rule: Name of the rule that found it (see `RULES`).
        table: Canonical table name; `file` and `column` narrow it down where they are known.
        count: Rows (or cells, files) concerned.
        examples: At most three, as "transactions.csv line 17: status 'brunt'".
        message: What was found, as one sentence with its own numbers.
        effect: What was done about it.
        cure: What to do; empty when nothing needs doing.
        severity: A fault in the data, or a note about how it was read.
        revenue: Exact sum of the amounts of the order lines concerned, where they have amounts.
        share: Of all sales, orders or cells the share concerned, where that tells how much depends on it.
    """

    rule: str
    table: str
    count: int
    message: str
    effect: str
    cure: str = ""
    file: str | None = None
    column: str | None = None
    examples: tuple[str, ...] = ()
    severity: Severity = "fault"
    revenue: float | None = None
    share: float | None = None


@dataclass(frozen=True)
class TableCount:
    """Rows of one table: rows_in = rows_used + rows_set_aside, with the set aside ones by reason (a rule name)."""

    rows_in: int
    rows_used: int
    rows_set_aside: int
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Quality:
    """What is in the data and what is wrong with it."""

    tables: Mapping[str, TableCount]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class RawTable:
    """One table as read, before anything is judged.

    Attributes:
        name: Canonical table name.
        rows: Columns of the contract under their canonical names, attributes under their own (made unique), each
            in the type it came in (text from CSV and Excel); and `_file` (index into `files`), `_line` (int64).
        files: Names as shown to people, such as "transactions-2.csv" or "coupons.xlsx, sheet cities".
        original: Canonical column name -> the name it had in the file.
        attributes: Columns outside the contract (of customers; of orders until it is known which describe customers;
            elsewhere they are left unread and noted).
        findings: Notes and faults met while reading; their rows in `unreadable` are part of rows_in.
        unreadable: Rows that could not be split into cells (too many of them), as (file, line, text, rule).
        decimals: Per file the decimal mark that its layout speaks for (see `Part.decimal`).
    """

    name: str
    rows: ir.Table
    files: tuple[str, ...]
    original: Mapping[str, str]
    attributes: tuple[str, ...] = ()
    findings: tuple[Problem, ...] = ()
    unreadable: tuple[tuple[str, int, str, str], ...] = ()
    decimals: tuple[Literal[".", ","] | None, ...] = ()


@dataclass(frozen=True)
class RawSource:
    """All that was read from one source, before anything is judged.

    Attributes:
        label: What to call the data in print: name of the folder, stem of the file, "frames".
        tables: One entry per table found, in the order of `schema.TABLES`; an event table is always among them.
        findings: Notes about the source as a whole, such as files that belong to no table (`Problem.table` is "").
    """

    label: str
    tables: tuple[RawTable, ...]
    findings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A further column of customers: a number (float64) or a text; `values` are its commonest texts, at most 200."""

    name: str
    label: str
    kind: Literal["number", "text"]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tables:
    """Checked tables, typed and clean, still lazy in their engine.

    Attributes:
        engine: Where they live.
        customers: One row per row used of the customers table (may be empty): customer_id, join_date (date),
            city, gender (text, NULL when unknown), one column per attribute.
        coupons: One row per coupon used: transaction_id, customer_id, claimed_on, status ("claimed", "burnt",
            "expired") as it was known at `as_of`, burnt_on, expires_on (dates), coupon_name, branch_id, merchant_id,
            all nullable but customer_id, claimed_on and status. Customers met here only are known customers too.
            Empty without a transactions table.
        lines: One row per order line used; None without an orders table: customer_id, order_id (text; made from
            customer and time where the data have none), ordered_on (date), kind ("sale", "return" or "free"), money
            (int64: the amount of the line in 1/10,000 of the currency, so that sums are exact in any order; negative
            for returns, 0 for free items), quantity (float64), category, product, product_name (text), branch_id,
            merchant_id; all nullable but customer_id, order_id, ordered_on, kind and money. An order is an order_id of
            a customer with at least one sale; its day is the earliest of its sales. Customers met here only are known
            customers too.
        names: "branch", "merchant" -> what to call an id in print (id -> name); ids absent here are their own name.
        rejects: Table name -> rows set aside with their reason: _file, _line (not of a database), _column, _value,
            _reason and the cells.
        attributes: What the customers table holds beyond the contract.
        columns: Which event tables and optional columns are there at all, as "orders", "transactions.burn_date".
        quality: Rows and problems.
        first_day, as_of: Day of the first claim or order; the day to whose end everything is known.
        label: What to call this data in print, such as "dunnhumby".
        fingerprint: Table name -> digest of its content.
        degenerate: Dimension ("city", "gender", "merchant", "branch", "coupon_name", "category") that has one value
            only or as many as rows -> the sentence to print instead of a chart.
        branch_reading: What branch_id means: the branch that issued the coupon, or the one where it was burnt; None
            without branches.
        currency: Code or sign of the amounts where the data name one.
        segment_settings: What `[segment]` of coterie.toml asks for; fields of `Settings`.
        reading: How the data were read, by coterie.toml or otherwise.
        source, config: Where the data can be found again, and the coterie.toml that was used; None for frames, and
            where there was none.
    """

    engine: Engine
    customers: ir.Table
    coupons: ir.Table
    names: Mapping[str, Mapping[str, str]]
    rejects: Mapping[str, ir.Table]
    attributes: tuple[Attribute, ...]
    columns: frozenset[str]
    quality: Quality
    first_day: dt.date
    as_of: dt.date
    label: str
    fingerprint: Mapping[str, str]
    degenerate: Mapping[str, str] = field(default_factory=dict)
    branch_reading: Literal["issuing", "burning"] | None = None
    lines: ir.Table | None = None
    currency: str | None = None
    segment_settings: Mapping[str, Any] = field(default_factory=dict)
    reading: ReadSettings = field(default_factory=ReadSettings)
    source: str | None = None
    config: str | None = None

    @property
    def has_coupons(self) -> bool:
        """Whether there is a transactions table."""
        return "transactions" in self.columns

    @property
    def has_orders(self) -> bool:
        """Whether there is an orders table."""
        return self.lines is not None

    @cached_property
    def orders(self) -> ir.Table | None:
        """One row per order: customer_id, ordered_on, sales (int64, money), and what `in_sequence` adds.

        None without an orders table. An order and all its sales belong to the day of the order, so that sales over
        orders is an order value whatever the days summed. Formed and kept in the engine when first asked for: sorting
        lines into orders, and those by customer, is the heaviest work there is on them, and nearly everybody needs it.
        """
        if self.lines is None:
            return None
        orders = orders_of(self.lines).select("customer_id", "ordered_on", "sales")
        return named(self.engine, self.engine.keep(in_sequence(orders)), "orders_counted")

    def of_customers(self, fits: Callable[[ir.Column], ir.BooleanValue]) -> Tables:
        """The rows of the customers whose id fits; what was found out about all of them stays as it is."""
        orders, lines = self.orders, self.lines
        few = replace(
            self,
            customers=self.customers.filter(fits(self.customers.customer_id)),
            coupons=self.coupons.filter(fits(self.coupons.customer_id)),
            lines=None if lines is None else lines.filter(fits(lines.customer_id)),
        )
        if orders is not None:  # formed once for all
            vars(few)["orders"] = orders.filter(fits(orders.customer_id))
        return few

    def on(self, engine: Engine) -> Tables:
        """The same tables, asked through an engine that stands for theirs; orders are formed once for both."""
        same = replace(self, engine=engine)
        vars(same)["orders"] = self.orders
        return same


MONEY = 10_000
"""Parts of the currency's unit in which money is counted."""
