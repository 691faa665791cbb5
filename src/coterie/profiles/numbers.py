"""How numbers read in a sentence: counts, shares, ratios and spans of days."""

from __future__ import annotations

import math

_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "INR": "₹"}
_SIZES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_FRACTIONS: tuple[tuple[float, str], ...] = (
    (1 / 20, "one in twenty"),
    (1 / 10, "one in ten"),
    (1 / 8, "one in eight"),
    (1 / 6, "one in six"),
    (1 / 5, "one in five"),
    (1 / 4, "one in four"),
    (1 / 3, "one in three"),
    (2 / 5, "two in five"),
    (1 / 2, "one in two"),
    (3 / 5, "three in five"),
    (2 / 3, "two in three"),
    (3 / 4, "three in four"),
    (4 / 5, "four in five"),
    (9 / 10, "nine in ten"),
)


def count_text(value: float) -> str:
    """A count with thousands separators.

    Example:
        >>> count_text(1584)
        '1,584'
    """
    return f"{round(value):,}"


def customers_text(number: int) -> str:
    """So many customers.

    Example:
        >>> customers_text(1), customers_text(1584)
        ('1 customer', '1,584 customers')
    """
    return f"{count_text(number)} customer{'' if number == 1 else 's'}"


def mean_text(value: float) -> str:
    """A mean per customer: one decimal, none from 100 on.

    Example:
        >>> mean_text(8.43), mean_text(1234.5)
        ('8.4', '1,234')
    """
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:,.0f}"


def percent_text(share: float) -> str:
    """A share as in tables and prose; a decimal only under 1 %, and never a false 0% or 100%.

    Example:
        >>> percent_text(0.287), percent_text(0.004), percent_text(0), percent_text(0.999)
        ('29%', '0.4%', '0%', '99.9%')
    """
    if 0 < share < 0.0005:
        return "under 0.1%"
    if 0.9995 <= share < 1:
        return "over 99.9%"
    if 0 < share < 0.0095 or 0.995 <= share < 1:
        return f"{100 * share:.1f}%"
    return f"{100 * share:.0f}%"


def ratio_text(value: float) -> str:
    """A ratio to the average, one decimal from 1 on and two below.

    Example:
        >>> ratio_text(5.27), ratio_text(0.554)
        ('5.3×', '0.55×')
    """
    return f"{value:.1f}×" if round(value, 2) >= 1 else f"{value:.2f}×"


def money_text(value: float, currency: str | None = None) -> str:
    r"""An amount in a sentence: two decimals under 1,000, three digits with k, M or bn from there on.

    Example:
        >>> money_text(480.87, "GBP"), money_text(8911407.9, "GBP"), money_text(12345)
        ('£480.87', '£8.91M', '12.3k')
    """
    sign, amount = _sign(currency), abs(value)
    minus = "−" if value <= -0.005 else ""
    if round(amount, 2) < 1000:
        return f"{minus}{sign}{amount:.2f}"
    size, unit = next((size, unit) for size, unit in _SIZES if amount >= size * 0.9995 or unit == "k")
    digits = amount / size
    return f"{minus}{sign}{digits:,.{2 if digits < 9.995 else 1 if digits < 99.95 else 0}f}{unit}"


def round_money_text(value: float, currency: str | None = None) -> str:
    """A round amount, such as a limit: without decimals where it has none.

    Example:
        >>> round_money_text(200), round_money_text(7.5, "EUR"), round_money_text(15000, "EUR")
        ('200', '€7.50', '€15,000')
    """
    return f"{_sign(currency)}{value:,.0f}" if float(value).is_integer() else f"{_sign(currency)}{value:,.2f}"


def a_bit_above(value: float) -> float:
    """The next round amount that is at least a tenth more, and at most a quarter.

    Example:
        >>> a_bit_above(23.4), a_bit_above(480.87), a_bit_above(9.2), a_bit_above(1234)
        (27.5, 550.0, 11.0, 1400.0)
    """
    if value <= 0:
        return 0.0
    wanted = value * 1.1
    power = 10.0 ** math.floor(math.log10(wanted))
    parts = 10 if wanted < 2 * power else 4 if wanted < 5 * power else 2
    return math.ceil(wanted / power * parts - 1e-9) * power / parts


def days_text(days: float) -> str:
    """A number of days.

    Example:
        >>> days_text(1), days_text(51.6)
        ('1 day', '52 days')
    """
    return "1 day" if round(days) == 1 else f"{round(days):,} days"


def span_text(days: float) -> str:
    """A rough span in words: days up to 2 weeks, then weeks, months, years.

    Example:
        >>> span_text(9), span_text(33), span_text(275), span_text(760)
        ('nine days', 'five weeks', 'nine months', 'two years')
    """
    for limit, length, unit in ((14, 1.0, "day"), (60, 7.0, "week"), (700, 365.25 / 12, "month")):
        if days < limit:
            return _counted(days / length, unit)
    return _counted(days / 365.25, "year")


def one_in_text(share: float) -> str:
    """A share as a fraction in words, the nearest one that is easily pictured.

    Example:
        >>> one_in_text(0.287), one_in_text(0.5), one_in_text(0.06), one_in_text(0.03), one_in_text(0.97)
        ('more than one in four', 'one in two', 'more than one in twenty', 'about 3%', 'nearly all')
    """
    if share > 0.95:
        return "all" if share >= 1 else "nearly all"
    if share < 0.045:
        return f"about {percent_text(share)}"
    exact, words = min(_FRACTIONS, key=lambda entry: abs(entry[0] - share))
    if abs(share - exact) < min(0.0125, 0.1 * exact):
        return words
    return f"{'nearly' if share < exact else 'more than'} {words}"


def capitalised(text: str) -> str:
    """The text with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


def _sign(currency: str | None) -> str:
    """What stands before an amount: a sign, or a code and a space that does not break."""
    if not currency:
        return ""
    known = _SIGNS.get(currency.upper(), currency)
    known = known if len(known) <= 5 else f"{known[:4]}…"
    return f"{known}\u00a0" if known[-1].isalnum() else known


def _counted(amount: float, unit: str) -> str:
    whole = max(1, round(amount))
    number = _SMALL[whole] if whole < len(_SMALL) else f"{whole:,}"
    return f"{number} {unit}{'' if whole == 1 else 's'}"
