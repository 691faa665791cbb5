"""One query from the raw tables to a composed result: a common table expression for every step, in any dialect."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis.expr.operations as ops

from coterie.engines.composing import Made, NoWord, RowsInOrder, Source, Values
from coterie.engines.dialects import Dialect
from coterie.engines.layout import laid_out, simplified
from coterie.engines.pruning import pruned
from coterie.engines.sharing import share

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import sqlglot.expressions as sge

    from coterie.engines.composing import ComposingEngine, Origins

WIDTH = 118
LINE, FILE = "_line", "_file"
"""The number of a row in its file, and of the file, which rows of a database do not have."""


@dataclass(frozen=True)
class Step:
    """One common table expression: a relation over raw tables and steps before it, or the rows of a small table."""

    name: str
    columns: Mapping[str, Any]
    made: ops.Relation | Values


@dataclass(frozen=True)
class Composed:
    """A query as its steps, the last of which is the result; the raw tables that it reads, and their columns."""

    steps: tuple[Step, ...]
    sources: Mapping[str, tuple[str, ...]]


def compose(engine: ComposingEngine, result: ir.Table) -> Composed:
    """The steps from the raw tables to the result, with the columns that it needs and no others.

    Raises:
        RowsInOrder: It depends on the order of rows.
    """
    return _Composer(engine.origins, result).composed()


class _Composer:
    def __init__(self, origins: Origins, result: ir.Table) -> None:
        self.origins, self.root = origins, result.op()
        self.columns = list(self.root.schema.names)
        self.reads: dict[ops.Relation, list[ops.Relation]] = {}
        self._follow(self.root)
        self.order = self._sorted()
        self.names = self._named()

    def _follow(self, relation: ops.Relation) -> None:
        """Which tables with an origin each of them is made from."""
        waiting = [relation]
        while waiting:
            one = waiting.pop()
            if one in self.reads:
                continue
            origin = self._origin(one)
            self.reads[one] = [] if origin is None else self._tables_below(origin, one)
            waiting += self.reads[one]

    def _origin(self, relation: ops.Relation) -> ops.Relation | None:
        """What a table was made from; None for raw tables and for rows of our own."""
        if relation == self.root:
            return relation
        origin = self.origins.of.get(relation)
        return origin.by if isinstance(origin, Made) else None

    def _tables_below(self, relation: ops.Relation, itself: ops.Relation) -> list[ops.Relation]:
        """Those with an origin, in the order in which they are read, whenever they were made."""
        found: list[ops.Relation] = []
        seen: set[ops.Node] = set()
        waiting: list[ops.Node] = [relation]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            if node != itself and node in self.origins.of:
                found.append(node)
            else:
                waiting += reversed(node.__children__)
        return found

    def _sorted(self) -> list[ops.Relation]:
        """Every table after those it is made from."""
        order: list[ops.Relation] = []
        state: set[ops.Relation] = set()

        def visit(relation: ops.Relation) -> None:
            if relation not in state:
                state.add(relation)
                for one in self.reads[relation]:
                    visit(one)
                order.append(relation)

        visit(self.root)
        return order

    def _named(self) -> dict[ops.Relation, str]:
        """A name for every table: the one it was given, else that of the raw table it is made from, with a number."""
        taken = {one.name.casefold() for one in self.origins.of.values() if isinstance(one, Source)} | {"result"}
        names: dict[ops.Relation, str] = {}
        roots: dict[ops.Relation, set[str]] = {}
        for relation in self.order:
            origin = self.origins.of.get(relation)
            below = set().union(*(roots[one] for one in self.reads[relation]))
            roots[relation] = {_plain(origin.name)} if isinstance(origin, Source) else below
            wanted = self.origins.names.get(relation) or ("numbers" if isinstance(origin, Values) else "")
            names[relation] = _free(_plain(wanted or "_".join([*sorted(below)[:2], "step"])), taken)
            taken.add(names[relation].casefold())
        return names

    def composed(self) -> Composed:
        needed: dict[ops.Relation, set[str]] = {relation: set() for relation in self.order}
        needed[self.root] = set(self.columns)
        steps: list[Step] = []
        sources: dict[str, tuple[str, ...]] = {}
        for relation in reversed(self.order):
            columns = [name for name in relation.schema.names if name in needed[relation]]
            origin = self.origins.of.get(relation)
            if isinstance(origin, Source) and columns:
                if LINE in columns or FILE in columns:
                    raise RowsInOrder(origin.name)
                sources[origin.name] = tuple(origin.columns[int(name[1:])] for name in columns)
            elif isinstance(origin, Values) and columns:
                steps.append(Step(self.names[relation], relation.schema.fields, origin))
            elif columns:
                steps.append(self._of_made(relation, columns, needed))
        return Composed(tuple(reversed(steps)), dict(reversed(sources.items())))

    def _of_made(self, relation: ops.Relation, columns: Sequence[str], needed: dict[ops.Relation, set[str]]) -> Step:
        by = self._origin(relation)
        assert by is not None
        made, read = pruned(by, columns, lambda one: self._leaf(one, relation), self._origin)
        for one, names in read.items():
            needed[one] |= names
        return Step(self.names[relation], made.schema.fields, made)

    def _leaf(self, relation: ops.Relation, within: ops.Relation) -> ops.Relation | None:
        if relation == within or relation not in self.origins.of:
            return None
        origin = self.origins.of[relation]
        if not isinstance(origin, Source):
            return ops.UnboundTable(self.names[relation], relation.schema)
        return _raw(relation, origin)


def _raw(relation: ops.Relation, origin: Source) -> ops.Relation:
    """The raw table as it is found, each column cast to the type it had when its cells were looked at."""
    numbers = [name for name in relation.schema.names if name in (LINE, FILE)]
    cells = {name: origin.columns[int(name[1:])] for name in relation.schema.names if name not in numbers}
    kinds = {column: relation.schema[name] for name, column in cells.items()}
    raw = ops.UnboundTable(origin.name, kinds, namespace=ops.Namespace(database=origin.schema))
    values: dict[str, ops.Value] = {
        name: ops.Cast(ops.Field(raw, column), to=kinds[column]) for name, column in cells.items()
    }
    values |= {name: ops.Literal(None, dtype=relation.schema[name]) for name in numbers}
    return ops.Project(raw, values)


def as_text(composed: Composed, dialect: Dialect) -> str:
    """The query in a dialect, pretty.

    Raises:
        NoWord: The dialect has none for something in it.
    """
    import sqlglot.expressions as sge

    *steps, last = composed.steps
    taken = {name.casefold() for name in (*composed.sources, *(step.name for step in composed.steps))}
    query = _compiled(last, dialect)
    assert isinstance(query, sge.Select)
    common: list[tuple[str, sge.Expression]] = []
    for step in steps:
        tree = _compiled(step, dialect)
        common += [*_hoisted(step.name, tree, taken), (step.name, tree)]
    for name, tree in (*common, *_hoisted(last.name, query, taken)):
        query = query.with_(name, as_=tree, copy=False)
    for identifier in query.find_all(sge.Identifier):
        dialect.spell(identifier)
    dialect.finish(query)
    with _words():
        text = query.sql(dialect.spoken, pretty=True, max_text_width=WIDTH - 20)
    return laid_out(text, WIDTH, dialect.spaces)


@contextmanager
def _words() -> Iterator[None]:
    """What a dialect has no word for is told as such; all else that goes wrong is a fault of ours.

    Raises:
        NoWord: Ibis or sqlglot says that the dialect cannot express something.
    """
    import ibis.common.exceptions as of_ibis
    from sqlglot.errors import UnsupportedError

    try:
        yield
    except (
        of_ibis.TranslationError,
        of_ibis.UnsupportedArgumentError,
        UnsupportedError,
        NotImplementedError,
    ) as error:
        said = " ".join(str(error).split())
        operation = re.search(r"'(\w+)' operation", said)
        raise NoWord(operation[1] if operation else said or type(error).__name__) from error


def _compiled(step: Step, dialect: Dialect) -> Any:
    import sqlglot.expressions as sge

    if isinstance(step.made, Values):
        if not step.made.rows:
            nulls = [
                sge.alias_(dialect.cast(sge.null(), kind), name, quoted=True) for name, kind in step.columns.items()
            ]
            return sge.select(*nulls).where(sge.false())
        rows = sge.values(step.made.rows, alias="listed", columns=list(step.columns))
        return sge.select(*step.columns).from_(rows)
    with _words():
        tree = dialect.compile(step.made.to_expr()).copy()  # equal parts are one object, which has but one place
    if isinstance(tree, sge.Select):
        for one in tree.expressions:
            kind, value = step.columns.get(one.alias_or_name), one.unalias()
            plain = isinstance(one, sge.Star) or isinstance(value, sge.Column | sge.Cast)
            if not plain and kind is not None and kind.is_numeric() and not kind.is_boolean():
                one.replace(sge.alias_(dialect.cast(value.copy(), kind), one.alias_or_name, quoted=True))
    tree = simplified(tree)
    for select in list(tree.find_all(sge.Select)):
        share(select)
    return tree


def _hoisted(name: str, tree: Any, taken: set[str]) -> list[tuple[str, Any]]:
    """The common table expressions within a step, taken out of it under names not yet taken."""
    import sqlglot.expressions as sge

    inner = tree.args.get("with_") or tree.args.get("with")
    if inner is None:
        return []
    tree.set("with_", None)
    tree.set("with", None)
    new: dict[str, str] = {}
    for number, one in enumerate(inner.expressions, start=1):
        new[one.alias] = _free(f"{name}_{number}", taken)
        taken.add(new[one.alias].casefold())
    parts = [(new[one.alias], one.this) for one in inner.expressions]
    for part in (tree, *(one for _, one in parts)):
        for table in list(part.find_all(sge.Table)):
            if table.name in new and not table.db:
                alias = table.alias or table.name
                table.replace(sge.table_(new[table.name], quoted=True, alias=alias))
    return parts


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").lower() or "table"


def _free(wanted: str, taken: Collection[str]) -> str:
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
