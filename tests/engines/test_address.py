from __future__ import annotations

import pytest

from coterie.engines import is_address, parse_address
from coterie.errors import UsageError


@pytest.mark.parametrize(
    ("source", "server", "schema", "label", "has_password"),
    [
        ("postgresql://ann@db:5432/shop", "postgresql://ann@db:5432/shop", None, "shop on db", False),
        ("postgres://db/shop", "postgresql://db/shop", None, "shop on db", False),
        (
            "postgresql://ann:x@db/shop?schema=mart",
            "postgresql://ann:x@db/shop",
            "mart",
            "shop on db, schema mart",
            True,
        ),
        (
            "postgresql://[::1]:5432/shop?a=1&schema=m&b=2",
            "postgresql://[::1]:5432/shop?a=1&b=2",
            "m",
            "shop on [::1], schema m",
            False,
        ),
        ("postgresql:///shop?password=x", "postgresql:///shop?password=x", None, "shop on this machine", True),
        ("catalogue:shop", "", "shop", "shop of Spark's catalogue", False),
        ("catalogue:", "", "default", "default of Spark's catalogue", False),
        ("POSTGRESQL://a%40b@db/shop", "postgresql://a%40b@db/shop", None, "shop on db", False),
    ],
)
def test_parts_of_an_address(source, server, schema, label, has_password):
    found = parse_address(source)
    assert (found.server, found.schema, found.label, found.has_password) == (server, schema, label, has_password)


@pytest.mark.parametrize("source", ["mysql://a/b", "https://a/b.csv", "s3://bucket/key"])
def test_other_addresses_are_refused(source):
    assert is_address(source)
    with pytest.raises(UsageError, match=f"^Addresses that begin with {source.partition(':')[0]}://"):
        parse_address(source)


@pytest.mark.parametrize("source", ["shop", "/a/b", "C:/a", "a b://c", {"orders": 1}, "postgresql:/a"])
def test_what_is_no_address(source):
    assert not is_address(source)
