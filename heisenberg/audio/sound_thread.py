"""The thread on which the sound library is used."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ClassVar, Final, Self, TypeVar

T = TypeVar("T")

_EXIT_CODE: Final = 1


class SoundThread:
    """One for the whole process, shared by those who ``join``; it makes one call after another.

    A sound library waits for its server, for ever if the server hangs. The thread can be left
    behind then: those who join later wait for it, and the process ends without it.
    """

    _running: ClassVar[SoundThread | None] = None
    _lock: ClassVar = threading.Lock()

    def __init__(self) -> None:
        """Use ``join``."""
        self._users = 0
        self._left_behind = False
        self._calls: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()

    @classmethod
    def join(cls) -> SoundThread:
        """The thread; pair with ``leave``."""
        with cls._lock:
            if cls._running is None:
                cls._running = cls()._start()
            cls._running._users += 1
            return cls._running

    def leave(self) -> None:
        """When nobody is left the thread ends, after the calls made until now."""
        with self._lock:
            self._users -= 1
        self._calls.put(None)

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

    def leave_behind(self, last_call: Callable[[], object]) -> None:
        """The thread hangs: let it make ``last_call`` whenever it can.

        If it hangs still when the process ends, that ends at once, with exit code 1: Python can't
        be taken down while native threads are at work in it.
        """
        self._calls.put(last_call)
        if not self._left_behind:
            self._left_behind = True
            atexit.register(self._end_at_once)

    def _start(self) -> Self:
        threading.Thread(target=self._work, name="heisenberg-sound", daemon=True).start()
        return self

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            if call is not None:
                call()
                continue
            with self._lock:
                if self._users == 0:
                    SoundThread._running = None
                    return

    def _end_at_once(self) -> None:
        with self._lock:
            if SoundThread._running is not self:
                return
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_EXIT_CODE)
