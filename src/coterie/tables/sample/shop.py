"""A generated shop with known groups: the six tables of the contract, whole in memory or streamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.columns import chosen, dates, numbers, words
from coterie.tables.sample.coupons import coupon_weeks
from coterie.tables.sample.groups import NEVER_ACTIVE
from coterie.tables.sample.orders import orders_by_week
from coterie.tables.sample.plan import Plan, plan_shop
from coterie.tables.sample.words import CITIES, GENDERS, OFFERS, TIERS, merchant_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from coterie.tables.sample.coupons import Week
    from coterie.tables.sample.groups import Design, Group, Separation
    from coterie.tables.sample.people import Ints, People, Places


@dataclass(frozen=True)
class Shop:
    """A generated shop.

    Attributes:
        tables: Table name -> Arrow table with the canonical columns.
        truth: Arrow table of customer_id and group, one row per customer.
        design: The model that made it, with all its parameters and planted effects.
        separation, seed: What it was made with.
    """

    tables: Mapping[str, pa.Table]
    truth: pa.Table
    design: Design
    separation: Separation
    seed: int

    @property
    def groups(self) -> tuple[Group, ...]:
        """The planted groups, without the never active, who have no coupon and the group "Never active"."""
        return self.design.groups


def make_shop(
    *, customers: int = 1000, seed: int = 0, separation: Separation = "realistic", orders: bool = False
) -> Shop:
    """A shop of that many customers with about 10 coupons each, in memory; the same seed gives the same shop.

    Joins and claims fall into 2022-01-01 to 2024-12-31. With "wide" separation the groups are far apart; with
    "realistic" they overlap, and `attainable_ari` says how well anybody could tell them apart.

    Example:
        >>> shop = make_shop(customers=200, seed=1)
        >>> shop.tables["customers"].num_rows, sorted(shop.tables)
        (200, ['branches', 'cities', 'customers', 'genders', 'merchants', 'transactions'])
    """
    import pyarrow as pa

    plan = plan_shop(customers, seed, separation)
    tables = lookup_tables(plan.places) | {"customers": customers_table(plan.people)}
    first, parts = 1, []
    for week in coupon_weeks(plan):
        parts.append(transactions_table(week, first))
        first += len(week.customer)
    tables["transactions"] = pa.concat_tables(parts).combine_chunks()
    if orders:
        tables["orders"] = pa.concat_tables(orders_by_week(plan)).combine_chunks()
    return Shop(tables, truth_table(plan), plan.design, separation, seed)


def lookup_tables(places: Places) -> dict[str, pa.Table]:
    """Genders, cities, branches and merchants."""
    import pyarrow as pa

    def count(size: int) -> pa.Array:
        return numbers(np.arange(1, size + 1), pa.int64())

    branches = len(places.merchant_of)
    merchants = [merchant_name(number) for number in range(places.merchants)]
    owner = numbers(places.merchant_of.astype(np.int64) + 1, pa.int64())
    return {
        "genders": pa.table({"gender_id": count(len(GENDERS)), "gender_name": words(GENDERS)}),
        "cities": pa.table({"city_id": count(len(CITIES)), "city_name": words(CITIES)}),
        "branches": pa.table({"branch_id": count(branches), "merchant_id": owner}),
        "merchants": pa.table({"merchant_id": count(places.merchants), "merchant_name": words(merchants)}),
    }


def customers_table(people: People) -> pa.Table:
    """One row per customer, with two attributes beyond the contract: age and tier."""
    import pyarrow as pa

    def whole(values: Ints) -> pa.Array:
        return numbers(values.astype(np.int64), pa.int64())

    return pa.table(
        {
            "customer_id": whole(np.arange(1, len(people) + 1)),
            "join_date": dates(people.joined),
            "city_id": whole(people.city.astype(np.int64) + 1),
            "gender_id": whole(people.gender.astype(np.int64) + 1),
            "age": whole(people.age),
            "tier": chosen(people.tier, TIERS),
        }
    )


def transactions_table(week: Week, first: int) -> pa.Table:
    """The coupons of one week as rows of the contract, their ids counted on from `first`."""
    import pyarrow as pa

    size, open_ = len(week.customer), ~week.burnt
    return pa.table(
        {
            "transaction_id": numbers(np.arange(first, first + size), pa.int64()),
            "customer_id": numbers(week.customer + 1, pa.int64()),
            "transaction_date": dates(week.claimed),
            "transaction_status": chosen(week.burnt, ("claimed", "burnt")),
            "coupon_name": chosen(week.offer, OFFERS),
            "burn_date": dates(week.burnt_on, open_),
            "branch_id": numbers(week.branch + 1, pa.int64(), open_),
        }
    )


def truth_table(plan: Plan) -> pa.Table:
    """customer_id and the name of the planted group."""
    import pyarrow as pa

    names = [group.name for group in plan.design.groups] + [NEVER_ACTIVE]
    ids = numbers(np.arange(1, len(plan.people) + 1), pa.int64())
    return pa.table({"customer_id": ids, "group": chosen(plan.people.group, names)})
