"""The command: what it refuses, the server it starts, and how that ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coterie.cli import app
from coterie.dashboard.serve import bound
from coterie.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from coterie.cli import main; main()"


class Place:
    """Stands for a socket."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        return self

    def __exit__(self, *how):
        pass

    def getsockname(self):
        return self.place


@pytest.fixture
def asked(monkeypatch):
    """Runs the command up to the point where it would serve."""
    served = []
    monkeypatch.delenv("COTERIE_PASSWORD", raising=False)
    monkeypatch.setattr("coterie.dashboard.bound", lambda host, port: Place((host, port)))

    def serve(session, access, hosts, listening, started):
        started()
        served.append((session, access, hosts, listening.place))

    monkeypatch.setattr("coterie.dashboard.serve", serve)

    def ask(*words):
        return CliRunner().invoke(app, ["dashboard", *map(str, words)]), served

    return ask


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0 can be reached from other machines"),
        (["--host", "192.168.1.5"], "Add --token-file FILE or --user NAME, or leave --host out."),
        (["--host", "0.0.0.0", "--user", "ann"], "--user ann needs a password"),
        (["--token-file", "nowhere"], "--token-file nowhere cannot be read: no such file or directory."),
        (["--allowed-host", "a/b"], "--allowed-host 'a/b' is no name of a host."),
    ],
)
def test_what_is_not_safe_is_refused(asked, saved, words, said):
    found, served = asked(saved, *words)
    assert (found.exit_code, served) == (2, [])
    assert said in found.output
    assert "Traceback" not in found.output


def test_everywhere_needs_a_name_as_well_as_a_token(asked, saved, tmp_path):
    token = tmp_path / "token"
    token.write_text("f" * 32, encoding="utf-8")
    found, _ = asked(saved, "--host", "0.0.0.0", "--token-file", token)
    assert found.exit_code == 2
    assert "Say under which name it is to be asked for" in found.output
    found, served = asked(
        saved, "--host", "0.0.0.0", "--token-file", token, "--allowed-host", "shop.example", "--port", 0
    )
    assert found.exit_code == 0, found.output
    _session, access, hosts, listening = served[0]
    assert hosts == {"localhost", "127.0.0.1", "::1", "shop.example"}
    assert access.token.fits("f" * 32)
    assert listening == ("0.0.0.0", 0)


def test_where_it_is_reached_is_said(asked, saved):
    found, _ = asked(saved, "--port", 99)
    assert "Dashboard at http://127.0.0.1:99/ (Ctrl-C stops it)" in found.output
    assert "nobody is asked" not in found.output
    found, _ = asked(saved, "--host", "::1", "--port", 99, "--allowed-host", "shop.example")
    assert "Dashboard at http://[::1]:99/" in found.output
    assert "Whoever reaches it as shop.example can look at the customers: nobody is asked who they are." in found.output


def test_a_folder_that_is_no_run_is_told(asked, tmp_path):
    found, _ = asked(tmp_path)
    assert found.exit_code == 2
    assert "is not a run of Coterie" in found.output
    found, _ = asked(tmp_path / "nowhere")
    assert "There is no run at" in found.output


def test_a_library_that_is_missing_is_told(asked, saved, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found, served = asked(saved)
    assert (found.exit_code, served) == (2, [])
    assert "pip install 'coterie[dashboard]'" in found.output


def test_a_taken_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1 port {port} cannot be served: .*Choose another port"):
            bound("127.0.0.1", port)
    with pytest.raises(UsageError, match="cannot be served"):
        bound("203.0.113.1", 0)


def check_served(port):
    """A client of another make than the one of the other tests gets what they get."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
        assert answer.read() == b'{"status":"ok"}'
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20)
    with refused.value as answer:
        assert answer.code == 401
        assert "server" not in {name.lower() for name in answer.headers}
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(b"GET /../../etc/passwd HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert raw.recv(4_096).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_serves_until_it_is_stopped(saved, shop, tmp_path, stop, code):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "TMPDIR": str(tmp_path),
        "COTERIE_PASSWORD": "käse brot",
    }
    command = [sys.executable, "-W", "error", "-W", "ignore:fetch_arrow_table", "-c", PROGRAM, "dashboard", str(saved)]
    with subprocess.Popen(
        [*command, "--data", str(shop), "--port", "0", "--user", "ann"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as server:  # fmt: skip
        try:
            said = next(line for line in server.stderr if line.startswith("Dashboard at"))
            check_served(int(re.search(r"http://127\.0\.0\.1:(\d+)/", said)[1]))
            server.send_signal(stop)
            out, err = server.communicate(timeout=30)
        finally:
            server.kill()
    assert (server.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == []
