"""Each row's one fate: used, or set aside for the first rule that fits. Windows run only where keys repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from coterie.engines import composes, in_full
from coterie.tables.cast import BAD, Typed
from coterie.tables.rules import RULE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

PLACE = ["_file", "_line"]
_CONFLICTING, _DUPLICATE = 101, 102


@dataclass(frozen=True)
class Test:
    """One reason to set a row aside.

    Attributes:
        rule, column: Its name, and the column it looks at.
        when: Whether it fits a row.
        never: It is known from counting cells that it fits none, so that no row needs to be asked.
    """

    rule: str
    column: str
    when: Callable[[ir.Table], ir.BooleanValue]
    never: bool = False


@dataclass(frozen=True)
class Judged:
    """A table with the fate of every row.

    Attributes:
        typed: What was judged.
        used: The rows used, typed columns as in `typed`.
        rows_in: Rows judged.
        counts: Rule -> rows set aside; only rules that met any.
        columns: Rule -> the column it looks at.
        aside: `_file`, `_line`, `_code` of every row set aside; None when there are none.
        codes: Rule -> `_code`.
        key: The column that identifies a row, or None.
        lasting: The rules hold for rows to come too, so that none may be left out because no row needs it now.
    """

    typed: Typed
    used: ir.Table
    rows_in: int
    counts: Mapping[str, int]
    columns: Mapping[str, str]
    aside: ir.Table | None
    codes: Mapping[str, int]
    key: str | None
    lasting: bool = False


def judge(
    typed: Typed,
    engine: Engine,
    early: Sequence[Test],
    late: Sequence[Test] = (),
    *,
    key: str | None = None,
    within: str | None = None,
) -> Judged:
    """Give every row its fate.

    The order is: `early` tests, then rows that share a key (conflicting ones, then copies), then `late` tests.

    Args:
        typed: The table.
        engine: Where it lives.
        early: Tests before keys are compared.
        late: Tests after it.
        key: Column that identifies a row; rows without it were set aside by an early test.
        within: Column within whose values the key identifies a row (event logs: the status).
    """
    codes = {test.rule: number for number, test in enumerate((*early, *late), start=1)}
    last_early = len(early)
    table = typed.table
    branches = [(test.when(table), codes[test.rule]) for test in (*early, *late) if not test.never]
    coded = table.mutate(_code=(ibis.cases(*branches, else_=0) if branches else ibis.literal(0)).cast("int64"))
    live = (coded["_code"] == 0) | (coded["_code"] > last_early)
    counts = dict.fromkeys(codes, 0)
    if branches:
        wanted = {rule: (coded["_code"] == number).sum().fill_null(0) for rule, number in codes.items()}
        found = engine.collect(coded.aggregate(**wanted)).to_pylist()[0]
        counts = {rule: int(found[rule]) for rule in codes}
    drops = None
    judged_live = coded.filter(live) if any(counts[test.rule] for test in early) else coded
    if key is not None and _repeats(judged_live, key, within, engine):
        drops = _shared_keys(judged_live, engine, [key] if within is None else [key, within])
        counts |= _count_again(coded, drops, engine, late, codes)
    counts = {rule: count for rule, count in counts.items() if count}
    used = _used(coded, drops, counts)
    return Judged(
        typed=typed,
        used=in_full(engine, used, lambda: _by_every_rule(table, early, late, key, within), f"{typed.raw.name}_used"),
        rows_in=typed.rows,
        counts=counts,
        columns={test.rule: test.column for test in (*early, *late)}
        | ({} if key is None else dict.fromkeys(("conflicting_rows", "duplicate"), key)),
        aside=_aside(coded, drops, counts, codes),
        codes=codes | {"conflicting_rows": _CONFLICTING, "duplicate": _DUPLICATE},
        key=key,
        lasting=composes(engine),
    )


def _by_every_rule(
    table: ir.Table, early: Sequence[Test], late: Sequence[Test], key: str | None, within: str | None
) -> ir.Table:
    """The rows used, by rules that hold whatever rows there will be, and whatever their order.

    Rows that share a key are one row where their content is the same, else none.
    """
    live = table.filter(*(~test.when(table) for test in early)) if early else table
    if key is not None:
        keys = [key] if within is None else [key, within]
        content = [name for name in table.columns if name not in (*PLACE, *keys)]
        told = [name for name in content if not name.startswith(BAD)]
        different = live.select(*keys, *told).distinct()
        values = {name: different[name].min() for name in told}
        single = different.group_by(keys).aggregate(**values, _n=different.count()).filter(lambda t: t["_n"] == 1)
        # Where a row stood, and whether a cell could not be read, is asked of no row used.
        rest = {name: ibis.null(table[name].type()) for name in table.columns if name not in (*keys, *told)}
        live = single.mutate(**rest).select(*table.columns)
    return live.filter(*(~test.when(live) for test in late)) if late else live


def _repeats(live: ir.Table, key: str, within: str | None, engine: Engine) -> bool:
    """Whether any key stands in more than one row.

    Integers go into groups of 32 neighbours, each a bit: the sum of the bits is their union exactly when none repeats.
    Counting distinct keys takes seven times as long on ten million rows.
    """
    if within is None and live[key].type().is_integer():
        bit = ibis.literal(1, "int64") << (live[key] & 31)
        groups = live.group_by(_bucket=live[key] >> 5).aggregate(_sum=bit.sum(), _union=bit.bit_or())
        asked = groups.aggregate(n=(groups["_sum"] != groups["_union"]).sum().fill_null(0))
        return bool(engine.collect(asked).to_pylist()[0]["n"])
    one = live[key] if within is None else live[key].cast("string") + "\n" + live[within].cast("string")
    row = engine.collect(live.aggregate(rows=live.count(), keys=one.nunique())).to_pylist()[0]
    return bool(row["rows"] != row["keys"])


def _shared_keys(live: ir.Table, engine: Engine, keys: list[str]) -> ir.Table:
    """`_file`, `_line`, `_code` of the rows to drop of those sharing a key: all where they differ, else the copies."""
    often = live.group_by(keys).aggregate(_n=live.count()).filter(lambda t: t["_n"] > 1)
    shared = live.semi_join(often, keys)
    shared = shared.select(
        *PLACE, *[name for name in shared.columns if name not in (*PLACE, "_code") and not name.startswith(BAD)]
    )
    shared = engine.keep(shared)
    content = [name for name in shared.columns if name not in (*PLACE, *keys)]
    differs: ir.BooleanValue = ibis.literal(False)
    for name in content:
        column = shared[name]
        differs = (
            differs
            | (column.min() != column.max()).fill_null(False)
            | ((column.count() > 0) & (column.count() < shared.count()))
        )
    conflict = (
        shared.group_by(keys)
        .aggregate(_differs=differs)
        .filter(lambda t: t["_differs"])
        .select(*keys, _conflict=ibis.literal(True))
    )
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=PLACE))
    ranked = shared.select(*PLACE, *keys, _rank=place)
    told = ranked.left_join(conflict, keys).select(*PLACE, "_rank", "_conflict")
    coded = told.select(
        *PLACE,
        _code=ibis.cases(
            (told["_conflict"].fill_null(False), _CONFLICTING),
            (told["_rank"] > 0, _DUPLICATE),
            else_=0,
        ).cast("int64"),
    )
    return engine.keep(coded.filter(lambda t: t["_code"] > 0))


def _count_again(
    coded: ir.Table, drops: ir.Table, engine: Engine, late: Sequence[Test], codes: Mapping[str, int]
) -> dict[str, int]:
    """Counts of the shared keys, and of the late tests among the rows that remain."""
    row = engine.collect(
        drops.aggregate(
            conflicting_rows=(drops["_code"] == _CONFLICTING).sum().fill_null(0),
            duplicate=(drops["_code"] == _DUPLICATE).sum().fill_null(0),
        )
    ).to_pylist()[0]
    counts = {rule: int(count) for rule, count in row.items()}
    if late:
        left = coded.anti_join(drops, PLACE)
        again = left.aggregate(**{test.rule: (left["_code"] == codes[test.rule]).sum().fill_null(0) for test in late})
        counts |= {rule: int(count) for rule, count in engine.collect(again).to_pylist()[0].items()}
    return counts


def _used(coded: ir.Table, drops: ir.Table | None, found: Mapping[str, int]) -> ir.Table:
    """The rows used; without a filter where nothing was found, so that clean data cost nothing."""
    used = coded
    if set(found) - {"conflicting_rows", "duplicate"}:
        used = used.filter(used["_code"] == 0)
    if drops is not None:
        used = used.anti_join(drops, PLACE)
    return used.drop("_code")


def _aside(
    coded: ir.Table, drops: ir.Table | None, found: Mapping[str, int], codes: Mapping[str, int]
) -> ir.Table | None:
    parts = []
    if set(found) & set(codes):
        single = coded.filter(coded["_code"] > 0)
        single = single if drops is None else single.anti_join(drops, PLACE)
        parts.append(single.select(*PLACE, "_code"))
    if drops is not None:
        parts.append(drops.select(*PLACE, "_code"))
    return None if not parts else parts[0] if len(parts) == 1 else ibis.union(*parts)


def kept_in_rejects(rule: str) -> bool:
    """Whether rows set aside by this rule are written out, not only counted."""
    return RULE[rule].kept_in_rejects
