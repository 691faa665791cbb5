"""Answers that are no page: why there is none, as one sentence with the status of HTTP."""

from __future__ import annotations

from coterie.engines import NoRoom
from coterie.errors import CoterieError, DataError

TITLES = {
    400: "This cannot be shown",
    403: "This is not shown",
    404: "There is nothing here",
    405: "This cannot be asked for",
    422: "This cannot be scored",
    500: "Something went wrong",
    503: "Not just now",
}


class NotAnswered(CoterieError):
    """A request that gets no page.

    Args:
        status: Of HTTP.
        sentence: The whole message.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def status_of(error: CoterieError) -> int:
    """The status of HTTP that an expected failure has: what was asked for is wrong, or what is served is."""
    if isinstance(error, NotAnswered):
        return error.status
    return 503 if isinstance(error, DataError | NoRoom) else 400
