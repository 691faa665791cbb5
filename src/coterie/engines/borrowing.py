"""An engine lent for a while: what is made in it meanwhile is given back in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines.contract import Engine


@contextmanager
def borrowed(
    engine: Engine, in_the_end: Callable[[Callable[[], None]], object] = lambda give_back: give_back()
) -> Iterator[Engine]:
    """The engine, which when left drops all that it was asked to keep or load since: a server answers for days.

    Args:
        engine: The real one.
        in_the_end: Has the tables dropped, where others may be asking the engine at that time; once more if stopped.
    """
    lent = _Lent(engine)
    try:
        yield cast("Engine", lent)
    finally:
        in_the_end(lent.give_back)


class _Lent:
    """The engine itself, but for remembering the tables it makes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.made: list[ir.Table] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def give_back(self) -> None:
        """Drop all tables made."""
        while self.made:
            self._engine.drop(self.made[-1])
            self.made.pop()

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        """As of `Engine`."""
        self.made.append(self._engine.load(batches, schema))
        return self.made[-1]

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        """As of `Engine`."""
        self.made.append(self._engine.keep(expression, order_by=order_by))
        return self.made[-1]

    def drop(self, kept: ir.Table) -> None:
        """As of `Engine`."""
        self._engine.drop(kept)
        self.made = [one for one in self.made if one is not kept]
