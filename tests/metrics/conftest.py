"""What the tests of sales and months share: small shops built by hand, the sample shop and online-retail as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import Engine, open_engine
from coterie.tables.contract import MONEY, Quality, Tables
from coterie.tables.sample import make_shop

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAY, TEXT, WHOLE = pa.date32(), pa.string(), pa.int64()
LINES = {
    "customer_id": WHOLE, "order_id": TEXT, "ordered_on": DAY, "kind": TEXT, "money": WHOLE, "quantity": pa.float64(),
    "category": TEXT, "product": TEXT, "product_name": TEXT, "branch_id": WHOLE, "merchant_id": WHOLE,
}  # fmt: skip
COUPONS = {
    "transaction_id": WHOLE, "customer_id": WHOLE, "claimed_on": DAY, "status": TEXT, "burnt_on": DAY,
    "expires_on": DAY, "coupon_name": TEXT, "branch_id": WHOLE, "merchant_id": WHOLE,
}  # fmt: skip
CUSTOMERS = {"customer_id": WHOLE, "join_date": DAY, "city": TEXT, "gender": TEXT}


class Shops:
    """Builds tables in one engine from frames; columns not given are empty."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(
        self,
        *,
        first_day: str,
        as_of: str,
        lines: pd.DataFrame | None = None,
        coupons: pd.DataFrame | None = None,
        customers: pd.DataFrame | None = None,
        **more: Any,
    ) -> Tables:
        columns = ({"orders"} if lines is not None else set()) | ({"transactions"} if coupons is not None else set())
        return Tables(
            engine=self.engine,
            customers=self.load(customers, CUSTOMERS),
            coupons=self.load(coupons, COUPONS),
            lines=None if lines is None else self.load(lines, LINES),
            names=more.pop("names", {"branch": {}, "merchant": {}}),
            rejects={},
            attributes=(),
            columns=frozenset(columns),
            quality=Quality({}, ()),
            first_day=dt.date.fromisoformat(first_day),
            as_of=dt.date.fromisoformat(as_of),
            label="shop",
            fingerprint={},
            **more,
        )

    def load(self, frame: pd.DataFrame | None, columns: Mapping[str, pa.DataType]) -> ir.Table:
        """The frame as a table of the engine with these columns."""
        size = 0 if frame is None else len(frame)
        arrays = [
            pa.nulls(size, kind)
            if frame is None or name not in frame
            else pa.array(frame[name], from_pandas=True).cast(kind)
            for name, kind in columns.items()
        ]
        table = pa.table(arrays, schema=pa.schema(list(columns.items())))
        return self.engine.load(table.to_batches(), table.schema)

    def orders(self, rows: Sequence[tuple[Any, ...]], **more: Any) -> pd.DataFrame:
        """Lines from (customer, order, day, amount); what comes back has a negative amount, what is free none."""
        customer, order, day, amount = zip(*rows, strict=True)
        return lines_of(pd.Series(customer), pd.Series(order), pd.Series(day), pd.Series(amount, dtype=float), **more)

    def coupons(self, rows: Sequence[tuple[int, str, str | None]]) -> pd.DataFrame:
        """Coupons from (customer, day of the claim, day of the burn or None)."""
        frame = pd.DataFrame(rows, columns=["customer_id", "claimed_on", "burnt_on"])
        frame["claimed_on"] = pd.to_datetime(frame.claimed_on).dt.date
        frame["burnt_on"] = pd.to_datetime(frame.burnt_on).dt.date
        frame["status"] = np.where(frame.burnt_on.notna(), "burnt", "claimed")
        return frame

    def assigned(self, segments: Mapping[int, int]) -> ir.Table:
        """The segment of each customer."""
        frame = pd.DataFrame({"customer_id": list(segments), "segment": list(segments.values())})
        return self.load(frame, {"customer_id": WHOLE, "segment": WHOLE})


