"""Every rule of the check as data: what it finds, what is done, what to do. Docs, `coterie check` and the quality page read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coterie.tables.contract import Problem, RawTable, Severity


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: As in `quality.json`.
        title: Heading in print.
        finds: What it finds, as one sentence.
        effect: What is done about it.
        cure: What the owner of the data can do; empty when nothing needs doing.
        severity: "fault" in the data, or "note" on how it was read.
        message: Template of one finding; fields: rows ("12 rows"), where (file or table), column, share (of its rows).
        sets_aside: The row is not used.
        kept_in_rejects: The rows set aside are written out with their reason; else they are only counted.
    """

    name: str
    title: str
    finds: str
    effect: str
    cure: str
    severity: Severity
    message: str
    sets_aside: bool = False
    kept_in_rejects: bool = False


def _fault(name: str, title: str, finds: str, cure: str, message: str) -> Rule:
    """A rule that sets the row aside and keeps it in rejects."""
    return Rule(name, title, finds, "set aside, kept in rejects", cure, "fault", message, True, True)


_ASIDE = (
    _fault("ragged_row", "More cells than columns", "A line of a text file has more cells than the header has columns.",
           "Quote cells that contain the delimiter, and export again.", "{rows} of {where} with more cells than columns"),
    _fault("missing_key", "Missing key", "The key of a row is empty: an id of customers or of a lookup table, or a transaction_id.",
           "Fill in {column}.", "{rows} of {where} without {column}"),
    _fault("missing_customer_id", "Missing customer id", "A transaction does not say whose it is.",
           "Export the customer id with every transaction.", "{rows} of {where} without a customer id"),
    _fault("missing_date", "Missing date", "A transaction has no date.",
           "Export the date with every transaction.", "{rows} of {where} without {column}"),
    _fault("unparsable_date", "Unreadable date", "The date of a transaction is not a date between 1900 and 2100.",
           "Write dates as 2026-01-31.", "{rows} of {where} whose {column} is not a date"),
    _fault("unknown_status", "Unknown status", "The status of a transaction is empty or a word we do not know.",
           "Say what the word means in coterie.toml.", "{rows} of {where} with a status that is empty or unknown"),
    _fault("conflicting_rows", "Conflicting rows", "Different rows have one key, so none of them can be trusted.",
           "Find out which row is right, and give every row its own {column}.", "{rows} of {where} sharing their {column} with a different row"),
    Rule("duplicate", "Identical rows", "A row is the copy of another one with the same key.", "collapsed into one row, copies counted",
         "Export every row once.", "fault", "{rows} of {where} being copies of another row", True),
    _fault("burn_without_claim", "Burn without a claim", "An event log burns or closes a coupon that no row claims.",
           "Export the claims too.", "{rows} of {where} closing a coupon that no row claims"),
    Rule("cancelled", "Cancelled", "A coupon was cancelled.", "set aside, kept in rejects", "", "note", "{rows} of {where} with a cancelled coupon", True, True),
    Rule("after_as_of", "After the as-of day", "A claim, or the joining of a customer, lies after the as-of day that was set.",
         "not yet known then: left out, counted", "", "note", "{rows} of {where} after the as-of day {as_of}", True),
)

