"""Measurements as tables: in a terminal, and in the README between its markers.

A marker pair is ``<!-- bench:NAME -->`` and ``<!-- /bench -->``; ``NAME`` is a row's ``table``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from heisenberg.bench.tables.row import Figure, Row
from heisenberg.bench.tables.table import Result, Value
from heisenberg.core.errors import InputError

_MARKED: Final = re.compile(r"(<!-- bench:(\S+) -->\n).*?(<!-- /bench -->)", re.DOTALL)
_NOT_MEASURED: Final = "not measured yet"


def filled(text: str, rows: Sequence[Row], results: Mapping[str, Result]) -> str:
    """``text`` with the present tables between its markers; what is outside stays.

    Raises ``InputError`` when a marker names no table.
    """

    def fill(found: re.Match[str]) -> str:
        begin, name, end = found.groups()
        chosen = [row for row in rows if row.table == name]
        if not chosen:
            raise InputError(f"There is no table '{name}' of measurements.", "Correct the marker.")
        return f"{begin}{markdown(chosen, results)}{end}"

    return _MARKED.sub(fill, text)


def markdown(rows: Sequence[Row], results: Mapping[str, Result]) -> str:
    """A table of all figures of ``rows``, and below it a line for each machine they come from."""
    lines = ["| what | measured | aim | command |", "|---|---|---|---|"]
    for row in rows:
        for figure, text in _figures(row, results):
            lines.append(f"| {figure.title} | {text} | {figure.aim} | `{row.shown_command}` |")
    origins = list(_origins([results[row.name] for row in rows if row.name in results]))
    return "\n".join([*lines, "", *origins, ""]) if origins else "\n".join([*lines, ""])


def plain(rows: Sequence[Row], results: Mapping[str, Result]) -> str:
    """The same for a terminal: a line for each figure, with its aim."""
    figures = [pair for row in rows for pair in _figures(row, results)]
    width = max(len(figure.title) for figure, _ in figures)
    return "\n".join(
        f"{figure.title:<{width}}  {text}" + (f"  [aim: {figure.aim}]" if figure.aim else "")
        for figure, text in figures
    )


def _figures(row: Row, results: Mapping[str, Result]) -> Iterator[tuple[Figure, str]]:
    result = results.get(row.name)
    measured = () if result is None else result.values
    for index, figure in enumerate(row.figures):
        values: Mapping[str, Value] = measured[index] if index < len(measured) else {}
        known = set(figure.values) <= set(values)
        yield figure, figure.text.format(**values) if known else _NOT_MEASURED


def _origins(results: Sequence[Result]) -> Iterator[str]:
    for machine in dict.fromkeys(result.machine for result in results):
        here = [result for result in results if result.machine == machine]
        dates = sorted({result.date for result in here})
        versions = ", ".join(sorted({result.version for result in here}))
        when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        yield f"Measured on {machine}, with Heisenberg {versions}, {when}."
