"""Put the measurements of `docs/bench.json` into the README's tables, and draw those of the wait.

Runs in the checkout, with the Python of `.venv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from heisenberg.bench.tables.render import filled
from heisenberg.bench.tables.rows import ROWS
from heisenberg.bench.tables.table import Result, read_results
from heisenberg.bench.tables.waterfall import waterfall

ROOT: Final = Path(__file__).resolve().parent.parent
README: Final = ROOT / "README.md"
RESULTS: Final = ROOT / "docs" / "bench.json"
PICTURE: Final = ROOT / "docs" / "voice-latency.svg"


def main() -> None:
    results = read_results(RESULTS)
    before = README.read_text(encoding="utf-8")
    after = filled(before, ROWS, results)
    if after != before:
        README.write_text(after, encoding="utf-8")
        print("README.md: the tables of measurements are up to date now.")
    _draw(results)


def _draw(results: Mapping[str, Result]) -> None:
    """The picture goes when what it showed does."""
    (voice,) = (row for row in ROWS if row.name == "voice")
    picture = waterfall(voice, results.get(voice.name))
    if picture is None:
        PICTURE.unlink(missing_ok=True)
    else:
        PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
