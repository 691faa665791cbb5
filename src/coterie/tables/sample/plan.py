"""A shop that is drawn but for its coupons and orders, which come as streams."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.errors import UsageError
from coterie.tables.sample.groups import DESIGNS, Design, Separation
from coterie.tables.sample.people import People, Places, draw_people, draw_places


@dataclass(frozen=True)
class Plan:
    """Customers and places of a shop, and what the rest is drawn from."""

    people: People
    places: Places
    design: Design
    separation: Separation
    seed: int


def plan_shop(customers: int, seed: int, separation: Separation) -> Plan:
    """Everything of a shop but its coupons and orders; refuses with a UsageError what cannot be made."""
    if customers < 1:
        raise UsageError(f"A sample shop needs at least 1 customer, not {customers}.")
    if seed < 0:
        raise UsageError(f"The seed of a sample shop is 0 or a positive whole number, not {seed}.")
    if separation not in DESIGNS:
        raise UsageError(f"The separation '{separation}' is unknown. Choose one of: {', '.join(DESIGNS)}.")
    design = DESIGNS[separation]
    return Plan(draw_people(customers, seed, design), draw_places(customers, seed), design, separation, seed)
