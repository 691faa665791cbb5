"""The public face in Python: segment, load, sample."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from coterie.clustering import Clusterer, own_algorithm
from coterie.errors import UsageError
from coterie.finished import Segmentation, check_as_of
from coterie.runs import load_result, open_run
from coterie.segmentation import segment as run_steps
from coterie.settings import Settings, as_day
from coterie.tables import Source, Tables, read

if TYPE_CHECKING:
    from coterie.engines import Engine


def segment(
    data: Source,
    *,
    k: int | Literal["auto"] | None = None,
    preset: str | None = None,
    features: Sequence[str] | None = None,
    k_range: tuple[int, int] | None = None,
    seed: int | None = None,
    as_of: dt.date | str | None = None,
    include_inactive: bool | None = None,
    playbook: str | Path | None = None,
    evidence: bool | None = None,
    algorithm: str | Clusterer | None = None,
    compare: bool | None = None,
    cut: dt.date | str | None = None,
    outcome: str | None = None,
    engine: Engine | str | None = None,
    memory: str | None = None,
    config: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Segmentation:
    """Segment the customers of some data: files, a database, frames by table name, or tables already read.

    What is left out is taken from `[segment]` of coterie.toml beside the data, else from the defaults of `Settings`.
    `engine`, `memory` and `config` are those of `read`.

    Raises UsageError for settings the data cannot meet and DataError where the data cannot serve.

    Example:
        >>> import coterie as ct, tempfile
        >>> shop = ct.sample(tempfile.mkdtemp() + "/shop", customers=200)
        >>> run = ct.segment(shop, k=3)
        >>> [entry.segment for entry in run.profiles.segments if entry.segment]
        [1, 2, 3]
    """
    clock = _Clock(progress)
    cut = None if cut is None else as_day(cut, "cut")
    if not isinstance(data, Tables):
        clock("Read and check the tables")
        data = read(data, as_of=as_of, engine=engine, memory=memory, config=config)
    elif as_of is not None:
        check_as_of(data, as_day(as_of, "as_of"))
    asked = {
        "preset": preset,
        "features": features,
        "k": k,
        "k_range": k_range,
        "seed": seed,
        "include_inactive": include_inactive,
        "playbook": playbook,
        "evidence": evidence,
        "algorithm": algorithm if isinstance(algorithm, str) else None,
        "compare": compare,
        "cut": cut,
        "outcome": outcome,
    }
    settings = _settings(asked, data.segment_settings)
    own = own_algorithm(algorithm) if algorithm is not None and not isinstance(algorithm, str) else None
    segmented = run_steps(data, settings, algorithm=own, progress=clock)
    clock.stop()
    return Segmentation(segmented.result, segmented, None, tuple(clock.seconds.items()))


def load(path: str | Path) -> Segmentation:
    """The segmentation saved in a run folder; raises UsageError where there is none, DataError where it is damaged."""
    folder = open_run(path)
    return Segmentation(load_result(folder), None, folder)


def sample(
    directory: str | Path,
    *,
    customers: int = 1000,
    seed: int = 0,
    separation: Literal["wide", "realistic"] = "realistic",
    file_format: Literal["csv", "parquet", "xlsx"] = "csv",
    dirt: bool = False,
    orders: bool = False,
) -> Path:
    """Write a generated shop with known groups, one file per table; returns its folder."""
    from coterie.tables import write_shop

    return write_shop(
        Path(directory),
        customers=customers,
        seed=seed,
        separation=separation,
        file_format=file_format,
        dirt=dirt,
        orders=orders,
    )


def _settings(asked: Mapping[str, Any], wishes: Mapping[str, Any]) -> Settings:
    """What is asked for now, else the wishes of coterie.toml, else the defaults.

    A preset asked for now rules out features named in coterie.toml, and the other way round.
    """
    given = {name: value for name, value in asked.items() if value is not None}
    rival = {"preset": "features", "features": "preset"}
    chosen = {name: value for name, value in wishes.items() if rival.get(name) not in given} | given
    if chosen.get("preset") is not None and chosen.get("features") is not None:
        raise UsageError("A preset and features were both given. Give one of them: a preset is a set of features.")
    if chosen.get("k") == "auto":
        chosen["k"] = None
    try:
        return Settings(**chosen)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{place} = {first['input']!r} cannot be used: {first['msg'].lower()}.") from None


class _Clock:
    """Tells each stage to the listener and keeps its seconds."""

    def __init__(self, listener: Callable[[str], None] | None) -> None:
        self.seconds: dict[str, float] = {}
        self._listener = listener
        self._stage: str | None = None
        self._start = time.perf_counter()

    def __call__(self, stage: str) -> None:
        self.stop()
        self._stage, self._start = stage, time.perf_counter()
        if self._listener is not None:
            self._listener(stage)

    def stop(self) -> None:
        if self._stage is not None:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + time.perf_counter() - self._start
            self._stage = None
