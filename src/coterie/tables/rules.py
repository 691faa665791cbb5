"""Every rule of reading and checking as data: what it finds, what is done about it, what the owner of the data can do.

Docs, `coterie check` and the quality page read the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coterie.tables.contract import Severity


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: As in `quality.json`.
        title: Heading in print.
        finds: What it finds, as one sentence.
        effect: What is done about it.
        cure: What the owner of the data can do; empty when nothing needs doing.
        message: Template of one finding; fields: rows ("12 rows"), where (the table), column ("customer id"), as_of,
            and the words of `tell.AGREEING`, which follow the number of rows.
        severity: A "fault" in the data, or a "note" on how it was read.
        sets_aside: The row is not used.
        kept_in_rejects: The rows set aside are written out with their reason; else they are only counted.
    """

    name: str
    title: str
    finds: str
    effect: str
    cure: str
    message: str
    severity: Severity = "fault"
    sets_aside: bool = False
    kept_in_rejects: bool = False


def _aside(name: str, title: str, finds: str, cure: str, message: str, severity: Severity = "fault") -> Rule:
    """A rule that sets the row aside and keeps it in rejects."""
    return Rule(name, title, finds, "set aside, kept in rejects", cure, message, severity, True, True)


def _counted(name: str, title: str, finds: str, effect: str, cure: str, message: str, severity: Severity) -> Rule:
    """A rule that sets the row aside and only counts it."""
    return Rule(name, title, finds, effect, cure, message, severity, True)


def _note(name: str, title: str, finds: str, effect: str, cure: str, message: str = "") -> Rule:
    """A rule that tells how the data were read."""
    return Rule(name, title, finds, effect, cure, message, "note")


# fmt: off
_JUDGING = (
    _aside("ragged_row", "More cells than columns", "A line of a text file has more cells than its header.",
           "Quote cells that contain the delimiter, and export again.",
           "{rows} of {where} {have} more cells than columns"),
    _aside("open_quote", "Quote without an end", "A quoted cell of a text file never ends.",
           "Double the quotes within quoted cells, and export again.",
           "{rows} of {where} {have} a quote that never ends"),
    _aside("unreadable_row", "Unreadable line", "A line of a text file cannot be split into cells.",
           "Correct the line.", "{rows} of {where} cannot be split into cells"),
    _aside("missing_key", "Missing key", "The key of a row is empty, such as a customer's id or a transaction_id.",
           "Fill in the {column}.", "{rows} of {where} {have} no {column}"),
    _aside("missing_customer_id", "Missing customer id", "A transaction or order line does not say whose it is.",
           "Export the customer id with every row.", "{rows} of {where} {have} no customer id"),
    _aside("missing_date", "Missing date", "A transaction or order line has no date.",
           "Export the date with every row.", "{rows} of {where} {have} no {column}"),
    _aside("unparsable_date", "Unreadable date",
           "The date of a transaction or order line is not a date between 1900 and 2100.",
           "Write dates as 2026-01-31.", "in {rows} of {where} the {column} is not a date"),
    _aside("missing_amount", "Missing amount", "An order line has no amount, or no price or quantity to tell it by.",
           "Export the amount with every line.", "{rows} of {where} {have} no amount"),
    _aside("unparsable_amount", "Unreadable amount", "The amount of an order line is not a number.",
           "Write amounts as 1234.56.", "in {rows} of {where} the {column} is not a number"),
    _aside("too_large_amount", "Amount too large",
           "The amount of an order line is more than 100,000,000,000, the most that can be counted exactly.",
           "Correct the amount, or give all amounts in thousands.",
           "in {rows} of {where} the amount is more than 100,000,000,000"),
    _aside("excluded_product", "Product left out", "An order line is of a product that exclude_products names.", "",
           "{rows} of {where} {are} of products that the settings leave out", "note"),
    _aside("unknown_status", "Unknown status", "The status of a transaction is empty or a word we do not know.",
           "Say what the word means in coterie.toml.", "{rows} of {where} {have} a status that is empty or unknown"),
    _aside("conflicting_rows", "Conflicting rows", "Different rows have one key, so none of them can be trusted.",
           "Find out which row is right, and give every row its own {column}.",
           "{rows} of {where} {share} {their} {column} with a different row"),
    _counted("duplicate", "Identical rows",
             "A row is the copy of another one with the same key, or an order line of another one where "
             "drop_duplicate_lines is set.",
             "collapsed into one row, copies counted", "Export every row once.",
             "{rows} of {where} {are} {copies} of another row", "fault"),
    _aside("burn_without_claim", "Burn without a claim", "An event log burns or closes a coupon that no row claims.",
           "Export the claims too.", "{rows} of {where} {close} a coupon that no row claims"),
    _aside("cancelled", "Cancelled", "A coupon was cancelled.", "",
           "{rows} of {where} {have} a cancelled coupon", "note"),
    _aside("cancelled_order", "Cancelled order",
           "An order was cancelled, voided or refunded in full: its status says so, or it has a day of cancellation.",
           "Set keep_cancelled_orders = true in coterie.toml if they should count.",
           "{rows} of {where} {are} cancelled or refunded", "note"),
    _counted("after_as_of", "After the as-of day",
             "A claim or order, or a customer's joining, lies after the as-of day that was set.",
             "not yet known then: left out, counted", "",
             "{rows} of {where} {lie} after the as-of day {as_of}", "note"),
)

