"""Settings of reading and of a run: a frozen value each, from `coterie.toml` and the command line (which wins)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coterie.errors import UsageError

DateOrder = Literal["day-first", "month-first"]


class ReadSettings(BaseModel):
    """How to read the data; every field may stand in `coterie.toml`.

    Attributes:
        columns: Table -> canonical column -> name in the file, e.g. `[columns.transactions] customer_id = "member"`.
        files: Table -> file or sheet name, e.g. `[files] transactions = "export-7.csv"`.
        status: Word in the data -> claimed, burnt, expired or cancelled, e.g. `[status] eingeloest = "burnt"`.
        order_status: Word in the data -> sold or cancelled, e.g. `[order_status] storniert = "cancelled"`.
        keep_cancelled_orders: Orders cancelled, voided or refunded in full count as sold; else they are set aside.
        status_meaning: "state" (one row per coupon) or "event" (one row to claim, another to burn).
        date_order: For dates such as 01/02/2025; guessed from the column and reported when not set.
        decimal: "." or ","; guessed from the column when not set.
        delimiter, encoding: Of CSV files; detected when not set.
        as_of: Everything up to the end of this day is known.
        drop_duplicate_lines: Order lines that are identical in every column count once; else each counts.
        exclude_products: Codes or names of products whose order lines are set aside, e.g. ["POST", "BANK CHARGES"].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    status: dict[str, Literal["claimed", "burnt", "expired", "cancelled"]] = Field(default_factory=dict)
    order_status: dict[str, Literal["sold", "cancelled"]] = Field(default_factory=dict)
    keep_cancelled_orders: bool = False
    status_meaning: Literal["state", "event"] = "state"
    date_order: DateOrder | None = None
    decimal: Literal[".", ","] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    as_of: dt.date | None = None
    drop_duplicate_lines: bool = False
    exclude_products: tuple[str, ...] = ()


class Settings(BaseModel):
    """What to do with the data; `[segment]` in `coterie.toml` may hold any of it.

    Attributes:
        preset: Name of a feature preset; `features` names single ones instead.
        k: Number of segments, or None to choose it within k_range (both ends included).
        seed: Of every random choice.
        include_inactive: Cluster customers without any event too, instead of keeping them as segment 0.
        playbook: TOML file of advice rules that replaces ours.
        evidence: Judge how real the segments are.
        algorithm: Name of the way to find groups.
        compare: Find groups in every way there is, and tell which to use.
        cut: Last day that is known when looking whether the differences last; chosen if None.
        outcome: What is counted after it: "burns", "claims" or "burn_rate" of coupons, "sales" or "orders"; chosen if
            None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str | None = None
    features: tuple[str, ...] | None = None
    k: int | None = Field(default=None, strict=True)
    k_range: tuple[int, int] = (2, 10)
    seed: int = Field(default=0, ge=0, strict=True)
    include_inactive: bool = False
    playbook: Path | None = None
    evidence: bool = True
    algorithm: str = "k-means"
    compare: bool = False
    cut: dt.date | None = None
    outcome: str | None = None


def as_day(value: dt.date | str, name: str) -> dt.date:
    """A setting that is a day, given as a date or as ISO text; raises UsageError, by the setting's name, for others.

    Example:
        >>> as_day("2026-01-31", "cut")
        datetime.date(2026, 1, 31)
    """
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if not isinstance(day, dt.date):
        raise UsageError(f'{name}: "{value}" is no day. Write it as 2026-01-31.')
    return day.date() if isinstance(day, dt.datetime) else day
