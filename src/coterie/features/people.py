"""Theme people: what is known of a person apart from behaviour. Never clustered on by default."""

from __future__ import annotations

from coterie.features.contract import Feature

CODES = "The rank of a name is not a quantity: the first and the last city of the alphabet are not far apart."
ONE_HOT = "One standardised column per value drowns every other feature."

PEOPLE: tuple[Feature, ...] = (
    Feature(
        name="gender_code",
        label="Gender, as a code",
        unit="",
        meaning="Rank of the gender's name in alphabetical order, from 0.",
        family="people",
        needs=("customers.gender_id",),
        treatment="code",
        express=lambda t, learned: t.gender,
        caution=CODES,
    ),
    Feature(
        name="city_code",
        label="City, as a code",
        unit="",
        meaning="Rank of the city's name in alphabetical order, from 0.",
        family="people",
        needs=("customers.city_id",),
        treatment="code",
        express=lambda t, learned: t.city,
        caution=CODES,
    ),
    Feature(
        name="gender",
        label="Gender",
        unit="",
        meaning="Gender as 0 and 1; as one column per value where there are more than two.",
        family="people",
        needs=("customers.gender_id",),
        treatment="one-hot",
        express=lambda t, learned: t.gender,
        caution="Offers by gender are unlawful in many places; names and advice never use it.",
    ),
    Feature(
        name="city",
        label="City",
        unit="",
        meaning="City, as one column per value.",
        family="people",
        needs=("customers.city_id",),
        treatment="one-hot",
        express=lambda t, learned: t.city,
        caution=ONE_HOT,
    ),
)
