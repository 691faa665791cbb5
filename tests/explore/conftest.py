"""Sample shops opened, and beside each the same rows as frames, read straight from the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import coterie as ct
from coterie.explore import Filters, Shop, open_shop
from coterie.metrics import Metrics
from coterie.segmentation import assign

PLACED = ("segment", "city", "gender")


@dataclass(frozen=True)
class Opened:
    """A shop, the numbers of its run, and what a second route knows: frames without any engine.

    Attributes:
        shop: As opened.
        metrics: Of the run.
        people: customer_id, segment, margin, city, gender, join_date of every known customer.
        coupons, lines: Events with segment, city and gender of their customer; None without.
    """

    shop: Shop
    metrics: Metrics
    people: pd.DataFrame
    coupons: pd.DataFrame | None
    lines: pd.DataFrame | None

    def events(self, filters: Filters) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """Coupons and order lines that the filters let through; coupons know no category."""
        coupons = None if self.coupons is None or filters.categories else _through(self.coupons, filters, "claimed_on")
        if self.lines is None and filters.categories:
            coupons = self.coupons.head(0)
        return coupons, None if self.lines is None else _through(self.lines, filters, "ordered_on")

    def customers(self, filters: Filters) -> pd.DataFrame:
        """Customers that the filters let through."""
        found = _through(self.people, Filters(filters.segments, filters.cities, filters.genders), None)
        if not filters.of_events:
            return found
        ids = {one for rows in self.events(filters) if rows is not None for one in rows.customer_id}
        return found[found.customer_id.isin(ids)]


def _through(rows: pd.DataFrame, filters: Filters, day: str | None) -> pd.DataFrame:
    asked = {"segment": filters.segments, "city": filters.cities, "gender": filters.genders}
    asked |= {"branch_id": filters.branches, "merchant_id": filters.merchants, "category": filters.categories}
    fits = pd.Series(True, index=rows.index)
    for column, values in asked.items():
        if values and column in rows.columns:
            fits &= rows[column].fillna("").isin(values)
    if day is not None and filters.since is not None:
        fits &= rows[day] >= filters.since
    if day is not None and filters.until is not None:
        fits &= rows[day] <= filters.until
    return rows[fits]


@pytest.fixture(scope="session")
def make_opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    """Opens a sample shop, after its frames were changed; coupons, orders or both."""
    made: list[Opened] = []

    def make(
        *, coupons: bool = True, orders: bool = True, seed: int = 7, change: Callable[[dict[str, Any]], object] = len
    ) -> Opened:
        frames = sample(tmp_path_factory.mktemp("explore") / "shop", seed=seed)
        for name, wanted in (("transactions", coupons), ("orders", orders)):
            if not wanted:
                del frames[name]
        change(frames)
        run = ct.segment(frames, k=3, evidence=False)
        tables = ct.read(frames)
        assigned = tables.engine.keep(assign(run._segmented.result.model, tables))
        places = tables.engine.collect(assigned).to_pandas()
        # Judging tables is tested elsewhere; here the engine's rows are taken as given, and counted another way.
        own = {"people": tables.customers, "coupons": tables.coupons, "lines": tables.lines}
        rows = {
            name: None if table is None else tables.engine.collect(table).to_pandas() for name, table in own.items()
        }
        people = places.merge(rows["people"], on="customer_id", how="left")
        events = {
            name: _text(rows[name].merge(people[["customer_id", *PLACED]], on="customer_id"))
            for name, wanted in (("coupons", coupons), ("lines", orders))
            if wanted
        }
        shop = open_shop(tables, assigned)
        made.append(Opened(shop, run.metrics, people, events.get("coupons"), events.get("lines")))
        return made[-1]

    yield make
    for one in made:
        one.shop.close()


def _text(rows: pd.DataFrame) -> pd.DataFrame:
    for name in ("branch_id", "merchant_id"):
        rows[name] = [None if pd.isna(one) else str(int(one)) for one in rows[name]]
    return rows


def sample(folder: Path, *, seed: int, customers: int = 400) -> dict[str, Any]:
    ct.sample(folder, customers=customers, seed=seed, orders=True, file_format="parquet")
    return {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}


def returns_and_gaps(frames: dict[str, Any]) -> None:
    """Some lines come back, some are free, some cells are empty, and one customer is known from each table alone."""
    if "orders" in frames:
        orders = frames["orders"]
        # Two lines each, some of them on different days.
        number = orders.groupby("customer_id").cumcount() // 2
        orders["order_id"] = orders.customer_id.astype(str) + "-" + number.astype(str)
        orders.loc[orders.index[::17], "amount"] *= -1
        orders.loc[orders.index[5::29], "amount"] = 0
        orders.loc[orders.index[::11], "category"] = None
        orders.loc[orders.index[3], "customer_id"] = 999_998
    if "transactions" in frames:
        frames["transactions"].loc[7, "customer_id"] = 999_999
    frames["customers"].loc[frames["customers"].index[::13], "city_id"] = None


@pytest.fixture(scope="session")
def both(make_opened: Callable[..., Opened]) -> Opened:
    return make_opened(change=returns_and_gaps)


@pytest.fixture(scope="session")
def of_coupons(make_opened: Callable[..., Opened]) -> Opened:
    return make_opened(orders=False, seed=8)


@pytest.fixture(scope="session")
def of_orders(make_opened: Callable[..., Opened]) -> Opened:
    return make_opened(coupons=False, seed=9, change=returns_and_gaps)


@pytest.fixture(scope="session", params=["both", "of_coupons", "of_orders"])
def opened(request: pytest.FixtureRequest) -> Opened:
    found: Opened = request.getfixturevalue(request.param)
    return found
