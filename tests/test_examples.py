"""Every example runs and says something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))
LAST = {
    "first_segments": "report.html",
    "from_orders": "bought again",
    "new_customers": "200 customers placed as of",
    "your_own_frames": "customer_id",
}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(script, tmp_path):
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, cwd=tmp_path, env=_environment(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert LAST[script.stem] in done.stdout.splitlines()[-1]


def _environment(folder):
    import os

    return {**os.environ, "TMPDIR": str(folder)}
