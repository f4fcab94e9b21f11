"""Showing files arrive, on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TextIO

from heisenberg.store.space import readable

if TYPE_CHECKING:
    from rich.progress import TaskID

    from heisenberg.store.base import Progress

_STEP: Final = 0.25
_WORTH_STEPS: Final = 50_000_000


def watching() -> AbstractContextManager[Progress]:
    """What suits stderr: use it as a context manager."""
    return Bars() if sys.stderr.isatty() else Lines(sys.stderr)


class Bars:
    """One bar for each file, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Display

        self._display = Display(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._display.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._display.stop()

    def begin(self, title: str, size: int) -> None:
        self._task = self._display.add_task(title, total=size)

    def reach(self, done: int) -> None:
        if self._task is not None:
            self._display.update(self._task, completed=done)

    def end(self, *, complete: bool) -> None:
        if self._task is not None:
            self._display.stop_task(self._task)
            if not complete:
                self._display.remove_task(self._task)
            self._task = None

    def note(self, text: str) -> None:
        self._display.console.print(text, markup=False, highlight=False, soft_wrap=True)


class Lines:
    """A few lines for each file, for logs."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._title = ""
        self._size = 0
        self._next = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._output.flush()

    def begin(self, title: str, size: int) -> None:
        self._title = title
        self._size = size
        self._next = _STEP

    def reach(self, done: int) -> None:
        if self._size < _WORTH_STEPS or not self._next * self._size <= done < self._size:
            return
        self.note(f"  {self._title}: {readable(done)} of {readable(self._size)}")
        self._next = (done / self._size // _STEP + 1) * _STEP

    def end(self, *, complete: bool) -> None:
        if complete:
            self.note(f"  {self._title}: {readable(self._size)}, complete")

    def note(self, text: str) -> None:
        print(text, file=self._output, flush=True)