_KEEPING = (
    Rule("short_row", "Fewer cells than columns", "A line of a text file has fewer cells than its header.",
         "row kept, the missing cells are empty", "Export the table again.",
         "{rows} of {where} {have} fewer cells than columns"),
    Rule("undecodable", "Broken characters", "A text file holds bytes that its encoding does not know.",
         "each replaced by the sign \ufffd", "Export the file again as UTF-8, or set encoding in coterie.toml.", ""),
    Rule("nul_character", "NUL characters", "A text file holds NUL characters.", "left out", "", ""),
    Rule("unknown_order_status", "Unknown status of an order", "The status of an order is a word we do not know.",
         "row kept, taken as sold", "Say what the word means in coterie.toml.",
         "{rows} of {where} {have} a status that is not known"),
    Rule("late_days", "Days far after all others",
         "The last days of the orders, or of their cancellation, lie more than a year after the others.",
         "row kept; everything counts as known up to then, so that all other customers seem long gone",
         "Correct the {column}, or set as_of to the last day that is right.", ""),
    Rule("orphan_customer", "Customer not in the customers table",
         "A transaction's or order's customer is missing from customers.",
         "row kept; the customer is known, city, gender and joining are not", "Export the full customers table.",
         "{rows} of {where} {name} a customer missing from the customers table"),
    Rule("orphan_branch", "Branch not in the branches table",
         "A transaction's or order's branch is missing from branches.",
         "row kept, branch unknown", "Export the full branches table.",
         "{rows} of {where} {name} a branch missing from the branches table"),
    Rule("orphan_merchant", "Merchant not in the merchants table", "A branch's merchant is missing from merchants.",
         "row kept, merchant unknown", "Export the full merchants table.",
         "{rows} of {where} {name} a merchant missing from the merchants table"),
    Rule("orphan_city", "City not in the cities table", "A customer's city is missing from cities.",
         "row kept, city unknown", "Export the full cities table.",
         "{rows} of {where} {name} a city missing from the cities table"),
    Rule("orphan_gender", "Gender not in the genders table", "A customer's gender is missing from genders.",
         "row kept, gender unknown", "Export the full genders table.",
         "{rows} of {where} {name} a gender missing from the genders table"),
    Rule("unparsable_optional", "Unreadable optional cell",
         "A cell that may be empty holds something that cannot be read as a date or number.",
         "row kept, value unknown", "Correct the {column}.", "in {rows} of {where} the {column} cannot be read"),
    Rule("burn_before_claim", "Burnt before claimed", "The burn date lies before the claim date.",
         "kept as burnt, burn date unknown", "Check both dates.",
         "{rows} of {where} {were} burnt before being claimed"),
    Rule("burnt_without_date", "Burnt without a burn date", "A coupon is burnt, but does not say when.",
         "kept as burnt, left out of time to burn", "Export the burn date with every burnt coupon.",
         "{rows} of {where} {are} burnt without a burn date"),
    Rule("burn_date_without_burn", "Burn date without a burn", "A coupon that is not burnt has a burn date.",
         "status kept, burn date ignored", "Check status and burn date.",
         "{rows} of {where} {have} a burn date but {are} not burnt"),
    Rule("claim_before_join", "Claimed before joining", "A customer claimed a coupon before joining.",
         "kept; exposure starts at the first event", "Check the join date.",
         "{rows} of {where} {were} claimed before the customer joined"),
    Rule("order_before_join", "Ordered before joining", "A customer ordered before joining.",
         "kept; exposure starts at the first event", "Check the join date.",
         "{rows} of {where} {were} ordered before the customer joined"),
    _note("identical_lines", "Identical order lines", "An order line is identical to another one in every column.",
          "kept: each counts", "Set drop_duplicate_lines = true in coterie.toml if a line was exported twice.",
          "{rows} of {where} {are} identical to an earlier one"),
    _note("distant_lines", "One order, days far apart",
          "The lines of one order lie more than 31 days apart, as if order numbers started anew.",
          "all lines of a customer with one order_id are one order, of the day of its first sale",
          "If order numbers start anew, such as each year, write the year before each order_id."),
    _note("frequent_customer", "One customer with very many orders",
          "More than 20 % of all orders, and more than 100, are of one customer, such as guest.",
          "kept as one customer", "If it stands for many people, leave its lines out, or give each person an id."),
    _note("email_case", "Emails that differ in case only",
          "The email addresses of several customers are the same but for capital letters.",
          "kept as customers of their own", "Write all addresses in small letters if they are of the same people."),
    _note("far_as_of", "As-of day far after the data",
          "The as-of day that was set lies more than a year after the last claim or order.",
          "everything counts as known up to then, so that all customers seem long gone",
          "Check as_of; where it is not set, the last day of the data is taken."),
    _note("missing_order_id", "Missing order id", "An order line does not say which order it belongs to.",
          "kept; lines of one customer at one time are one order", "", "{rows} of {where} {have} no order id"),
    _note("return_sign", "Return with a positive amount",
          "A cancelled line, or one of negative quantity, has a positive amount.",
          "read as a return of that amount", "",
          "{rows} of {where} {are} cancelled or of negative quantity and {have} a positive amount"),
    _note("burn_after_as_of", "Burnt after the as-of day", "A coupon was burnt after the as-of day that was set.",
          "open as of that day", "", "{rows} of {where} {were} burnt after the as-of day {as_of}"),
    _note("expiry_after_as_of", "Expired after the as-of day",
          "An expired coupon was still valid on the as-of day that was set.",
          "open as of that day", "", "{rows} of {where} expired after the as-of day {as_of}"),
)

