"""Months of visits against sets of customers."""

from __future__ import annotations

import datetime as dt
from unittest import mock

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from coterie.engines import open_engine
from coterie.metrics import visits as module
from coterie.metrics.periods import period_index
from coterie.metrics.visits import visits

# Far days apart from the others, months on both sides of a number of 60 bits, and neighbours.
ENGINE = open_engine()
DAYS = [dt.date(1970, 1, 1), *(dt.date(2019, 10, 1) + dt.timedelta(days=9 * step) for step in range(70))]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(DAYS)), min_size=1, max_size=60), st.sampled_from([4, 300])
)
def test_months_are_as_counted_with_sets(came: list[tuple[int, dt.date]], at_once: int) -> None:
    rows = pd.DataFrame(came, columns=["customer_id", "day"])
    batch = pa.RecordBatch.from_pandas(rows)
    table = ENGINE.load([batch], batch.schema)
    everyone = table.select("customer_id").distinct()
    assigned = ENGINE.keep(everyone.mutate(segment=everyone.customer_id % 2))
    months = sorted({period_index(day, "month") for day in rows.day})
    with mock.patch.object(module, "AT_ONCE", at_once):
        found = visits(ENGINE, table, months, assigned)
    rows["month"] = [period_index(day, "month") for day in rows.day]
    for key in (None, *sorted({one % 2 for one in rows.customer_id})):
        own = rows if key is None else rows[rows.customer_id % 2 == key]
        there = {month: set(own.customer_id[own.month == month]) for month in range(min(months) - 1, max(months) + 1)}
        for month in months:
            before = set().union(*(who for at, who in there.items() if at < month))
            assert found[key][month] == {
                "customers": len(there[month]),
                "new": len(there[month] - before),
                "returning": len(there[month] & there.get(month - 1, set())),
            }
