"""Readers of a dashboard: so many at once, for so long, each going from page to page with filters of its own.

    python benchmarks/readers.py http://127.0.0.1:8765 --readers 50 --seconds 60 --pause 2

Each reader asks, reads for `--pause` seconds (between half of it and one and a half times), and asks for something
else: a page under the filters of one of the lists that the bar offers, a page of the customer list, a search. What is
asked for depends on the seed alone. Ends after the time, whatever the server does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import random
import re
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

PAGES = ("/", "/metrics", "/trends", "/retention", "/customers", "/segments", "/segments/1", "/model", "/data")
MEASURES = ("customers", "coupons", "burn_rate", "sales")
DIMENSIONS = ("segment", "city", "branch", "merchant", "month")
BOX = re.compile(r'type="checkbox"[^>]* name="(\w+)" value="([^"&]+)"')
DAY = re.compile(r'name="since"[^>]* min="([0-9-]+)" max="([0-9-]+)"')
LONGEST = 60.0
"""Seconds after which an answer is given up and counted as an error."""


@dataclass
class Log:
    """What came of it: seconds of each answer that was one, by page, and how often it was none, by what it was."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, page: str, seconds: float) -> None:
        with self._lock:
            self.seconds.setdefault(page, []).append(seconds)

    def failed(self, what: str) -> None:
        with self._lock:
            self.errors[what] += 1

    @property
    def all(self) -> list[float]:
        return sorted(second for one in self.seconds.values() for second in one)


@dataclass(frozen=True)
class Offered:
    """What the bar of filters offers: name -> values, and the days between which there are events."""

    values: dict[str, list[str]]
    first: dt.date
    last: dt.date


def read(address: str, *, readers: int, seconds: float, pause: float, seed: int = 1) -> Log:
    """Let them read; returns when all have their last answer."""
    log, until, offered = Log(), time.monotonic() + seconds, offered_by(address)
    threads = [
        threading.Thread(target=_reader, args=(address, offered, random.Random(f"{seed}-{number}"), until, pause, log))
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return log


def offered_by(address: str) -> Offered:
    """The filters of the page of trends; values that HTML writes otherwise than they are stay out."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=LONGEST)
    connection.request("GET", "/trends")
    page = connection.getresponse().read().decode("utf-8")
    connection.close()
    values: dict[str, list[str]] = {}
    for name, value in BOX.findall(page):
        values.setdefault(name, []).append(value)
    days = DAY.search(page)
    first, last = (dt.date.fromisoformat(day) for day in (days.groups() if days else ("2024-01-01", "2024-12-31")))
    return Offered(values, first, last)


def target(offered: Offered, dice: random.Random) -> tuple[str, str]:
    """A page, and its address under one or two filters (in a third of the cases none)."""
    page = dice.choice(PAGES)
    query: list[tuple[str, str]] = []
    if page == "/metrics":
        query += [("measure", dice.choice(MEASURES)), ("by", dice.choice(DIMENSIONS))]
    if page == "/customers" and dice.random() < 0.5:
        query += [("text", str(dice.randrange(100, 1000)))]
    if page not in ("/segments/1", "/model", "/data") and dice.random() > 1 / 3:
        known = [name for name in offered.values if page != "/retention" or name in ("segment", "city", "gender")]
        for name in dice.sample(known, min(len(known), dice.randint(1, 2))):
            query += [(name, dice.choice(offered.values[name]))]
        if page != "/retention" and dice.random() < 0.3:
            days = (offered.last - offered.first).days
            query += [("since", (offered.first + dt.timedelta(days=dice.randrange(days // 2))).isoformat())]
    return page, page + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def _reader(address: str, offered: Offered, dice: random.Random, until: float, pause: float, log: Log) -> None:
    place = urlsplit(address).netloc
    connection = http.client.HTTPConnection(place, timeout=LONGEST)
    time.sleep(dice.uniform(0, pause))
    while time.monotonic() < until:
        page, path = target(offered, dice)
        begun = time.perf_counter()
        try:
            status, size = _ask(connection, path)
        except (OSError, http.client.HTTPException) as error:
            log.failed(f"{type(error).__name__} {path}")
            connection.close()
            connection = http.client.HTTPConnection(place, timeout=LONGEST)
        else:
            if status == 200 and size:
                log.answered(page, time.perf_counter() - begun)
            else:
                log.failed(f"{status} {path}")
        time.sleep(dice.uniform(0.5 * pause, 1.5 * pause))
    connection.close()


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, int]:
    """Status and bytes of the body; asked once more where the idle connection was closed, as browsers do."""
    for again in (True, False):
        idle = connection.sock is not None
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            return answer.status, len(answer.read())
        except (ConnectionError, http.client.RemoteDisconnected):
            connection.close()
            if not (idle and again):
                raise
    raise AssertionError("asked twice and neither answered nor refused")


def quantile(ordered: list[float], share: float) -> float:
    """The value below which this share lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    log = read(
        options.address, readers=options.readers, seconds=options.seconds, pause=options.pause, seed=options.seed
    )
    for page, found in sorted(log.seconds.items()):
        print(f"{page:12} {len(found):5} answers, median {statistics.median(found) * 1e3:6.0f} ms, "
              f"95 of 100 within {quantile(sorted(found), 0.95) * 1e3:6.0f} ms")  # fmt: skip
    every = log.all
    if every:
        print(f"all          {len(every):5} answers, median {statistics.median(every) * 1e3:6.0f} ms, "
              f"95 of 100 within {quantile(every, 0.95) * 1e3:6.0f} ms, longest {every[-1] * 1e3:.0f} ms")  # fmt: skip
    for what, times in log.errors.most_common(10):
        print(f"error: {what} ({times})")
    sys.exit(1 if log.errors else 0)


if __name__ == "__main__":
    main()
