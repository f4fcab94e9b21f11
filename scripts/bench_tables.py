"""Put the measurements of `docs/bench.json` into the README's tables.

Runs in the checkout, with the Python of `.venv`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from heisenberg.bench.render import filled
from heisenberg.bench.rows import ROWS
from heisenberg.bench.table import read_results

ROOT: Final = Path(__file__).resolve().parent.parent
README: Final = ROOT / "README.md"
RESULTS: Final = ROOT / "docs" / "bench.json"


def main() -> None:
    before = README.read_text(encoding="utf-8")
    after = filled(before, ROWS, read_results(RESULTS))
    if after != before:
        README.write_text(after, encoding="utf-8")
        print("README.md: the tables of measurements are up to date now.")


if __name__ == "__main__":
    main()
