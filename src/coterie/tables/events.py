"""Event logs: one row to claim a coupon, another to burn it. Recognised, and read right when the settings say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import ibis

from coterie.errors import DataError
from coterie.tables.cast import BAD, Typed
from coterie.tables.contract import Problem
from coterie.tables.judge import PLACE, Judged
from coterie.tables.tell import tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

CUSTOMERS_LOOKED_AT = 1_000
MOST = 0.5
"""More than this share of the burnt rows must have a claim row of their own."""

_CANCELLED, _WITHOUT_CLAIM = 103, 104
Pairing = Literal["transaction_id", "coupon_name"]


@dataclass(frozen=True)
class EventLog:
    """What was recognised: the column that pairs a burn with its claim, burnt rows looked at, and those paired."""

    by: Pairing
    burnt: int
    paired: int

    @property
    def recognised(self) -> bool:
        """Whether most burnt rows have a claim row of their own."""
        return self.paired > MOST * self.burnt


def look_for_events(judged: Judged, engine: Engine) -> EventLog | None:
    """Look whether claims and burns are rows of their own; only 1,000 customers with burns are looked at.

    Rows that share a transaction_id were set aside as conflicting when one row per coupon was expected: they are looked
    at first.
    """
    columns = judged.typed.table.columns
    if "transaction_id" in columns and judged.counts.get("conflicting_rows") and judged.aside is not None:
        conflicting = judged.aside.filter(judged.aside["_code"] == judged.codes["conflicting_rows"])
        found = _pairs(judged.typed.table.semi_join(conflicting, PLACE), ["transaction_id"], engine)
        burnt = judged.typed.table.filter(lambda t: t["transaction_status"] == "burnt")
        total = int(engine.collect(burnt.aggregate(n=burnt.count())).to_pylist()[0]["n"])
        if found[1] > MOST * total:
            return EventLog("transaction_id", total, found[1])
    if "coupon_name" not in columns:
        return None
    used = judged.used
    burnt, alone = _burns(used, engine)
    if alone <= MOST * burnt:
        return None
    some = used.filter(used["transaction_status"] == "burnt").select("customer_id").distinct()
    some = some.order_by("customer_id").limit(CUSTOMERS_LOOKED_AT)
    return EventLog("coupon_name", *_pairs(used.semi_join(some, "customer_id"), ["customer_id", "coupon_name"], engine))


def _pairs(rows: ir.Table, keys: list[str], engine: Engine) -> tuple[int, int]:
    """Burnt rows, and those of them that share their keys with exactly one claim row that is not later."""
    claimed, burnt = rows["transaction_status"] == "claimed", rows["transaction_status"] == "burnt"
    alone = _alone(rows)
    day = rows["transaction_date"]
    groups = rows.group_by(keys).aggregate(
        claims=claimed.sum(),
        alone=alone.sum(),
        burns=burnt.sum(),
        first=day.min(where=claimed),
        last=day.max(where=burnt),
    )
    paired = (
        (groups["claims"] == 1) & (groups["burns"] == 1) & (groups["alone"] == 1) & (groups["first"] <= groups["last"])
    )
    row = engine.collect(groups.aggregate(burnt=groups["burns"].sum(), paired=paired.sum())).to_pylist()[0]
    return int(row["burnt"] or 0), int(row["paired"] or 0)


def _alone(rows: ir.Table) -> ir.BooleanValue:
    """Burnt rows that do not tell their whole story: one with a burn date later than its claim needs no claim row."""
    burnt = rows["transaction_status"] == "burnt"
    if "burn_date" not in rows.columns:
        return burnt
    return burnt & (rows["burn_date"].isnull() | (rows["burn_date"] <= rows["transaction_date"]))


def _burns(rows: ir.Table, engine: Engine) -> tuple[int, int]:
    burnt = rows["transaction_status"] == "burnt"
    row = engine.collect(rows.aggregate(burnt=burnt.sum(), alone=_alone(rows).sum())).to_pylist()[0]
    return int(row["burnt"] or 0), int(row["alone"] or 0)


def event_note(log: EventLog, typed: Typed, *, read: bool) -> Problem:
    """The finding: what it looks like, how it was read, and the setting that reads it right."""
    shown = {"transaction_id": "the same transaction id", "coupon_name": "the same customer and coupon"}[log.by]
    verb = "is read as" if read else "looks like"
    message = (
        f"Table {typed.raw.name} {verb} an event log: {log.paired:,} of {log.burnt:,} burnt rows looked at share "
        f"{shown} with one earlier claim"
    )
    if read:
        return tell("event_log", typed.raw, log.paired, message=message, cure="",
                    effect="read as events: a claim and what became of it are one coupon")  # fmt: skip
    effect = "read as one row per coupon, so claims and burns count as different coupons"
    if log.by == "transaction_id":
        effect = "read as one row per coupon, so rows with one transaction id contradict each other and were set aside"
    return tell("event_log", typed.raw, log.paired, message=message, effect=effect)


def read_events(judged: Judged, engine: Engine) -> tuple[Judged, EventLog]:
    """Make one coupon of each claim and the event that closed it: the nth claim with the nth closing event.

    Each coupon stands at the place of its claim, with `_rows`, the rows it was made of. Closing events without a claim
    are set aside, and so are cancellations with their claims.

    Raises:
        DataError: Neither transaction_id nor coupon_name can tell which burn belongs to which claim.
    """
    used = judged.used
    log = _pairing(judged, engine)
    keys = ["transaction_id"] if log.by == "transaction_id" else ["customer_id", "coupon_name"]
    pair = [ibis.coalesce(used[key].cast("string"), ibis.literal("")).name(f"_key{n}") for n, key in enumerate(keys)]
    rows = used.mutate(*pair)
    names = [f"_key{n}" for n in range(len(keys))]
    order = ibis.window(group_by=names, order_by=["transaction_date", *PLACE])
    is_claim = rows["transaction_status"] == "claimed"
    claims = rows.filter(is_claim).mutate(_n=ibis.row_number().over(order))
    closings = rows.filter(~is_claim).mutate(_n=ibis.row_number().over(order))
    merged = engine.keep(_merge(claims, closings, [*names, "_n"], used.columns))
    aside = engine.keep(_left_over(merged, closings.anti_join(claims, [*names, "_n"])))
    coupons = merged.filter(merged["transaction_status"] != "cancelled")
    coupons = coupons.drop("_closing_file", "_closing_line")
    return _with(judged, coupons, aside, engine), log


def _pairing(judged: Judged, engine: Engine) -> EventLog:
    used = judged.used
    if "transaction_id" in used.columns:
        log = EventLog("transaction_id", *_pairs(used, ["transaction_id"], engine))
        if log.recognised or "coupon_name" not in used.columns:
            return log
    if "coupon_name" not in used.columns:
        raise DataError(
            'status_meaning = "event" needs a coupon_name, or a transaction_id that a claim shares with its burn; '
            f"{judged.typed.raw.files[0]} has neither. Add one, or leave the setting out."
        )
    return EventLog("coupon_name", *_pairs(used, ["customer_id", "coupon_name"], engine))


def _merge(claims: ir.Table, closings: ir.Table, on: list[str], columns: tuple[str, ...]) -> ir.Table:
    closing = closings.select(
        *on, **{f"_closing{name}" if name in PLACE else f"_closing_{name}": closings[name] for name in columns}
    )
    joined = claims.left_join(closing, on)
    closed = joined["_closing_line"].notnull()
    values: dict[str, ir.Value] = {name: joined[name] for name in columns}
    values["transaction_status"] = ibis.coalesce(joined["_closing_transaction_status"], ibis.literal("claimed"))
    burnt = joined["_closing_transaction_status"] == "burnt"
    burn = joined["_closing_transaction_date"]
    if "burn_date" in columns:
        burn = ibis.coalesce(joined["_closing_burn_date"], burn)
    values["burn_date"] = ibis.cases((burnt, burn), else_=ibis.null("date"))
    for name in ("branch_id", "expiry_date"):
        if name in columns:
            values[name] = ibis.coalesce(joined[f"_closing_{name}"], joined[name])
    for name in columns:
        if name.startswith(BAD):
            values[name] = joined[name] | joined[f"_closing_{name}"].fill_null(False)
    values["_rows"] = ibis.cases((closed, 2), else_=1).cast("int64")
    return joined.select(**values, _closing_file=joined["_closing_file"], _closing_line=joined["_closing_line"])


def _left_over(merged: ir.Table, unclaimed: ir.Table) -> ir.Table:
    """`_file`, `_line`, `_code` of the rows that make no coupon."""
    gone = merged.filter(merged["transaction_status"] == "cancelled")
    code = ibis.literal(_CANCELLED).cast("int64")
    claims = gone.select(*PLACE, _code=code)
    closings = gone.select(_file=gone["_closing_file"], _line=gone["_closing_line"], _code=code)
    cancelled = unclaimed["transaction_status"] == "cancelled"
    rest = unclaimed.select(*PLACE, _code=ibis.cases((cancelled, _CANCELLED), else_=_WITHOUT_CLAIM).cast("int64"))
    return ibis.union(claims, closings, rest)


def _with(judged: Judged, coupons: ir.Table, aside: ir.Table, engine: Engine) -> Judged:
    row = engine.collect(
        aside.aggregate(
            cancelled=(aside["_code"] == _CANCELLED).sum().fill_null(0),
            burn_without_claim=(aside["_code"] == _WITHOUT_CLAIM).sum().fill_null(0),
        )
    ).to_pylist()[0]
    more = {rule: int(count) for rule, count in row.items() if count}
    return replace(
        judged,
        used=coupons,
        counts={**judged.counts, **more},
        columns={**judged.columns, **dict.fromkeys(more, "transaction_status")},
        aside=aside if judged.aside is None else ibis.union(judged.aside, aside),
        codes={**judged.codes, "cancelled": _CANCELLED, "burn_without_claim": _WITHOUT_CLAIM},
    )
