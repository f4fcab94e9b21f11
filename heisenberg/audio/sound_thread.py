"""The thread on which a sound library is used."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class SoundThread:
    """Runs calls one after the other, and can be left behind.

    A sound library waits for its server, for ever if the server hangs. This thread does not keep
    the process from ending, as those of ``EngineThread`` do.
    """

    def __init__(self) -> None:
        self.ended = False
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="heisenberg-sound", daemon=True).start()

    async def run(self, call: Callable[[], T]) -> T:
        """Run ``call`` on the thread and return its result; its exception is raised here.

        Cancelling returns at once; a call that has begun runs to its end.
        """
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call()
            except BaseException as exc:
                future.set_exception(exc)
            else:
                future.set_result(result)

        self._calls.put(work)
        return await asyncio.wrap_future(future)

    def end(self) -> None:
        """Let the thread end after the calls made until now; no more may be made."""
        self.ended = True
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
