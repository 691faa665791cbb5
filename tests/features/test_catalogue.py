"""What the data allow, and how it is told where they do not."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import coterie as ct
from coterie.features import FEATURES, PRESETS, describe
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
