"""The command that writes a model as SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coterie.api import load
from coterie.cli.terminal import Stages
from coterie.errors import UsageError
from coterie.runs import check_file_target, writing_file
from coterie.segmentation import QUERY_BEGINS


def print_sql(run: Path, output: Path | None, **asked: Any) -> None:
    """The model of a run as one query, on stdout or in a file, which is written whole or not at all."""
    segmentation = load(run)
    if output is not None:
        _check_target(output)
    with Stages(quiet=output is None) as stages:
        stages("Look at how the tables are read")
        text = segmentation.sql(**asked)
    if output is None:
        print(text, end="")
        return
    with writing_file(output) as draft:
        draft.write_text(text, encoding="utf-8")
    print(output.resolve())


def _check_target(target: Path) -> None:
    """Refuse, before any work, a place in no folder or within a run, and a file that is no query of ours."""
    check_file_target(target)
    place = target.resolve()
    if place.exists() and not (place.is_file() and _is_ours(place)):
        raise UsageError(f"{target} is there and is no query of Coterie's; it would be lost. Choose another place.")


def _is_ours(place: Path) -> bool:
    """Whether a file begins as our queries do."""
    begins = QUERY_BEGINS.encode()
    try:
        with place.open("rb") as there:
            return there.read(len(begins)) in (begins, b"")
    except OSError:
        return False
