"""Every feature of orders against hand-written pandas, and the cases in which it could go wrong, by hand."""

from __future__ import annotations

import datetime as dt
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import coterie as ct
from coterie.features import describe
from coterie.features.orders import ORDERS
from coterie.features.priors import CAP

NAMES = tuple(entry.name for entry in ORDERS)
NUMBERS = tuple(entry.name for entry in ORDERS if entry.treatment != "one-hot")
AS_OF = dt.date(2024, 6, 30)
FIRST = dt.date(2023, 1, 1)


def day(number):
    return FIRST + dt.timedelta(days=int(number))


def random_shop(seed=3, customers=120):
    """Lines of several a day, an order and a category, returns, free items; coupons; people of whom some are silent."""
    draw = np.random.default_rng(seed)
    orders = int(customers * 4)
    of = draw.integers(1, customers + 1, orders)
    # A third of the orders share their day with others; half of the customers bought on a few days only.
    days = np.where(draw.random(orders) < 0.3, (of * 7) % 500, draw.integers(0, 540, orders))
    order = np.repeat(np.arange(orders), draw.integers(1, 4, orders))
    amount = np.round(draw.gamma(2.0, 20.0, len(order)) + 0.01, 2)
    amount = np.where(draw.random(len(order)) < 0.1, -amount, np.where(draw.random(len(order)) < 0.05, 0.0, amount))
    category = draw.choice(["tea", "books", "Zinc", "ärmel", None], len(order))
    lines = pd.DataFrame(
        {
            "customer_id": of[order],
            "order_id": [f"o{number}" for number in order],
            "ordered_on": [day(days[number]) for number in order],
            "amount": amount,
            "category": category,
        }
    )
    # The same line again, so that categories tie; and an order over midnight, whose day is that of its first sale.
    lines = pd.concat([lines, lines.iloc[::5].assign(category="books")], ignore_index=True)
    late = lines.index[::11]
    lines.loc[late, "ordered_on"] = [value + dt.timedelta(days=1) for value in lines.loc[late, "ordered_on"]]
    people = pd.DataFrame(
        {
            "customer_id": np.arange(1, customers + 20),
            "join_date": [None if n % 6 == 0 else day(draw.integers(0, 400)) for n in range(customers + 19)],
        }
    )
    claims = pd.DataFrame(
        {
            "transaction_id": np.arange(160),
            "customer_id": draw.integers(1, customers + 40, 160),
            "claimed_on": [day(value) for value in draw.integers(0, 540, 160)],
            "status": "claimed",
        }
    )
    return lines, claims, people


@pytest.fixture(scope="module", params=["orders", "both"])
def shop(request, make_tables, rows_of):
    lines, claims, people = random_shop()
    claims = claims if request.param == "both" else None
    tables = make_tables(lines, claims, people, as_of=AS_OF)
    described = describe(tables, features=[*NAMES, "recency", "tenure"])
    return lines, claims, people, described, rows_of(tables, described)


