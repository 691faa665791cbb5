"""A finished segmentation: what it found, and all that can be done with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from coterie import __version__
from coterie.engines import dialect_named, is_address
from coterie.errors import UsageError
from coterie.report import chart_files, render_report
from coterie.runs import (
    ASSIGNMENTS,
    MANIFEST,
    check_list_target,
    check_write_to,
    fill,
    found_at,
    write_list,
    writing,
    writing_file,
)
from coterie.segmentation import Comparison, Result, Segmented, assign, model_as_sql
from coterie.settings import as_day
from coterie.tables import Source, Tables, read
from coterie.views import notebook_chart

if TYPE_CHECKING:
    import altair as alt
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from coterie.actions import Action
    from coterie.clustering import Choice
    from coterie.engines import Engine
    from coterie.evidence import Evidence, Verdict
    from coterie.metrics import Metrics
    from coterie.profiles import Profiles
    from coterie.tables import Quality


@dataclass(frozen=True)
class Assigned:
    """What was written by `Segmentation.assign_to`.

    Attributes:
        customers: Segment (as text) -> customers.
        as_of: The day to whose end everything was known.
        later: Table -> rows of later days, which were left out; only tables that have any.
    """

    customers: dict[str, int]
    as_of: dt.date
    later: dict[str, int]


@dataclass(frozen=True, repr=False)
class Segmentation:
    """A finished segmentation: look at it, save it, place further customers with it. It never changes.

    `run.choice`, `run.evidence`, `run.profiles`, `run.actions` and `run.quality` are what the run folder's JSON files
    hold.
    """

    result: Result
    _segmented: Segmented | None = None
    _folder: Path | None = None
    _seconds: tuple[tuple[str, float], ...] = ()

    @property
    def choice(self) -> Choice | None:
        """The chosen k with its reason and all candidates; None where all customers are alike."""
        return self.result.choice

    @property
    def evidence(self) -> Evidence:
        """How real the segments are: the four questions with their figures."""
        return self.result.evidence

    @property
    def verdict(self) -> Verdict:
        """The answer of all four together, for the run and for each segment."""
        return self.result.evidence.verdict

    @property
    def comparison(self) -> Comparison | None:
        """All ways to find groups side by side; None where `compare` was not asked for."""
        return self.result.comparison

    @property
    def metrics(self) -> Metrics | None:
        """The shop's numbers, for all customers and per segment; None in a run of before there were any."""
        return self.result.metrics

    @property
    def profiles(self) -> Profiles:
        """What each segment is like."""
        return self.result.profiles

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to do for each segment, by priority."""
        return self.result.actions

    @property
    def quality(self) -> Quality:
        """What was in the data and what was wrong with it."""
        return self.result.quality

    def to_arrow(self) -> pa.Table:
        """The customer list as an Arrow table: customer_id, segment, name, distance, margin, action."""
        if self._segmented is not None:
            return self._segmented.tables.engine.collect(self._segmented.assignments)
        import pyarrow as pa
        import pyarrow.parquet as pq

        assert self._folder is not None
        listed = self._folder / f"{ASSIGNMENTS}.parquet"
        if not listed.exists():
            raise UsageError(
                f"{self._folder} holds no customer list: it was written to a table of the database, which "
                f"{MANIFEST} names. Read it there."
            )
        rows = pq.read_table(listed)
        # The engine marks columns without a gap as such in the file; a list straight from the engine does not.
        return rows.cast(pa.schema([column.with_nullable(True) for column in rows.schema]))

    def to_pandas(self) -> pd.DataFrame:
        """The customer list as a pandas frame."""
        return self.to_arrow().to_pandas()

    def assign(
        self,
        data: Source,
        *,
        as_of: dt.date | str | None = None,
        engine: Engine | str | None = None,
        memory: str | None = None,
        config: str | Path | None = None,
    ) -> pa.Table:
        """Place the customers of other data with this model, learning nothing; by default as of the model's day.

        `engine`, `memory` and `config` are those of `read`.
        """
        assignments, tables = self._assign(data, as_of, engine=engine, memory=memory, config=config)
        return tables.engine.collect(assignments)

    def assign_to(
        self,
        data: Source,
        path: str | Path | None = None,
        *,
        write_to: str | None = None,
        as_of: dt.date | str | None = None,
        engine: Engine | str | None = None,
        memory: str | None = None,
        config: str | Path | None = None,
    ) -> Assigned:
        """As `assign`, written to one file (`.parquet` or `.csv`), a table of the data's own database, or both.

        With Spark the file is a folder of that name, of parts that its workers write.
        """
        target = None if path is None else Path(path)
        if target is not None:
            check_list_target(target, data)
        elif write_to is None:
            raise UsageError("Nowhere to write the customer list: name a file, or a table of the database.")
        if write_to is not None:
            check_write_to(data, write_to)
        assignments, tables = self._assign(data, as_of, engine=engine, memory=memory, config=config)
        kept = tables.engine.keep(assignments, order_by=("customer_id",))
        counted = kept.group_by("segment").aggregate(customers=kept.count()).order_by("segment")
        counts = {str(row["segment"]): row["customers"] for row in tables.engine.collect(counted).to_pylist()}
        if target is not None:
            with writing_file(target) as draft:
                write_list(kept, tables.engine, draft)
        if write_to is not None:
            tables.engine.publish(kept, write_to)
        later = {name: found.reasons.get("after_as_of", 0) for name, found in tables.quality.tables.items()}
        return Assigned(counts, tables.as_of, {name: rows for name, rows in later.items() if rows})

    def sql(
        self,
        dialect: str = "duckdb",
        *,
        data: str | Path | Mapping[str, Any] | None = None,
        as_of: dt.date | str | None = None,
        engine: str | None = None,
        memory: str | None = None,
        config: str | Path | None = None,
    ) -> str:
        """The whole model as one query, from the raw tables to customer_id and segment, in a dialect of SQL.

        The data, by default those of the run, are looked at to learn how their cells are written. Run where the raw
        tables are, the query gives what `assign` does, by default as of the model's day. `engine`, `memory` and
        `config` are those of `read`; data of Spark's catalogue need the engine that reads them.
        """
        spoken = dialect_named(dialect)
        source, beside = self._found_at()
        if data is None and source is None:
            raise UsageError("The run does not say where its data are. Name them: --data DATA, or data= from Python.")
        if data is None and not is_address(source) and not Path(str(source)).exists():
            raise UsageError(f"The data of the run are not at {source} any more. Name them: --data DATA, or data=.")
        tables = self._read(
            source if data is None else data,
            as_of,
            engine=engine,
            memory=memory,
            config=beside if data is None and config is None else config,
            dialect=spoken,
        )
        label = self.result.label if self._folder is None else self._folder.name
        try:
            return model_as_sql(self.result.model, tables, spoken, label=label, version=__version__)
        finally:
            tables.engine.close()

    def _found_at(self) -> tuple[str | None, str | None]:
        """Where the data are, and the coterie.toml that was used."""
        if self._segmented is not None:
            return self._segmented.tables.source, self._segmented.tables.config
        return (None, None) if self._folder is None else found_at(self._folder)

    def save(self, path: str | Path, *, report: bool = True, write_to: str | None = None) -> Path:
        """Write the run folder, whole or not at all; an older run there is replaced. Returns its full path.

        With `write_to` the customer list becomes a table `schema.name` of the database that the data are in, in one
        transaction, and stays out of the folder.
        """
        if self._segmented is None:
            raise UsageError(
                "This segmentation was loaded from a run folder and is saved there already. Copy the folder instead."
            )
        with writing(path) as folder:
            fill(folder, self._segmented, version=__version__, seconds=dict(self._seconds), list_table=write_to)
            if report:
                (folder / "report.html").write_text(render_report(self.result), encoding="utf-8")
            if write_to is not None:  # last, so that neither is there without the other
                self._segmented.tables.engine.publish(self._segmented.assignments, write_to)
        return Path(path).expanduser().resolve()

    def report(self) -> str:
        """The report as one HTML page that needs nothing from the network."""
        return render_report(self.result)

    def charts(self, folder: str | Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
        """Write every chart of the report as pictures into a folder; returns their paths. Needs the extra `charts`."""
        return chart_files(self.result, Path(folder), tuple(formats))

    def chart(
        self, name: str, theme: Literal["light", "dark"] = "light", *, segment: int | None = None
    ) -> alt.LayerChart:
        """One chart of the report as an Altair chart: shows in a notebook, can be changed and saved there.

        Names are those of the pictures that `charts` writes without their segment, such as "silhouette", "sizes",
        "mix-city", "contrasts", "burn-curve". Charts that come once per segment ("coupons", "density",
        "segment-burn-curve") need `segment`. Raises UsageError where there is no such chart.

        Example:
            >>> import coterie as ct, tempfile
            >>> run = ct.segment(ct.sample(tempfile.mkdtemp() + "/shop", customers=200), k=3)
            >>> type(run.chart("sizes")).__name__
            'LayerChart'
        """
        return notebook_chart(self.result, name, segment, theme)

    def _assign(self, data: Source, as_of: dt.date | str | None, **reading: Any) -> tuple[ir.Table, Tables]:
        if isinstance(data, Tables):
            if as_of is not None:
                check_as_of(data, as_day(as_of, "as_of"))
            return assign(self.result.model, data), data
        tables = self._read(data, as_of, **reading)
        return assign(self.result.model, tables), tables

    def _read(self, data: Any, as_of: dt.date | str | None, **reading: Any) -> Tables:
        all_known = as_of is None and self.result.all_known
        return read(data, as_of=as_of or self.result.model.as_of, keep_later_joiners=all_known, **reading)

    def __repr__(self) -> str:
        """What it is, in one line, and the segments below."""
        lines = [
            f"  {one.segment}  {one.name}: {one.customers:,} customers, {one.share:.0%}"
            for one in self.profiles.segments
        ]
        return "\n".join([f"Segmentation of {self.result.label}: {self.result.customers:,} customers", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{entry.segment}</td><td>{escape(entry.name)}</td><td>{entry.customers:,}</td>"
            f"<td>{entry.share:.0%}</td><td>{escape(entry.blurb)}</td></tr>"
            for entry in self.profiles.segments
        )
        head = "<tr><th>Segment</th><th>Name</th><th>Customers</th><th>Share</th><th>Who they are</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def check_as_of(tables: Tables, day: dt.date) -> None:
    """Refuse another day than that of which tables were read: what happened later is gone from them, or still there."""
    if tables.as_of != day:
        raise UsageError(
            f"These tables were read as of {tables.as_of}, so as_of = {day} cannot be used. Read them again with "
            "ct.read(path, as_of=...), or give the path."
        )
