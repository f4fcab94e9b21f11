"""An answer as it comes, on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer


@dataclass(slots=True)
class AnswerLine:
    """``begun``: something of it is shown."""

    begun: bool = False

    def add(self, piece: str) -> None:
        typer.echo(piece, nl=False)
        self.begun = True


@contextmanager
def answer_line() -> Iterator[AnswerLine]:
    """However the answer ends, what is told then, as a failure, is on the next line."""
    line = AnswerLine()
    try:
        yield line
    finally:
        if line.begun:
            typer.echo("")
