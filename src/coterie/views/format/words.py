"""Small words: numbers in words, nouns with their count, lists, the first letter of a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.views.format.numbers import count, share

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


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


def listing(parts: Sequence[str]) -> str:
    """Names in a row, as a sentence has them.

    Example:
        >>> listing(["a", "b", "c"]), listing(["a"])
        ('a, b and c', 'a')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def sentence(text: str) -> str:
    """The text with a capital and a full stop; empty stays empty.

    Example:
        >>> sentence("set aside"), sentence("")
        ('Set aside.', '')
    """
    return upper_first(text) + ("" if text[-1:] in ".!?:" else ".") if text else ""


def upper_first(text: str) -> str:
    """The text as a sentence begins.

    Example:
        >>> upper_first("five segments")
        'Five segments'
    """
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """A name within a sentence; abbreviations stay.

    Example:
        >>> lower_first("Regular burners"), lower_first("VIP")
        ('regular burners', 'VIP')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() or text.startswith("A ") else text
