"""A shop in a database answers as the same shop in files."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import coterie as ct
from coterie.engines import open_engine
from coterie.explore import UNKNOWN, Filters, open_shop
from tests_shops import order_shop

FILTERS = (
    Filters(),
    Filters(segments=(1, 2), since=dt.date(2023, 5, 5)),
    Filters(categories=("Books", UNKNOWN), until=dt.date(2024, 3, 1)),
)


def opened(source):
    tables = ct.read(source)
    people = tables.lines.select("customer_id").distinct()
    return open_shop(tables, people.mutate(segment=people.customer_id % 3, margin=0.5))


@pytest.fixture(scope="module")
def shops(postgres, tmp_path_factory):
    shop = order_shop(tmp_path_factory.mktemp("shops"))
    both = opened(shop.parquet), opened(shop.put(postgres, "explored"))
    yield both
    for one in both:
        one.close()


@pytest.mark.parametrize("filters", FILTERS)
def test_postgres_answers_as_the_embedded_engine(shops, filters):
    here, there = shops
    assert there.choices == here.choices
    assert there.found("merchants", "E") == here.found("merchants", "E")
    assert there.found("categories", "oO").options == here.found("categories", "oO").options
    assert there.figures(filters) == here.figures(filters)
    assert there.compared(filters) == here.compared(filters)
    assert there.segments(filters) == here.segments(filters)
    for asked in ({"sort": "sales", "descending": True}, {"text": "1", "page": 2}, {"sort": "last_ordered"}):
        assert there.customers(filters, **asked) == here.customers(filters, **asked)
    themes = ("monthly", "sales", "breakdowns", "retention")
    assert there.metrics(filters, themes, (0, 1, 2)) == here.metrics(filters, themes, (0, 1, 2))
    over_time = {"over_time": True, "customers": True}
    assert there.told(filters, "sales", "category", **over_time) == here.told(filters, "sales", "category", **over_time)
    first = here.customers(filters).rows[0].customer_id
    assert there.customer(first) == here.customer(first)


def test_postgres_gives_back_what_was_kept(shops):
    engine = shops[1]._narrow.engine
    tables = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind IN ('r', 'v')"
    before = engine._fetch(tables)
    shops[1].metrics(Filters(segments=(1,)), ("monthly", "sales", "breakdowns"), (1,))
    assert engine._fetch(tables) == before


def test_postgres_writes_the_list(shops, tmp_path):
    for place, shop in zip(("here", "there"), shops, strict=True):
        shop.write(FILTERS[1], tmp_path / f"{place}.parquet", "parquet")
    assert pq.read_table(tmp_path / "there.parquet").to_pylist() == pq.read_table(tmp_path / "here.parquet").to_pylist()


def test_spark_gives_back_what_was_kept(spark):
    engine = open_engine("spark", address=spark.address)
    batch = pa.record_batch({"x": [1, 2]})
    rows = engine.load([batch], batch.schema)
    kept, other = engine.keep(rows.filter(rows.x > 1)), engine.keep(rows)
    assert engine.collect(kept)["x"].to_pylist() == [2]
    engine.drop(kept)
    assert len(engine._session._held) == 1
    with pytest.raises(Exception, match=kept.get_name()):
        engine.collect(kept)
    assert sorted(engine.collect(other)["x"].to_pylist()) == [1, 2]
    engine.close()
