"""One error family. The command line prints these as one sentence; anything else is a bug and keeps its traceback."""

from __future__ import annotations


class CoterieError(Exception):
    """An expected failure, told in one sentence: what, where, what was found, what would be right, what to do.

    Args:
        sentence: The whole message, ready to be shown to a person.

    Example:
        >>> str(DataError("orders.csv has no rows. Export it again with its data."))
        'orders.csv has no rows. Export it again with its data.'
    """

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UsageError(CoterieError):
    """The command or call was wrong: an unknown option, a missing path, a folder that is not ours."""

    exit_code = 2


class DataError(CoterieError):
    """The data cannot serve: unreadable, without a key column, without a single valid event."""

    exit_code = 3
