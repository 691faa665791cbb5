"""RFM scores in the engine against pandas, and their cuts by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.features.rfm import RFM, SCORED, cut_between, cuts_between, learn_rfm_cuts

SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_count", pa.int64()),
        ("order_recency", pa.int64()),
        ("total_spend", pa.float64()),
    ]
)


def loaded(engine, count, days, spend):
    columns = [pa.array(range(len(count)), pa.int64())]
    columns += [
        pa.array(values, field.type) for values, field in zip((count, days, spend), list(SCHEMA)[1:], strict=True)
    ]
    return engine.load([pa.record_batch(columns, schema=SCHEMA)], SCHEMA)


def scores_by(engine, people, cuts):
    learned = SimpleNamespace(rfm_cuts=cuts)
    values = {entry.name: entry.express(people, learned) for entry in RFM}
    rows = engine.collect(people.select("customer_id", **values).order_by("customer_id"))
    return {entry.name: rows[entry.name].to_pylist() for entry in RFM}


def by_pandas(values):
    """1 + floor(5 p), with p from pandas' mean ranks: (rank - 1/2) / n, in whole numbers."""
    ranks = pd.Series(values, dtype="float64").rank(method="average")
    return (1 + (5 * (2 * ranks - 1).astype(int)) // (2 * len(ranks))).tolist()


def drawn(n, seed, *, once=0.0):
    """Orders (a share of them exactly 1), days since the last (many equal) and sales in cents (many equal)."""
    rng = np.random.default_rng(seed)
    count = np.where(rng.random(n) < once, 1, 1 + rng.geometric(0.3, n))
    days = rng.integers(0, 60, n) * 7
    spend = np.where(rng.random(n) < 0.3, 9.99, rng.lognormal(4, 1, n).round(2))
    return count.tolist(), days.tolist(), spend.tolist()


SHOPS = {
    "many": drawn(3_001, 0, once=0.3),
    "90 % buy once": drawn(2_000, 1, once=0.9),
    "all buy once": drawn(500, 2, once=1.0),
    "one": ([3], [10], [50.0]),
    "two": ([3, 1], [10, 3], [50.0, 20.0]),
    "three": ([3, 1, 2], [10, 3, 3], [50.0, 20.0, 70.0]),
    "four": ([4, 1, 2, 3], [10, 3, 4, 9], [50.0, 20.0, 70.0, 70.0]),
    "five": ([4, 1, 2, 3, 5], [10, 3, 4, 9, 8], [50.0, 20.0, 70.0, 90.0, 80.0]),
    "all equal": ([2] * 40, [5] * 40, [12.5] * 40),
    "two kinds": ([1] * 20 + [2] * 30, [0] * 10 + [9] * 40, [1.0] * 35 + [2.0] * 15),
    "free orders": ([1, 2, 3, 1, 1, 1], [0, 0, 0, 0, 0, 1], [0.0] * 6),
}


@pytest.mark.parametrize("title", SHOPS)
def test_scores_are_those_of_pandas_and_come_back_by_the_cuts(title):
    count, days, spend = SHOPS[title]
    engine = open_engine()
    people = loaded(engine, count, days, spend)
    cuts = learn_rfm_cuts(engine, people)
    assert set(cuts) == set(SCORED) == {entry.name for entry in RFM}
    assert all(len(four) == 4 and sorted(four) == list(four) for four in cuts.values())
    found = scores_by(engine, people, cuts)
    assert found["rfm_recency"] == by_pandas([-day for day in days])
    assert found["rfm_frequency"] == by_pandas(count)
    assert found["rfm_monetary"] == by_pandas(spend)


def test_few_customers_and_ties_by_hand():
    engine = open_engine()

    def frequency(count):
        people = loaded(engine, count, [0] * len(count), [1.0] * len(count))
        return scores_by(engine, people, learn_rfm_cuts(engine, people))["rfm_frequency"]

    assert frequency([7]) == [3]
    assert frequency([7, 9]) == [2, 4]
    assert frequency([7, 8, 9]) == [1, 3, 5]
    assert frequency([6, 7, 8, 9]) == [1, 2, 4, 5]
    assert frequency([5, 6, 7, 8, 9]) == [1, 2, 3, 4, 5]
    # Ten customers: the middle of nine is at 45 %, of the tenth at 95 %.
    assert frequency([1] * 9 + [2]) == [3] * 9 + [5]
    # The middle of the four lies exactly on the border at 20 %: it belongs to the better fifth.
    assert frequency([1] * 4 + [2] * 6) == [2] * 4 + [4] * 6
    assert frequency([1] * 3 + [2] * 7) == [1] * 3 + [4] * 7


def test_at_a_border_the_better_score_counts_for_recency_too():
    engine = open_engine()
    people = loaded(engine, [1] * 10, [30] * 4 + [2] * 6, [1.0] * 10)
    found = scores_by(engine, people, learn_rfm_cuts(engine, people))
    assert found["rfm_recency"] == [2] * 4 + [4] * 6


def test_only_customers_with_an_order_count_and_are_scored():
    engine = open_engine()
    people = loaded(engine, [0, 1, 2, 3, 4, 5, None], [None, 9, 8, 7, 6, 5, None], [0.0, 1, 2, 3, 4, 5, None])
    found = scores_by(engine, people, learn_rfm_cuts(engine, people))
    assert set(map(tuple, found.values())) == {(None, 1, 2, 3, 4, 5, None)}


def test_without_any_order_there_are_no_cuts_and_no_scores():
    engine = open_engine()
    people = loaded(engine, [0, 0], [None, None], [0.0, 0.0])
    assert learn_rfm_cuts(engine, people) == {}
    assert set(map(tuple, scores_by(engine, people, {}).values())) == {(None, None)}


def test_new_customers_are_scored_by_the_saved_cuts_alone():
    engine = open_engine()
    old = loaded(engine, [2, 4, 6, 8, 10], [10, 20, 30, 40, 50], [100.0] * 5)
    cuts = learn_rfm_cuts(engine, old)
    assert cuts["rfm_frequency"] == (3.0, 5.0, 7.0, 9.0)
    assert cuts["rfm_recency"] == (15.0, 25.0, 35.0, 45.0)
    assert cuts["rfm_monetary"] == (99.9999, 99.9999, 100.0001, 100.0001)
    new = loaded(engine, [1, 3, 5, 99], [0, 14, 44, 400], [99.5, 100.0, 100.01, 0.0])
    found = scores_by(engine, new, cuts)
    # Three and five orders stand on a cut: they lie below it.
    assert found["rfm_frequency"] == [1, 1, 2, 5]
    assert found["rfm_recency"] == [5, 5, 2, 1]
    assert found["rfm_monetary"] == [1, 3, 5, 1]


def test_cuts_lie_between_the_values_that_they_part():
    assert cuts_between([(1, 0.0, 4.0), (2, 5.0, 6.0), (5, 7.0, 90.0)]) == (4.5, 6.5, 6.5, 6.5)
    assert cuts_between([(5, 0.0, 4.0), (4, 5.0, 6.0), (1, 7.0, 90.0)], more_is_better=False) == (4.5, 6.5, 6.5, 6.5)
    assert cuts_between([(3, 0.0, 0.0)]) == (-1e-6, -1e-6, 1e-6, 1e-6)
    with pytest.raises(ValueError, match="no value to cut"):
        cut_between(None, None)


def test_the_order_of_rows_changes_nothing():
    count, days, spend = drawn(1_000, 5, once=0.5)
    order = np.random.default_rng(0).permutation(1_000)
    engine = open_engine()
    mixed = [[column[at] for at in order] for column in (count, days, spend)]
    assert learn_rfm_cuts(engine, loaded(engine, *mixed)) == learn_rfm_cuts(engine, loaded(engine, count, days, spend))


def test_cdnow(reference_data):
    orders = pd.read_csv(reference_data / "cdnow" / "orders.csv", parse_dates=["order_date"])
    by = orders.groupby("customer_id")
    days = (orders.order_date.max() - by.order_date.max()).dt.days.tolist()
    count, spend = by.order_id.nunique().tolist(), by.amount.sum().round(2).tolist()
    engine = open_engine()
    people = loaded(engine, count, days, spend)
    found = scores_by(engine, people, learn_rfm_cuts(engine, people))
    assert found["rfm_recency"] == by_pandas([-day for day in days])
    assert found["rfm_frequency"] == by_pandas(count)
    assert found["rfm_monetary"] == by_pandas(spend)
    # Half of the 2,357 buy once, with the middle at a quarter: nobody has the lowest score.
    assert set(found["rfm_frequency"]) == {2, 3, 4, 5}
