"""A small shop, its run, and clients that ask for it."""

from __future__ import annotations

import shutil

import pytest

import coterie as ct
from coterie.dashboard import Session
from coterie.dashboard import session as of_session
from tests_dashboard import client_of


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """On a busy machine a run takes longer to load than readers are kept waiting."""
    monkeypatch.setattr(of_session, "WAIT_SECONDS", 60.0)


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("served") / "shop", customers=160, orders=True, seed=5)


@pytest.fixture(scope="session")
def saved(shop, tmp_path_factory):
    """A run folder that no test changes."""
    run = ct.segment(shop, features=["coupons_claimed", "recency", "city"], k=3, evidence=False)
    return run.save(tmp_path_factory.mktemp("served") / "run")


@pytest.fixture
def run(saved, tmp_path):
    """A run folder of the test's own."""
    return shutil.copytree(saved, tmp_path / "run")


@pytest.fixture(scope="session")
def client(saved):
    """Without raw tables."""
    session = Session(saved)
    session.start()
    with client_of(session) as found:
        yield found


@pytest.fixture(scope="session")
def live(saved, shop):
    """With raw tables."""
    session = Session(saved, str(shop))
    session.start()
    with client_of(session) as found:
        yield found
