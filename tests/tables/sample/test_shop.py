from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from coterie.errors import UsageError
from coterie.schema import TABLES
from coterie.tables.sample import NEVER_ACTIVE, make_shop
from coterie.tables.sample.groups import DESIGNS

SEPARATIONS = ("wide", "realistic")


def frame(shop, name: str) -> pd.DataFrame:
    """A table as pandas, dates as timestamps."""
    table = pd.DataFrame(shop.tables[name].to_pydict())
    for column in (column for column in table if column.endswith("_date")):
        table[column] = pd.to_datetime(table[column])
    return table


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_tables_and_columns_are_those_of_the_contract(separation):
    shop = make_shop(customers=60, separation=separation)

    assert set(shop.tables) == {table.name for table in TABLES if table.name != "orders"}
    for table in TABLES:
        if table.name in shop.tables:
            names = shop.tables[table.name].column_names
            extra = [name for name in names if table.column(name) is None]
            assert extra == (["age", "tier"] if table.name == "customers" else [])
            assert all(column.name in names for column in table.columns if column.required)


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_keys_are_unique_and_every_foreign_key_is_known(separation):
    shop = make_shop(customers=500, seed=3, separation=separation)
    customers, coupons, branches = (frame(shop, name) for name in ("customers", "transactions", "branches"))

    assert customers.customer_id.tolist() == list(range(1, 501))
    assert coupons.transaction_id.tolist() == list(range(1, len(coupons) + 1))
    assert set(coupons.customer_id) <= set(customers.customer_id)
    assert set(coupons.branch_id.dropna()) <= set(branches.branch_id)
    assert set(branches.merchant_id) == set(frame(shop, "merchants").merchant_id)
    assert set(customers.city_id) <= set(frame(shop, "cities").city_id)
    assert set(customers.gender_id) <= set(frame(shop, "genders").gender_id)
    assert frame(shop, "merchants").merchant_name.is_unique


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_dates_and_structural_nulls_agree_with_the_status(separation):
    shop = make_shop(customers=500, seed=4, separation=separation)
    coupons = frame(shop, "transactions").merge(frame(shop, "customers")[["customer_id", "join_date"]])
    burnt = coupons.transaction_status == "burnt"

    assert set(coupons.transaction_status) == {"claimed", "burnt"}
    assert coupons[burnt].burn_date.notna().all()
    assert coupons[burnt].branch_id.notna().all()
    assert coupons[~burnt].burn_date.isna().all()
    assert coupons[~burnt].branch_id.isna().all()
    assert (coupons[burnt].burn_date >= coupons[burnt].transaction_date).all()
    assert (coupons.transaction_date >= coupons.join_date).all()
    assert coupons.transaction_date.min() >= pd.Timestamp(2022, 1, 1)
    last = max(coupons.transaction_date.max(), coupons.burn_date.max())
    assert pd.Timestamp(2024, 12, 20) <= last <= pd.Timestamp(2024, 12, 31)
    assert frame(shop, "transactions").transaction_date.is_monotonic_increasing


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_ten_coupons_per_customer_on_average(separation):
    per_customer = [
        make_shop(seed=seed, separation=separation).tables["transactions"].num_rows / 1000 for seed in range(5)
    ]

    assert np.mean(per_customer) == pytest.approx(10, abs=0.4)


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_groups_have_their_shares_and_exactly_the_never_active_have_no_coupon(separation):
    shop = make_shop(customers=2000, seed=5, separation=separation)
    truth = shop.truth.to_pydict()
    found = pd.Series(truth["group"]).value_counts()

    assert found[NEVER_ACTIVE] == 50  # 2.5 %
    for group in DESIGNS[separation].groups:
        assert found[group.name] == pytest.approx(group.share * 1950, abs=1)
    never = {customer for customer, group in zip(*truth.values(), strict=True) if group == NEVER_ACTIVE}
    claimed = set(shop.tables["transactions"]["customer_id"].to_pylist())
    assert claimed == set(truth["customer_id"]) - never


def test_burn_rates_and_counts_are_those_of_the_design():
    # Fully known: in the wide shop a loyal customer burns 95 % of some 6.5 coupons a year of the window.
    shop = make_shop(customers=5000, seed=6, separation="wide")
    coupons = frame(shop, "transactions").merge(pd.DataFrame(shop.truth.to_pydict()))
    old = coupons[coupons.transaction_date < pd.Timestamp(2024, 9, 1)]  # all burns to come have come
    rate = (old.transaction_status == "burnt").groupby(old.group).mean()

    for group in shop.groups:
        if group.name != "Newcomers":
            assert rate[group.name] == pytest.approx(group.burn, abs=0.01)
    quiet = (pd.Timestamp(2024, 12, 31) - coupons.groupby("customer_id").transaction_date.max()).dt.days
    group_of = coupons.groupby("customer_id").group.first()
    for group in shop.groups:
        assert quiet[group_of == group.name].median() == pytest.approx(group.quiet, rel=0.06, abs=1)


def test_the_realistic_shop_has_its_city_and_its_merchant_effect_and_the_wide_has_none():
    shop = make_shop(customers=20_000, seed=7)
    customers = frame(shop, "customers").merge(pd.DataFrame(shop.truth.to_pydict())).merge(frame(shop, "cities"))
    loyal = customers.group == "Loyal redeemers"
    in_city = customers.city_name == "Belmora"
    burns = (
        frame(shop, "transactions").dropna().merge(frame(shop, "branches")).merge(pd.DataFrame(shop.truth.to_pydict()))
    )
    occasional = burns.group == "Occasional deal users"
    at_merchant = burns.merchant_id == 3

    assert in_city[loyal].mean() / in_city[~loyal].mean() == pytest.approx(3.0, abs=0.3)
    usual = at_merchant[~occasional].mean()
    assert at_merchant[occasional].mean() == pytest.approx(0.3 + 0.7 * usual, abs=0.02)
    assert DESIGNS["wide"].city_effect is None
    assert DESIGNS["wide"].merchant_effect is None


def test_same_seed_same_shop_another_seed_another():
    first, again, other = (make_shop(customers=300, seed=seed) for seed in (1, 1, 2))

    assert all(first.tables[name].equals(again.tables[name]) for name in first.tables)
    assert first.truth.equals(again.truth)
    assert not first.tables["transactions"].equals(other.tables["transactions"])


@pytest.mark.parametrize("customers", [1, 2, 3, 11])
def test_the_smallest_shops_are_whole(customers):
    shop = make_shop(customers=customers, orders=True)

    assert shop.tables["customers"].num_rows == customers
    assert shop.tables["transactions"].num_rows >= 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"customers": 0}, "A sample shop needs at least 1 customer, not 0."),
        ({"seed": -1}, "The seed of a sample shop is 0 or a positive whole number, not -1."),
        ({"separation": "narrow"}, "The separation 'narrow' is unknown. Choose one of: wide, realistic."),
    ],
)
def test_what_makes_no_shop_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(UsageError) as refusal:
        make_shop(**arguments)

    assert str(refusal.value) == sentence


def test_making_a_shop_does_not_import_pandas():
    program = (
        "import sys; from coterie.tables.sample import make_shop; make_shop(customers=50, orders=True);"
        "print([name for name in ('pandas', 'scipy', 'sklearn', 'duckdb', 'ibis') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_calendar_begins_where_it_says():
    first = min(make_shop(customers=3000, separation="wide").tables["customers"]["join_date"].to_pylist())

    assert first == dt.date(2022, 1, 1)