_READING = (
    _note("ambiguous_dates", "Day or month first?", "Every date of a column could be read day-first and month-first.",
          "the guess named is used", 'Set date_order = "day-first" or "month-first" in coterie.toml.'),
    _note("ambiguous_decimal", "Thousands or decimals?",
          "Every point (or comma) in a column of numbers is followed by three digits, and nothing tells what it parts.",
          "the guess named is used",
          'Set decimal = "." or decimal = "," in coterie.toml, whichever mark stands before the decimals.'),
    Rule("mixed_dates", "Day-first and month-first mixed",
         "A column holds dates that are only possible day-first, and others only possible month-first.",
         "the more frequent order is used, the others cannot be read",
         "Export dates as 2026-01-31, or set date_order in coterie.toml.", ""),
    _note("degenerate_dimension", "Nothing to compare", "A dimension has one value only, or as many values as rows.",
          "no chart, no feature, no advice from it", ""),
    _note("event_log", "An event log", "Claims and burns come as rows of their own instead of one row per coupon.",
          "read as the setting status_meaning says", 'Set status_meaning = "event" in coterie.toml.'),
    _note("branch_reading", "What the branch means",
          "A branch may be the one that issued the coupon or the one where it was burnt.",
          "the reading named is used", ""),
    _note("returns", "Returns",
          "An order line has a negative amount or quantity, or its invoice is cancelled (C before the number).",
          "kept apart from sales, taken off revenue", "", "{rows} of {where} {are} {returns}"),
    _note("refunded_in_part", "Refunded in part", "The status of an order says that a part of it was refunded.",
          "row kept with its full amount",
          "Add a row with a negative amount for each refund if it should be taken off revenue.",
          "{rows} of {where} {are} refunded in part"),
    _note("free_items", "Free items", "An order line has a unit price or quantity of 0.",
          "kept, no sale and no order by itself", "", "{rows} of {where} {are} {free_items}"),
    _note("non_products", "Products that may not be goods",
          "A product's code has no digit where most have some, or it is called postage, discount and such.",
          "left in",
          'Leave out those that are not goods with a line in coterie.toml, such as exclude_products = ["POST"].'),
    _note("unmatched_exclusion", "Nothing to leave out", "exclude_products names something that no line holds.",
          "nothing left out for it", "Spell it as in the data."),
    _note("order_header", "Customer and date on one line of an order",
          "A recognised export tells customer and date on the first line of an order only.",
          "the other lines have them from there", ""),
    _note("amount_reading", "How amounts are read", "A table of orders has an amount as well as price and quantity.",
          "the reading named is used", ""),
    _note("repeated_totals", "One amount on all lines of an order",
          "The lines of one order have the same amount, as if the order's total stood on each of them.",
          "each amount is taken as that of its line", "If it is the order's total, export one row per order."),
    _note("customer_attribute", "Columns that describe customers",
          "A further column of orders is the same, or nearly, in all lines of a customer.",
          "kept as an attribute of customers, each with the most frequent value", ""),
    _note("attribute_varies", "Customers with several values",
          "A column that describes customers has several values for some of them.",
          "the most frequent value, of equal ones the alphabetically first", ""),
    _note("encoding_guessed", "Encoding guessed", "A text file is not UTF-8.", "read in the encoding named",
          "If letters look wrong, set encoding in coterie.toml."),
    _note("duplicate_header", "Column names repeated", "A header has one name more than once.",
          "the later columns get names of their own", "Give every column its own name."),
    _note("unread_columns", "Columns left unread", "A table has columns that no figure needs.", "left unread", ""),
    _note("empty_column", "Empty column", "An attribute is empty in every row.", "left out", ""),
    _note("split_table", "Table in several files", "A table comes in several files.", "read as one table", ""),
    _note("table_by_columns", "Table known by its columns", "A file's name says nothing, but its columns do.",
          "read as the table they fit", ""),
    _note("password_in_address", "Password in the address", "The address of a database holds its password.",
          "used, and written nowhere", "Put it into PGPASSWORD or into the password file, and leave it out."),
    _note("unrecognised_file", "File that belongs to no table", "A file is named after no table of the contract.",
          "left unread", "Name it under [files] in coterie.toml if it is one."),
)
# fmt: on

RULES: tuple[Rule, ...] = (*_JUDGING, *_KEEPING, *_READING)
"""All rules. The first ones set rows aside, in the order of judging: the first that fits a row is its one reason."""

RULE: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in RULES})
