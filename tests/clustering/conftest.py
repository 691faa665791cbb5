from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    # scikit-learn's threads wait for each other busily: on a machine with other work its fits take many times as long.
    with threadpool_limits(1):
        yield


def standardised(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.fixture(scope="session")
def coupon_presets():
    """The three plain presets on the reference workbook, built by hand: coupon-counts, -ratios, -demographics."""
    path = DATA / "coupons-1000.xlsx"
    if not path.exists():
        pytest.skip("the reference workbook coupons-1000.xlsx is not beside the repository")
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    sheets = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        sheets[name] = [dict(zip(head, row, strict=True)) for row in rows]
    genders = {row["gender_id"]: row["gender_name"] for row in sheets["genders"]}
    cities = {row["city_id"]: row["city_name"] for row in sheets["cities"]}
    claimed = {row["customer_id"]: 0 for row in sheets["customers"]}
    burnt = dict(claimed)
    for row in sheets["transactions"]:
        {"subscribed": claimed, "burned": burnt}[row["transaction_status"]][row["customer_id"]] += 1
    customers = sorted(sheets["customers"], key=lambda row: row["customer_id"])
    c = np.array([claimed[row["customer_id"]] for row in customers], dtype=float)
    b = np.array([burnt[row["customer_id"]] for row in customers], dtype=float)
    gender = np.unique([genders[row["gender_id"]] for row in customers], return_inverse=True)[1].astype(float)
    city = np.unique([cities[row["city_id"]] for row in customers], return_inverse=True)[1]
    rows = np.maximum(c + b, 1.0)
    return {
        "coupon-counts": standardised(np.column_stack([c, b])),
        "coupon-ratios": standardised(np.column_stack([gender, city, c + b, c / rows, b / rows])),
        "coupon-demographics": standardised(
            np.column_stack([c + b, c, b, gender, city[:, None] == np.arange(city.max() + 1)])
        ),
    }


@pytest.fixture(scope="session")
def shop():
    """Customers of a skewed crowd without groups: gamma-Poisson claims, beta burns, exponential recency."""

    def draw(customers, seed):
        rng = np.random.default_rng(seed)
        claims = rng.poisson(rng.gamma(0.8, 12.0, customers))
        burns = rng.binomial(claims, rng.beta(0.5, 2.0, customers))
        recency = rng.exponential(100.0, customers)
        merchants = np.minimum(burns, rng.poisson(3.0, customers))
        rate = np.log((burns + 0.3) / (claims - burns + 1.2))
        return standardised(np.column_stack([np.log1p(claims), rate, np.log1p(recency), np.log1p(merchants)]))

    return draw
