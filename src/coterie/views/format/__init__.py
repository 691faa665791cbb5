"""Numbers, dates and small words as the product prints them. Everything a person reads goes through here."""

from __future__ import annotations

from coterie.names import isolated, shortened
from coterie.views.format.amounts import currency_sign, money
from coterie.views.format.dates import EN_DASH, date, dates, month
from coterie.views.format.numbers import (
    MINUS,
    NOTHING,
    TIMES,
    between,
    count,
    interval,
    p_value,
    plain,
    quantity,
    ratio,
    ratios,
    score,
    share,
    significant,
    small_share,
    whole,
)
from coterie.views.format.words import (
    listing,
    lower_first,
    numbered,
    one_in,
    plural,
    sentence,
    upper_first,
    word,
)

__all__ = [
    "EN_DASH",
    "MINUS",
    "NOTHING",
    "TIMES",
    "between",
    "count",
    "currency_sign",
    "date",
    "dates",
    "interval",
    "isolated",
    "listing",
    "lower_first",
    "money",
    "month",
    "numbered",
    "one_in",
    "p_value",
    "plain",
    "plural",
    "quantity",
    "ratio",
    "ratios",
    "score",
    "sentence",
    "share",
    "shortened",
    "significant",
    "small_share",
    "upper_first",
    "whole",
    "word",
]