def by_pandas(lines, claims, people, learned, as_of):
    """All of them, a customer at a time."""
    claims = pd.DataFrame({"customer_id": [], "claimed_on": []}) if claims is None else claims
    joined = dict(zip(people.customer_id, people.join_date, strict=True))
    rows = {}
    for who in sorted({*people.customer_id, *lines.customer_id, *claims.customer_id}):
        own = lines[lines.customer_id == who]
        sold, returned = own[own.amount > 0], own[own.amount < 0]
        orders = sold.groupby("order_id").agg(on=("ordered_on", "min"), sales=("amount", "sum"))
        claimed = list(claims[claims.customer_id == who].claimed_on)
        begun = [value for value in (joined.get(who), *claimed, *orders.on) if not pd.isna(value)]
        start = min(begun, default=None)
        exposure = (as_of - start).days + 1 if start else np.nan
        on = pd.to_datetime(pd.Series(sorted(set(orders.on)), dtype="object"))
        gaps = on.diff().dt.days.dropna()
        spent = sold.dropna(subset="category").groupby("category").amount.sum().round(4)
        best = sorted(spent.items(), key=lambda item: (-item[1], item[0]))
        places = [((value - start).days + 0.5) / exposure for value in orders.on]
        r, a = learned.orders_prior
        last = max([*claimed, *orders.on], default=None)
        rows[who] = {
            "active": bool(claimed) or len(orders) > 0,
            "order_count": len(orders),
            "total_spend": orders.sales.sum(),
            "aov": orders.sales.sum() / len(orders) if len(orders) else np.nan,
            "orders_per_time": (len(orders) + r) / ((exposure / 365.25) ** learned.orders_power + a),
            "order_recency": (as_of - orders.on.max()).days if len(orders) else np.nan,
            "order_gap": gaps.mean() if len(gaps) else np.nan,
            "gap_regularity": gaps.std() / gaps.mean() if len(gaps) > 1 else np.nan,
            "return_rate": -returned.amount.sum() / orders.sales.sum() if len(orders) else np.nan,
            "categories_bought": sold.category.nunique(),
            "favourite_category": best[0][0] if best else None,
            "order_trend": np.mean(places) if len(orders) else np.nan,
            "recency": (as_of - last).days if last else np.nan,
            "tenure": exposure - 1,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


@pytest.fixture(scope="module")
def right(shop):
    lines, claims, people, described, _ = shop
    return by_pandas(lines, claims, people, described.learned, AS_OF)


@pytest.mark.parametrize("name", [*NUMBERS, "recency", "tenure"])
def test_feature_equals_pandas(name, shop, right):
    np.testing.assert_allclose(shop[4][name].astype(float), right[name].astype(float), rtol=1e-9, atol=1e-12)


def test_favourite_category_equals_pandas_with_ties_to_the_first_in_the_alphabet(shop, right):
    told = [value if isinstance(value, str) else None for value in shop[4].favourite_category]
    assert told == [value if isinstance(value, str) else None for value in right.favourite_category]
    assert len(set(told)) == 5


def test_who_has_a_coupon_or_an_order_is_active(shop, right):
    *_, described, found = shop
    assert list(found.index) == list(right.index)
    assert list(found.active) == list(right.active)
    assert described.active == right.active.sum() < described.customers == len(right)


def test_sample_shop_orders_equal_pandas(tmp_path, make_tables, rows_of):
    ct.sample(tmp_path / "s", customers=60, seed=8, orders=True, file_format="parquet")
    frames = {path.stem: pd.read_parquet(path) for path in (tmp_path / "s").glob("*.parquet")}
    lines = frames["orders"].rename(columns={"order_date": "ordered_on", "product_category": "category"})
    lines["order_id"] = lines.order_id.astype(str)
    claims = frames["transactions"].rename(
        columns={"transaction_date": "claimed_on", "burn_date": "burnt_on", "transaction_status": "status"}
    )[["transaction_id", "customer_id", "claimed_on", "burnt_on", "status"]]
    people = frames["customers"][["customer_id", "join_date"]]
    as_of = max(lines.ordered_on.max(), claims.claimed_on.max())
    tables = make_tables(lines, claims, people, as_of=as_of)
    described = describe(tables, features=[*NAMES, "recency", "tenure"])
    found, right = rows_of(tables, described), by_pandas(lines, claims, people, described.learned, as_of)
    for name in (*NUMBERS, "recency", "tenure"):
        np.testing.assert_allclose(
            found[name].astype(float), right[name].astype(float), rtol=1e-9, atol=1e-12, err_msg=name
        )
    assert list(found.favourite_category.fillna("")) == list(right.favourite_category.fillna(""))


SMALL = pd.DataFrame(
    [
        # 1 has one order of two lines; 2 two orders on one day; 3 returns only; 4 a free item only; 6 ordered before
        # joining; 7 orders given by their total of 0; 8 four days, returns more than bought; 9 two days.
        (1, "a", dt.date(2024, 6, 1), 10.0, "sale", "x"),
        (1, "a", dt.date(2024, 6, 1), 5.5, "sale", "y"),
        (1, "a", dt.date(2024, 6, 1), 0.0, "free", "z"),
        (2, "b", dt.date(2024, 6, 10), 3.0, "sale", "y"),
        (2, "c", dt.date(2024, 6, 10), 3.0, "sale", "x"),
        (3, "d", dt.date(2024, 6, 11), -4.0, "return", "x"),
        (4, "e", dt.date(2024, 6, 12), 0.0, "free", "x"),
        (6, "f", dt.date(2024, 1, 2), 8.0, "sale", None),
        (7, "g", dt.date(2024, 6, 3), 0.0, "sale", "x"),
        (8, "h", dt.date(2024, 6, 1), 1.0, "sale", "x"),
        (8, "i", dt.date(2024, 6, 2), 1.0, "sale", "x"),
        (8, "j", dt.date(2024, 6, 4), 1.0, "sale", "x"),
        (8, "k", dt.date(2024, 6, 9), 1.0, "sale", "x"),
        (8, "l", dt.date(2024, 6, 9), -6.0, "return", "x"),
        (9, "m", dt.date(2024, 6, 20), 2.0, "sale", "y"),
        (9, "n", dt.date(2024, 6, 30), 2.0, "sale", "y"),
    ],
    columns=["customer_id", "order_id", "ordered_on", "amount", "kind", "category"],
)
SMALL_PEOPLE = pd.DataFrame(
    {
        "customer_id": [1, 5, 6],
        "join_date": [dt.date(2024, 5, 1), dt.date(2024, 6, 30), dt.date(2024, 3, 1)],
    }
)


@pytest.fixture(scope="module")
def small(make_tables, rows_of):
    tables = make_tables(SMALL, None, SMALL_PEOPLE, as_of=AS_OF)
    described = describe(tables, features=[*NAMES, "recency", "tenure"])
    return described, rows_of(tables, described)


NO = None
BY_HAND = {
    # active, orders, spend, aov, gap, irregularity, return rate, categories, favourite, recency, tenure
    1: (True, 1, 15.5, 15.5, NO, NO, 0, 2, "x", 29, 60),
    2: (True, 2, 6.0, 3.0, NO, NO, 0, 2, "x", 20, 20),
    3: (False, 0, 0, NO, NO, NO, NO, 0, NO, NO, NO),
    4: (False, 0, 0, NO, NO, NO, NO, 0, NO, NO, NO),
    5: (False, 0, 0, NO, NO, NO, NO, 0, NO, NO, 0),
    6: (True, 1, 8.0, 8.0, NO, NO, 0, 0, NO, 180, 180),
    7: (True, 1, 0, 0, NO, NO, NO, 1, "x", 27, 27),
    8: (True, 4, 4.0, 1.0, 8 / 3, sqrt((25 + 4 + 49) / 9 / 2 * 3 / 3) / (8 / 3), 1.5, 1, "x", 21, 29),
    9: (True, 2, 4.0, 2.0, 10, NO, 0, 1, "y", 0, 10),
}
SHOWN_BY_HAND = (
    "active",
    "order_count",
    "total_spend",
    "aov",
    "order_gap",
    "gap_regularity",
    "return_rate",
    "categories_bought",
    "favourite_category",
    "order_recency",
    "tenure",
)


@pytest.mark.parametrize("customer", BY_HAND)
def test_edge_cases_by_hand(small, customer):
    described, found = small
    right = dict(zip(SHOWN_BY_HAND, BY_HAND[customer], strict=True))
    # Gaps of customer 8: 1, 2, 5 days; their mean is 8/3, squares of the differences (25 + 4 + 49) / 9, over 3 - 1.
    row = found.loc[customer, list(SHOWN_BY_HAND)]
    told = {name: None if pd.isna(value) else value for name, value in row.items()}
    assert told == pytest.approx(right)
    assert found.loc[customer, "recency"] == pytest.approx(found.loc[customer, "order_recency"], nan_ok=True)
    assert (described.customers, described.active) == (9, 6)


def test_trend_of_steady_early_and_late_orders(make_tables, rows_of):
    numbers = {1: range(0, 100, 10), 2: (0, 1, 2), 3: (0, 98, 99)}
    lines = pd.DataFrame(
        [(who, f"{who}-{on}", day(on), 1.0) for who, days in numbers.items() for on in days],
        columns=["customer_id", "order_id", "ordered_on", "amount"],
    )
    tables = make_tables(lines, as_of=day(99))
    found = rows_of(tables, describe(tables, features=["order_trend"])).order_trend
    assert found.to_dict() == pytest.approx({1: 0.455, 2: 1.5 / 100, 3: (0.5 + 98.5 + 99.5) / 300})


def test_sums_of_money_are_exact_in_any_order(make_tables, rows_of):
    draw = np.random.default_rng(1)
    cents = draw.integers(1, 10**9, 3000)
    lines = pd.DataFrame(
        {
            "customer_id": draw.integers(1, 4, 3000),
            "order_id": [f"o{n}" for n in draw.integers(0, 9, 3000)],
            "ordered_on": FIRST,
            "amount": cents / 100,
        }
    )
    results = []
    for frame in (lines, lines.sample(frac=1, random_state=5), lines.iloc[::-1]):
        tables = make_tables(frame, as_of=AS_OF)
        described = describe(tables)
        results.append((tables.engine.collect(described.table), described.learned))
    assert results[0][0].equals(results[1][0])
    assert results[0][0].equals(results[2][0])
    assert results[0][1] == results[1][1] == results[2][1]
    exact = pd.Series(cents).groupby(lines.customer_id).sum()
    assert [round(value * 100) for value in results[0][0]["total_spend"].to_pylist()] == list(exact)


def test_all_amounts_equal_all_order_values_equal(make_tables, rows_of):
    lines = random_shop()[0].assign(amount=7.9)
    lines = lines.drop_duplicates("order_id")
    tables = make_tables(lines, as_of=AS_OF)
    found = rows_of(tables, describe(tables, preset="orders"))
    assert found.aov.to_numpy() == pytest.approx(7.9, rel=1e-12)
    assert (found.return_rate == 0).all()


def test_pace_of_orders_has_the_likelihood_of_the_best_negative_binomial(make_tables):
    draw = np.random.default_rng(7)
    people = pd.DataFrame({"customer_id": range(1, 1501), "join_date": [day(n) for n in draw.integers(0, 500, 1500)]})
    days = np.array([(AS_OF - joined).days + 1 for joined in people.join_date])
    # Everybody has one order at least, on the last day, so that all are active; the others are drawn.
    count = draw.poisson(draw.gamma(2.0, 0.5, 1500) * 6 * (days / 365.25) ** 0.6) + 1
    lines = pd.DataFrame({"customer_id": np.repeat(people.customer_id, count), "ordered_on": AS_OF, "amount": 1.0})
    lines["order_id"] = [f"o{n}" for n in range(len(lines))]
    learned = describe(make_tables(lines, None, people, as_of=AS_OF)).learned
    years = days / 365.25

    def regression(parameters):
        return -stats.poisson.logpmf(count, np.exp(parameters[0]) * years ** parameters[1]).sum()

    fine = {"xatol": 1e-9, "fatol": 1e-9}
    best = optimize.minimize(regression, [1.0, 0.5], method="Nelder-Mead", options=fine)
    assert learned.orders_power == pytest.approx(best.x[1], abs=1e-5)
    scaled = years**learned.orders_power

    def loss(logs):
        r, a = np.exp(logs)
        return -stats.nbinom.logpmf(count, r, a / (a + scaled)).sum()

    best = optimize.minimize(loss, np.log([3.0, 0.5]), method="Nelder-Mead", options=fine)
    assert learned.orders_prior == pytest.approx(np.exp(best.x), rel=1e-3)
    assert learned.orders_prior[1] < CAP * scaled.mean()
    assert "orders_per_time" not in learned.alike
    assert learned.claims_prior == (0.0, 0.0)


def test_coupons_and_orders_are_learned_apart(make_tables):
    lines, claims, people = random_shop()
    both = describe(make_tables(lines, claims, people, as_of=AS_OF), include_inactive=True).learned
    # The other table gives the customers and their start, which both fits need; only the counts differ.
    none = lines[lines.amount < 0]
    coupons_only = describe(make_tables(none, claims, people, as_of=AS_OF), include_inactive=True).learned
    assert both.claims_prior != both.orders_prior
    assert both.burn_rate_prior != (0.0, 0.0)
    assert coupons_only.orders_prior[0] > 0
    assert {"orders_per_time"} <= set(coupons_only.alike)


def test_only_returns_leave_nobody_active(make_tables, rows_of):
    lines = SMALL[SMALL.kind != "sale"]
    tables = make_tables(lines, as_of=AS_OF)
    described = describe(tables)
    found = rows_of(tables, described)
    assert (described.customers, described.active) == (4, 0)
    assert list(found.order_count) == [0, 0, 0, 0]
    assert found.recency.isna().all()
    assert found.aov.isna().all()
    assert described.learned.medians == {"recency": 0.0, "orders_per_time": 0.0, "aov": 0.0}


def test_saved_numbers_give_the_same_features(make_tables, rows_of):
    tables = make_tables(*random_shop(), as_of=AS_OF)
    first = describe(tables, preset="engagement")
    again = describe(tables, preset="engagement", learned=first.learned)
    assert tables.engine.collect(first.table).equals(tables.engine.collect(again.table))
    assert again.learned is first.learned


def test_scores_of_recency_frequency_and_money_are_learned_and_kept(make_tables, rows_of):
    tables = make_tables(random_shop()[0], as_of=AS_OF)
    names = ("rfm_recency", "rfm_frequency", "rfm_monetary")
    first = describe(tables, features=names)
    found = rows_of(tables, first)
    spend = found.total_spend[found.order_count > 0]
    fifth = 1 + np.floor(5 * (spend.rank(method="average") - 0.5) / len(spend))
    assert list(found.rfm_monetary.dropna()) == list(fifth)
    assert set(first.learned.rfm_cuts) == set(names)
    assert describe(tables).learned.rfm_cuts == {}
    pd.testing.assert_frame_equal(rows_of(tables, describe(tables, features=names, learned=first.learned)), found)


def test_published_summary_of_cdnow(reference_data, make_tables, rows_of):
    lines = pd.read_csv(reference_data / "cdnow" / "orders.csv", dtype={"order_id": str})
    lines["ordered_on"] = [dt.date.fromisoformat(text) for text in lines.order_date]
    as_of = dt.date(1997, 9, 30)
    lines = lines[lines.ordered_on <= as_of].assign(kind="sale")
    tables = make_tables(lines, as_of=as_of)
    found = rows_of(tables, describe(tables, features=["order_gap"]))
    published = pd.read_csv(reference_data / "cdnow" / "summary-39-weeks.csv").set_index("ID")
    assert list(found.index) == list(published.index)
    days = (published[["recency", "T"]] * 7).round()
    assert list(found.tenure) == list(days["T"])
    assert list(found.recency) == list(days["T"] - days.recency)
    gap = days.recency / published.frequency.where(published.frequency > 0)
    np.testing.assert_allclose(found.order_gap.astype(float), gap, rtol=1e-12)
    assert found.order_count.sum() == len(lines)
    assert found.total_spend.sum() == pytest.approx(lines.amount.sum(), rel=1e-12)