def lines_of(customer: pd.Series, order: pd.Series, day: pd.Series, amount: pd.Series, **more: Any) -> pd.DataFrame:
    """Lines of the contract, their kind by the sign of the amount."""
    money = (amount * MONEY).round().astype("int64")
    return pd.DataFrame(
        {
            "customer_id": customer,
            "order_id": order.astype(str),
            "ordered_on": pd.to_datetime(day).dt.normalize(),
            "kind": np.select([money > 0, money < 0], ["sale", "return"], "free"),
            "money": money,
            **more,
        }
    )


@pytest.fixture(scope="session")
def shops() -> Iterator[Shops]:
    """Builds small shops, all in one engine."""
    engine = open_engine()
    yield Shops(engine)
    engine.close()


class Both:
    """A shop as tables of the engine and as frames, with the segments its customers are in."""

    def __init__(self, shops: Shops, tables: Tables, frames: Mapping[str, pd.DataFrame], segments: pd.Series) -> None:
        self.tables, self.lines, self.coupons = tables, frames["lines"], frames.get("coupons", pd.DataFrame())
        self.customers = frames.get("customers", pd.DataFrame())
        self.segments = segments
        self.assigned = shops.assigned(segments.to_dict())
        self.numbers = sorted(segments.unique().tolist())

    def groups(self) -> Iterator[tuple[int | None, set[int]]]:
        """The customers of each segment, all of them first."""
        yield None, set(self.segments.index)
        for number in self.numbers:
            yield number, set(self.segments.index[self.segments == number])


@pytest.fixture(scope="session")
def sample_shop(shops: Shops) -> Both:
    """The sample shop with orders; a few lines made returns, free items and of unknown category, for variety."""
    made = make_shop(customers=400, seed=3, orders=True).tables
    orders, coupons = made["orders"].to_pandas(), made["transactions"].to_pandas()
    customers = made["customers"].to_pandas().merge(made["cities"].to_pandas(), on="city_id")
    amount = orders.amount.where(orders.index % 23 != 0, -orders.amount / 4).where(orders.index % 31 != 0, 0.0)
    order = orders.order_id - orders.order_id % 3  # several lines to some orders
    category = orders.product_category.where(orders.index % 17 != 0, None)
    lines = lines_of(
        orders.customer_id, order, orders.order_date, amount, category=category, branch_id=orders.branch_id
    )
    coupons = coupons.rename(
        columns={"transaction_date": "claimed_on", "burn_date": "burnt_on", "transaction_status": "status"}
    )
    customers = customers.rename(columns={"city_name": "city"})
    frames = {"lines": lines, "coupons": coupons, "customers": customers}
    days = [*lines.ordered_on.dt.date, *coupons.claimed_on, *coupons.burnt_on.dropna()]
    tables = shops(**frames, first_day=str(min(days)), as_of=str(max(days)))
    active = set(lines.customer_id) | set(coupons.customer_id)
    segments = {one: 1 + one % 3 if one in active else 0 for one in customers.customer_id}
    return Both(shops, tables, frames, pd.Series({one: -1 if one % 50 == 0 else at for one, at in segments.items()}))


@pytest.fixture(scope="session")
def online_retail(shops: Shops, reference_data: Path) -> Both:
    """UCI Online Retail, cleaned by hand: customer present; cancelled or negative lines are returns, free ones free."""
    raw = pd.read_parquet(reference_data / "online-retail" / "lines.parquet").dropna(subset="Customer ID")
    amount = raw.Quantity * raw.Price
    returned = raw.Invoice.str.startswith("C") | (raw.Quantity < 0)
    lines = lines_of(raw["Customer ID"].astype("int64"), raw.Invoice, raw.InvoiceDate, amount)
    lines["kind"] = np.select([returned, raw.Price <= 0], ["return", "free"], "sale")
    ids = lines.customer_id.unique()
    segments = pd.Series(np.asarray(ids) % 4, index=ids)
    tables = shops(lines=lines, first_day="2010-12-01", as_of="2011-12-09", currency="GBP")
    return Both(shops, tables, {"lines": lines}, segments)
