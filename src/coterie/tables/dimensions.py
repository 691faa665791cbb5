"""Dimensions that say nothing, and what the branch of a coupon means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from coterie.tables.contract import Problem, RawTable
from coterie.tables.rules import tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

NEARLY_ALL = 0.9
"""From this share of distinct values on, nearly every row has a value of its own."""

COUNTED_EXACTLY = 1_000_000
_SAMPLE = 2_000

_PLURAL = {"city": "cities", "gender": "genders", "merchant": "merchants", "branch": "branches", "coupon_name": "coupon names"}
_COLUMN = {"city": "city_id", "gender": "gender_id", "merchant": "merchant_id", "branch": "branch_id", "coupon_name": "coupon_name"}


def dimension_measures(rows: ir.Table, dimensions: Mapping[str, str]) -> dict[str, ir.Scalar]:
    """Aggregates for `degenerate`: per dimension its filled cells, lowest and highest value."""
    wanted: dict[str, ir.Scalar] = {}
    for name, column in dimensions.items():
        value = rows[column]
        wanted |= {f"{name}__n": value.count(), f"{name}__low": value.min().cast("string"), f"{name}__high": value.max().cast("string")}
    return wanted


def degenerate(
    rows: ir.Table, dimensions: Mapping[str, str], measured: Mapping[str, Any], engine: Engine, noun: str, names: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Dimension -> the sentence to print instead of a chart, for those with one value or as many as rows.

    Args:
        rows: One row per `noun`, with the column of each dimension.
        measured: What `dimension_measures` asked for.
        names: Dimension -> id -> name, for print.
    """
    sentences = {}
    for name, column in dimensions.items():
        filled, low = int(measured[f"{name}__n"]), measured[f"{name}__low"]
        what = _PLURAL[name]
        if not filled:
            sentences[name] = f"No {name.replace('_', ' ')} is known, so {what} cannot be compared."
        elif low == measured[f"{name}__high"]:
            shown = names.get(name, {}).get(low, low)
            sentences[name] = f"There is one {name.replace('_', ' ')} only ({shown}), so {what} cannot be compared."
        elif filled > 1 and _distinct_share(rows.filter(rows[column].notnull()), column, filled, engine) >= NEARLY_ALL:
            sentences[name] = f"Nearly every {noun} has a {name.replace('_', ' ')} of its own, so {what} cannot be compared."
    return sentences


def _distinct_share(rows: ir.Table, column: str, filled: int, engine: Engine) -> float:
    """Distinct values over rows: counted, or in large tables estimated from 2,000 rows spread over the table.

    For a random row whose value stands in m rows, the mean of 1/m is the share of distinct values.
    """
    if filled <= COUNTED_EXACTLY:
        row = engine.collect(rows.aggregate(n=rows[column].nunique())).to_pylist()[0]
        return float(row["n"]) / filled
    some = rows.filter(rows["_line"] % (filled // _SAMPLE) == 0).select(column)
    often = rows.semi_join(some, column).group_by(column).aggregate(_n=lambda t: t.count())
    joined = some.inner_join(often, column)
    row = engine.collect(joined.aggregate(share=(1.0 / joined["_n"]).mean())).to_pylist()[0]
    return 0.0 if row["share"] is None else float(row["share"])


def degenerate_notes(raw: RawTable, sentences: Mapping[str, str]) -> list[Problem]:
    """The sentences as findings."""
    return [
        tell("degenerate_dimension", raw, 1, column=_COLUMN[name], message=sentence.removesuffix("."))
        for name, sentence in sentences.items()
    ]


def branch_measures(rows: ir.Table) -> dict[str, ir.Scalar]:
    """Aggregates for `branch_reading`: open coupons, and those of them with a branch."""
    is_open = rows["status"] == "claimed"
    return {"open": is_open.sum().fill_null(0), "open_at": (is_open & rows["_has_branch"]).sum().fill_null(0)}


def branch_reading(raw: RawTable, measured: Mapping[str, Any]) -> tuple[Literal["issuing", "burning"] | None, list[Problem]]:
    """The branch that issued the coupon when most open coupons have one, else the one where it was burnt; with the note that says so."""
    is_open, at = int(measured["open"]), int(measured["open_at"])
    if not is_open:
        return None, []
    issuing = at > is_open / 2
    shown = raw.original.get("branch_id", "branch_id")
    what = "the branch that issued the coupon" if issuing else "the branch where the coupon was burnt"
    message = f"{shown} of {raw.name} is read as {what}: {at:,} of {is_open:,} open coupons have one"
    return "issuing" if issuing else "burning", [tell("branch_reading", raw, at, column="branch_id", message=message)]
