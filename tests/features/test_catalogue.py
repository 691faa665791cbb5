"""What the data allow, and how it is told where they do not."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import coterie as ct
from coterie.features import FEATURES, PRESETS, available, describe
from coterie.features.aggregates import ONLY_FOR
from coterie.features.catalogue import SHOWN


def bare():
    """Transactions without branch, burn date or people."""
    return ct.read(
        {
            "transactions": pd.DataFrame(
                {
                    "customer_id": [1, 1, 2, 3],
                    "transaction_date": [dt.date(2024, 1, day) for day in (1, 2, 3, 4)],
                    "transaction_status": ["claimed", "burnt", "claimed", "burnt"],
                }
            )
        }
    )


def test_names_are_unique_and_presets_name_features():
    names = [entry.name for entry in FEATURES]
    assert len(names) == len(set(names))
    assert len({entry.name for entry in PRESETS}) == len(PRESETS)
    assert {name for preset in PRESETS for name in (*preset.features, *SHOWN)} <= set(names)


def test_what_the_data_do_not_allow_is_left_out_and_told():
    found = describe(bare())
    assert found.clustered == ("claims_per_time", "burn_rate_mature", "recency")
    assert found.notes == ("Merchants burnt at is left out. It needs transactions.branch_id and branches.merchant_id.",)


def test_feature_asked_for_by_name_is_refused_with_its_reason():
    with pytest.raises(
        ct.DataError, match=r"'days_to_burn' cannot be computed from this data\. It needs transactions\.burn_date"
    ):
        describe(bare(), features=["days_to_burn"])


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(ct.UsageError, match="Did you mean 'recency'"):
        describe(bare(), features=["recenci"])
    with pytest.raises(ct.UsageError, match="Did you mean 'coupon-counts'"):
        describe(bare(), preset="coupon-count")


DAY = dt.date(2024, 2, 1)
LINES = pd.DataFrame(
    {
        "customer_id": [1, 1, 2, 3],
        "order_id": ["a", "b", "c", "d"],
        "ordered_on": [DAY, dt.date(2024, 2, 5), DAY, DAY],
        "amount": [5.0, 7.0, 9.0, -1.0],
        "category": ["x", "y", "x", "x"],
    }
)
CLAIMS = pd.DataFrame({"customer_id": [1, 4], "claimed_on": [DAY, DAY], "status": ["claimed", "claimed"]})
END = dt.date(2024, 3, 1)


@pytest.fixture(scope="module")
def three(make_tables):
    """Orders only, both, coupons only."""
    return (
        make_tables(LINES, as_of=END),
        make_tables(LINES, CLAIMS, as_of=END),
        make_tables(None, CLAIMS, as_of=END),
    )


def test_default_preset_draws_on_the_events_there_are(three):
    orders, both, coupons = (describe(tables) for tables in three)
    assert orders.clustered == ("recency", "orders_per_time", "aov")
    assert both.clustered == ("claims_per_time", "burn_rate_mature", "recency", "orders_per_time", "aov")
    assert coupons.clustered == ("claims_per_time", "burn_rate_mature", "recency")
    assert orders.notes == ()
    assert (
        both.notes
        == coupons.notes
        == ("Merchants burnt at is left out. It needs transactions.branch_id and branches.merchant_id.",)
    )


def test_what_every_profile_shows(three):
    orders, both, coupons = ({entry.name for entry in describe(tables).features} for tables in three)
    of_orders = {"order_count", "total_spend", "aov", "return_rate", "categories_bought", "orders_per_time"}
    of_coupons = {"transaction_count", "coupons_claimed", "coupons_burnt", "burn_rate"}
    assert orders == of_orders | {"recency", "tenure"}
    assert both == orders | of_coupons | {"order_recency", "claims_per_time", "burn_rate_mature"}
    assert coupons == of_coupons | {"recency", "tenure", "claims_per_time", "burn_rate_mature"}


def test_labels_tell_of_the_events_there_are(three):
    orders, both, coupons = ({e.name: (e.label, e.meaning) for e in available(tables).values()} for tables in three)
    assert orders["recency"] == ("Days since last order", "Calendar days from the last order to as-of.")
    assert coupons["recency"] == ("Days since last claim", "Calendar days from the last claim to as-of.")
    assert both["recency"][0] == "Days since last claim or order"
    assert orders["tenure"][1] == "Days from joining, or from the first order if earlier, to as-of."
    assert coupons["tenure"][1] == "Days from joining, or from the first claim if earlier, to as-of."
    assert both["tenure"][1] == "Days from joining, or from the first claim or order if earlier, to as-of."


def test_orders_only_have_no_features_of_coupons(three):
    names = set(available(three[0]))
    assert not names & {entry.name for entry in FEATURES if entry.family in ("coupons", "breadth")}
    assert not names & {"burn_recency", "claim_gap", "active_span", "claim_trend"}
    with pytest.raises(ct.DataError, match=r"'claim_gap' cannot be computed from this data\. It needs transactions"):
        describe(three[0], features=["claim_gap"])


def test_preset_of_a_table_that_is_not_there_is_refused(three):
    with pytest.raises(ct.DataError, match=r"'coupon-ratios' needs transactions.*fit: engagement, rfm, orders\.$"):
        describe(three[0], preset="coupon-ratios")
    with pytest.raises(ct.DataError, match=r"'rfm' needs orders, and this data has no orders table"):
        describe(three[2], preset="rfm")
    assert describe(three[1], preset="rfm").clustered == ("recency", "order_count", "total_spend")


def test_one_category_only_is_no_feature(make_tables):
    told = "All orders have one category."
    tables = make_tables(LINES, as_of=END, degenerate={"category": told})
    found = describe(tables, preset="orders")
    assert "categories_bought" not in found.clustered
    assert found.notes == (f"Categories bought is left out. {told}",)


def test_columns_of_customers_may_have_the_names_of_what_is_counted(make_tables, rows_of):
    people = pd.DataFrame({"customer_id": [1, 2], "start": [7.0, 8.0], "order_count": [70.0, 80.0], "row": [5.0, 6.0]})
    attributes = [(name, "number") for name in ("start", "order_count", "row")]
    tables = make_tables(LINES, None, people, as_of=END, attributes=attributes)
    described = describe(tables, features=["order_count", "start"])
    found = rows_of(tables, described)
    assert found.order_count.to_dict() == {1: 2.0, 2: 1.0, 3: 0.0}
    assert found.start.fillna(0).to_dict() == {1: 7.0, 2: 8.0, 3: 0.0}
    assert list(found["row"]) == [0, 1, 2]
    assert [note.split(" is not used")[0] for note in described.notes] == [
        "Column 'order_count' of the customers table",
        "Column 'row' of the customers table",
    ]


def test_a_feature_alone_is_what_it_is_among_all(tmp_path):
    """What nobody reads is not counted; what a feature reads must not be among it."""
    ct.sample(tmp_path / "shop", customers=150, seed=2, orders=True, file_format="parquet")
    tables = ct.read(tmp_path / "shop")
    together = values_of(tables, list(available(tables)))
    for name in sorted(set().union(*ONLY_FOR.values())):
        pd.testing.assert_series_equal(values_of(tables, [name])[name], together[name])


def values_of(tables, names):
    table = describe(tables, features=names).table
    return pd.DataFrame(tables.engine.collect(table.order_by("row").select(*names)).to_pylist())