_KEPT = (
    Rule("short_row", "Fewer cells than columns", "A line of a text file has fewer cells than the header has columns.",
         "row kept, the missing cells are empty", "Export the table again.", "fault", "{rows} of {where} with fewer cells than columns"),
    Rule("orphan_customer", "Customer not in the customers table", "A transaction's customer is missing from customers.",
         "row kept; the customer is known, city, gender and joining are not", "Export the full customers table.",
         "fault", "{rows} of {where} by customers missing from the customers table"),
    Rule("orphan_branch", "Branch not in the branches table", "A transaction's branch is missing from branches.",
         "row kept, branch unknown", "Export the full branches table.", "fault", "{rows} of {where} at branches missing from the branches table"),
    Rule("orphan_merchant", "Merchant not in the merchants table", "A branch's merchant is missing from merchants.",
         "row kept, merchant unknown", "Export the full merchants table.", "fault", "{rows} of {where} whose merchant is missing from the merchants table"),
    Rule("orphan_city", "City not in the cities table", "A customer's city is missing from cities.",
         "row kept, city unknown", "Export the full cities table.", "fault", "{rows} of {where} whose city is missing from the cities table"),
    Rule("orphan_gender", "Gender not in the genders table", "A customer's gender is missing from genders.",
         "row kept, gender unknown", "Export the full genders table.", "fault", "{rows} of {where} whose gender is missing from the genders table"),
    Rule("unparsable_optional", "Unreadable optional cell", "A cell that may be empty holds something that cannot be read as a date or number.",
         "row kept, value unknown", "Correct {column}.", "fault", "{rows} of {where} whose {column} cannot be read"),
    Rule("burn_before_claim", "Burnt before claimed", "The burn date lies before the claim date.",
         "kept as burnt, burn date unknown", "Check both dates.", "fault", "{rows} of {where} burnt before being claimed"),
    Rule("burnt_without_date", "Burnt without a burn date", "A coupon is burnt, but does not say when.",
         "kept as burnt, left out of time to burn", "Export burn_date with every burnt coupon.", "fault", "{rows} of {where} burnt without a burn date"),
    Rule("burn_date_without_burn", "Burn date without a burn", "A coupon that is not burnt has a burn date.",
         "status kept, burn date ignored", "Check status and burn_date.", "fault", "{rows} of {where} with a burn date but not burnt"),
    Rule("claim_before_join", "Claimed before joining", "A customer claimed a coupon before joining.",
         "kept; exposure starts at the first event", "Check join_date.", "fault", "{rows} of {where} claimed before the customer joined"),
    Rule("burn_after_as_of", "Burnt after the as-of day", "A coupon was burnt after the as-of day that was set.",
         "open as of that day", "", "note", "{rows} of {where} burnt after the as-of day {as_of}"),
    Rule("expiry_after_as_of", "Expired after the as-of day", "An expired coupon was still valid on the as-of day that was set.",
         "open as of that day", "", "note", "{rows} of {where} expired after the as-of day {as_of}"),
)

_READING = (
    Rule("ambiguous_dates", "Day or month first?", "Every date of a column could be read day-first and month-first.",
         "the guess named is used", 'Set date_order = "day-first" or "month-first" in coterie.toml.', "note",
         "{column} of {where} could be day-first or month-first"),
    Rule("mixed_dates", "Day-first and month-first mixed", "A column holds dates that are only possible day-first, and others only possible month-first.",
         "the more frequent order is used, the others cannot be read", "Export dates as 2026-01-31, or set date_order in coterie.toml.", "fault",
         "{column} of {where} mixes day-first and month-first dates"),
    Rule("degenerate_dimension", "Nothing to compare", "A dimension has one value only, or as many values as rows.",
         "no chart, no feature, no advice from it", "", "note", "{column} of {where} says nothing"),
    Rule("event_log", "An event log", "Claims and burns come as rows of their own instead of one row per coupon.",
         "read as the setting status_meaning says", 'Set status_meaning = "event" in coterie.toml.', "note", "{where} looks like an event log"),
    Rule("branch_reading", "What the branch means", "A branch may be the one that issued the coupon or the one where it was burnt.",
         "the reading named is used", "", "note", "branch_id of {where}"),
)

RULES: tuple[Rule, ...] = (*_ASIDE, *_KEPT, *_READING)
"""All rules. The first ones set rows aside, in the order in which a row is judged: the first that fits is its one reason."""

RULE: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in RULES})


def counted(count: int, noun: str = "row") -> str:
    """A number with its noun.

    Example:
        >>> counted(1), counted(1200)
        ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def tell(
    rule: str,
    raw: RawTable,
    count: int,
    *,
    column: str | None = None,
    examples: tuple[str, ...] = (),
    message: str | None = None,
    effect: str | None = None,
    cure: str | None = None,
    **words: str,
) -> Problem:
    """A finding of `rule` about a table; message, effect and cure come from the rule unless given."""
    entry = RULE[rule]
    file = raw.files[0] if len(raw.files) == 1 else None
    shown = raw.original.get(column, column) if column else None
    fields = {"rows": counted(count), "where": raw.name, "column": shown or raw.name, **words}
    return Problem(
        rule=rule,
        table=raw.name,
        count=count,
        message=(entry.message.format(**fields) if message is None else message) + ".",
        effect=entry.effect if effect is None else effect,
        cure=entry.cure.format(**fields) if cure is None else cure,
        file=file,
        column=column,
        examples=examples,
        severity=entry.severity,
    )
