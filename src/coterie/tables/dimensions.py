"""Dimensions that say nothing, and what the branch of a coupon means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from coterie.tables.contract import Problem, RawTable
from coterie.tables.tell import agreeing, counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

NEARLY_ALL = 0.9
"""From this share of distinct values on, nearly every row has a value of its own."""

FEW = 10
"""In fewer rows than these, values of their own say nothing."""

COUNTED_EXACTLY = 1_000_000
_SAMPLE = 2_000

_PLURAL = {
    "city": "cities",
    "gender": "genders",
    "merchant": "merchants",
    "branch": "branches",
    "coupon_name": "coupon names",
    "category": "categories",
}
_COLUMN = {
    "city": "city_id",
    "gender": "gender_id",
    "merchant": "merchant_id",
    "branch": "branch_id",
    "coupon_name": "coupon_name",
    "category": "product_category",
}


def dimension_measures(rows: ir.Table, dimensions: Mapping[str, str]) -> dict[str, ir.Scalar]:
    """Aggregates for `degenerate`: per dimension its filled cells, lowest and highest value."""
    wanted: dict[str, ir.Scalar] = {}
    for name, column in dimensions.items():
        value = rows[column]
        wanted |= {
            f"{name}__n": value.count(),
            f"{name}__low": value.min().cast("string"),
            f"{name}__high": value.max().cast("string"),
        }
    return wanted


def degenerate(
    rows: ir.Table,
    dimensions: Mapping[str, str],
    measured: Mapping[str, Any],
    engine: Engine,
    noun: str,
    names: Mapping[str, Mapping[str, str]],
) -> dict[str, str]:
    """Dimension -> the sentence to print instead of a chart, for those with one value or as many as rows.

    Args:
        rows: One row per `noun`, with the column of each dimension and `_line`.
        dimensions: Dimension -> its column.
        measured: What `dimension_measures` asked for.
        engine: Where the rows are.
        noun: What a row is, for print.
        names: Dimension -> id -> name, for print.
    """
    sentences, open_ones = {}, {}
    for name, column in dimensions.items():
        filled, low = int(measured[f"{name}__n"]), measured[f"{name}__low"]
        one = name.replace("_", " ")
        if not filled:
            sentences[name] = f"No {one} is known, so {_PLURAL[name]} cannot be compared."
        elif low == measured[f"{name}__high"]:
            shown = names.get(name, {}).get(low, low)
            sentences[name] = f"There is one {one} only ({shown}), so {_PLURAL[name]} cannot be compared."
        elif filled >= FEW:
            open_ones[name] = column
    shares = _distinct_shares(rows, open_ones, int(measured["rows"]), engine)
    for name in [name for name, share in shares.items() if share >= NEARLY_ALL]:
        one = name.replace("_", " ")
        sentences[name] = f"Nearly every {noun} has a {one} of its own, so {_PLURAL[name]} cannot be compared."
    return {name: sentences[name] for name in dimensions if name in sentences}


def _distinct_shares(rows: ir.Table, dimensions: Mapping[str, str], size: int, engine: Engine) -> dict[str, float]:
    """Dimension -> distinct values over filled cells: counted, or in large tables estimated from a sample."""
    if not dimensions:
        return {}
    step = max(size // _SAMPLE, 1) if size > COUNTED_EXACTLY else 1
    some = rows if step == 1 else rows.filter(rows["_line"] % step == 0)
    wanted: dict[str, ir.Scalar] = {}
    for name, column in dimensions.items():
        wanted |= {f"{name}__n": some[column].count(), f"{name}__d": some[column].nunique()}
    row = engine.collect(some.aggregate(**wanted)).to_pylist()[0]
    shares = {name: row[f"{name}__d"] / max(row[f"{name}__n"], 1) for name in dimensions}
    if step == 1:
        return shares
    # Values that repeat within the sample repeat in the table; only those that do not are worth a closer look.
    return {
        name: _estimated_share(rows, some, dimensions[name], engine)
        for name, share in shares.items()
        if share >= NEARLY_ALL
    }


def _estimated_share(rows: ir.Table, some: ir.Table, column: str, engine: Engine) -> float:
    """For a random row whose value stands in m rows, the mean of 1/m is the share of distinct values."""
    sample = some.select(column).filter(lambda t: t[column].notnull())
    often = rows.semi_join(sample, column).group_by(column).aggregate(_n=lambda t: t.count())
    joined = sample.inner_join(often, column)
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


def branch_reading(
    raw: RawTable, measured: Mapping[str, Any]
) -> tuple[Literal["issuing", "burning"] | None, list[Problem]]:
    """What the branch means, with the note: it issued the coupon when most open coupons have one, else it burnt it."""
    is_open, at = int(measured["open"]), int(measured["open_at"])
    if not is_open:
        return None, []
    issuing = at > is_open / 2
    what = "the one that issued it" if issuing else "the one where it was burnt"
    have = agreeing(at)["have"]
    message = f"The branch of a coupon is read as {what}: {at:,} of {counted(is_open, 'open coupon')} {have} one"
    return "issuing" if issuing else "burning", [tell("branch_reading", raw, at, column="branch_id", message=message)]
