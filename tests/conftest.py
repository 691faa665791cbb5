"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The machine that runs them may be busy: how long an example takes says nothing. What hypothesis finds is the same in
# every run, so that a test that passed at home passes elsewhere too.
settings.register_profile("coterie", deadline=None, derandomize=True, database=None)
settings.load_profile("coterie")

REFERENCE = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Real data sets by others, kept beside the project and never copied into it."""
    if not REFERENCE.is_dir():
        pytest.skip(f"needs the reference data sets in {REFERENCE}, which are not part of the project")
    return REFERENCE


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and width of the terminal that runs the tests must not change what is printed."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
