"""Questions that take too long are given up, and too many at once are refused."""

from __future__ import annotations

import threading
import time

import pytest

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.asking import MOST_WAITING, Asking
from coterie.engines import Interrupted


def test_an_answer_is_given_and_a_failure_is_the_questions_own():
    ask = Asking()
    assert ask(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        ask(lambda: 1 // 0)

    def late():
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        ask(late)
    ask.close()


def test_a_question_that_takes_too_long_is_stopped():
    stop = threading.Event()
    ask = Asking(stop.set, seconds=0.05)
    before = time.monotonic()
    with pytest.raises(NotAnswered, match="This takes too long to count") as told:
        ask(lambda: stop.wait(10))
    assert told.value.status == 503
    assert time.monotonic() - before < 5
    assert stop.is_set()
    assert ask(lambda: "next", times=100) == "next"
    ask.close()


def test_one_that_has_not_begun_is_not_asked_at_all():
    go, asked = threading.Event(), []
    ask = Asking(None, seconds=0.05)
    with pytest.raises(NotAnswered):
        ask(lambda: go.wait(10))
    with pytest.raises(NotAnswered):
        ask(lambda: asked.append("never"))
    go.set()
    assert ask(lambda: "after", times=100) == "after"
    assert asked == []
    ask.close()


def test_too_many_at_once_are_told_to_come_again():
    go = threading.Event()
    ask = Asking(None, seconds=10)
    waiting = [threading.Thread(target=lambda: ask(go.wait)) for _ in range(MOST_WAITING)]
    for one in waiting:
        one.start()
    deadline = time.monotonic() + 5
    while ask._room._value and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(NotAnswered, match="Too much is being asked for at once"):
        ask(lambda: None)
    go.set()
    for one in waiting:
        one.join()
    assert ask(lambda: "free again") == "free again"
    ask.close()


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_query_of_the_engine_can_be_stopped(tmp_path, request, engine):
    import coterie as ct

    shop = ct.sample(tmp_path / "shop", customers=50, seed=1)
    tables = ct.read(shop if engine == "duckdb" else request.getfixturevalue("postgres").put("stopped", shop))
    people = tables.customers.select("customer_id")
    many = people.select(a=people.customer_id)
    for letter in "bcdefgh":  # 50 to the power of 8
        many = many.cross_join(people.select(**{letter: people.customer_id}))
    slow = many.aggregate(n=((many.a * many.b + many.c * many.d) % (many.e + many.f * many.g + many.h)).sum())
    ask = Asking(tables.engine.interrupt, seconds=0.3)
    with pytest.raises(NotAnswered, match="takes too long"):
        ask(lambda: tables.engine.collect(slow))
    counted = ask(lambda: tables.engine.collect(people.aggregate(n=people.count())).to_pylist(), times=50)
    assert counted == [{"n": 50}]
    assert not ask.broken
    ask.close()
    tables.engine.close()


def test_what_was_meant_for_the_question_before_stops_the_next_without_being_a_fault():
    def stopped():
        raise Interrupted

    ask = Asking()
    with pytest.raises(NotAnswered, match="takes too long") as told:
        ask(stopped)
    assert (told.value.status, ask.broken) == (503, False)
    assert ask(lambda: "next") == "next"
    ask.close()
