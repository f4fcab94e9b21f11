"""What is going on while a person waits, on stderr."""

from __future__ import annotations

import sys


def show_loading(name: str, seconds: float | None) -> None:
    """A line for each part that has loaded."""
    if seconds is not None:
        print(f"  {name:<16} {seconds:5.1f} s", file=sys.stderr)
