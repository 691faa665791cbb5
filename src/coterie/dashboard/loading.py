"""From a run folder, and the raw tables where they are served too, to what readers look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.dashboard.asking import SECONDS, Asking
from coterie.dashboard.opened import Opened
from coterie.dashboard.private import without_single
from coterie.errors import CoterieError, DataError
from coterie.runs import ASSIGNMENTS, MANIFEST, Manifest, load, load_result, open_run

if TYPE_CHECKING:
    from coterie.explore import Shop
    from coterie.segmentation import Result
    from coterie.tables import Tables


@dataclass(frozen=True)
class Served:
    """What is served.

    Attributes:
        folder: Of the run.
        data: Where the raw tables are.
        private: Leave out single customers and small groups.
        seconds: How long the answer to one question may take.
        reading: `engine`, `memory` and `config` of `coterie.tables.read`.
    """

    folder: Path
    data: str | None = None
    private: bool = False
    seconds: float = SECONDS
    reading: dict[str, Any] = field(default_factory=dict)


def load_opened(served: Served, progress: Callable[[str], None] = lambda stage: None) -> Opened:
    """Load the run, and read its data. Raises what is wrong with them."""
    progress("Load the run")
    open_run(served.folder)  # its format is one that we read
    result = load_result(served.folder)
    shown = without_single(result) if served.private else result
    if served.data is not None:
        return _load_live(served, result, shown, progress)
    listed = served.folder / f"{ASSIGNMENTS}.parquet"
    shop = _open_list(listed, result) if listed.is_file() else None
    return Opened(shown, shop, _ask(served, shop), _beside(served, shop), private=served.private)


def _ask(served: Served, shop: Shop | None) -> Asking:
    return Asking(None, served.seconds) if shop is None else Asking(shop.interrupt, served.seconds, shop.from_memory)


def _beside(served: Served, shop: Shop | None) -> Asking:
    return Asking(None if shop is None else shop.interrupt_write, served.seconds)


def _load_live(served: Served, result: Result, shown: Result, progress: Callable[[str], None]) -> Opened:
    from coterie.explore import open_shop
    from coterie.segmentation import assign, what_if

    manifest = load(Manifest, served.folder, MANIFEST)
    progress("Read and check the tables")
    tables = _read(served, result, manifest)
    try:
        progress("Place every customer")
        assigned = assign(result.model, tables, expected=False)
        progress("Put customers and events in order")
        shop = open_shop(tables, assigned)
        tables.engine.settle()
    except BaseException:
        tables.engine.close()
        raise
    ask = _ask(served, shop)
    return Opened(
        shown,
        shop,
        ask,
        _beside(served, shop),
        live=True,
        changed=dict(tables.fingerprint) != manifest.fingerprint,
        private=served.private,
        try_others=lambda: what_if(
            result.model, tables, through=lambda work: ask(lambda: shop.alone(work), times=3), in_the_end=shop.later
        ),
    )


def _read(served: Served, result: Result, manifest: Manifest) -> Tables:
    """The raw tables as they are now; where they are those of the run, known to the day that it was told.

    `coterie assign` knows nothing after that day in any data; here those that have changed are shown to their end.
    """
    from coterie.tables import read

    assert served.data is not None
    reasons = {name: table.reasons for name, table in result.quality.tables.items()}
    as_run: dict[str, Any] = {
        "as_of": result.as_of,
        "keep_later_joiners": "after_as_of" not in reasons.get("customers", ()),
    }
    ends_before = any("after_as_of" in own for own in reasons.values())
    try:
        found = read(served.data, **(as_run if ends_before else {}), **served.reading)
    except CoterieError:
        if not ends_before:
            raise
        return read(served.data, **served.reading)  # nothing of these data was there by the day of the run
    same = dict(found.fingerprint) == manifest.fingerprint
    if found.as_of == result.as_of if same else not ends_before:
        return found
    found.engine.close()
    return read(served.data, **({} if ends_before else as_run), **served.reading)


def _open_list(path: Path, result: Result) -> Shop:
    """The customer list of the run; raises DataError where the file is none."""
    from coterie.engines import MalformedFile
    from coterie.explore import open_list

    try:
        return open_list(path, first_day=result.first_day, as_of=result.as_of)
    except (MalformedFile, OSError, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is damaged or not ours: it is no customer list. Write the run again with `coterie segment`."
        ) from error
