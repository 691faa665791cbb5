"""A small part of `make calibrate` with its own seeds, and the counting that its table rests on."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import calibrate
import numpy as np
import pytest
from families import FAMILIES, Claim, Points, buyers, coupons, points
from families.code import _plain, fingerprints
from families.contract import seed_of
from families.measure import grouped, measure, named
from families.tally import counted, met, table, wilson
from scipy.stats import binomtest

from coterie.clustering import generator
from coterie.features import BURNT, Aggregates, learn_events

CROWDS = [
    family for family in FAMILIES if any(claim.measure == "natural" and claim.bound == 0.05 for claim in family.claims)
]
WIDE = [family for family in FAMILIES if any(claim.measure == "close" and claim.bound for claim in family.claims)]


@pytest.mark.parametrize("family", CROWDS, ids=lambda family: family.name)
def test_a_crowd_is_not_called_natural(family):
    draws = range(4) if family.make.__module__ == points.__name__ else range(1)
    assert not any(measure(family, 1_000, draw)["natural"] for draw in draws)


@pytest.mark.parametrize("family", WIDE, ids=lambda family: family.name)
def test_wide_groups_are_found(family):
    for draw in (0, 1):
        drawn = measure(family, 1_000, draw)
        assert (drawn["natural"], drawn["k"], drawn["close"]) == (True, drawn["planted"], True)


@pytest.mark.parametrize(
    ("lasts", "fades"), [("continuum-lasts", "nothing-lasts"), ("buyers-last", "buyers-nothing-lasts")]
)
def test_what_lasts_is_told_from_what_does_not(lasts, fades):
    assert measure(named(lasts), 600, 0)["lasting"]
    drawn = measure(named(fades), 600, 0)
    assert (drawn["judged"], drawn["lasting"]) == (True, False)


def test_buyers_who_are_all_alike_are_not_said_to_differ():
    drawn = measure(named("buyers-identical-real"), 300, 0)
    assert [drawn[f"{what} real"] for what in ("orders", "order value")] == [False] * 2


def test_a_draw_is_the_same_on_every_run_and_no_two_are_alike():
    one, again, other = (measure(named("moderate-points"), 400, draw) for draw in (3, 3, 7))
    assert {**one, "seconds": 0} == {**again, "seconds": 0}
    assert (one["agreement"], one["ari"]) != (other["agreement"], other["ari"])
    tasks = calibrate.tasks_of(FAMILIES, None)
    assert len({seed_of(*task) for task in tasks}) == len(set(tasks)) == len(tasks)


def test_every_family_has_200_draws_of_1000_or_says_otherwise():
    short = {family.name: family.draws[0] for family in FAMILIES if family.draws[0] != (1_000, 200)}
    assert short == dict.fromkeys(("identical-real", "buyers-identical-real"), (1_000, 150))


def test_centres_of_clouds_stand_as_far_apart_as_they_should():
    for draw in range(4):
        found = points.wide_equal(generator(draw, 90), 40_000, draw)
        centres = np.array([found.x[found.group == place].mean(axis=0) for place in range(2 + draw)])
        apart = np.linalg.norm(centres[:, None] - centres, axis=2)[np.triu_indices(2 + draw, 1)]
        assert apart == pytest.approx(np.full(len(apart), 8.0), abs=0.1)
        inside = found.x - centres[found.group]
        assert inside.std(axis=0) == pytest.approx(np.ones(4), abs=0.03)


def test_planted_customers_claim_and_burn_as_planted():
    found = coupons.wide_equal(generator(1, 90), 3_000, 0)
    learned, aggregates = learn_events(found.events)
    claims = np.asarray(aggregates.transaction_count) - 1
    years = (found.events.as_of + 1 - found.events.joined) / 365.25
    old = found.events.claimed < found.events.as_of - 200
    known = replace(found.events, customer=found.events.customer[old], claimed=found.events.claimed[old],
                    status=found.events.status[old], burnt=found.events.burnt[old], expires=found.events.expires[old],
                    branch=found.events.branch[old], merchant=found.events.merchant[old])  # fmt: skip
    by_then = Aggregates(known, learned.burn_curve)
    for place, (rate, burn) in enumerate(coupons.WIDE):
        mine = found.group == place
        assert claims[mine].sum() / years[mine].sum() == pytest.approx(rate, rel=0.05)
        assert by_then.coupons_burnt[mine].sum() / by_then.transaction_count[mine].sum() == pytest.approx(
            burn, abs=0.02
        )


def test_small_groups_are_small_and_unequal_ones_large_enough():
    for draw in range(8):
        for make in (points.wide_small, coupons.wide_small):
            sizes = np.bincount(make(generator(draw, 90), 1_000, draw).group)
            assert sizes.min() == 30
        for make in (points.wide_unequal, coupons.wide_unequal):
            assert np.bincount(make(generator(draw, 90), 1_000, draw).group).min() >= 99


def test_behaviour_after_the_cut_is_drawn_anew():
    events = coupons.nothing_lasts(generator(2, 90), 4_000, 0).events
    settled = events.joined < coupons.CUT - 200
    # Claims of settled customers in the 140 days before the cut and in those after it.
    near = np.abs(events.claimed - coupons.CUT - 0.5) < 140
    before, after = (
        np.bincount(events.customer[near & part], minlength=events.customers)[settled]
        for part in (events.claimed <= coupons.CUT, events.claimed > coupons.CUT)
    )
    assert after.mean() == pytest.approx(before.mean(), rel=0.1)
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.06


@pytest.mark.parametrize(
    "family", [one for one in FAMILIES if one.make.__module__ == coupons.__name__], ids=lambda one: one.name
)
def test_coupons_are_possible(family):
    events = family.make(generator(5, 90), 300, 0).events
    assert events.customers == 300
    assert np.array_equal(np.unique(events.customer), np.arange(300))
    assert (np.diff(events.claimed) >= 0).all()
    assert (events.claimed >= events.joined[events.customer]).all()
    assert (events.claimed <= events.as_of).all()
    burnt = events.status == BURNT
    assert np.array_equal(np.isfinite(events.burnt), burnt)
    assert (events.burnt[burnt] >= events.claimed[burnt]).all()
    assert (events.burnt[burnt] <= events.as_of).all()


@pytest.mark.parametrize(
    "family", [one for one in FAMILIES if one.make.__module__ == buyers.__name__], ids=lambda one: one.name
)
def test_orders_are_possible(family):
    events = family.make(generator(5, 90), 300, 0).events
    orders = events.orders
    assert not events.has_coupons
    assert np.array_equal(np.unique(orders.customer), np.arange(300))
    assert (np.diff(orders.day) >= 0).all()
    assert (orders.day >= events.joined[orders.customer]).all()
    assert (orders.day <= events.as_of).all()
    assert orders.sales.min() >= 0.01


def test_buyers_order_as_those_of_cdnow():
    """Mean amount p gamma / (q - 1) (Fader & Hardie note 025); three in five or more order once in two years."""
    orders = buyers.churners(generator(3, 90), 8_000, 0).events.orders
    held = np.bincount(orders.customer)
    spend = np.bincount(orders.customer, weights=orders.sales) / held
    assert spend.mean() == pytest.approx(6.25 * 15.44 / 2.74, rel=0.05)
    assert 0.5 < (held == 1).mean() < 0.75


def test_planted_buyers_order_as_planted():
    found = buyers.wide_equal(generator(1, 90), 3_000, 0)
    orders, years = found.events.orders, (found.events.as_of + 1 - found.events.joined) / 365.25
    held = np.bincount(orders.customer) - 1  # one on the day of joining
    for place, (pace, usual) in enumerate(buyers.WIDE):
        mine = found.group == place
        assert held[mine].sum() / years[mine].sum() == pytest.approx(pace, rel=0.05)
        assert orders.sales[mine[orders.customer]].mean() == pytest.approx(usual, rel=0.05)


def test_buyers_habits_are_drawn_anew_at_the_cut():
    found = buyers.nothing_lasts(generator(2, 90), 4_000, 0)
    orders, settled = found.events.orders, found.events.joined < found.cut - 200
    near = np.abs(orders.day - found.cut - 0.5) < 140
    before, after = (
        np.bincount(orders.customer[near & part], weights=orders.sales[near & part], minlength=len(settled))[settled]
        for part in (orders.day <= found.cut, orders.day > found.cut)
    )
    assert after.mean() == pytest.approx(before.mean(), rel=0.1)
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.06


def test_groups_of_kmeans_are_those_of_scikit_learn():
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    x = points.wide_equal(generator(1, 90), 500, 2).x
    theirs = KMeans(4, n_init=10, random_state=0).fit_predict(x)
    assert adjusted_rand_score(grouped(x, 4, 1), theirs) == 1.0


@pytest.mark.parametrize(("hits", "draws"), [(0, 200), (3, 200), (100, 200), (200, 200), (1, 7)])
def test_intervals_are_those_of_scipy(hits, draws):
    theirs = binomtest(hits, draws).proportion_ci(0.95, method="wilson")
    assert wilson(hits, draws) == pytest.approx((theirs.low, theirs.high), abs=1e-7)


@pytest.mark.parametrize(
    ("claim", "hits", "answer"),
    [
        (Claim("natural", 0.05), 10, True),
        (Claim("natural", 0.05), 11, False),
        (Claim("natural", 0.9, least=True), 180, True),
        (Claim("natural", 0.9, least=True), 179, False),
        (Claim("natural"), 50, None),
    ],
)
def test_a_bound_is_kept_or_not(claim, hits, answer):
    assert met(claim, hits, 200) is answer


def test_counts_and_table_by_hand():
    family = replace(named("wide-points-small"), claims=(Claim("natural", 0.9, least=True), Claim("above", 0.02)))
    drawn = [
        {"family": family.name, "customers": 1_000, "natural": place < 17, "above": place == 3} for place in range(20)
    ]
    drawn.append({"family": "another", "customers": 1_000, "natural": True, "above": True})
    rows = counted(family, drawn)
    assert [(row["hits"], row["draws"], row["met"]) for row in rows] == [(17, 20, False), (1, 20, False)]
    lines = table([family], rows).splitlines()
    assert lines[2].startswith(f"| {family.label} | 1,000 | called natural | 17 of 20 | 85.0 % (64.0 % to 94.8 %) |")
    assert lines[2].endswith("| at least 90 % | **no** |")
    assert lines[3].startswith("| Any planted groups | 1,000 | more groups than there are | 1 of 20 |")


def test_a_run_goes_on_where_it_was_interrupted(tmp_path, monkeypatch, capsys):
    store = tmp_path / "store" / "draws.jsonl"
    family = replace(named("cube"), make=lambda rng, n, draw: Points(rng.random((50, 2))), draws=((50, 4),))
    monkeypatch.setattr(calibrate, "named", lambda name: family)
    prints = {"cube": "now"}
    tasks = calibrate.tasks_of([family], None)
    calibrate.run(tasks[:2], store, prints, 1)
    with store.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"family": "cube", "customers": 50, "draw": 3, "code": "before"}) + '\n{"family": "cu')
    there = calibrate.finished(store, prints)
    assert sorted(there) == [("cube", 50, 0), ("cube", 50, 1)]
    calibrate.run([task for task in tasks if task not in there], store, prints, 1)
    assert sorted(calibrate.finished(store, prints)) == sorted(tasks)
    assert "2 of 2 draws" in capsys.readouterr().err


def test_fewer_draws_are_the_first_ones_of_all_sizes():
    family = replace(named("cube"), draws=((1_000, 200), (2_000, 40)))
    full, few = calibrate.tasks_of([family], None), calibrate.tasks_of([family], 10)
    assert len(full) == 240
    assert set(few) == {("cube", 1_000, draw) for draw in range(10)} | {("cube", 2_000, draw) for draw in range(2)}


def test_comments_and_docstrings_are_not_code():
    one = ast.parse('def f(x):\n    """Words."""\n    return x + 1  # why')
    same = ast.parse("def f(x):\n    return x + 1")
    other = ast.parse("def f(x):\n    return x + 2")
    plain, again, different = (ast.dump(_plain(tree.body[0])) for tree in (one, same, other))
    assert plain == again != different


def test_the_code_of_a_family_is_that_of_its_question(monkeypatch):
    before = fingerprints(FAMILIES)
    assert len(set(before.values())) > 3
    monkeypatch.setattr("families.code.ROOTS", dict.fromkeys(("structure", "foresight", "reliability"), ()))
    after = fingerprints(FAMILIES)
    assert all(before[name] != after[name] for name in before)
    # Without what is asked only the making is left, and the same makers are told apart no more.
    assert after["continuum"] == after["continuum-lasts"]
    assert before["continuum"] != before["continuum-lasts"]


def test_the_table_on_the_page_is_that_of_the_counts():
    rows = json.loads(calibrate.COUNTS.read_text(encoding="utf-8"))["rows"]
    page = calibrate.PAGE.read_text(encoding="utf-8")
    assert page.partition(calibrate.BEGIN)[2].partition(calibrate.END)[0] == calibrate.measured(rows)
    assert {row["family"] for row in rows} == {family.name for family in FAMILIES}
    for row in rows:
        claim = Claim(row["measure"], row["bound"], row["least"])
        assert claim in named(row["family"]).claims
        assert row["met"] is met(claim, row["hits"], row["draws"])
