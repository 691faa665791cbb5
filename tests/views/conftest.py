"""Hand-made results for tests of views."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    name = "coterie_sample_result"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("sample_result.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


SAMPLES = _load()
VARIANTS = (
    "sample", "never_active", "alike", "many", "hostile", "unjudged", "chance", "natural", "across", "little", "compared",
    "both", "coupon_shop", "hostile_shop", "orders", "bought_and_burnt",
)  # fmt: skip


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module of hand-made results."""
    return SAMPLES


@pytest.fixture(scope="session")
def sample():
    """Five segments of 1,584 customers."""
    return SAMPLES.sample_result()


@pytest.fixture(scope="session", params=VARIANTS)
def variant(request: pytest.FixtureRequest):
    """Every hand-made result in turn."""
    return getattr(SAMPLES, f"{request.param}_result")()
