"""Numbers, dates and small words as the product prints them. Everything a person reads goes through here."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

MINUS = "\u2212"
TIMES = "\u00d7"
EN_DASH = "\u2013"
NOTHING = "\u2013"

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "INR": "₹"}
_SIZES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


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


def small_share(value: float | None) -> str:
    """A share that is often close to nothing: a decimal under 2 %.

    Example:
        >>> small_share(0.25), small_share(0.0042), small_share(None)
        ('25%', '0.4%', '–')
    """
    return share(value, 1 if value is not None and value < 0.0195 else 0)


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


def ratios(low: float | None, high: float | None) -> str:
    """Both ends of an interval of ratios, without the sign that the ratio itself carries.

    Example:
        >>> ratios(4.3, 6.5), ratios(0.31, 1.2)
        ('4.3 to 6.5', '0.31 to 1.2')
    """
    if low is None or high is None:
        return NOTHING
    return f"{ratio(low).removesuffix(TIMES)} to {ratio(high).removesuffix(TIMES)}"


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


def p_value(value: float) -> str:
    r"""A p-value with its letter, never broken over two lines; a small one is never nothing.

    Example:
        >>> [p_value(p).replace("\u00a0", " ") for p in (0.0004, 0.412)]
        ['p < 0.01', 'p = 0.41']
    """
    return "p\u00a0<\u00a00.01" if value < 0.01 else f"p\u00a0=\u00a0{plain(value, 2)}"


def numbered(numbers: Sequence[int]) -> str:
    """Segments by their numbers; three or more in a row as a range.

    Example:
        >>> numbered([1]), numbered([1, 2]), numbered([3, 4, 5]), numbered([1, 3, 5])
        ('segment 1', 'segments 1 and 2', 'segments 3 to 5', 'segments 1, 3 and 5')
    """
    listed = sorted(numbers)
    noun = "segment" if len(listed) == 1 else "segments"
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return f"{noun} {listed[0]} to {listed[-1]}"
    return f"{noun} {listing([str(number) for number in listed])}"


def date(day: dt.date) -> str:
    """A date, the month as a word.

    Example:
        >>> date(dt.date(2017, 9, 4))
        '4 Sep 2017'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def dates(first: dt.date, last: dt.date) -> str:
    """A range of dates with a spaced en dash.

    Example:
        >>> dates(dt.date(2016, 11, 1), dt.date(2018, 2, 18))
        '1 Nov 2016 – 18 Feb 2018'
    """
    return date(first) if first == last else f"{date(first)} {EN_DASH} {date(last)}"


def month(number: int) -> str:
    """The short name of a month, 1..12.

    Example:
        >>> month(9)
        'Sep'
    """
    return _MONTHS[number - 1]


def word(number: int) -> str:
    """A small number as a word, from thirteen on in digits.

    Example:
        >>> word(5), word(17)
        ('five', '17')
    """
    return _WORDS[number] if 0 <= number < len(_WORDS) else count(number)


def plural(number: int, noun: str, many: str | None = None) -> str:
    """A count and its noun.

    Example:
        >>> plural(1, "customer"), plural(1584, "customer"), plural(2, "city", "cities")
        ('1 customer', '1,584 customers', '2 cities')
    """
    return f"{count(number)} {noun if number == 1 else many or noun + 's'}"


def upper_first(text: str) -> str:
    """The text as a sentence begins.

    Example:
        >>> upper_first("five segments")
        'Five segments'
    """
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital and a full stop; empty stays empty.

    Example:
        >>> sentence("set aside"), sentence("")
        ('Set aside.', '')
    """
    return upper_first(text) + ("" if text[-1:] in ".!?:" else ".") if text else ""


def lower_first(text: str) -> str:
    """A name within a sentence; abbreviations stay.

    Example:
        >>> lower_first("Regular burners"), lower_first("VIP")
        ('regular burners', 'VIP')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() or text.startswith("A ") else text


def shortened(text: str, letters: int) -> str:
    """A long text with its middle left out: names that differ at their end stay apart.

    Example:
        >>> shortened("Upper Saint-Germain-en-Laye, district 12", 24), shortened("Lapsed", 24)
        ('Upper Saint-…district 12', 'Lapsed')
    """
    if len(text) <= letters:
        return text
    tail = (letters - 1) // 2
    return f"{text[: letters - 1 - tail].rstrip()}…{text[-tail:].lstrip()}"


def listing(parts: Sequence[str]) -> str:
    """Names in a row, as a sentence has them.

    Example:
        >>> listing(["a", "b", "c"]), listing(["a"])
        ('a, b and c', 'a')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def one_in(value: float, noun: str = "customer") -> str:
    """A share of people in words where a small fraction is close (within 7 %), else in per cent.

    Example:
        >>> one_in(0.1553), one_in(0.27), one_in(0.66), one_in(0.42)
        ('one customer in six', '27% of customers', 'two customers in three', '42% of customers')
    """
    for top, bottom in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (1, 6), (1, 7), (1, 8), (1, 9), (1, 10)):
        if value > 0 and abs(value * bottom / top - 1) <= 0.07:
            return f"{word(top)} {noun}{'s' if top > 1 else ''} in {word(bottom)}"
    return f"{share(value)} of {noun}s"
