"""Subqueries kept whole: the same rows, and what is dear computed once."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from coterie.engines.postgres_fence import fence

DEAR = "sqrt(a * a + b * b) * (a + b) - ln(a + b)"
ROWS = "(VALUES (1.0, 2.0), (3.0, 5.0), (2.0, 7.0)) AS t0(a, b)"


def fenced(query):
    parsed = sqlglot.parse_one(query, dialect="postgres")
    fence(parsed)
    return parsed.sql("postgres")


def rows(query):
    return sorted(duckdb.sql(query.replace("NOT MATERIALIZED ", "")).fetchall())


@pytest.mark.parametrize(
    ("query", "kept_whole"),
    [
        # Dear and named twice, or once.
        (f"SELECT t1.x + t1.x AS y FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1", 1),
        (f"SELECT t1.x AS y FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1", 0),
        # Cheap, however often it is named.
        ("SELECT t1.x + t1.x + t1.x AS y FROM (SELECT t0.a AS x FROM " + ROWS + ") AS t1", 0),
        # Handed on by a query between, with and without a star.
        (f"SELECT t2.x * t2.x AS y FROM (SELECT t1.x FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1) AS t2", 1),
        (f"SELECT t2.x * t2.x AS y FROM (SELECT * FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1) AS t2", 1),
        # Named in a condition or in an order.
        (f"SELECT t1.x AS y FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1 WHERE t1.x > 3", 1),
        # Whole anyway.
        (f"SELECT t1.x + t1.x AS y FROM (SELECT sum({DEAR}) AS x FROM {ROWS}) AS t1", 0),
        (f"SELECT t1.x + t1.x AS y FROM (SELECT DISTINCT {DEAR} AS x FROM {ROWS}) AS t1", 0),
        # Beside another table, and within a union.
        (f"SELECT t1.x - t1.x AS y FROM {ROWS} JOIN (SELECT a AS k, {DEAR} AS x FROM {ROWS}) AS t1 ON t0.a = t1.k", 1),
        (f"SELECT t1.x - t1.x AS y FROM (SELECT {DEAR} AS x FROM {ROWS}) AS t1 UNION ALL SELECT 1.0", 1),
    ],
)
def test_what_is_dear_and_named_again_is_kept_whole(query, kept_whole):
    found = fenced(query)
    assert found.count("OFFSET 0") == kept_whole
    assert rows(found) == rows(query)


def test_only_common_tables_that_are_work_are_kept():
    cheap = (
        f"WITH c AS (SELECT a, b FROM {ROWS} WHERE a > 1) SELECT t1.a, t2.b FROM c AS t1 JOIN c AS t2 ON t1.a = t2.a"
    )
    counted = cheap.replace("a, b FROM", "a, max(b) AS b FROM", 1).replace("a > 1", "a > 1 GROUP BY a")
    assert "NOT MATERIALIZED" in fenced(cheap)
    assert "NOT MATERIALIZED" not in fenced(counted)
    below = cheap.replace(f"FROM {ROWS}", f"FROM (SELECT a, max(b) AS b FROM {ROWS} GROUP BY a) AS t0", 1)
    assert "NOT MATERIALIZED" not in fenced(below)
    often = cheap + " JOIN c AS t3 ON t1.a = t3.a JOIN c AS t4 ON t1.a = t4.a"
    assert "NOT MATERIALIZED" not in fenced(often)
    dear = (
        f"WITH c AS (SELECT a, {' + '.join([DEAR] * 5)} AS b FROM {ROWS}) SELECT t1.a FROM c AS t1 JOIN c AS t2 ON true"
    )
    assert "NOT MATERIALIZED" not in fenced(dear)
    assert rows(fenced(cheap)) == rows(cheap) == rows(counted)
