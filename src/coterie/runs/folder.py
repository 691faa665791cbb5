"""A segmentation as a run folder, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from coterie.actions import Action
from coterie.clustering import Choice
from coterie.errors import DataError
from coterie.evidence import Evidence
from coterie.features import FEATURES
from coterie.metrics import Metrics
from coterie.profiles import Profiles
from coterie.runs.misfit import misfit_of, misfit_of_evidence
from coterie.runs.values import MODEL, from_json, load, load_json, load_model, save
from coterie.segmentation import Comparison, Model, Result, Segmented
from coterie.settings import ReadSettings, Settings
from coterie.tables import Quality, is_formula, spreadsheet_safe

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

T = TypeVar("T")

ASSIGNMENTS = "assignments"
REJECTS = "rejects"
COMPARISON = "comparison.json"
METRICS = "metrics.json"
ALONE = Choice(1, "All customers are alike in every feature, so they are one segment.", 1, None, ())
"""What choice.json says where there was nothing to choose, so that it always has its k, reason and candidates."""


@dataclass(frozen=True)
class ActionList:
    """The content of actions.json."""

    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Manifest:
    """What belongs to the run as a whole; the only file with times and paths.

    `list_table` names the table of the database that holds the customer list, where it is not in the folder. `source`
    is where the data were, `config` the coterie.toml that was used, `reading` what was set of how they are read, there,
    in a command or from Python.
    """

    product: str
    format: int
    version: str
    label: str
    run_date: dt.date
    first_day: dt.date
    as_of: dt.date
    customers: int
    active: int
    settings: Settings
    notes: tuple[str, ...]
    fingerprint: dict[str, str]
    libraries: dict[str, str]
    seconds: dict[str, float]
    guarded_cells: int
    list_table: str | None = None
    compare_seconds: dict[str, float] = field(default_factory=dict)
    source: str | None = None
    config: str | None = None
    reading: ReadSettings = field(default_factory=ReadSettings)


def fill(
    folder: Path,
    segmented: Segmented,
    *,
    version: str,
    seconds: Mapping[str, float],
    list_table: str | None = None,
) -> None:
    """Write everything but the report into the folder: the values as JSON, the customer list, the rows set aside.

    With `list_table` the customer list is left out, and the manifest says that it stands in that table.
    """
    result, tables = segmented.result, segmented.tables
    guarded = 0
    if list_table is None:
        write_list(segmented.assignments, tables.engine, folder / f"{ASSIGNMENTS}.parquet")
        guarded = write_list(segmented.assignments, tables.engine, folder / f"{ASSIGNMENTS}.csv")
    if tables.rejects:
        (folder / REJECTS).mkdir()
        for name, rows in tables.rejects.items():
            tables.engine.write(rows, folder / REJECTS / f"{name}.parquet", "parquet")
    values = {
        "model.json": result.model,
        "choice.json": result.choice or ALONE,
        "evidence.json": result.evidence,
        "profiles.json": result.profiles,
        "actions.json": ActionList(result.actions),
        "quality.json": result.quality,
    }
    if result.metrics is not None:
        values[METRICS] = result.metrics
    if result.comparison is not None:
        values[COMPARISON] = result.comparison
    save(folder, values, _manifest(segmented, version, seconds, guarded, list_table))


def _manifest(
    segmented: Segmented, version: str, seconds: Mapping[str, float], guarded: int, list_table: str | None
) -> dict[str, object]:
    """The fields of `Manifest`; of the settings of reading only those that are not the defaults."""
    result, tables = segmented.result, segmented.tables
    return {
        "version": version,
        "label": result.label,
        "run_date": result.run_date,
        "first_day": result.first_day,
        "as_of": result.as_of,
        "customers": result.customers,
        "active": result.active,
        "settings": result.settings,
        "notes": result.notes,
        "fingerprint": dict(tables.fingerprint),
        "libraries": _libraries(),
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "guarded_cells": guarded,
        "list_table": list_table,
        "compare_seconds": {name: round(value, 2) for name, value in result.compare_seconds.items()},
        "source": tables.source,
        "config": tables.config,
        "reading": tables.reading.model_dump(mode="json", exclude_defaults=True),
    }


def write_list(assignments: ir.Table, engine: Engine, path: Path) -> int:
    """Write a customer list to one file: Parquet exact, CSV safe for spreadsheets; returns the cells guarded."""
    # The embedded engine reads a table in the order it was kept in; putting it in order again takes memory for all.
    ordered = assignments.order_by("customer_id") if engine.remote else assignments
    if path.suffix.lower() == ".parquet":
        engine.write(ordered, path, "parquet")
        return 0
    texts = [name for name in ("customer_id", "name", "action") if assignments[name].type().is_string()]
    counts = {name: is_formula(assignments[name]).sum() for name in texts}
    guarded = engine.collect(assignments.aggregate(**counts)).to_pylist()[0]
    risky = [name for name in texts if guarded[name]]
    safe = ordered.mutate(**{name: spreadsheet_safe(ordered[name]) for name in risky}) if risky else ordered
    engine.write(safe, path, "csv")
    return sum(int(guarded[name]) for name in risky)


def found_at(folder: Path) -> tuple[str | None, str | None]:
    """Where the data of a run were, and the coterie.toml that was used."""
    manifest = load(Manifest, folder, "manifest.json")
    return manifest.source, manifest.config


def load_result(folder: Path) -> Result:
    """The segmentation saved in a run folder; raises DataError naming the file that does not fit."""
    manifest = load(Manifest, folder, "manifest.json")
    model = load_saved_model(folder)
    choice = load(Choice, folder, "choice.json")
    if choice.k != model.k:
        raise _unfit(folder / "choice.json", f"it says k = {choice.k}, the model {model.k}")
    return Result(
        label=manifest.label,
        settings=manifest.settings,
        seed=manifest.settings.seed,
        run_date=manifest.run_date,
        first_day=manifest.first_day,
        as_of=manifest.as_of,
        customers=manifest.customers,
        active=manifest.active,
        quality=load(Quality, folder, "quality.json"),
        choice=None if choice == ALONE else choice,
        evidence=_load_evidence(folder, model.k),
        profiles=load(Profiles, folder, "profiles.json"),
        actions=load(ActionList, folder, "actions.json").actions,
        notes=manifest.notes,
        preset=model.preset,
        clustered=model.features,
        learned=model.learned,
        model=model,
        comparison=_load_whole(Comparison, folder / COMPARISON) if (folder / COMPARISON).is_file() else None,
        compare_seconds=manifest.compare_seconds,
        metrics=_load_whole(Metrics, folder / METRICS) if (folder / METRICS).is_file() else None,
    )


def _load_whole(type_: type[T], path: Path) -> T:
    """A value whose type says which figures may be null, so that no other may be missing."""
    return from_json(type_, load_json(path), where=path, exact=True)


def _load_evidence(folder: Path, k: int) -> Evidence:
    path = folder / "evidence.json"
    evidence = _load_whole(Evidence, path)
    wrong = misfit_of_evidence(evidence, k)
    if wrong:
        raise _unfit(path, wrong)
    return evidence


def load_saved_model(folder: Path) -> Model:
    """The model of a run folder, checked as one from a stranger: names from the catalogue, parts that fit each other.

    Columns of the customers table that the run used as features are no catalogue entries; the model lists them, and
    `assign` looks for them in the data it is given.
    """
    known = {entry.name for entry in FEATURES}

    def names(model: Model) -> list[str]:
        used = [*model.features, *(axis.feature for axis in model.coordinates), *model.learned.medians]
        return [name for name in (*used, *model.learned.levels, *model.learned.alike) if name not in model.attributes]

    model = load_model(Model, folder, names=names, known=lambda name: name in known)
    wrong = misfit_of(model)
    if wrong:
        raise _unfit(folder / MODEL, wrong)
    return model


def _unfit(path: Path, what: str) -> DataError:
    return DataError(f"{path} is damaged or not ours: {what}. Write the run again with `coterie segment`.")


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("duckdb", "ibis-framework", "numpy", "pyarrow", "scipy")}
