"""Relations with only the columns that are asked for, and without the joins that then change nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import ibis.expr.operations as ops
from ibis.expr.operations.relations import JoinReference


def pruned(
    root: ops.Relation,
    columns: Collection[str],
    leaf: Callable[[ops.Relation], ops.Relation | None],
    origin: Callable[[ops.Relation], ops.Relation | None],
) -> tuple[ops.Relation, dict[ops.Relation, set[str]]]:
    """The relation with these columns only, in this order, and which columns of each leaf it reads.

    Args:
        root: What is wanted.
        columns: Names of its columns.
        leaf: A relation -> what stands in its place, for those that are not looked into; None for the others.
        origin: A leaf -> the relation that it was made from, where one is known; tells whether its rows are unique.

    Raises:
        TypeError: It holds a kind of relation, or a value read from another query, that none of our expressions makes.
    """
    pruning = _Pruning(root, leaf, origin)
    pruning.ask(root, columns)
    return pruning.build(root, columns), {
        relation: pruning.needed[relation] for relation in pruning.order if pruning.leaves[relation] is not None
    }


class _Pruning:
    def __init__(self, root: ops.Relation, leaf: Callable[..., Any], origin: Callable[..., Any]) -> None:
        self.origin = origin
        self.leaves: dict[ops.Relation, ops.Relation | None] = {}
        self.order: list[ops.Relation] = []  # whoever is read stands before its readers
        self.needed: dict[ops.Relation, set[str]] = {}
        self.links: dict[ops.JoinChain, tuple[ops.JoinLink, ...]] = {}
        self._visit(root, leaf)

    def _visit(self, relation: ops.Relation, leaf: Callable[..., Any]) -> None:
        if relation in self.leaves:
            return
        self.leaves[relation] = leaf(relation)
        if self.leaves[relation] is None:
            for part in _parts(relation):
                self._visit(part, leaf)
        self.order.append(relation)

    def ask(self, root: ops.Relation, columns: Collection[str]) -> None:
        """Note which columns of every relation are read."""
        self.needed = {relation: set() for relation in self.order}
        self.needed[root] = set(columns)
        for relation in reversed(self.order):
            if self.leaves[relation] is None and (self.needed[relation] or relation == root):
                self._ask(relation, self.needed[relation])

    def _ask(self, relation: ops.Relation, names: set[str]) -> None:
        match relation:
            case ops.Project():
                self._read(relation.values[name] for name in names)
            case ops.Aggregate():
                self._read(relation.groups.values())
                self._read(value for name, value in relation.metrics.items() if name in names)
            case ops.Filter():
                self.needed[relation.parent] |= names
                self._read(relation.predicates)
            case ops.Sort():
                self.needed[relation.parent] |= names
                self._read(relation.keys)
            case ops.JoinChain():
                self._ask_join(relation, names)
            case ops.Distinct():
                self.needed[relation.parent] |= set(relation.schema.names)
            case ops.Union():
                asked = set(relation.schema.names) if relation.distinct else names
                self.needed[relation.left] |= asked
                self.needed[relation.right] |= asked
            case _:  # Limit, DropColumns, JoinReference
                self.needed[relation.parent] |= names
        for part in _parts(relation):  # a table is read even where none of its columns matters
            if not self.needed[part] and part not in self._left_out(relation):
                self.needed[part].add(_cheapest(part))

    def _left_out(self, relation: ops.Relation) -> set[ops.Relation]:
        if not isinstance(relation, ops.JoinChain):
            return set()
        return {link.table for link in relation.rest} - {link.table for link in self.links[relation]}

    def _ask_join(self, relation: ops.JoinChain, names: set[str]) -> None:
        values = [relation.values[name] for name in names]
        kept: list[ops.JoinLink] = []
        for link in reversed(relation.rest):
            read = {field.rel for field in _fields((*values, *(one for later in kept for one in later.predicates)))}
            if link.how != "left" or link.table in read or not self._unique(link.table, _keys(link)):
                kept.insert(0, link)
        self.links[relation] = tuple(kept)
        self._read(values)
        self._read(predicate for link in kept for predicate in link.predicates)

    def _read(self, values: Iterable[ops.Node]) -> None:
        for field in _fields(values):
            self.needed[field.rel].add(field.name)

    def _unique(self, relation: ops.Relation, names: set[str], above: frozenset[ops.Relation] = frozenset()) -> bool:
        """Whether no two rows agree in these columns."""
        made = self.origin(relation)
        if relation not in above and made is not None and made != relation:
            return self._unique(made, names, above | {relation})
        match relation:
            case ops.Aggregate():
                return set(relation.groups) <= names
            case ops.Distinct():
                return set(relation.schema.names) <= names or self._unique(relation.parent, names, above)
            case ops.Project():
                plain = {value.name for name, value in relation.values.items() if name in names and _is_field(value)}
                return self._unique(relation.parent, plain, above)
            case ops.Filter() | ops.Sort() | ops.DropColumns() | JoinReference():
                return self._unique(relation.parent, names, above)
            case ops.JoinChain():
                values = (relation.values[name] for name in names)
                first = {value.name for value in values if _is_field(value) and value.rel == relation.first}
                return self._unique(relation.first, first, above) and all(
                    link.how in ("semi", "anti") or self._unique(link.table, _keys(link), above)
                    for link in relation.rest
                )
        return False

    def build(self, root: ops.Relation, columns: Collection[str]) -> ops.Relation:
        """The relation made again, from what is read."""
        made: dict[ops.Relation, ops.Relation] = {}
        for relation in self.order:
            if self.needed[relation]:
                leaf = self.leaves[relation]
                made[relation] = self._made(relation, made) if leaf is None else leaf
        return _only(made[root], columns)

    def _made(self, relation: ops.Relation, made: Mapping[ops.Relation, ops.Relation]) -> ops.Relation:
        names = [name for name in relation.schema.names if name in self.needed[relation]]
        match relation:
            case ops.Project():
                return ops.Project(made[relation.parent], {name: _of(relation.values[name], made) for name in names})
            case ops.Aggregate():
                groups = {name: _of(value, made) for name, value in relation.groups.items()}
                metrics = {name: _of(relation.metrics[name], made) for name in names if name in relation.metrics}
                return ops.Aggregate(made[relation.parent], groups, metrics)
            case ops.Distinct():
                return ops.Distinct(_only(made[relation.parent], relation.schema.names))
            case ops.Union():
                asked = relation.schema.names if relation.distinct else names
                parts = (_only(made[part], asked) for part in (relation.left, relation.right))
                return ops.Union(*parts, distinct=relation.distinct)
            case ops.JoinChain():
                return self._made_join(relation, names, made)
            case ops.DropColumns():
                return _only(made[relation.parent], names)
        return _over(relation, made[relation.parent], made)

    def _made_join(
        self, relation: ops.JoinChain, names: Collection[str], made: Mapping[ops.Relation, ops.Relation]
    ) -> ops.Relation:
        links = tuple(
            ops.JoinLink(link.how, made[link.table], tuple(_of(one, made) for one in link.predicates))
            for link in self.links[relation]
        )
        values = {name: _of(relation.values[name], made) for name in names}
        if links:
            return ops.JoinChain(made[relation.first], links, values)
        first = made[relation.first].parent
        back = {ops.Field(made[relation.first], name): ops.Field(first, name) for name in first.schema.names}
        return ops.Project(first, {name: value.replace(back, filter=ops.Value) for name, value in values.items()})


def _over(relation: ops.Relation, parent: ops.Relation, made: Mapping[ops.Relation, ops.Relation]) -> ops.Relation:
    """A relation that has the columns of the one below it, over that one made again."""
    match relation:
        case ops.Filter():
            return ops.Filter(parent, tuple(_of(one, made) for one in relation.predicates))
        case ops.Sort():
            return ops.Sort(parent, tuple(_of(one, made) for one in relation.keys))
        case ops.Limit():
            return ops.Limit(parent, relation.n, relation.offset)
        case JoinReference():
            return JoinReference(parent, identifier=relation.identifier)
    raise TypeError(type(relation).__name__)


def _parts(relation: ops.Relation) -> tuple[ops.Relation, ...]:
    """The relations that it is made from."""
    match relation:
        case ops.JoinChain():
            return (relation.first, *(link.table for link in relation.rest))
        case ops.Set():
            return (relation.left, relation.right)
        case (
            ops.Project() | ops.Aggregate() | ops.Filter() | ops.Sort() | ops.Limit() | ops.Distinct()
            | ops.DropColumns() | JoinReference()
        ):  # fmt: skip
            return (relation.parent,)
    raise TypeError(type(relation).__name__)


_OTHER_QUERIES = (ops.Subquery, ops.CountDistinctStar)
"""Values that are read from whole relations; of their kind we look into `CountStar` only."""


def _fields(values: Iterable[ops.Node]) -> set[ops.Field]:
    """The columns that values read."""
    fields: set[ops.Field] = set()
    for value in values:
        for node in value.find((ops.Field, *_OTHER_QUERIES), filter=ops.Value):
            if isinstance(node, _OTHER_QUERIES):
                raise TypeError(type(node).__name__)
            fields.add(node)
    return fields


def _is_field(value: ops.Value) -> bool:
    return isinstance(value, ops.Field)


def _keys(link: ops.JoinLink) -> set[str]:
    """Columns of the joined table that are compared with equals of another."""
    keys = set()
    for predicate in link.predicates:
        if isinstance(predicate, ops.Equals):
            for side in (predicate.left, predicate.right):
                if isinstance(side, ops.Field) and side.rel == link.table:
                    keys.add(side.name)
    return keys


def _cheapest(relation: ops.Relation) -> str:
    return str(relation.schema.names[0])


def _of(value: Any, made: Mapping[ops.Relation, ops.Relation]) -> Any:
    """The value over the relations made again."""
    fields = {field: ops.Field(made[field.rel], field.name) for field in _fields([value])}
    if isinstance(value, ops.Field):
        return fields[value]
    value = value.replace(fields, filter=ops.Value)
    counts = {one: ops.CountStar(made[one.arg], where=one.where) for one in value.find(ops.CountStar, filter=ops.Value)}
    return counts.get(value) or value.replace(counts, filter=ops.Value)


def _only(relation: ops.Relation, names: Collection[str]) -> ops.Relation:
    """Exactly these columns, in this order."""
    if tuple(relation.schema.names) == tuple(names):
        return relation
    return ops.Project(relation, {name: ops.Field(relation, name) for name in names})
