"""What was planted is what the check finds, fault by fault, in every format."""

from __future__ import annotations

import json

import pytest

from coterie.engines import open_engine
from coterie.settings import ReadSettings
from coterie.tables import read
from coterie.tables.sample import write_shop

PLANTED_NOTES = ("cancelled", "returns", "identical_lines", "missing_order_id")


@pytest.mark.parametrize(
    ("file_format", "separation"), [("csv", "realistic"), ("parquet", "wide"), ("xlsx", "realistic")]
)
def test_the_check_counts_what_was_planted(tmp_path, file_format, separation):
    folder = write_shop(
        tmp_path / "shop", seed=8, separation=separation, file_format=file_format, dirt=True, orders=True
    )
    entries = json.loads((folder / "truth" / "dirt.json").read_text("utf-8"))["planted"]
    planted = {(entry["rule"], entry["table"]): entry["count"] for entry in entries}
    engine = open_engine()
    quality = read(folder, settings=ReadSettings(), engine=engine).quality
    found: dict[tuple[str, str], int] = {}
    for problem in quality.problems:
        if problem.severity == "fault" or problem.rule in PLANTED_NOTES:
            found[problem.rule, problem.table] = found.get((problem.rule, problem.table), 0) + problem.count
    engine.close()

    assert found == planted
    assert all(count.rows_in == count.rows_used + count.rows_set_aside for count in quality.tables.values())
