"""Running the rows of ``make bench`` and keeping what they measured in one JSON document."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import heisenberg
from heisenberg.bench.tables.provenance import (
    Machine,
    code_fingerprint,
    configuration_fingerprint,
    this_machine,
)
from heisenberg.bench.tables.row import Row
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError, TurnError
from heisenberg.core.files import replace_file

Value: TypeAlias = float | int | str
Measure: TypeAlias = Callable[[Row], dict[str, Any]]
"""Runs a row's command and returns its JSON document; raises ``TurnError`` when it fails."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one row measured: for each of its figures the named values, with where they come from.

    ``code`` and ``config`` tell apart programs and settings (``bench.tables.provenance``).
    """

    command: str
    values: tuple[Mapping[str, Value], ...]
    units: tuple[str, ...]
    machine: Machine
    date: str
    version: str
    code: str
    config: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Everything that must be the same for a row not to be measured again."""

    machine: Machine
    code: str
    config: str

    @classmethod
    def here(cls, root: Path, config: Config) -> Origin:
        """This machine and the checkout ``root`` with ``config``."""
        return cls(this_machine(), code_fingerprint(root), configuration_fingerprint(config))


def read_results(file: Path) -> dict[str, Result]:
    """The results kept in ``file`` by name of row; none when there is no file.

    Raises ``InputError`` when it holds something else.
    """
    if not file.exists():
        return {}
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
        return {name: _result(fields) for name, fields in rows.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputError(
            f"{file.name} does not hold measurements.", "Delete it, or take it from the repository."
        ) from exc


def write_results(file: Path, results: Mapping[str, Result]) -> None:
    rows = {name: asdict(results[name]) for name in sorted(results)}
    with replace_file(file) as out:
        text = json.dumps({"rows": rows}, indent=2, ensure_ascii=False)
        out.write(f"{text}\n".encode())


def measure_missing(
    rows: Sequence[Row],
    file: Path,
    origin: Origin,
    measure: Measure,
    *,
    again: frozenset[str] = frozenset(),
    report: Callable[[str], None] = lambda _text: None,
) -> list[str]:
    """Measure those of ``rows`` that ``file`` does not hold for ``origin``, and those in ``again``.

    What a row measured is in ``file`` before the next one begins; results of other rows stay.
    Returns the names of the rows that failed.
    """
    failed = []
    for row in rows:
        results = read_results(file)
        if row.name not in again and _is_done(row, results.get(row.name), origin):
            report(f"{row.name}: measured before")
            continue
        report(f"{row.name}: {row.shown_command}")
        try:
            result = _judge(row, measure(row), origin)
        except TurnError as exc:
            report(f"{row.name} failed: {exc}")
            failed.append(row.name)
            continue
        write_results(file, {**results, row.name: result})
    return failed


def run_command(row: Row) -> dict[str, Any]:
    """Run the row's command in a process of its own; what it says on stderr passes through."""
    command = [sys.executable, "-m", "heisenberg", *row.command, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise TurnError(f"It ended with exit code {done.returncode}.", "What it said is above.")
    try:
        document: dict[str, Any] = json.loads(done.stdout)
    except ValueError as exc:
        raise TurnError("It printed something else than JSON.", "Run it alone.") from exc
    return document


def _judge(row: Row, document: dict[str, Any], origin: Origin) -> Result:
    return Result(
        row.shown_command,
        tuple(
            {name: _at(document, keys) for name, keys in figure.values.items()}
            for figure in row.figures
        ),
        tuple(figure.unit for figure in row.figures),
        origin.machine,
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        heisenberg.__version__,
        origin.code,
        origin.config,
    )


def _at(document: Any, keys: str) -> Value:
    for key in keys.split("."):
        try:
            document = document[int(key) if isinstance(document, list) else key]
        except (LookupError, TypeError, ValueError) as exc:
            raise TurnError(f"Its JSON has no {keys}.") from exc
    if not isinstance(document, float | int | str):
        raise TurnError(f"{keys} in its JSON is no value but {document!r}.")
    return document


def _is_done(row: Row, result: Result | None, origin: Origin) -> bool:
    return (
        result is not None
        and Origin(result.machine, result.code, result.config) == origin
        and result.command == row.shown_command
        and [set(values) for values in result.values] == [set(f.values) for f in row.figures]
    )


def _result(fields: dict[str, Any]) -> Result:
    return Result(
        **{
            **fields,
            "machine": Machine(**fields["machine"]),
            "values": tuple(fields["values"]),
            "units": tuple(fields["units"]),
        }
    )
