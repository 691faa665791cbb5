"""Writes a sample shop as a folder: one file per table, and beside them `truth/` with what was planted."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from coterie.errors import UsageError
from coterie.tables.sample.coupons import coupon_weeks
from coterie.tables.sample.dirt import Ledger, Planted, soil_customers, soil_lookups
from coterie.tables.sample.dirty_orders import dirty_orders
from coterie.tables.sample.dirty_weeks import Piece, dirty_weeks, spoil_lines
from coterie.tables.sample.formats import CsvFile, FileFormat, csv_lines, open_table
from coterie.tables.sample.groups import NEVER_ACTIVE, Separation
from coterie.tables.sample.orders import orders_by_week
from coterie.tables.sample.people import shares_of
from coterie.tables.sample.plan import Plan, plan_shop
from coterie.tables.sample.shop import customers_table, lookup_tables, transactions_table, truth_table
from coterie.tables.sample.xlsx import refuse_if_too_long

MARKER = Path("truth") / "shop.json"
"""Tells a sample shop from any other folder; it lists the files that are the shop's."""


def write_shop(
    directory: Path,
    *,
    customers: int = 1000,
    seed: int = 0,
    separation: Separation = "realistic",
    file_format: FileFormat = "csv",
    dirt: bool = False,
    orders: bool = False,
) -> Path:
    """Write the shop of `make_shop` into the folder and return it; the same arguments give the same bytes.

    Beside one file per table, `truth/groups.csv` holds every customer's planted group, `truth/shop.json` how the shop
    was made, and with `dirt` `truth/dirt.json` the exact count of every planted fault. Made in a temporary sibling
    and then put in place. An earlier sample shop is replaced; a folder holding anything else is refused.

    Raises:
        UsageError: Arguments that make no shop, a folder that is not ours, a place that cannot be written to.
    """
    directory = Path(directory)
    if file_format not in get_args(FileFormat):
        raise UsageError(f"The format '{file_format}' is unknown. Choose one of: {', '.join(get_args(FileFormat))}.")
    plan = plan_shop(customers, seed, separation)
    if file_format == "xlsx":
        refuse_if_too_long("transactions", int(plan.people.coupons.sum(dtype="int64")))
    try:
        old, place = files_of_ours(directory), directory.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        sibling = Path(tempfile.mkdtemp(prefix=f".{place.name}-", suffix=".tmp", dir=place.parent))
        try:
            fresh = sibling / place.name
            fresh.mkdir()  # with the usual permissions; the sibling itself is private to its owner
            fill(fresh, plan, file_format, dirt=dirt, orders=orders)
            put_in_place(fresh, place, old)
        finally:
            shutil.rmtree(sibling, ignore_errors=True)
    except OSError as error:
        raise UsageError(
            f"The sample shop cannot be written to '{directory}': {error.strerror}. Choose another folder."
        ) from error
    return directory


def files_of_ours(directory: Path) -> list[str]:
    """Files of the sample shop that is there already; a UsageError if there is anything else."""
    if not directory.exists() and not directory.is_symlink():
        return []
    if not directory.is_dir():
        raise UsageError(f"'{directory}' is a file. Name a folder for the sample shop.")
    found = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir())
    if not found:
        return []
    try:
        ours = set(json.loads((directory / MARKER).read_text("utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    foreign = [name for name in found if name not in ours]
    if foreign:
        raise UsageError(
            f"The folder '{directory}' holds files that are not of a sample shop, such as '{foreign[0]}', "
            "and is left as it is. Choose a new or empty folder."
        )
    return found


def fill(folder: Path, plan: Plan, file_format: FileFormat, *, dirt: bool, orders: bool) -> None:
    """Write all files into the empty folder, the marker last."""
    ledger = Ledger()
    lookups, customers = lookup_tables(plan.places), customers_table(plan.people)
    pieces: Iterator[Piece] = clean_weeks(plan)
    bought: Iterator[Piece] = map(Piece, orders_by_week(plan))
    if dirt:
        lookups = soil_lookups(lookups, plan, ledger)
        soiled = soil_customers(customers, plan, ledger)
        lines = file_format == "csv"
        customers, pieces = soiled.table, dirty_weeks(plan, soiled, ledger, lines=lines)
        bought = dirty_orders(plan, soiled, ledger, lines=lines)
    for name, table in {**lookups, "customers": customers}.items():
        write_pieces(folder / f"{name}.{file_format}", iter([Piece(table)]), file_format)
    write_pieces(folder / f"transactions.{file_format}", pieces, file_format)
    if orders:
        write_pieces(folder / f"orders.{file_format}", bought, file_format)
    write_truth(folder, plan, ledger.planted() if dirt else None)


def clean_weeks(plan: Plan) -> Iterator[Piece]:
    """The coupons without a fault."""
    first = 1
    for week in coupon_weeks(plan):
        yield Piece(transactions_table(week, first))
        first += len(week.customer)


def write_pieces(path: Path, pieces: Iterator[Piece], file_format: FileFormat) -> None:
    """Write one table, piece by piece."""
    first = next(pieces)
    file = open_table(path, first.rows.schema, file_format)
    try:
        for piece in chain([first], pieces):
            if isinstance(file, CsvFile):
                file.write_lines(spoil_lines(csv_lines(piece.rows), piece))
            else:
                file.write(piece.rows)
    finally:
        file.close()


def write_truth(folder: Path, plan: Plan, planted: Sequence[Planted] | None) -> None:
    """Write what was planted."""
    (folder / "truth").mkdir(exist_ok=True)
    write_pieces(folder / "truth" / "groups.csv", iter([Piece(truth_table(plan))]), "csv")
    if planted is not None:
        write_json(folder / "truth" / "dirt.json", {"planted": [asdict(entry) for entry in planted]})
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    groups = [*(group.name for group in plan.design.groups), NEVER_ACTIVE]
    write_json(
        folder / MARKER,
        {
            "made_by": "coterie sample",
            "customers": len(plan.people),
            "coupons": int(plan.people.coupons.sum(dtype="int64")),
            "seed": plan.seed,
            "separation": plan.separation,
            "shares": dict(zip(groups, shares_of(plan.design), strict=True)),
            "design": asdict(plan.design),
            "files": [*names, MARKER.as_posix()],
        },
    )


def write_json(path: Path, value: Any) -> None:
    """Write the value as JSON that people can read."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def put_in_place(fresh: Path, directory: Path, old: list[str]) -> None:
    """Make the fresh folder the one wanted; an existing one changes its files, the marker gone first and back last."""
    if not directory.exists():
        fresh.replace(directory)
        return
    for name in sorted(old, key=lambda name: name != MARKER.as_posix()):
        (directory / name).unlink()
    files = [path.relative_to(fresh) for path in sorted(fresh.rglob("*")) if path.is_file()]
    for path in sorted(files, key=lambda path: path == MARKER):
        (directory / path).parent.mkdir(exist_ok=True)
        (fresh / path).replace(directory / path)
