"""The sample shop: a seeded generator of coupon tables whose groups are known, for trying, testing and teaching."""

from __future__ import annotations

from coterie.tables.sample.attainable import attainable_ari
from coterie.tables.sample.formats import FileFormat
from coterie.tables.sample.groups import NEVER_ACTIVE, Design, Group, Separation
from coterie.tables.sample.shop import Shop, make_shop
from coterie.tables.sample.write import write_shop

__all__ = [
    "NEVER_ACTIVE",
    "Design",
    "FileFormat",
    "Group",
    "Separation",
    "Shop",
    "attainable_ari",
    "make_shop",
    "write_shop",
]
