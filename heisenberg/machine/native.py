"""What every engine that wraps native code shares: its thread, its files, its number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from heisenberg.core.aio import EngineThread
from heisenberg.core.errors import EngineError, HeisenbergError, LoadFailed, ModelMissing
from heisenberg.machine.processor import allowed_cores

T = TypeVar("T")
R = TypeVar("R")


class Native(Generic[T]):
    """A native object that is built, used and dropped on one thread of its own."""

    def __init__(self, name: str, thread: EngineThread, obj: T) -> None:
        self._name = name
        self._thread = thread
        self._held = [obj]

    @classmethod
    async def open(cls, name: str, build: Callable[[], T]) -> Native[T]:
        """Build the object on a new thread; ``name`` is what messages call it.

        Raises what ``build`` raises; the thread is then gone.
        """
        thread = EngineThread(name.replace(" ", "-"))
        try:
            return cls(name, thread, await thread.run(build))
        except BaseException:
            await thread.aclose()
            raise

    async def beside(self, name: str) -> Native[T]:
        """The same object for calls from a second thread, where native code allows that."""
        thread = EngineThread(name.replace(" ", "-"))
        await thread.run(lambda: None)  # it is there from now on, and not from its first call on
        return Native(name, thread, await self.run(lambda held: held))

    @property
    def is_busy(self) -> bool:
        """Whether a call would wait for an earlier one."""
        return self._thread.is_busy

    async def run(self, call: Callable[[T], R]) -> R:
        """Run ``call`` with the object on its thread, after all earlier calls.

        Raises ``EngineError`` for whatever the native code raises, and after ``aclose``.
        """
        try:
            return await self._thread.run(lambda: call(self._held[0]))
        except HeisenbergError:
            raise
        except Exception as exc:
            reason = "it is closed" if not self._held else str(exc).partition("\n")[0]
            raise EngineError(f"The {self._name} failed: {reason}.") from exc

    async def aclose(self) -> None:
        """Drop the object on its thread, then end the thread; a second call does nothing."""
        if self._held:
            await self._thread.aclose(self._held.clear)


def require_file(path: Path) -> Path:
    """``path`` if it can be read; raises ``ModelMissing`` or ``LoadFailed``."""
    if not path.is_file():
        raise ModelMissing(f"The model file {path} is not there.", "Run 'heisenberg models pull'.")
    if not os.access(path, os.R_OK):
        raise LoadFailed(f"The model file {path} can't be read.", "Check its permissions.")
    return path


def damaged(path: Path) -> LoadFailed:
    """The error for a file that a native library refuses."""
    return LoadFailed(
        f"The model file {path} can't be loaded: it is damaged or of another kind.",
        "Run 'heisenberg models verify' to see which files are, then 'heisenberg models pull'.",
    )


def thread_count(asked: int | None, *, at_most: int) -> int:
    """How many threads a network gets: what was asked for, else the physical cores, bounded."""
    if asked is not None:
        return asked
    return min(allowed_cores(), at_most)
