"""How large tables are to be read is found out from the first lines of all their files."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.tables import first_lines as module
from coterie.tables import read


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_file_is_looked_at(tmp_path, kind):
    """Country describes customers; in the second file the channel turns out not to."""
    for file in range(2):
        rows = [
            (customer, f"2024-0{day + 1}-0{file + 1}", 10 + day, "FR" if customer % 2 else "ES", "shop" if file * day else "web")
            for customer in range(20)
            for day in range(3)
        ]  # fmt: skip
        names = ("customer_id", "order_date", "amount", "Country", "Channel")
        table = pa.table({name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)})
        if kind == "parquet":
            pq.write_table(table, tmp_path / f"orders-{file}.parquet")
        else:
            lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
            (tmp_path / f"orders-{file}.csv").write_text("\n".join(lines))
    assert [one.name for one in read(tmp_path).attributes] == ["Country"]


def test_as_many_lines_of_each(monkeypatch, checking):
    monkeypatch.setattr(module, "LOOKED_AT", 7)

    class Raw:
        files = ("a", "b", "c")

    lines = pa.table({"_file": [0, 0, 0, 1, 1, 1, 2], "_line": [1, 2, 3, 1, 2, 3, 2]})
    rows = checking.engine.load(lines.to_batches(), lines.schema)
    kept = checking.engine.collect(module.first_lines(rows, Raw()).order_by("_file", "_line")).to_pylist()
    assert [(row["_file"], row["_line"]) for row in kept] == [(0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
