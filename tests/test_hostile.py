"""Hostile tables through the whole main job: no crash, nothing lost."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import coterie as ct

CELLS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "claimed", "BURNT", "burnt ", "expired", "cancelled", "42", "-1", "0", "007", "1e400", "NaN"),
            *("NULL", "2024-02-30", "2024-01-05", "05/01/2024", "31.12.2024", "9999-12-31", "0001-01-01", "=1+1", "'"),
            *("</script>", "Ünïcödé", "\U0001f600", "a" * 300, "{name}", "%s", "'; DROP TABLE x; --"),
        ]
    ),
    st.text(max_size=12),
    st.none(),
)
IDS = st.one_of(st.sampled_from(["1", "2", "3", "01", "ann", "7.0", None, ""]), st.text(max_size=3))
DATES = st.one_of(st.dates(pd.Timestamp("2023-01-01").date(), pd.Timestamp("2024-12-31").date()).map(str), CELLS)
STATUS = st.one_of(st.sampled_from(["claimed", "burnt", "expired", "cancelled"]), CELLS)


def frame(**columns):
    row = st.fixed_dictionaries(columns)
    return st.lists(row, max_size=12).map(lambda rows: pd.DataFrame(rows, columns=list(columns), dtype="object"))


TRANSACTIONS = frame(
    transaction_id=IDS,
    customer_id=IDS,
    transaction_date=DATES,
    transaction_status=STATUS,
    coupon_name=CELLS,
    burn_date=DATES,
    branch_id=IDS,
)
CUSTOMERS = frame(customer_id=IDS, join_date=DATES, city_id=IDS, gender_id=IDS, age=CELLS, tier=CELLS)
CITIES = frame(city_id=IDS, city_name=CELLS)


# Shrinking a failure would run the whole main job hundreds of times.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=25, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(transactions=TRANSACTIONS, customers=CUSTOMERS, cities=CITIES)
def test_hostile_tables_lose_nothing(transactions, customers, cities):
    data = {"transactions": transactions, "customers": customers, "cities": cities}
    try:
        run = ct.segment(data, k_range=(2, 3))
    except ct.CoterieError:
        return
    for name, count in run.quality.tables.items():
        assert count.rows_in == len(data[name])
        assert count.rows_in == count.rows_used + count.rows_set_aside
        assert count.rows_set_aside == sum(count.reasons.values())
    placed = run.to_arrow().to_pydict()
    assert len(set(placed["customer_id"])) == len(placed["customer_id"]) == run.result.customers
    assert sum(entry.customers for entry in run.profiles.segments) == run.result.customers
    assert sum(entry.coupons for entry in run.profiles.segments) == run.quality.tables["transactions"].rows_used
    assert run.report().startswith("<!")
