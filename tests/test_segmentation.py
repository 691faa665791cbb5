"""The steps as a pipeline that can be read, replaced and extended."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

import coterie as ct
from coterie.segmentation import STEPS, Work, segment
from coterie.segmentation.steps import describe_customers, profile_segments, scale_features
from coterie.settings import Settings


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("steps") / "shop", customers=150, seed=2, file_format="parquet"))


def test_steps_fill_in_their_part_and_leave_the_work_before_as_it_was(tables):
    work = Work(tables, Settings())
    described = describe_customers(work)
    scaled = scale_features(described)
    assert (work.described, described.scaling) == (None, None)
    assert scaled.described == described.described
    assert [axis.feature for axis in scaled.scaling.coordinates] == list(described.described.clustered)


def test_a_further_step_takes_its_place(tables):
    def shout(work):
        """Say it louder."""
        louder = tuple(replace(entry, name=entry.name.upper()) for entry in work.profiles.segments)
        return replace(work, profiles=replace(work.profiles, segments=louder))

    stages = []
    place = STEPS.index(profile_segments) + 1
    found = segment(tables, Settings(k=3), steps=(*STEPS[:place], shout, *STEPS[place:]), progress=stages.append)
    assert "Say it louder" in stages
    assert all(name.isupper() for name in found.result.model.names.values())


def test_a_step_before_its_time_is_told(tables):
    with pytest.raises(ValueError, match="no step before it has made"):
        profile_segments(Work(tables, Settings()))


def test_segments_are_numbered_by_activity(tables):
    model = segment(tables, Settings(k=4)).result.model
    activity = [axis.activity for axis in model.coordinates]
    reach = [sum(a * value for a, value in zip(activity, centre, strict=True)) for centre in model.centroids]
    assert reach == sorted(reach, reverse=True)


def test_model_without_its_columns_is_refused_in_one_sentence(tables):
    run = ct.segment(tables, features=["age", "transaction_count"], k=3)
    rows = tables.engine.collect(tables.coupons.select("customer_id", "claimed_on", "status"))
    frame = rows.rename_columns(["customer_id", "transaction_date", "transaction_status"])
    with pytest.raises(ct.DataError, match="The model needs age, which cannot be computed from this data"):
        run.assign({"transactions": frame})


def test_who_joined_after_the_last_claim_is_listed_by_segment_and_assign_alike():
    """Customer 40 joined in March, a month after the last coupon; a day that is set leaves them out of both."""
    start = dt.date(2025, 1, 1)
    shop = {
        "customers": pa.table({"id": range(41), "join_date": [start] * 40 + [dt.date(2025, 3, 1)]}),
        "transactions": pa.table(
            {
                "customer": [number % 40 for number in range(160)],
                "date": [start + dt.timedelta(days=number % 31) for number in range(160)],
                "status": ["burnt" if number % 40 > number // 4 else "claimed" for number in range(160)],
            }
        ),
    }
    run = ct.segment(shop, k=2, evidence=False)
    assert run.to_arrow()["segment"].to_pylist()[40] == 0
    assert run.assign(shop).equals(run.to_arrow())
    earlier = ct.segment(shop, k=2, evidence=False, as_of=dt.date(2025, 1, 30))
    assert earlier.to_arrow()["customer_id"].to_pylist() == list(range(40))
    assert earlier.assign(shop).equals(earlier.to_arrow())
    assert run.assign(shop, as_of=dt.date(2025, 1, 31)).num_rows == 40
