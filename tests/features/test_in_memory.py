"""The same expressions in the engine and in memory give the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import coterie as ct
from coterie.features import BURNT, EXPECTED, OPEN, Aggregates, describe, evaluate, events_of, learn_events, raw
from coterie.features.catalogue import available
from coterie.features.orders_in_memory import different

FAMILIES = ("coupons", "orders", "rhythm", "breadth")
SHOPS = {
    "coupons": lambda folder: ct.sample(folder / "s", customers=300, seed=5),
    "dirt": lambda folder: ct.sample(folder / "s", customers=300, seed=5, dirt=True),
    "both": lambda folder: ct.sample(folder / "s", customers=300, seed=5, orders=True),
    "orders": lambda folder: with_returns(
        ct.sample(folder / "s", customers=300, seed=5, orders=True), folder / "o.csv"
    ),
}


def with_returns(shop, file):
    """The orders alone, where every seventh comes back in part and every fiftieth is a day's second."""
    orders = pd.read_csv(shop / "orders.csv")
    returned = orders[::7].assign(
        amount=lambda t: -(t.amount / 3).round(2), order_id=lambda t: "R" + t.order_id.astype(str)
    )
    second = orders[::50].assign(order_id=lambda t: "S" + t.order_id.astype(str))
    pd.concat([orders, returned, second]).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module", params=list(SHOPS))
def shop(request, tmp_path_factory):
    tables = ct.read(SHOPS[request.param](tmp_path_factory.mktemp("shop")))
    names = [
        name
        for name, entry in available(tables).items()
        if entry.family in FAMILIES and entry.treatment not in ("one-hot", "code")
    ]
    described = describe(tables, features=names)
    people = described.table.select(
        place=described.table.row, customer_id=described.table.customer_id, join_date=described.table.join_date
    )
    return tables, described, names, events_of(tables, tables.engine.keep(people))


def test_every_feature_is_the_same_in_memory_as_in_the_engine(shop):
    tables, described, names, events = shop
    learned, aggregates = learn_events(events, EXPECTED)
    rows = tables.engine.collect(described.table.order_by("row"))
    by_name = {entry.name: entry for entry in described.features}
    for name in names:
        there = np.array([np.nan if value is None else value for value in rows[name].to_pylist()], dtype=float)
        here = evaluate(by_name[name], aggregates, described.learned)
        np.testing.assert_allclose(here, there, rtol=1e-12, atol=1e-12, err_msg=name)
    assert learned.exposure_power == described.learned.exposure_power
    assert learned.orders_power == described.learned.orders_power
    for prior in ("claims_prior", "burn_rate_prior", "burn_rate_mature_prior", "orders_prior"):
        np.testing.assert_allclose(getattr(learned, prior), getattr(described.learned, prior), rtol=1e-4)
    if described.learned.lifetime is None:
        assert learned.lifetime is None
    else:
        assert learned.lifetime.bg_nbd.parameters == pytest.approx(described.learned.lifetime.bg_nbd.parameters)
        assert learned.lifetime.reason == described.learned.lifetime.reason
    assert learned.burn_curve == described.learned.burn_curve
    assert learned.alike == described.learned.alike
    assert learned.rfm_cuts == described.learned.rfm_cuts or not any(name.startswith("rfm") for name in names)


def test_known_at_an_earlier_day_is_what_reading_as_of_that_day_gives(tmp_path):
    ct.sample(tmp_path / "s", customers=300, seed=6)
    now = ct.read(tmp_path / "s")
    day = now.first_day + (now.as_of - now.first_day) / 2
    then = ct.read(tmp_path / "s", as_of=day)
    both = []
    for tables in (now, then):
        described = describe(tables, features=["transaction_count"])
        people = described.table.select(
            place=described.table.row, customer_id=described.table.customer_id, join_date=described.table.join_date
        )
        both.append(events_of(tables, tables.engine.keep(people)))
    known = both[0].known_at((day - ct.read(tmp_path / "s").first_day).days + int(both[0].claimed.min()))
    assert known.as_of == both[1].as_of
    assert (known.status == BURNT).sum() == (both[1].status == BURNT).sum() > 0
    assert (known.status == OPEN).sum() == (both[1].status == OPEN).sum() > 0
    np.testing.assert_array_equal(known.claimed, both[1].claimed)
    np.testing.assert_array_equal(np.sort(known.burnt), np.sort(both[1].burnt))


def test_raw_features_have_no_prior(shop):
    _, described, _, events = shop
    learned, aggregates = learn_events(events)
    by_name = {entry.name: entry for entry in described.features}
    if "orders_per_time" in by_name:
        pace = evaluate(by_name["orders_per_time"], aggregates, raw(learned))
        np.testing.assert_allclose(pace, aggregates.order_count / aggregates.exposure_years**learned.orders_power)
    if "burn_rate_shrunken" not in by_name:
        return
    plain = evaluate(by_name["burn_rate_shrunken"], aggregates, raw(learned))
    np.testing.assert_allclose(plain, evaluate(by_name["burn_rate"], aggregates, learned))


def test_several_ways_to_part_the_events_give_what_each_gives_alone(shop):
    """Each part of each way is also what its events alone would give, picked out by hand."""
    _, described, names, events = shop
    rng = np.random.default_rng(3)
    sizes = (len(events.claimed), len(events.orders), len(events.orders.returned))
    part, order_part, return_part = (rng.integers(-1, 2, (3, size)) for size in sizes)
    since = np.asarray(Aggregates(events, described.learned.burn_curve).start)

    def parted(some, ways):
        return Aggregates(
            events,
            described.learned.burn_curve,
            part=part[some],
            parts=2,
            ways=ways,
            since=since,
            order_part=order_part[some],
            return_part=return_part[some],
        )

    together, each = parted(slice(None), 3), [parted(way, 1) for way in range(3)]
    plain = raw(described.learned)
    for entry in described.features:
        if entry.name in names and entry not in EXPECTED:
            alone = np.concatenate([evaluate(entry, one, plain) for one in each])
            np.testing.assert_array_equal(evaluate(entry, together, plain), alone, err_msg=entry.name)
    for value in (0, 1):
        mine = part[1] == value
        by_hand = pd.DataFrame({"customer": events.customer, "status": events.status, "branch": events.branch})[mine]
        burnt = by_hand[by_hand.status == BURNT]
        found = np.asarray(together.coupons_burnt).reshape(3, -1, 2)[1, :, value]
        assert (
            found.tolist() == burnt.groupby("customer").size().reindex(range(events.customers), fill_value=0).tolist()
        )
        places = burnt[burnt.branch >= 0].groupby("customer").branch.nunique()
        found = np.asarray(together.branches_burnt_at).reshape(3, -1, 2)[1, :, value]
        assert found.tolist() == places.reindex(range(events.customers), fill_value=0).tolist()


@pytest.mark.parametrize("codes", [3, 700, 100_000])
def test_different_codes_are_counted_as_sets_count_them(codes):
    """Few codes, more than a byte holds, and more than a table holds."""
    rng = np.random.default_rng(codes)
    row, code = rng.integers(-1, 50, (2, 30_000)), rng.integers(-1, codes, 30_000)
    row[1] += np.where(row[1] >= 0, 50, 0)
    met = [set() for _ in range(100)]
    for way in row:
        for place, one in zip(way.tolist(), code.tolist(), strict=True):
            if place >= 0 and one >= 0:
                met[place].add(one)
    assert different(row, code, 100).tolist() == [len(one) for one in met]
