"""RFM as an algorithm: its scores and names against pandas, its rule against a search, real shops."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from coterie.clustering import algorithm_named, bound, cluster, placed, refit_at
from coterie.clustering.algorithms import ALGORITHMS, ON_ORDERS
from coterie.clustering.points import group_points, sample_points
from coterie.clustering.rfm import RFM, bind_rfm
from coterie.clustering.rfm_grid import RFM_GRID
from coterie.clustering.rules import Quintiles
from coterie.errors import UsageError
from coterie.rounding import round9
from coterie.runs.values import from_json, to_json

NAMES = ("recency", "order_count", "total_spend")


def pandas_scores(frame):
    """Recency, orders and spend to scores, by mean ranks; equal values, equal scores."""
    good = pd.DataFrame({"r": -frame.recency, "f": frame.order_count, "m": frame.total_spend})
    ranks = good.rank(method="average")
    return (1 + (5 * (2 * ranks - 1).astype(int)) // (2 * len(frame))).astype(int)


def pandas_names(frame):
    """The same grid once more, by nested questions instead of boxes."""

    def name(r, f, m):
        often, much = f >= 4, m >= 4
        if r <= 2:
            if often and much:
                return "Cannot lose"
            return "At risk" if often or much else ("Hibernating" if r == 2 else "Lost")
        if often:
            return "Champions" if much and r >= 4 else "Loyal"
        if much:
            return "Big spenders"
        if r == 3:
            return "Needs attention"
        return "Promising" if f == 3 else "New or occasional"

    return [name(*row) for row in pandas_scores(frame).itertuples(index=False)]


def coordinates(frame, names=NAMES):
    """As a run makes them: log1p, standardised, by learned numbers of 9 digits."""
    treated = np.log1p(frame[list(names)].to_numpy(dtype=float))
    return (treated - round9(treated.mean(axis=0))) / round9(treated.std(axis=0))


def shop(n=1_500, seed=0, once=0.4):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 4.0, n)
    count = np.where(rng.random(n) < once, 1, 1 + rng.poisson(rate))
    spend = (count * rng.lognormal(3, 0.7, n)).round(2)
    recency = rng.integers(0, 300, n) // (1 + count // 4)
    return pd.DataFrame({"recency": recency, "order_count": count, "total_spend": spend})


def fitted(frame, names=NAMES):
    x = coordinates(frame, names)
    algorithm = bind_rfm(names, names)
    return x, algorithm.sweep(group_points(x), (), 0, None)[0]


def named(fit, x):
    return [fit.rule.names[label] for label in placed(x, fit.centroids, fit.rule)]


@pytest.mark.parametrize("once", [0.0, 0.4, 0.9, 1.0])
@pytest.mark.parametrize("names", list(itertools.permutations(NAMES))[::2], ids=" ".join)
def test_scores_and_names_are_those_of_pandas_in_whatever_order_the_columns_stand(once, names):
    frame = shop(once=once, seed=int(once * 10))
    here = [name for name in names if frame[name].nunique() > 1]
    x = coordinates(frame, here)
    fit = bind_rfm(names, here).sweep(group_points(x), (), 0, None)[0]
    assert fit.rule.scores(x).tolist() == pandas_scores(frame).to_numpy().tolist()
    expected = pandas_names(frame)
    assert named(fit, x) == expected
    counted = Counter(expected)
    assert fit.rule.names == tuple(entry.name for entry in RFM_GRID if entry.name in counted)
    assert fit.sizes.tolist() == [counted[name] for name in fit.rule.names]
    assert (fit.k, fit.sizes.sum(), fit.kept) == (len(counted), len(frame), None)
    labels = placed(x, fit.centroids, fit.rule)
    means = np.stack([x[labels == segment].mean(axis=0) for segment in range(fit.k)])
    assert fit.centroids == pytest.approx(means, rel=1e-8, abs=1e-12)
    assert fit.inertia == pytest.approx(np.square(x - fit.centroids[labels]).sum(), rel=1e-9)


def test_where_all_buy_once_everybody_has_the_middle_score_of_frequency():
    frame = shop(once=1.0)
    here = ("recency", "total_spend")
    x = coordinates(frame, here)
    fit = bind_rfm(NAMES, here).sweep(group_points(x), (), 0, None)[0]
    assert fit.rule.axes == (0, -1, 1)
    assert set(fit.rule.scores(x)[:, 1]) == {3}
    assert set(fit.rule.names) == {"Big spenders", "Promising", "Needs attention", "At risk", "Hibernating", "Lost"}


@pytest.mark.parametrize("n", [2, 3, 4, 5, 9])
def test_a_handful_of_customers(n):
    frame = pd.DataFrame({"recency": range(n), "order_count": range(1, n + 1), "total_spend": np.arange(n) * 10.0})
    x, fit = fitted(frame)
    assert named(fit, x) == pandas_names(frame)


def test_the_rule_is_plain_numbers_and_places_as_the_fit_did():
    x, fit = fitted(shop())
    saved = json.loads(json.dumps(to_json(fit.rule)))
    again = from_json(Quintiles, saved, exact=True)
    assert again == fit.rule
    one, other = fit.rule.place(x, fit.centroids), again.place(x, fit.centroids)
    for ours, theirs in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.bincount(one.labels).tolist() == fit.sizes.tolist()
    # Each row by itself, and all together, to the last bit.
    alone = [fit.rule.place(row[None], fit.centroids) for row in x[:40]]
    assert [float(row.margin[0]) for row in alone] == one.margin[:40].tolist()
    assert [float(row.distance[0]) for row in alone] == one.distance[:40].tolist()


def test_margin_and_second_are_those_of_a_search_around_each_customer():
    x, fit = fitted(shop(300, seed=4))
    found = fit.rule.place(x, fit.centroids)
    away = found.margin / (1.0 - found.margin)
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(4_000, 3))
    steps /= np.linalg.norm(steps, axis=1)[:, None]
    reached, tried = 0, 0
    for row in range(0, len(x), 10):
        near = fit.rule.place(x[row] + steps * away[row] * 0.999, fit.centroids).labels
        assert set(near) == {found.labels[row]}
        beyond = fit.rule.place(x[row] + steps * (away[row] * 1.05 + 1e-6), fit.centroids).labels
        if set(beyond) != {found.labels[row]}:
            tried += 1
            reached += found.second[row] in set(beyond)
    assert tried > 20
    assert reached >= 0.9 * tried
    assert np.all((found.margin >= 0) & (found.margin < 1))
    assert np.all(found.second != found.labels)
    lengths = np.linalg.norm(x - fit.centroids[found.labels], axis=1)
    assert found.distance == pytest.approx(lengths, rel=1e-12)


def test_a_name_that_nobody_had_goes_with_the_nearest_by_steps_of_the_scores():
    frame = pd.DataFrame(
        {"recency": [50, 40, 20, 5, 1], "order_count": [1, 2, 3, 4, 5], "total_spend": [1, 2, 3, 4, 5]}
    )
    fit = fitted(frame)[1]
    assert fit.rule.names == ("Champions", "Needs attention", "Hibernating", "Lost")
    table = dict(zip(itertools.product(range(1, 6), repeat=3), fit.rule.cells, strict=True))
    assert table[5, 5, 5] == 1
    assert table[5, 4, 3] == 1  # Loyal: one step from Champions
    assert table[2, 5, 5] == 1  # Cannot lose: two steps from Champions, two from Hibernating and one more
    assert table[1, 4, 1] == 4  # At risk: one step from Lost
    assert table[4, 3, 3] == 2  # Promising: one step from Needs attention, two from Champions
    assert set(table.values()) == {1, 2, 3, 4}


def test_only_one_name_is_refused_with_a_way_out():
    frame = pd.DataFrame({"recency": [1, 1, 2, 2], "order_count": [1, 1, 1, 1], "total_spend": [5.0, 5.0, 5.0, 5.0]})
    x = coordinates(frame, ("recency",))
    fit = bind_rfm(NAMES, ("recency",)).sweep(group_points(x), (), 0, None)[0]
    assert fit.rule.names == ("Promising", "Hibernating")
    alike = group_points(np.ones((2, 1)))
    with pytest.raises(UsageError, match="RFM puts all of these customers under one name, 'Needs attention'"):
        bind_rfm(NAMES, ("recency",)).sweep(alike, (), 0, None)


@pytest.mark.parametrize(
    ("asked", "axes"),
    [
        (("order_count", "total_spend"), ("order_count", "total_spend")),
        (("recency", "order_count", "total_spend", "aov"), ("recency", "order_count", "total_spend", "aov")),
        (("recency", "order_recency", "order_count"), ("recency", "order_recency", "order_count")),
        (("claims_per_time", "recency"), ("recency",)),
        ((), ()),
    ],
)
def test_other_features_are_refused_with_the_preset_that_serves(asked, axes):
    with pytest.raises(UsageError, match=r"^RFM scores recency, order_count and total_spend .*`--preset rfm`\.$"):
        bound(RFM, asked, axes)


def test_it_is_found_by_name_and_must_be_bound():
    assert algorithm_named("rfm") is RFM is ON_ORDERS[0]
    assert bound(ALGORITHMS[0], ("anything",), ()) is ALGORITHMS[0]
    assert bound(RFM, ("order_recency", *NAMES[1:]), NAMES[1:]).name == "rfm"
    with pytest.raises(UsageError, match="--preset rfm"):
        RFM.sweep(group_points(np.eye(3)), (), 0, None)
    assert RFM.refit(np.eye(3), 3, 0)(np.eye(3)).tolist() == [-1, -1, -1]


def test_it_takes_no_number_and_is_scored_like_any_other():
    x = coordinates(shop(800))
    points, algorithm = group_points(x), bind_rfm(NAMES, NAMES)
    with pytest.raises(UsageError, match="RFM grid finds its own number of groups: leave k = 4 out"):
        cluster(points, ks=range(2, 5), asked=4, seed=0, activity=np.array([-1.0, 1, 1]), algorithm=algorithm)
    found = cluster(points, ks=range(2, 5), asked=None, seed=0, activity=np.array([-1.0, 1, 1]), algorithm=algorithm)
    assert found.choice.k == found.fit.k == 10
    assert found.choice.reason == "Ten is what RFM grid finds; it takes no number from outside."
    assert found.notes == ()
    assert 0.5 < found.choice.candidates[0].stability < 1


def test_a_refit_learns_its_own_cuts_and_places_others_by_them():
    x = coordinates(shop(1_000, seed=2))
    algorithm = bind_rfm(NAMES, NAMES)
    places = algorithm.refit(x[:500], 4, 0)(x)
    frame = pd.DataFrame(x[:500], columns=NAMES)
    assert [RFM_GRID[place].name for place in places[:500]] == pandas_names(frame)
    assert len(places) == 1_000
    at_four = refit_at(algorithm, 4)(x[:500], 0)(x)
    assert set(at_four) == {-1, 0, 1, 2, 3}
    largest = np.argsort(-np.bincount(places[:500]), kind="stable")[:4]
    assert np.array_equal(at_four >= 0, np.isin(places, largest))
    # At an earlier day a column may be missing because all were alike in it.
    assert set(algorithm.refit(x[:500, :2], 4, 0)(x[:, :2])) == {-1}


def test_cuts_of_a_crowd_too_large_to_keep_are_exact():
    frame = shop(60_000, seed=7, once=0.5)
    x = coordinates(frame)
    points = sample_points(lambda: iter(np.array_split(x, 7)), seed=0)
    assert not points.exact
    fit = bind_rfm(NAMES, NAMES).sweep(points, (), 0, None)[0]
    assert fit.rule.cuts == fitted(frame)[1].rule.cuts
    assert named(fit, x) == pandas_names(frame)


def test_cdnow(reference_data):
    orders = pd.read_csv(reference_data / "cdnow" / "orders.csv", parse_dates=["order_date"])
    last = orders.order_date.max()
    by = orders.groupby("customer_id")
    frame = pd.DataFrame(
        {
            "recency": (last - by.order_date.max()).dt.days,
            "order_count": by.order_id.nunique(),
            "total_spend": by.amount.sum().round(2),
        }
    )
    x, fit = fitted(frame)
    assert fit.sizes.sum() == len(frame) == 2_357
    assert named(fit, x) == pandas_names(frame)
    # Half buy once: the middle of them is at a quarter, in the second fifth.
    once = (frame.order_count == 1).to_numpy()
    assert set(fit.rule.scores(x)[once, 1]) == {2}


def test_online_retail(reference_data):
    lines = pd.read_parquet(reference_data / "online-retail" / "lines.parquet")
    lines.columns = [name.lower().replace(" ", "").replace("_", "") for name in lines.columns]
    bought = ~lines.invoice.astype(str).str.startswith("C") & (lines.quantity > 0) & (lines.price > 0)
    sales = lines[lines.customerid.notna() & bought]
    day = pd.to_datetime(sales.invoicedate).dt.normalize()
    sales = sales.assign(day=day, amount=sales.quantity * sales.price)
    by = sales.groupby("customerid")
    frame = pd.DataFrame(
        {
            "recency": (day.max() - by.day.max()).dt.days,
            "order_count": by.invoice.nunique(),
            "total_spend": by.amount.sum().round(4),
        }
    )
    x, fit = fitted(frame)
    assert fit.sizes.sum() == len(frame) == 4_338
    expected = pandas_names(frame)
    assert named(fit, x) == expected
    assert fit.sizes.tolist() == [expected.count(entry.name) for entry in RFM_GRID]
    champions = frame[np.array(expected) == "Champions"]
    assert champions.total_spend.sum() / frame.total_spend.sum() > 0.5
