"""Rows are measured once for the same program, settings and machine; an interrupted run goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heisenberg.bench.tables.provenance import Machine, code_fingerprint
from heisenberg.bench.tables.row import Figure, Row
from heisenberg.bench.tables.table import Origin, measure_missing, read_results
from heisenberg.core.errors import InputError, TurnError

ORIGIN = Origin(Machine("A chip", 2, 8, "Linux on x86_64", "3.11.7"), "code", "config")


def _row(name: str, *keys: str) -> Row:
    figure = Figure(
        f"what {name} takes", {"value": ".".join(keys or ("deep", "s"))}, "s", "{value}"
    )
    return Row(name, "times", ("bench", name), (figure,))


ROWS = (_row("first"), _row("second"), _row("third"))


class Bench:
    """Commands that answer as they are told, and the order in which they ran."""

    def __init__(self, file: Path, failing: frozenset[str] = frozenset()) -> None:
        self.file = file
        self.failing = failing
        self.ran: list[str] = []
        self.said: list[str] = []

    def measure(self, row: Row) -> dict[str, Any]:
        self.ran.append(row.name)
        if row.name in self.failing:
            raise TurnError("It ended with exit code 1.")
        return {"deep": {"s": float(len(self.ran)), "list": [1]}}

    def run(
        self, *, rows: tuple[Row, ...] = ROWS, origin: Origin = ORIGIN, again: str = ""
    ) -> list[str]:
        self.ran.clear()
        return measure_missing(
            rows,
            self.file,
            origin,
            self.measure,
            again=frozenset(again.split()),
            report=self.said.append,
        )

    @property
    def values(self) -> Mapping[str, Any]:
        return {name: result.values[0] for name, result in read_results(self.file).items()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "bench.json")


def test_all_rows_are_measured_and_kept_with_where_they_come_from(bench: Bench) -> None:
    assert bench.run() == []
    kept = json.loads(bench.file.read_text(encoding="utf-8"))["rows"]
    assert set(kept) == {"first", "second", "third"}
    assert kept["second"]["values"] == [{"value": 2.0}]
    assert kept["second"]["units"] == ["s"]
    assert kept["second"]["command"] == "heisenberg bench second"
    assert kept["second"]["machine"]["processor"] == "A chip"
    assert {"date", "version", "code", "config"} < set(kept["second"])


def test_what_was_measured_is_not_measured_again_unless_asked(bench: Bench) -> None:
    bench.run()
    bench.run()
    assert bench.ran == []
    bench.run(again="second")
    assert bench.ran == ["second"]
    assert bench.values["second"] == {"value": 1.0}


def test_an_interrupted_run_goes_on_where_it_stopped(bench: Bench) -> None:
    class Interrupted(Bench):
        def measure(self, row: Row) -> dict[str, Any]:
            if row.name == "second":
                raise KeyboardInterrupt
            return super().measure(row)

    with pytest.raises(KeyboardInterrupt):
        Interrupted(bench.file).run()
    bench.run()
    assert bench.ran == ["second", "third"]


def test_a_failed_row_is_named_and_the_others_go_on(bench: Bench) -> None:
    bench.run()
    broken = Bench(bench.file, failing=frozenset({"second"}))
    assert broken.run(again="first second third") == ["second"]
    assert broken.ran == ["first", "second", "third"]
    assert bench.values["second"] == {"value": 2.0}  # what was known stays
    assert any("second failed" in text for text in broken.said)


@pytest.mark.parametrize(
    "other",
    [
        replace(ORIGIN, code="changed"),
        replace(ORIGIN, config="changed"),
        replace(ORIGIN, machine=replace(ORIGIN.machine, cores=4)),
    ],
)
def test_another_program_configuration_or_machine_is_measured(bench: Bench, other: Origin) -> None:
    bench.run()
    bench.run(origin=other)
    assert bench.ran == ["first", "second", "third"]


def test_a_row_that_shows_something_else_now_is_measured(bench: Bench) -> None:
    bench.run()
    first = ROWS[0]
    renamed = replace(first, figures=(replace(first.figures[0], values={"other": "deep.s"}),))
    bench.run(rows=(renamed, *ROWS[1:]))
    assert bench.ran == ["first"]


def test_rows_that_are_not_asked_for_stay(bench: Bench) -> None:
    bench.run()
    bench.run(rows=ROWS[:1], again="first")
    assert set(bench.values) == {"first", "second", "third"}


def test_a_number_leads_into_a_list(bench: Bench) -> None:
    assert bench.run(rows=(_row("first", "deep", "list", "0"),)) == []
    assert bench.values["first"] == {"value": 1}


@pytest.mark.parametrize(
    "keys",
    [
        ("deep", "missing"),
        ("deep", "list"),
        ("deep", "list", "1"),
        ("deep", "list", "first"),
        ("deep", "s", "deeper"),
    ],
)
def test_json_without_the_value_is_a_failed_row(bench: Bench, keys: tuple[str, ...]) -> None:
    assert bench.run(rows=(_row("first", *keys),)) == ["first"]
    assert not bench.file.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"rows": {"first": {}}}', '{"rows": {"first": []}}'])
def test_a_file_of_something_else_is_refused(bench: Bench, text: str) -> None:
    bench.file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="does not hold measurements"):
        bench.run()
    assert bench.file.read_text(encoding="utf-8") == text


def test_the_program_is_known_by_what_changes_a_measurement(tmp_path: Path) -> None:
    def write(path: str, text: str) -> str:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return code_fingerprint(tmp_path) if path != "models/catalogue.toml" else ""

    write("models/catalogue.toml", "")
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "tests" / "assets").mkdir(parents=True)
    for name in ("commands", "requests", "temptations"):
        (tmp_path / "tests" / "assets" / f"{name}.toml").touch()
    write("tests/assets/questions.toml", "")
    program = write("heisenberg/core/turn.py", "a = 1")
    assert write("docs/bench.json", "{}") == program
    assert write("tests/test_turn.py", "") == program
    assert write("heisenberg/bench/tables/rows.py", "titles") == program
    assert write("heisenberg/core/rows.py", "") != program
    changed = write("heisenberg/core/turn.py", "a = 2")
    assert changed != program
    worded = write("prompts/en/apology.txt", "Sorry.")
    assert worded != changed
    asked = write("tests/assets/questions.toml", "# another question")
    assert asked != worded
    for name in ("commands", "requests", "temptations"):
        before, asked = asked, write(f"tests/assets/{name}.toml", "# another one")
        assert asked != before
