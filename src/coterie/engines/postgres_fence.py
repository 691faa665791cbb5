"""Which subqueries PostgreSQL keeps whole: what is dear is computed once, what is cheap wherever it is read.

The planner puts the expressions of a subquery into the query around it, wherever their columns are named. A distance
that is named for each of ten segments is then computed ten times, and what is built on it a hundred times. `OFFSET 0`
changes no row and keeps a subquery whole. A common table expression that is read twice is kept whole by itself, and
written to the server's disk: one that only casts and joins ten million rows is better read twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot.expressions as sge

WORTH = 6
"""Operations saved per row from which a subquery is kept whole; handing a row on costs about as much as some."""

DEAR, OFTEN = 40, 4
"""Operations per row, and readers, from which it costs less to keep a common table expression than to read through."""

Costs = dict[str, int]
"""Column -> operations that computing it once more would take; those not named take none."""

_WHOLE_ANYWAY = ("group", "having", "distinct", "limit", "offset", "order", "with", "with_")
_FREE = (
    sge.Column,
    sge.Identifier,
    sge.Literal,
    sge.Paren,
    sge.Alias,
    sge.DataType,
    sge.Boolean,
    sge.Null,
    sge.If,
    sge.Collate,
)


def fence(query: sge.Expression) -> None:
    """Mark, within this query, the subqueries that save more than they cost."""
    found: dict[int, Costs] = {}
    for one in reversed(list(query.find_all(sge.Select, bfs=True))):  # the inner ones first
        found[id(one)] = _fenced(one, found)
    readers = Counter(table.name for table in query.find_all(sge.Table))
    for common in query.find_all(sge.CTE):
        if not _gathers(common.this) and sum(found[id(common.this)].values()) < DEAR and readers[common.alias] < OFTEN:
            common.set("materialized", False)


def _fenced(query: sge.Select, found: Mapping[int, Costs]) -> Costs:
    """Keep the sources whole for which that pays; what each column of the query then costs whoever names it."""
    sources = {one.alias: one.this for one in _sources(query) if isinstance(one, sge.Subquery)}
    costs = {alias: found[id(one)] if _dissolves(one) else {} for alias, one in sources.items()}
    named = Counter((column.table, column.name) for column in _columns(query))
    for alias, cost in costs.items():
        if sum(max(named[alias, name] - 1, 0) * each for name, each in cost.items()) >= WORTH:
            sources[alias].set("offset", sge.Offset(expression=sge.Literal.number(0)))
            costs[alias] = {}
    return _passed_on(query, costs)


def _sources(query: sge.Select) -> Iterator[Any]:
    if (source := query.args.get("from_") or query.args.get("from")) is not None:
        yield source.this
    for join in query.args.get("joins") or ():
        yield join.this


def _columns(query: sge.Select) -> Iterator[sge.Column]:
    """The columns that the query itself names, not those within its sources."""
    inside = {id(one) for one in _sources(query)}
    for node in query.walk(prune=lambda node: id(node) in inside):
        if isinstance(node, sge.Column):
            yield node


def _dissolves(query: Any) -> bool:
    """Whether the planner would put it into the query around it."""
    if not isinstance(query, sge.Select) or any(query.args.get(part) for part in _WHOLE_ANYWAY):
        return False
    made = [node for one in query.expressions for node in one.walk()]
    return not any(isinstance(node, sge.AggFunc | sge.Window) for node in made)


def _gathers(query: Any) -> bool:
    """Whether anything within puts rows together, which is dear and leaves few."""
    return next(query.find_all(sge.AggFunc, sge.Window, sge.Group, sge.Distinct, sge.SetOperation), None) is not None


def _passed_on(query: sge.Select, costs: Mapping[str, Costs]) -> Costs:
    found: Costs = {}
    for one in query.expressions:
        if isinstance(one, sge.Star):
            found |= {name: cost for source in costs.values() for name, cost in source.items()}
            continue
        nodes = list(one.walk())
        own = sum(not isinstance(node, _FREE) for node in nodes)
        below = sum(costs.get(n.table, {}).get(n.name, 0) for n in nodes if isinstance(n, sge.Column))
        if own + below:
            found[one.alias_or_name] = own + below
    return found
