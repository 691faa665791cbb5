"""What the terminal gets: tables that fit, messages that can be searched for when piped."""

from __future__ import annotations

import io
import sys

import pytest

from coterie.cli.listing import print_features
from coterie.cli.terminal import say, table
from coterie.features import FEATURES, PRESETS


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


LONG = "word " * 40


def test_a_piped_message_is_one_line(capsys):
    say(LONG)
    assert capsys.readouterr().err == LONG + "\n"


def test_a_message_in_a_terminal_breaks_between_words(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    say(LONG)
    lines = screen.getvalue().splitlines()
    assert len(lines) == 4
    assert all(len(line) <= 60 and set(line.split()) == {"word"} for line in lines)


def test_a_piped_table_does_not_break_names(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    name = "Collectors who rarely redeem, quiet for longer than others"
    table("", (("Segment", "left"), ("Customers", "right")), [(name, "1")])
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("columns", [80, 120])
def test_the_catalogue_fits(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    print_features()
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    words = {line.split()[0] for line in lines if line.strip() and not line.startswith(" ")}
    assert {entry.name for entry in (*FEATURES, *PRESETS)} <= words
