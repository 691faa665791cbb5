"""Amounts of money as the product prints them."""

from __future__ import annotations

import math

from coterie.views.format.numbers import MINUS, NOTHING, plain

_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "INR": "₹"}
_SIZES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def money(value: float | None, currency: str | None, *, exact: bool = False, rough: bool = False) -> str:
    r"""An amount with its currency, or as a plain number where none is known.

    Two decimals under 1,000; from there on three digits with k, M, bn, or with `exact` all of them without decimals.
    What is `rough`, such as an estimate, has three digits under 1,000 too.

    Example:
        >>> money(480.87, "GBP"), money(8911407.9, "£"), money(12345, None), money(-12.5, "CHF").replace("\u00a0", " ")
        ('£480.87', '£8.91M', '12.3k', '−CHF 12.50')
        >>> money(8911407.9, "GBP", exact=True)
        '£8,911,408'
        >>> money(812.4, "$", rough=True)
        '$812'
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    amount = abs(value)
    if round(amount, 2) < 1000:
        decimals = 2 if amount < 9.995 else 1 if amount < 99.95 else 0 if amount < 999.5 else 2
        text = plain(amount, decimals if rough else 2)
    elif exact:
        text = plain(amount)
    else:
        size, unit = next((size, unit) for size, unit in _SIZES if amount >= size * 0.9995 or unit == "k")
        digits = amount / size
        text = plain(digits, 2 if digits < 9.995 else 1 if digits < 99.95 else 0) + unit
    negative = value < 0 and any(digit in text for digit in "123456789")
    return (MINUS if negative else "") + currency_sign(currency) + text


def currency_sign(currency: str | None) -> str:
    """What stands before an amount: a sign, or a code and a space that does not break; nothing where none is known.

    Example:
        >>> currency_sign("EUR"), currency_sign("$"), currency_sign(None)
        ('€', '$', '')
    """
    if not currency:
        return ""
    known = _SIGNS.get(currency.upper(), currency)
    known = known if len(known) <= 5 else f"{known[:4]}…"
    return f"{known}\u00a0" if known[-1].isalnum() else known
