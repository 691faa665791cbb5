"""Features on their own: those that describing keeps with others."""

from __future__ import annotations

from dataclasses import replace

import pytest

import coterie as ct
from coterie.errors import DataError
from coterie.features import FEATURES, available, describe, expressed


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("expressed") / "shop", customers=150, seed=6, orders=True))


def test_every_feature_is_that_of_describing(tables):
    told = describe(tables, features=("rfm_recency", "transaction_count"), include_inactive=True).learned
    untold = {"expected_value", "expected_orders", "probability_alive"} if told.lifetime.bg_nbd is None else set()
    names = [name for name in available(tables) if name not in untold]
    assert len(names) > 0.8 * len(FEATURES)
    whole = describe(tables, features=names, learned=told, expected=False).table
    for some in (names, ["recency"], ["favourite_branch", "aov"]):
        columns = ("customer_id", "active", *some)
        alone = expressed(tables, some, told)
        assert alone.columns == columns
        one, other = (tables.engine.collect(t.select(*columns).order_by("customer_id")) for t in (alone, whole))
        assert one.to_pydict() == other.to_pydict()


def test_what_the_model_does_not_tell_is_refused(tables):
    learned = describe(tables, features=("recency",)).learned
    untold = replace(learned, lifetime=replace(learned.lifetime, bg_nbd=None, reason="Too few."))
    assert expressed(tables, ["recency"], untold).columns == ("customer_id", "active", "recency")
    with pytest.raises(DataError, match="Too few"):
        expressed(tables, ["expected_orders"], untold)
