"""Cells of money: the number without its currency, and which currencies there are; several cannot be added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis

from coterie.tables.cells import text_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_SIGNS = 100

CODES = frozenset(
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS HKD HRK HUF IDR ILS INR "
    "IQD IRR ISK JOD JPY KES KRW KWD KZT LBP LKR MAD MXN MYR NGN NOK NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB "
    "SAR SEK SGD THB TND TRY TWD TZS UAH UGX USD UYU UZS VES VND XAF XOF ZAR".split()
)
"""Codes of currencies (ISO 4217) that may stand beside an amount."""

SIGNS: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU"),
    "US$": ("USD",), "A$": ("AUD",), "C$": ("CAD",), "CA$": ("CAD",), "AU$": ("AUD",), "NZ$": ("NZD",),
    "HK$": ("HKD",), "S$": ("SGD",), "R$": ("BRL",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",),
    "Rs": ("INR", "PKR", "LKR"), "₽": ("RUB",), "₩": ("KRW",), "₺": ("TRY",), "₫": ("VND",), "₪": ("ILS",),
    "₴": ("UAH",), "₦": ("NGN",), "฿": ("THB",), "₱": ("PHP",), "₸": ("KZT",), "zł": ("PLN",), "Kč": ("CZK",),
    "kr": ("SEK", "NOK", "DKK", "ISK"), "Fr": ("CHF",), "SFr": ("CHF",), "Ft": ("HUF",), "lei": ("RON",),
    "TL": ("TRY",), "Rp": ("IDR",), "RM": ("MYR",), "R": ("ZAR",),
}  # fmt: skip
"""Sign beside an amount -> codes of the currencies it may stand for."""

CURRENCY_DECIMALS: Mapping[str, int] = {
    **dict.fromkeys("CLP COP IDR IRR ISK JPY KRW PYG UGX VND XAF XOF".split(), 0),
    **dict.fromkeys("BHD JOD KWD OMR TND".split(), 3),
}
"""Code -> decimals of its amounts (ISO 4217, and in shops of Colombia, Indonesia and Iran); all others have two."""

DECIMAL_COMMA = frozenset(
    "ARS BGN BRL CLP COP CZK DKK DZD EUR GEL HRK HUF IDR ISK KZT MAD NOK PLN PYG RON RSD RUB SEK TND TRY UAH UYU UZS "
    "VES VND XAF XOF".split()
)
"""Codes of currencies in whose countries decimals follow a comma."""

_GAP = r"\s\x{00A0}\x{202F}"
_MINUS = r"[-\x{2212}]"
_NUMBER = rf"(?:\d[\d.,'’{_GAP}]*|[.,]\d+)"
_SIGN = r"[^\d\s.,'’+()\x{00A0}\x{202F}\x{2212}-]{1,4}\.?"
_PLAIN = rf"[^\d.,'’eE+{_GAP}-]|\d[{_GAP}]*-[{_GAP}]*$"
_WHOLE = (
    rf"^\(?[{_GAP}]*(?:\+|{_MINUS})?[{_GAP}]*(?:{_SIGN})?[{_GAP}]*(?:\+|{_MINUS})?[{_GAP}]*{_NUMBER}[{_GAP}]*{_MINUS}?"
    rf"[{_GAP}]*(?:{_SIGN})?[{_GAP}]*\)?$"
)


@dataclass(frozen=True)
class MoneyWords:
    """What stands beside the digits of a column of money.

    Attributes:
        spelt: Texts that are signs or codes of currencies, as they stand there.
        currencies: The same, one spelling each -> cells.
    """

    spelt: tuple[str, ...] = ()
    currencies: Mapping[str, int] = field(default_factory=dict)


def unusual(column: ir.StringColumn) -> ir.IntegerScalar:
    """How many cells hold more than a plain number."""
    return column.re_search(_PLAIN).sum().fill_null(0)


def look_at_money(engine: Engine, rows: ir.Table, name: str) -> MoneyWords:
    """The texts beside the digits, the 100 most frequent."""
    cells = rows.filter(rows[name].re_search(_PLAIN)).select(beside=_beside(text_of(rows[name])))
    counts = cells.group_by("beside").aggregate(n=lambda t: t.count())
    found = engine.collect(counts.order_by([ibis.desc("n"), "beside"]).limit(MOST_SIGNS)).to_pylist()
    currencies: dict[str, int] = {}
    spelt = []
    for row in found:
        beside = row["beside"] or ""
        currency = currency_of(beside)
        if currency is not None:
            spelt.append(beside)
            currencies[currency] = currencies.get(currency, 0) + int(row["n"])
    return MoneyWords(tuple(spelt), currencies)


def _beside(text: ir.StringColumn) -> ir.StringColumn:
    return text.re_replace(rf"[\d.,'’+()\x{{2212}}{_GAP}-]", "")


def currency_of(text: str) -> str | None:
    """The code, or the sign, of a currency; None where the text is neither.

    Example:
        >>> [currency_of(text) for text in ("eur", "€", "Kr.", "pcs", "")]
        ['EUR', '€', 'kr', None, None]
    """
    word = text.strip().rstrip(".")
    if word.upper() in CODES:
        return word.upper()
    return next((sign for sign in SIGNS if sign == word or (len(word) > 1 and sign.lower() == word.lower())), None)


def meant_by(text: str) -> frozenset[str]:
    """The codes that a code or sign of a currency may stand for; empty where it is neither.

    Example:
        >>> sorted(meant_by("¥")), sorted(meant_by("eur")), sorted(meant_by("pcs"))
        (['CNY', 'JPY'], ['EUR'], [])
    """
    found = currency_of(text)
    return frozenset(() if found is None else SIGNS.get(found, (found,)))


def bare_number(column: ir.StringColumn, words: MoneyWords) -> ir.StringColumn:
    """The cells without their currency, negative where a minus or brackets say so; others as they stand."""
    text = text_of(column)
    fits = text.re_search(_WHOLE) & _beside(text).isin(("", *words.spelt))
    digits = text.re_extract(_NUMBER, 0).re_replace(rf"[.,'’{_GAP}]+$", "")
    negative = text.re_search(rf"{_MINUS}|^\(")
    number = ibis.cases((negative, ibis.literal("-") + digits), else_=digits)
    return ibis.cases((fits, number), else_=text)


def several(found: Iterable[str]) -> tuple[str, ...]:
    """The currencies that cannot be one and the same; empty where there is one at most.

    Example:
        >>> several(["$", "CAD"]), several(["€", "GBP"]), several(["$", "US$"])
        ((), ('GBP', '€'), ())
    """
    names = set(found)
    meant = {name: set(SIGNS.get(name, (name,))) for name in names}
    shared = set.intersection(*meant.values()) if meant else set()
    return () if shared or not names else tuple(sorted(names))
