"""Showing documents being read, on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from heisenberg.knowledge.updating import OnProgress, Step

_STEP: Final = 0.1


@contextlib.contextmanager
def watching() -> Iterator[OnProgress]:
    """What suits stderr; it is told each step."""
    if not sys.stderr.isatty():
        yield Lines(sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[passages]} passages  {task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as display:
        task = display.add_task("", total=None, passages=0)

        def show(step: Step) -> None:
            display.update(
                task,
                completed=step.done,
                total=step.documents,
                passages=step.passages,
                description=Path(step.path).name,
            )

        yield show


class Lines:
    """A line for every tenth of the documents, for logs."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._next = _STEP

    def __call__(self, step: Step) -> None:
        if step.done < self._next * step.documents:
            return
        self._next = (step.done / step.documents // _STEP + 1) * _STEP
        print(
            f"  {step.done} of {step.documents} documents, {step.passages} passages",
            file=self._output,
            flush=True,
        )
