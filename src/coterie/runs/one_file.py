"""Put a single file, or a folder of parts, in its place whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from coterie.errors import UsageError
from coterie.runs.place import is_run


def check_file_target(target: Path) -> None:
    """Refuse, before any work, a place inside a run folder, in no folder, or where we may not write.

    Raises:
        UsageError: One sentence that names the obstacle.
    """
    parent = target.resolve().parent
    if is_run(parent):
        raise UsageError(f"{target} lies inside a run folder, which holds that run only. Choose another place.")
    if not parent.is_dir():
        raise UsageError(f"{target} cannot be written: there is no folder {target.parent}. Create it first.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"{target} cannot be written: no permission in {target.parent}. Choose another place.")


@contextlib.contextmanager
def writing_file(target: Path) -> Iterator[Path]:
    """Give a place beside the target to write to; put it in the target's place when the block ends well, else drop it.

    Raises:
        UsageError: The system refuses it.
    """
    draft = target.with_name(f".{target.name[:100]}.tmp{target.suffix}")
    try:
        _remove(draft)  # of a command that was killed; Spark writes into no folder that is there
        yield draft
        if draft.is_dir() or target.is_dir():  # parts of Spark's: a folder is not replaced in one step
            _remove(target)
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {str(error.strerror).lower()}.") from error
    finally:
        with contextlib.suppress(OSError):  # what went wrong has been told
            _remove(draft)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
