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

    if _is_plain(select, sge):
        _Sharing(select, sge).done()


class _Sharing:
    """What occurs more than once in the values of one select."""

    def __init__(self, select: Any, sge: Any) -> None:
        self.sge, self.source = sge, _source(select)
        self.alias = self.source.this.alias_or_name
        self.roots = [*select.expressions, *_where(select)]
        self.texts: dict[int, str | None] = {}
        self.counts: dict[str, int] = {}
        self.levels: dict[str, int] = {}
        self.trees: dict[str, Any] = {}

    def done(self) -> None:
        """Put the selects below in the place of what this one reads."""
        for root in self.roots:
            self._count(root)
        if not any(number > 1 for number in self.counts.values()):
            return
        for root in self.roots:
            self._note(root)
        order = sorted(self.trees, key=lambda text: (self.levels[text], text))
        names = {text: f"_v{number}" for number, text in enumerate(order, 1)}
        for root in self.roots:
            self._name(root, names)
        inner = self.source.this.copy()
        for level in range(1, max(self.levels.values()) + 1):
            inner = self._below(
                inner, {text: name for text, name in names.items() if self.levels[text] == level}, names
            )
        self.source.set("this", inner)

    def _below(self, inner: Any, here: dict[str, str], names: dict[str, str]) -> Any:
        """A select of all that is read, and of these expressions under their names."""
        values = []
        for text, name in here.items():
            self._name(self.trees[text], {one: other for one, other in names.items() if one != text})
            values.append(self.sge.alias_(self.trees[text], name, quoted=True))
        alias = self.sge.to_identifier(self.alias, quoted=True)
        star = self.sge.Column(this=self.sge.Star(), table=alias)
        return self.sge.select(star, *values).from_(inner).subquery(alias.copy())

    def _text(self, node: Any) -> str | None:
        """The text of an expression that may be shared; None for what is too short or is no value by itself."""
        sge = self.sge
        if not isinstance(node, sge.Func | sge.Case | sge.Cast | sge.Connector | sge.Predicate):
            return None
        key = hash(node)  # of its structure, and kept by it; to spell each one anew takes most of the time
        if key not in self.texts:
            plain = isinstance(node, sge.If) or not node.find(sge.Column)
            text = "" if plain else str(node.sql("postgres"))
            self.texts[key] = text if len(text) >= SHORTEST else None
        return self.texts[key]

    def _count(self, node: Any) -> None:
        """How often each expression occurs; what is within one that occurs again is counted once."""
        text = self._text(node)
        if text is not None:
            self.counts[text] = self.counts.get(text, 0) + 1
            if self.counts[text] > 1:
                return
        for child in node.iter_expressions():
            self._count(child)

    def _note(self, node: Any) -> int:
        """How many selects below this one an expression needs."""
        text = self._text(node)
        if text is not None and text in self.levels:
            return self.levels[text]
        below = max((self._note(child) for child in node.iter_expressions()), default=0)
        if text is None or self.counts.get(text, 0) < 2:
            return below
        self.levels[text] = below + 1
        self.trees[text] = node.copy()
        return below + 1

    def _name(self, node: Any, names: dict[str, str]) -> None:
        """Put names in the places of the expressions that have one, within a tree."""
        for child in list(node.iter_expressions()):
            text = self._text(child)
            if text in names:
                child.replace(self.sge.column(names[text], table=self.alias, quoted=True))
            else:
                self._name(child, names)


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
