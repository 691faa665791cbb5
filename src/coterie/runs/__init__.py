"""Save and load the run folder."""

from __future__ import annotations

from coterie.runs.folder import ASSIGNMENTS, Manifest, fill, found_at, load_result, write_list
from coterie.runs.list_target import check_list_target, check_write_to
from coterie.runs.one_file import check_file_target, writing_file
from coterie.runs.place import MANIFEST, check_target, tidy, writing
from coterie.runs.values import (
    FORMAT,
    MODEL,
    dump_json,
    from_json,
    load,
    load_json,
    load_model,
    open_run,
    save,
    to_json,
)

__all__ = [
    "ASSIGNMENTS",
    "FORMAT",
    "MANIFEST",
    "MODEL",
    "Manifest",
    "check_file_target",
    "check_list_target",
    "check_target",
    "check_write_to",
    "dump_json",
    "fill",
    "found_at",
    "from_json",
    "load",
    "load_json",
    "load_model",
    "load_result",
    "open_run",
    "save",
    "tidy",
    "to_json",
    "write_list",
    "writing",
    "writing_file",
]
