"""Numbers as the product prints them: counts, shares, ratios, scores, quantities with a unit, their intervals."""

from __future__ import annotations

import math

MINUS = "\u2212"
TIMES = "\u00d7"
NOTHING = "\u2013"
"""Stands where there is no number."""


def plain(value: float, decimals: int = 0) -> str:
    """A number with thousands separators and a true minus; never a negative zero.

    Example:
        >>> plain(1584), plain(-0.014, 2), plain(-0.001, 2)
        ('1,584', '−0.01', '0.00')
    """
    if not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and any(digit in text for digit in "123456789")
    return (MINUS if negative else "") + text


def count(value: float) -> str:
    """A whole number of customers, coupons, rows.

    Example:
        >>> count(7208)
        '7,208'
    """
    return plain(round(value))


def share(value: float | None, decimals: int = 0) -> str:
    """A share (0..1) in per cent, no space; something small is never called nothing, almost all never all.

    Example:
        >>> share(0.2899), share(0.1233, 1), share(0.001), share(0.999), share(0)
        ('29%', '12.3%', '<1%', '>99%', '0%')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    step = 10.0**-decimals
    percent = 100 * value
    if 0 < percent < step / 2:
        return f"<{plain(step, decimals)}%"
    if 100 - step / 2 <= percent < 100 - 1e-9:
        return f">{plain(100 - step, decimals)}%"
    return f"{plain(percent, decimals)}%"


def small_share(value: float | None) -> str:
    """A share that is often close to nothing: a decimal under 2 %.

    Example:
        >>> small_share(0.25), small_share(0.0042), small_share(None)
        ('25%', '0.4%', '–')
    """
    return share(value, 1 if value is not None and value < 0.0195 else 0)


def ratio(value: float | None) -> str:
    """How many times: one decimal from 1 on, two below, none from 100.

    Example:
        >>> ratio(5.31), ratio(0.553), ratio(0), ratio(0.999)
        ('5.3×', '0.55×', '0×', '1.0×')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return f"0{TIMES}"
    if value >= 99.5:
        return f"{plain(value)}{TIMES}"
    return f"{plain(value, 2 if value < 0.995 else 1)}{TIMES}"


def ratios(low: float | None, high: float | None) -> str:
    """Both ends of an interval of ratios, without the sign that the ratio itself carries.

    Example:
        >>> ratios(4.3, 6.5), ratios(0.31, 1.2)
        ('4.3 to 6.5', '0.31 to 1.2')
    """
    if low is None or high is None:
        return NOTHING
    return f"{ratio(low).removesuffix(TIMES)} to {ratio(high).removesuffix(TIMES)}"


def score(value: float | None) -> str:
    """A score with two decimals.

    Example:
        >>> score(0.3954), score(None)
        ('0.40', '–')
    """
    return NOTHING if value is None else plain(value, 2)


def significant(value: float) -> str:
    """A learned number with at most four significant digits, without an exponent where one can do without.

    Example:
        >>> significant(0.0123456), significant(123456), significant(2.0)
        ('0.01235', '123,456', '2')
    """
    if not math.isfinite(value):
        return NOTHING
    if value == 0 or abs(value) >= 1000:
        return plain(value)
    decimals = min(9, max(0, 3 - math.floor(math.log10(abs(value)))))
    text = plain(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float | None, unit: str) -> str:
    """A feature's value in its unit: shares in per cent, days whole, counts with a decimal while they are small.

    Example:
        >>> quantity(0.29, "%"), quantity(55.2, "days"), quantity(8.4, "coupons"), quantity(0.0241, "coupons")
        ('29%', '55', '8.4', '0.024')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if unit == "%":
        return share(value)
    if value == 0:
        return "0"
    if 0 < abs(value) < 0.095:
        return plain(value, 1 - math.floor(math.log10(abs(value))))
    if unit == "days":
        return plain(value, 0 if abs(value) >= 9.95 else 1)
    if unit in ("coupons", "merchants", "branches", "per year", "customers"):
        return plain(value, 0 if abs(value) >= 99.5 else 1)
    return plain(value, 0 if abs(value) >= 99.5 else 1 if abs(value) >= 9.95 else 2)


def whole(value: float | str | None, unit: str) -> str:
    """One customer's own value: counts and days without decimals, text as it is.

    Example:
        >>> whole(8.0, "coupons"), whole(0.25, "%"), whole("north", ""), whole(None, "days")
        ('8', '25%', 'north', '–')
    """
    if isinstance(value, str):
        return value
    if value is not None and math.isfinite(value) and unit != "%" and float(value).is_integer():
        return count(value)
    return quantity(value, unit)


def interval(low: float, high: float, unit: str) -> str:
    """Both ends of an interval, the unit once.

    Example:
        >>> interval(0.27, 0.32, "%"), interval(8.1, 8.7, "coupons")
        ('27 to 32%', '8.1 to 8.7')
    """
    first, last = quantity(low, unit), quantity(high, unit)
    both = first.endswith("%") and last.endswith("%") and not first.startswith(("<", ">"))
    return f"{first.removesuffix('%') if both else first} to {last}"


def between(low: float, high: float, decimals: int = 2) -> str:
    """Both ends of an interval of scores.

    Example:
        >>> between(0.48, 0.661), between(-0.12, 0.08)
        ('0.48 to 0.66', '−0.12 to 0.08')
    """
    return f"{plain(low, decimals)} to {plain(high, decimals)}"


def p_value(value: float) -> str:
    r"""A p-value with its letter, never broken over two lines; a small one is never nothing.

    Example:
        >>> [p_value(p).replace("\u00a0", " ") for p in (0.0004, 0.412)]
        ['p < 0.01', 'p = 0.41']
    """
    return "p\u00a0<\u00a00.01" if value < 0.01 else f"p\u00a0=\u00a0{plain(value, 2)}"
