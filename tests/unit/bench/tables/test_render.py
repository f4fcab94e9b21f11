"""Measurements as a reader meets them; and that the README shows those of docs/bench.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from heisenberg.bench.tables.provenance import Machine
from heisenberg.bench.tables.render import filled, markdown, plain
from heisenberg.bench.tables.row import Figure, Row
from heisenberg.bench.tables.rows import ROWS
from heisenberg.bench.tables.table import Result, read_results
from heisenberg.cli import app
from heisenberg.core.errors import InputError

ROOT = Path(__file__).resolve().parents[4]

VOICE = Row(
    "voice",
    "times",
    ("bench", "voice"),
    (
        Figure(
            "first sound", {"median": "m", "max": "x"}, "s", "{median:.2f} s ({max:.1f})", "2 s"
        ),
        Figure("words", {"n": "n"}, "", "{n}"),
    ),
)
MEMORY = Row(
    "memory", "sizes", ("bench", "memory"), (Figure("memory", {"mb": "mb"}, "MB", "{mb} MB"),)
)
ROWS_HERE = (VOICE, MEMORY)


def _result(*values: dict[str, float], date: str = "2026-11-21", cores: int = 2) -> Result:
    machine = Machine("A chip", cores, 8, "Linux on x86_64", "3.11.7")
    return Result("heisenberg bench voice", values, ("s",), machine, date, "0.1.0", "c", "c")


RESULTS = {"voice": _result({"median": 1.183, "max": 2.24}, {"n": 12})}


def test_a_table_has_a_line_for_each_figure_and_says_where_it_was_measured() -> None:
    assert markdown([VOICE], RESULTS).splitlines() == [
        "| what | measured | aim | command |",
        "|---|---|---|---|",
        "| first sound | 1.18 s (2.2) | 2 s | `heisenberg bench voice` |",
        "| words | 12 |  | `heisenberg bench voice` |",
        "",
        "Measured on 2 cores of A chip, 8 GB of memory, Linux on x86_64, Python 3.11.7, "
        "with Heisenberg 0.1.0, 2026-11-21.",
    ]


def test_two_machines_and_two_days_are_told_apart() -> None:
    results = {**RESULTS, "memory": _result({"mb": 9}, date="2026-11-20", cores=4)}
    text = markdown(ROWS_HERE, results)
    assert "on 2 cores of A chip" in text
    assert "on 4 cores of A chip" in text
    together = {**RESULTS, "memory": _result({"mb": 9}, date="2026-11-20")}
    assert "2026-11-20 to 2026-11-21" in markdown(ROWS_HERE, together)


def test_what_was_not_measured_says_so() -> None:
    assert "| memory | not measured yet |" in markdown([MEMORY], RESULTS)
    older = {"voice": _result({"median": 1.0}, {"n": 12})}
    assert "| first sound | not measured yet |" in markdown([VOICE], older)
    assert "not measured yet" in plain(ROWS_HERE, RESULTS)


def test_tables_replace_what_stands_between_their_markers_and_nothing_else() -> None:
    page = (
        "# Title\n<!-- bench:times -->\nold\n<!-- /bench -->\nbetween\n"
        "<!-- bench:sizes -->\n<!-- /bench -->\nend\n"
    )
    once = filled(page, ROWS_HERE, RESULTS)
    assert once.startswith("# Title\n<!-- bench:times -->\n| what |")
    assert "old" not in once
    assert "\n<!-- /bench -->\nbetween\n<!-- bench:sizes -->\n| what |" in once
    assert once.endswith("\n<!-- /bench -->\nend\n")
    assert once.count("first sound") == 1
    assert filled(once, ROWS_HERE, RESULTS) == once


def test_a_marker_of_no_table_is_an_error() -> None:
    with pytest.raises(InputError, match="no table 'nothing'"):
        filled("<!-- bench:nothing -->\n<!-- /bench -->", ROWS_HERE, RESULTS)


def test_the_readme_shows_the_measurements_that_are_kept() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert filled(readme, ROWS, read_results(ROOT / "docs" / "bench.json")) == readme, (
        "run: .venv/bin/python -m scripts.bench_tables"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_runs_a_command_there_is_and_shows_only_its_own_values(row: Row) -> None:
    command: Any = typer.main.get_command(app)
    for name in row.command[: 2 if row.command[0] == "bench" else 1]:
        command = command.commands[name]
    options = {name for option in command.params for name in option.opts}
    assert "--json" in options
    assert {part for part in row.command if part.startswith("--")} <= options
    for figure in row.figures:
        assert figure.text.format(**dict.fromkeys(figure.values, 1.0))


def test_rows_have_names_of_their_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
