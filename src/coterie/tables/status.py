"""Status words of the data: of coupons as claimed, burnt, expired, cancelled; of orders as sold or cancelled."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from coterie.engines import composes
from coterie.schema import STATUS_WORDS, key_of
from coterie.tables.cells import text_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_WORDS = 1_000


@dataclass(frozen=True)
class StatusWords:
    """The words of one status column.

    Attributes:
        known: Meaning -> its words exactly as they stand in the column, white space and all.
        unknown: Other words, stripped -> rows, most frequent first.
        rows: Meaning -> rows.
        plain: Every filled cell is the word that we use ourselves for what it means: the column can be taken as it is.
    """

    known: Mapping[str, tuple[str, ...]]
    unknown: Mapping[str, int]
    rows: Mapping[str, int]
    plain: bool = False


def look_at_status(
    engine: Engine,
    rows: ir.Table,
    name: str,
    extra: Mapping[str, str],
    vocabulary: Mapping[str, tuple[str, ...]] = STATUS_WORDS,
) -> StatusWords:
    """Look up the distinct words of the column (the 1,000 most frequent), whatever their case and spaces."""
    meaning = {key_of(word): status for status, words in vocabulary.items() for word in words}
    meaning |= {key_of(word): status for word, status in extra.items()}
    # Grouped as they stand, then stripped: few words are left to strip, whatever the number of rows.
    words = rows.select(raw=_raw(rows[name])).group_by("raw").aggregate(n=lambda t: t.count())
    words = words.mutate(word=text_of(words["raw"]))
    found = engine.collect(words.order_by([ibis.desc("n"), "word", "raw"]).limit(MOST_WORDS)).to_pylist()
    known: dict[str, list[str]] = {}
    unknown: dict[str, int] = {}
    counts: dict[str, int] = {}
    for row in found:
        word = row["word"]
        if word is None:
            continue
        status = meaning.get(key_of(word))
        if status is None:
            unknown[word] = unknown.get(word, 0) + int(row["n"])
        else:
            known.setdefault(status, []).append(row["raw"])
            counts[status] = counts.get(status, 0) + int(row["n"])
    unknown = dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))
    if composes(engine):  # rows to come may have words that none has now
        for status, words_of in vocabulary.items():
            known[status] = list({*known.get(status, ()), *words_of})
        return StatusWords({status: tuple(sorted(spelt)) for status, spelt in sorted(known.items())}, unknown, counts)
    return StatusWords(
        {status: tuple(sorted(spelt)) for status, spelt in sorted(known.items())},
        unknown,
        counts,
        plain=len(found) < MOST_WORDS and all(row["raw"] is None or _is_own(row["raw"], meaning) for row in found),
    )


def _is_own(word: str, meaning: Mapping[str, str]) -> bool:
    """Whether a word means what it says."""
    return meaning.get(key_of(word)) == word


def _raw(column: ir.Column) -> ir.StringColumn:
    """The cells as they stand, as text."""
    return column if column.type().is_string() else text_of(column)


def as_status(column: ir.Column, words: StatusWords) -> ir.StringColumn:
    """The column as the meanings of its words; NULL where empty or unknown."""
    text = _raw(column)
    if words.plain:
        return text
    branches = [(text.isin(spelt), ibis.literal(status)) for status, spelt in words.known.items()]
    if not branches:
        return ibis.null("string")
    return ibis.cases(*branches, else_=ibis.null("string"))


def cure_of(
    unknown: Mapping[str, int], vocabulary: Mapping[str, tuple[str, ...]] = STATUS_WORDS, section: str = "status"
) -> str:
    """What to write into coterie.toml for the most frequent unknown words, with the nearest word we know.

    Example:
        >>> cure_of({"brunt": 3})
        'Did you mean "burnt"? Say what it means in coterie.toml: [status] "brunt" = "burnt"'
        >>> cure_of({"42": 3})
        'Say what it means (claimed, burnt, expired or cancelled) in coterie.toml: [status] "42" = "claimed"'
    """
    if not unknown:
        return "Fill in the status of every transaction."
    spelt = {word: status for status, words in vocabulary.items() for word in words}
    near = {word: difflib.get_close_matches(key_of(word), list(spelt), n=1, cutoff=0.6) for word in list(unknown)[:20]}
    meant = {word: found[0] for word, found in near.items() if found}
    it = "it means" if len(unknown) == 1 else "they mean"
    if not meant:
        word, (*others, last) = next(iter(unknown)), vocabulary
        told = f'[{section}] {_toml(word)} = "{others[0]}"'
        return f"Say what {it} ({', '.join(others)} or {last}) in coterie.toml: {told}"
    question = ", ".join(f'"{word}"' for word in dict.fromkeys(list(meant.values())[:3]))
    lines = "; ".join(f'{_toml(word)} = "{spelt[found]}"' for word, found in list(meant.items())[:3])
    return f"Did you mean {question}? Say what {it} in coterie.toml: [{section}] {lines}"


def _toml(word: str) -> str:
    """A word as a TOML key."""
    return json.dumps(word, ensure_ascii=False)
