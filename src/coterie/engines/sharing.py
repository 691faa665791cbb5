"""What a query says several times over, said once: in a subquery below, under a name."""

from __future__ import annotations

from typing import Any

SHORTEST = 45
"""Characters of an expression worth a name of its own."""


def share(select: Any) -> None:
    """Compute expressions that occur more than once in a plain select in selects below it, inner ones first.

    Only where it reads one table or subquery under an alias, with nothing but values of its rows: no join, no group.
    """
    import sqlglot.expressions as sge

    if not _is_plain(select, sge):
        return
    source = _source(select).this
    alias = source.alias_or_name
    roots = [one for one in (*select.expressions, *_where(select)) if one is not None]
    counts: dict[str, int] = {}
    for root in roots:
        _count(root, counts, sge)
    shared = {text for text, number in counts.items() if number > 1}
    if not shared:
        return
    levels: dict[str, int] = {}
    trees: dict[str, Any] = {}
    for root in roots:
        _note(root, shared, levels, trees, sge)
    names = {text: f"_v{number}" for number, text in enumerate(sorted(trees, key=lambda one: (levels[one], one)), 1)}
    for root in roots:
        _name(root, names, alias, sge, whole=False)
    inner = source.copy()
    for level in range(1, max(levels.values()) + 1):
        values = []
        for text in (one for one in names if levels[one] == level):
            tree = trees[text]
            _name(tree, {other: name for other, name in names.items() if other != text}, alias, sge, whole=True)
            values.append(sge.alias_(tree, names[text], quoted=True))
        star = sge.Column(this=sge.Star(), table=sge.to_identifier(alias, quoted=True))
        inner = sge.select(star, *values).from_(inner).subquery(sge.to_identifier(alias, quoted=True))
    _source(select).set("this", inner)


def _source(select: Any) -> Any:
    return select.args.get("from_") or select.args.get("from")


def _where(select: Any) -> list[Any]:
    where = select.args.get("where")
    return [] if where is None else [where]


def _is_plain(select: Any, sge: Any) -> bool:
    clauses = ("joins", "group", "having", "distinct", "windows", "qualify", "laterals", "limit", "order")
    if any(select.args.get(clause) for clause in clauses) or _source(select) is None:
        return False
    if not isinstance(_source(select).this, sge.Table | sge.Subquery) or not _source(select).this.alias_or_name:
        return False
    values = [*select.expressions, *_where(select)]
    if any(isinstance(one, sge.Star) for one in values):
        return False
    return not any(value.find(sge.AggFunc, sge.Window, sge.Subquery, sge.Select, sge.Star) for value in values)


def _worth(node: Any, sge: Any) -> str | None:
    """The text of an expression that may be shared; None for what is too short or is no value by itself."""
    if not isinstance(node, sge.Func | sge.Case | sge.Cast | sge.Connector | sge.Predicate):
        return None
    if isinstance(node, sge.If) or not node.find(sge.Column):
        return None
    text = str(node.sql("postgres"))
    return text if len(text) >= SHORTEST else None


def _count(node: Any, counts: dict[str, int], sge: Any) -> None:
    """How often each expression occurs; what is within one that occurs again is counted once."""
    text = _worth(node, sge)
    if text is not None:
        counts[text] = counts.get(text, 0) + 1
        if counts[text] > 1:
            return
    for child in node.iter_expressions():
        _count(child, counts, sge)


def _note(node: Any, shared: set[str], levels: dict[str, int], trees: dict[str, Any], sge: Any) -> int:
    """How many selects below this one an expression needs."""
    text = _worth(node, sge)
    if text in levels:
        return levels[text]
    below = max((_note(child, shared, levels, trees, sge) for child in node.iter_expressions()), default=0)
    if text is None or text not in shared:
        return below
    levels[text] = below + 1
    trees[text] = node.copy()
    return below + 1


def _name(node: Any, names: dict[str, str], alias: str, sge: Any, *, whole: bool) -> None:
    """Put names in the places of the expressions that have one, within a tree."""
    for child in list(node.iter_expressions()):
        text = _worth(child, sge)
        if text in names:
            child.replace(sge.column(names[text], table=alias, quoted=True))
        else:
            _name(child, names, alias, sge, whole=whole)
