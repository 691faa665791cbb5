"""`python -m coterie` is the command line."""

from __future__ import annotations

from coterie.cli import main

if __name__ == "__main__":
    main()
