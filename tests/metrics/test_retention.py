"""Retention by hand, and exactly that of pandas on the sample shop and on real orders."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.engines import open_engine
from coterie.features import orders_of
from coterie.metrics.retention import retention
from coterie.tables.contract import MONEY
from coterie.tables.sample.shop import make_shop

LINES = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("ordered_on", pa.date32()),
        ("kind", pa.string()),
        ("money", pa.int64()),
    ]
)
PANDAS = {"week": "W-SUN", "month": "M", "quarter": "Q"}


@pytest.fixture(scope="module")
def engine():
    return open_engine()


def day(text):
    return dt.date.fromisoformat(text)


def loaded(engine, **columns):
    table = pa.table(columns)
    return engine.load(table.to_batches(), table.schema)


def orders_in(engine, rows):
    """Orders of (customer, day), each an order of its own."""
    customers, days = zip(*rows, strict=True) if rows else ((), ())
    return loaded(engine, customer_id=pa.array(customers, pa.int64()), ordered_on=pa.array(days, pa.date32()))


def found_of(engine, rows, *, as_of, period="month", first_day=None, **more):
    rows = [(customer, day(text)) for customer, text in rows]
    first_day = day(first_day) if first_day else min((when for _, when in rows), default=day(as_of))
    orders = orders_in(engine, rows)
    return retention(engine, orders, first_day=first_day, as_of=day(as_of), period=period, **more)


def said(found):
    return [(str(one.cohort), one.size, one.rates, one.older) for one in found.cohorts]


# ---------------------------------------------------------------- by hand


def test_one_customer_with_one_order(engine):
    found = found_of(engine, [(1, "2024-02-10")], as_of="2024-02-10")[None]
    assert said(found) == [("2024-02-01", 1, (1.0,), True)]
    assert found.average == (None,)


def test_no_order_at_all(engine):
    segments = loaded(engine, customer_id=pa.array([1, 2]), segment=pa.array([2, 0]))
    found = found_of(engine, [], as_of="2024-02-10", assigned=segments)
    assert list(found) == [None, 0, 2]
    assert {(one.period, one.cohorts, one.average) for one in found.values()} == {("month", (), ())}


def test_same_day_orders_are_one_active_period(engine):
    found = found_of(engine, [(1, "2024-01-05"), (1, "2024-01-05"), (1, "2024-02-01")], as_of="2024-02-29")[None]
    assert said(found) == [("2024-01-01", 1, (1.0, 1.0), True)]


def test_a_month_without_orders_is_zero_and_the_running_one_is_blank(engine):
    rows = [(1, "2024-01-15"), (2, "2024-02-15"), (3, "2024-02-20"), (2, "2024-04-02"), (3, "2024-05-01")]
    found = found_of(engine, rows, as_of="2024-05-30")[None]
    assert said(found) == [
        ("2024-01-01", 1, (1.0, 0.0, 0.0, 0.0, None), True),
        ("2024-02-01", 2, (1.0, 0.0, 0.5, None), False),
    ]
    # The cohort that may hold older customers does not count; the columns reach as far as the longest row.
    assert found.average == (1.0, 0.0, 0.5, None, None)


def test_the_last_day_of_the_period_completes_it(engine):
    rows = [(1, "2024-01-31"), (2, "2024-02-01"), (2, "2024-03-31")]
    assert found_of(engine, rows, as_of="2024-03-30")[None].cohorts[1].rates == (1.0, None)
    assert found_of(engine, rows, as_of="2024-03-31")[None].cohorts[1].rates == (1.0, 1.0)
    assert found_of(engine, rows, as_of="2024-04-01")[None].cohorts[1].rates == (1.0, 1.0, None)


def test_orders_after_as_of_are_not_known(engine):
    rows = [(1, "2024-01-31"), (1, "2024-04-01"), (2, "2024-04-01")]
    assert said(found_of(engine, rows, as_of="2024-03-31")[None]) == [("2024-01-01", 1, (1.0, 0.0, 0.0), True)]


def test_a_running_cohort_is_kept_and_left_out_of_the_averages(engine):
    rows = [(1, "2024-01-31"), (2, "2024-02-01"), (3, "2024-03-01"), (2, "2024-03-05")]
    found = found_of(engine, rows, as_of="2024-03-15")[None]
    assert said(found)[1:] == [("2024-02-01", 1, (1.0, None), False), ("2024-03-01", 1, (1.0,), False)]
    assert found.average == (1.0, None, None)


def test_averages_weigh_cohorts_by_their_size(engine):
    rows = [(0, "2023-12-01"), *((c, "2024-01-10") for c in (1, 2, 3)), (4, "2024-02-10"), (1, "2024-02-11")]
    rows += [(1, "2024-03-01"), (4, "2024-03-31")]
    found = found_of(engine, rows, as_of="2024-03-31")[None]
    assert [one.rates for one in found.cohorts[1:]] == [(1.0, 1 / 3, 1 / 3), (1.0, 1.0)]
    # (1 + 1) of (3 + 1) a month later, not the mean of a third and one.
    assert found.average == (1.0, 2 / 4, 1 / 3, None)


def test_an_order_at_midnight_belongs_to_the_day_that_begins(engine):
    """Times of day were cut off in reading: 2024-02-01 00:00:00 is 1 February, 2024-01-31 23:59:59 is 31 January."""
    moments = pa.array(["2024-01-31T23:59:59", "2024-02-01T00:00:00"]).cast(pa.timestamp("us"))
    raw = loaded(engine, customer_id=pa.array([1, 2]), moment=moments)
    orders = raw.select("customer_id", ordered_on=raw.moment.date())
    for period, cohorts in (("month", ["2024-01-01", "2024-02-01"]), ("week", ["2024-01-29"])):
        found = retention(engine, orders, first_day=day("2024-01-31"), as_of=day("2024-03-31"), period=period)
        assert [str(one.cohort) for one in found[None].cohorts] == cohorts


@pytest.mark.parametrize(
    ("period", "cohort", "active"),
    [("month", "2024-12-01", (1, 2)), ("quarter", "2024-10-01", (1,)), ("week", "2024-12-23", (1, 6))],
)
def test_periods_run_on_over_the_year(engine, period, cohort, active):
    rows = [(1, "2024-12-29"), (1, "2024-12-31"), (1, "2025-01-01"), (1, "2025-02-03")]
    found = found_of(engine, rows, as_of="2025-03-31", period=period)[None].cohorts[0]
    assert str(found.cohort) == cohort
    # 31 December and 1 January 2025 are in one week, the one after that of 29 December.
    assert tuple(t for t, rate in enumerate(found.rates) if t and rate) == active


# ---------------------------------------------------------------- older customers


@pytest.mark.parametrize(
    ("join_dates", "older"),
    [
        (["2024-01-10", "2024-01-01"], False),
        (["2024-01-10", "2023-12-31"], True),
        (["2024-01-10", None], True),
    ],
)
def test_join_dates_show_whether_the_first_cohort_is_new(engine, join_dates, older):
    dates = pa.array([None if text is None else day(text) for text in join_dates], pa.date32())
    joined = loaded(engine, customer_id=pa.array([1, 2]), join_date=dates)
    found = found_of(engine, [(1, "2024-01-10"), (2, "2024-01-20")], as_of="2024-01-31", joined=joined)[None]
    assert said(found) == [("2024-01-01", 2, (1.0,), older)]
    assert found.average == ((None,) if older else (1.0,))


def test_a_customer_who_is_not_in_the_customers_table_shows_nothing(engine):
    joined = loaded(engine, customer_id=pa.array([1]), join_date=pa.array([day("2024-01-10")]))
    found = found_of(engine, [(1, "2024-01-10"), (2, "2024-01-20")], as_of="2024-01-31", joined=joined)[None]
    assert found.cohorts[0].older


def test_join_dates_do_not_make_later_cohorts_older(engine):
    joined = loaded(engine, customer_id=pa.array([1, 2]), join_date=pa.array([day("2020-05-01")] * 2))
    found = found_of(engine, [(1, "2024-01-10"), (2, "2024-02-20")], as_of="2024-02-29", joined=joined)[None]
    assert [one.older for one in found.cohorts] == [True, False]


@pytest.mark.parametrize(
    ("first_day", "older"),
    [
        ("2023-06-01", [True, False, False]),  # coupons since June say nothing about when orders began to be kept
        ("2024-01-10", [True, False, False]),
        ("2024-02-15", [True, True, False]),
    ],
)
def test_cohorts_to_the_first_day_are_older(engine, first_day, older):
    rows = [(1, "2024-01-10"), (2, "2024-02-20"), (3, "2024-03-01")]
    found = found_of(engine, rows, as_of="2024-03-31", first_day=first_day)[None]
    assert [one.older for one in found.cohorts] == older


def test_the_first_cohort_of_a_later_segment_is_not_older(engine):
    rows = [(1, "2024-01-10"), (2, "2024-02-20"), (2, "2024-03-01")]
    segments = loaded(engine, customer_id=pa.array([1, 2]), segment=pa.array([1, 2]))
    found = found_of(engine, rows, as_of="2024-03-31", assigned=segments)
    assert said(found[2]) == [("2024-02-01", 1, (1.0, 1.0), False)]
    assert found[2].average == (1.0, 1.0)
    assert found[1].average == (None, None, None)


# ---------------------------------------------------------------- by pandas


def by_pandas(orders, as_of, period, begin, join_date):
    """Cohorts as said(), and the averages, from one row per order: customer_id, day."""
    as_of, freq = pd.Timestamp(as_of), PANDAS[period]
    if orders.empty:
        return [], ()
    frame = orders.assign(period=orders.day.dt.to_period(freq))
    frame["cohort"] = frame.groupby("customer_id").period.transform("min")
    periods = pd.period_range(frame.cohort.min(), as_of, freq=freq)
    ended = [one.end_time.normalize() <= as_of for one in periods]
    place = {one: at for at, one in enumerate(periods)}
    table = frame.groupby(["cohort", "period"]).customer_id.nunique()
    active = {(place[cohort], place[at]): number for (cohort, at), number in table.items()}
    cohorts, counted = [], {}
    for cohort, own in frame.groupby("cohort"):
        at, size = place[cohort], own.customer_id.nunique()
        older = cohort == begin and not (join_date.reindex(own.customer_id) >= cohort.start_time).all()
        rates = []
        for t in range(len(periods) - at):
            number = active.get((at, at + t), 0)
            rates.append(number / size if ended[at + t] or t == 0 else None)
            if ended[at + t] and not older:
                counted.setdefault(t, []).append((number, size))
        cohorts.append((str(cohort.start_time.date()), size, tuple(rates), older))
    sums = {t: (sum(n for n, _ in pairs), sum(size for _, size in pairs)) for t, pairs in counted.items()}
    longest = max(len(rates) for _, _, rates, _ in cohorts)
    return cohorts, tuple(sums[t][0] / sums[t][1] if t in sums else None for t in range(longest))


def agree(engine, lines, orders, as_of, period, join_date=None):
    """All customers and made-up segments: 0 to 2 by customer number, every seventh customer in none, 9 without order.

    `lines` are for the engine, `orders` (customer_id, day) were made of the same by pandas.
    """
    customers = sorted(orders.customer_id.unique())
    segment_of = {customer: customer % 3 for customer in customers if customer % 7} | {-5: 9}
    assigned = loaded(engine, customer_id=pa.array(list(segment_of)), segment=pa.array(list(segment_of.values())))
    joined = None
    if join_date is not None:
        joined = loaded(engine, customer_id=pa.array(join_date.index), join_date=pa.array(join_date.dt.date))
    first_day, as_of = orders.day.min().date(), pd.Timestamp(as_of).date()
    everyone = orders_of(lines)
    more = {"first_day": first_day, "as_of": as_of, "period": period, "joined": joined}
    found = retention(engine, everyone, assigned=assigned, **more)
    assert list(found) == [None, 0, 1, 2, 9]
    begin = orders.day.dt.to_period(PANDAS[period]).min()
    join_date = pd.Series(dtype="datetime64[ns]") if join_date is None else join_date
    for key, one in found.items():
        own = orders if key is None else orders[orders.customer_id.map(segment_of) == key]
        assert (said(one), one.average) == by_pandas(own, as_of, period, begin, join_date), key
        assert one.period == period
    assert found[None] == retention(engine, everyone, **more)[None]
    return found


@pytest.fixture(scope="module")
def shop(engine):
    tables = make_shop(customers=600, seed=4, orders=True).tables
    rows = tables["orders"]
    kind = pa.array(["sale"] * len(rows))
    money = pa.array([round(amount * MONEY) for amount in rows["amount"].to_pylist()])
    columns = [rows["customer_id"].cast("int64"), rows["order_id"].cast("string"), rows["order_date"], kind, money]
    lines = loaded(engine, **dict(zip(LINES.names, columns, strict=True)))
    orders = rows.select(["customer_id", "order_date"]).to_pandas()
    orders["day"] = pd.to_datetime(orders.order_date)
    people = tables["customers"].to_pandas().set_index("customer_id")
    return lines, orders, pd.to_datetime(people.join_date)


@pytest.mark.parametrize(
    ("period", "as_of"),
    [("week", "2024-11-14"), ("month", "2024-11-14"), ("month", "2024-12-31"), ("quarter", "2024-12-31")],
)
def test_the_sample_shop_agrees_with_pandas(engine, shop, period, as_of):
    lines, orders, join_date = shop
    known = orders[orders.day <= as_of]
    lines = lines.filter(lines.ordered_on <= day(as_of))
    found = agree(engine, lines, known, as_of, period)
    assert found[None].cohorts[0].older
    # Everybody joined since the first month began; a few in the week before that of the first order.
    found = agree(engine, lines, known, as_of, period, join_date)
    assert found[None].cohorts[0].older == (period == "week")


@pytest.fixture(scope="module")
def cdnow(engine, reference_data):
    frame = pd.read_csv(reference_data / "cdnow" / "orders.csv")
    frame["day"] = pd.to_datetime(frame.order_date)
    columns = [frame.customer_id, frame.order_id.astype(str), frame.day.dt.date, ["sale"] * len(frame)]
    columns.append((frame.amount * MONEY).round().astype("int64"))
    return loaded(engine, **{name: pa.array(c) for name, c in zip(LINES.names, columns, strict=True)}), frame


@pytest.mark.parametrize("period", PANDAS)
def test_cdnow_agrees_with_pandas(engine, cdnow, period):
    lines, orders = cdnow
    found = agree(engine, lines, orders, "1998-06-30", period)
    assert sum(one.size for one in found[None].cohorts) == 2_357
    if period == "month":  # the sample was drawn from those who first bought in the first quarter of 1997
        assert [str(one.cohort) for one in found[None].cohorts] == ["1997-01-01", "1997-02-01", "1997-03-01"]


@pytest.fixture(scope="module")
def online_retail(engine, reference_data):
    rows = pq.read_table(Path(reference_data) / "online-retail" / "lines.parquet")
    frame = rows.select(["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]).to_pandas()
    frame = frame[frame["Customer ID"].notna()]
    frame["day"] = frame.InvoiceDate.dt.normalize()
    frame["customer_id"] = frame["Customer ID"].astype("int64")
    returned = frame.Invoice.str.startswith("C") | (frame.Quantity < 0)
    frame["kind"] = "sale"
    frame.loc[frame.Price == 0, "kind"] = "free"
    frame.loc[returned, "kind"] = "return"
    columns = [frame.customer_id, frame.Invoice, frame.day.dt.date, frame.kind]
    columns.append((frame.Quantity * frame.Price * MONEY).round().astype("int64"))
    lines = loaded(engine, **{name: pa.array(c) for name, c in zip(LINES.names, columns, strict=True)})
    return lines, frame[frame.kind == "sale"].groupby(["customer_id", "Invoice"], as_index=False).day.min()


@pytest.mark.parametrize("period", PANDAS)
def test_online_retail_agrees_with_pandas(engine, online_retail, period):
    lines, orders = online_retail
    assert (len(orders), orders.customer_id.nunique()) == (18_532, 4_338)
    found = agree(engine, lines, orders, "2011-12-09", period)
    assert found[None].cohorts[-1].rates == (1.0,)
