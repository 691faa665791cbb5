"""A result as one file, also of an engine whose workers write parts."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.engines import open_engine, write_here

ROWS = {
    "id": [3, 1, 2, 4],
    "name": ['a "b"', "c, d", None, ""],
    "amount": [1.5, None, -2.0, 0.0],
    "day": [dt.date(2024, 1, 31), None, dt.date(2023, 12, 1), dt.date(2024, 2, 29)],
}


@pytest.mark.parametrize("name", ["duckdb", "spark"])
def test_rows_come_in_order_in_one_file(request, tmp_path, name):
    address = request.getfixturevalue("spark").address if name == "spark" else None
    engine = open_engine(name, address=address)
    table = pa.table(ROWS)
    rows = engine.load(table.to_batches(), table.schema).order_by("id")
    for kind in ("csv", "parquet"):
        write_here(engine, rows, tmp_path / f"list.{kind}", kind)
    engine.close()
    wanted = pd.DataFrame(ROWS).sort_values("id")
    written = pq.read_table(tmp_path / "list.parquet").to_pydict()
    assert written["id"] == [1, 2, 3, 4]
    assert written["name"] == ["c, d", None, 'a "b"', ""]
    assert written["day"] == wanted.day.tolist()
    found = pd.read_csv(tmp_path / "list.csv", keep_default_na=False)
    assert found["id"].tolist() == [1, 2, 3, 4]
    assert found["name"].tolist() == ["c, d", "", 'a "b"', ""]
    assert pd.to_numeric(found["amount"]).tolist()[1:] == [-2.0, 1.5, 0.0]
    assert found["day"].tolist() == ["", "2023-12-01", "2024-01-31", "2024-02-29"]
