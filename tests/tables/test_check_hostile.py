"""Hostile cells: whatever stands in them, every row has exactly one fate, and nothing but a Coterie error is raised."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coterie.errors import CoterieError
from coterie.tables.quality import reconcile

ODD = [
    None, "", " ", "0", "1", "1.0", "2", "007", "-1", "1e5", "9223372036854775808", "NaN", "NULL", "inf", "None", "a", "'; DROP TABLE x; --",
    "</script>", "\u00a0", "\U0001f600", "\ufeff1", "1\n2", "\\", '"', "2024-01-01", "2024-02-30", "01/02/2024", "13/01/2024", "01/13/2024",
    "1/1/1", "20240101", "45000", "99999", "2024-01-01T00:00:00Z", "4 Sep 2017", "claimed", "BURNT", "burned ", "expired", "cancelled", "brunt",
    "1,5", "1.234,5", "x" * 3000,
]  # fmt: skip
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A shop takes tenths of a second to check, so that making a failing one small would take minutes."""

CELLS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=6)
IDS = st.sampled_from(["1", "2", "3", None, "x", "1.0"])
DATES = st.sampled_from(["2024-01-01", "2024-01-02", "02/01/2024", None, "no"])
STATUS = st.sampled_from(["claimed", "burnt", "expired", "cancelled", "?"])


def table(columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(columns)})


TRANSACTIONS = {
    "transaction_id": IDS | CELLS, "customer_id": IDS | CELLS, "transaction_date": DATES | CELLS, "transaction_status": STATUS | CELLS,
    "coupon_name": CELLS, "burn_date": DATES | CELLS, "branch_id": IDS | CELLS, "expiry_date": CELLS,
}  # fmt: skip
CUSTOMERS = {
    "customer_id": IDS | CELLS,
    "join_date": DATES | CELLS,
    "city_id": IDS | CELLS,
    "gender_id": CELLS,
    "what": CELLS,
}
BRANCHES = {"branch_id": IDS | CELLS, "merchant_id": IDS | CELLS}
CITIES = {"city_id": IDS | CELLS, "city_name": CELLS}


@st.composite
def shops(draw: st.DrawFn) -> dict[str, pa.Table]:
    made = {}
    for name, columns, least in (
        ("transactions", TRANSACTIONS, 1),
        ("customers", CUSTOMERS, 0),
        ("branches", BRANCHES, 0),
        ("cities", CITIES, 0),
    ):
        rows = draw(st.lists(st.tuples(*columns.values()), min_size=least, max_size=8))
        if name == "transactions" and draw(st.sampled_from([True, True, False])):
            rows.append(("77", "1", "2024-01-01", "claimed", "A", None, None, None))
        if name == "transactions" or draw(st.booleans()):
            made[name] = table(columns, rows)
    return made


@given(shop=shops(), as_of=st.sampled_from([None, "2024-01-01"]), meaning=st.sampled_from(["state", "state", "event"]))
@hypothesis_settings(max_examples=25, phases=WITHOUT_SHRINKING)
def test_every_row_has_exactly_one_fate(
    checking: Any, shop: dict[str, pa.Table], as_of: str | None, meaning: str
) -> None:
    try:
        tables = checking(typed=shop, as_of=as_of, status_meaning=meaning)
    except CoterieError as error:
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert refused.endswith((".", '"'))
        return
    reconcile(tables.quality)
    for name, table in shop.items():
        count = tables.quality.tables[name]
        assert count.rows_in == len(table)
        rejected = tables.rejects.get(name)
        kept = Counter() if rejected is None else Counter(tables.engine.collect(rejected)["_reason"].to_pylist())
        counted = {rule: n for rule, n in count.reasons.items() if rule not in ("duplicate", "after_as_of")}
        assert dict(kept) == counted
    coupons = tables.engine.collect(tables.coupons)
    if meaning == "state":
        assert len(coupons) == tables.quality.tables["transactions"].rows_used
    for name in ("customer_id", "claimed_on", "status"):
        assert coupons[name].null_count == 0
    assert set(coupons["status"].to_pylist()) <= {"claimed", "burnt", "expired"}
    known = [key for key in coupons["transaction_id"].to_pylist() if key is not None]
    assert len(known) == len(set(known)) or meaning == "event"
    for row in coupons.to_pylist():
        assert row["burnt_on"] is None or (
            row["status"] == "burnt" and row["claimed_on"] <= row["burnt_on"] <= tables.as_of
        )
    people = tables.engine.collect(tables.customers)["customer_id"].to_pylist()
    assert len(people) == len(set(people))


@given(
    rows=st.lists(st.tuples(*TRANSACTIONS.values()), min_size=1, max_size=8), order=st.randoms(use_true_random=False)
)
@hypothesis_settings(max_examples=10, phases=WITHOUT_SHRINKING)
def test_the_order_of_rows_changes_nothing(checking: Any, rows: list[tuple[Any, ...]], order: Any) -> None:
    turned = list(rows)
    order.shuffle(turned)
    results = []
    for version in (rows, turned):
        try:
            tables = checking(typed={"transactions": table(TRANSACTIONS, version)})
        except CoterieError as error:
            results.append(type(error))
            continue
        coupons = sorted(map(str, tables.engine.collect(tables.coupons).to_pylist()))
        results.append((coupons, dict(tables.quality.tables["transactions"].reasons), dict(tables.fingerprint)))
    assert results[0] == results[1]
