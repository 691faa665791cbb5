"""Space on disk is given back, also after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile

import pytest

from coterie.engines.spill import PREFIX, SpillFolder, sweep

HOLD = "from coterie.engines.spill import SpillFolder; s = SpillFolder(); print(s.path, flush=True); input()"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_folder_is_gone_when_done(tmp_path):
    spill = SpillFolder()
    (spill.path / "data").write_bytes(b"x" * 100)
    spill.remove()
    spill.remove()
    assert list(tmp_path.iterdir()) == []


def test_folder_of_a_killed_process_is_swept_and_that_of_a_living_one_is_left(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        held = one.stdout.readline().strip()
        sweep()
        assert [str(path) for path in tmp_path.iterdir()] == [held]
        one.send_signal(signal.SIGKILL)
    sweep()
    assert list(tmp_path.iterdir()) == []


def test_foreign_folders_are_left(tmp_path):
    (tmp_path / f"{PREFIX}mine").mkdir()
    sweep()
    assert [path.name for path in tmp_path.iterdir()] == [f"{PREFIX}mine"]
