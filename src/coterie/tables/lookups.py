"""Cities, genders, merchants, branches: checked, and ready to be joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from coterie.tables.judge import Judged, Test, judge

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.cast import Typed


def judge_lookup(typed: Typed, engine: Engine) -> Judged:
    """Rows without a key are set aside, copies collapsed, rows that contradict each other set aside."""
    key = typed.spec.key.name
    return judge(
        typed, engine, [Test("missing_key", key, lambda t: t[key].isnull(), never=typed.is_full(key))], key=key
    )


def names_of(judged: Judged | None, engine: Engine) -> dict[str, str]:
    """Id -> name, of the rows that have one."""
    if judged is None:
        return {}
    key, name = judged.typed.spec.columns[0].name, judged.typed.spec.columns[1].name
    if name not in judged.used.columns:
        return {}
    used = judged.used.filter(judged.used[name].notnull())
    rows: ir.Table = used.select(key=used[key].cast("string"), name=used[name]).order_by("key")
    return {row["key"]: row["name"] for row in engine.collect(rows).to_pylist()}


def reference(judged: Judged, *values: str) -> ir.Table:
    """Every key of the table once, with these values and `_here` (true); NULL where the rows of a key contradict."""
    key = judged.typed.spec.key.name
    there = [name for name in values if name in judged.used.columns]
    used = judged.used.select(key, *there)
    if judged.lasting or set(judged.counts) & {"conflicting_rows", "after_as_of"}:
        keys = judged.typed.table.select(key).filter(lambda t: t[key].notnull()).distinct()
        joined = keys.left_join(used, key)
        used = joined.select(key, *there)
    return used.mutate(_here=ibis.literal(True))
