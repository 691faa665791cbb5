"""The command killed or interrupted at some moment: RUN is the old one or the new one, whole, and nothing else stays."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest

import coterie as ct

MOMENTS = [round(random.Random(seed).uniform(low, low + 1.5), 2) for seed, low in enumerate((0.5, 2.0))]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("killed") / "shop", customers=200, seed=3, file_format="parquet")


def start(shop, run, k):
    words = [sys.executable, "-m", "coterie", "segment", str(shop), "-o", str(run), "--k", str(k)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def content(run):
    return {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_run_is_the_old_or_the_new_one(how, moment, shop, tmp_path):
    run = tmp_path / "run"
    ct.segment(shop, k=2).save(run)
    before = content(run)
    with start(shop, run, 3) as process:
        time.sleep(moment)  # not a wait for anything: the moment itself is what is tried
        process.send_signal(how)
        _, said = process.communicate()
    assert process.returncode in (0, -how, 130), said
    assert "Traceback" not in said
    if process.returncode == 0:
        assert ct.load(run).result.model.k == 3
    elif how == signal.SIGINT:
        assert content(run) == before
        assert [path.name for path in tmp_path.iterdir()] == ["run"]
    else:
        assert content(run) == before or ct.load(run).result.model.k == 3
    with start(shop, run, 4) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    assert ct.load(run).result.model.k == 4
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
