"""The few asyncio pieces the standard library lacks: a native engine's own thread, a channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class EngineThread:
    """One thread on which a native object is loaded, used and closed, and nothing else runs.

    Calls run one after the other. Cancelling an awaited call returns at once; the native code
    can't be stopped from outside, so it runs to its end on the thread and its result is dropped.
    Later calls wait for it.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"heisenberg-{name}")
        self._closing = False
        self._calls: list[Future[Any]] = []

    @property
    def is_busy(self) -> bool:
        """Whether a call would wait, be it for one whose result nobody wants any more."""
        return not all(call.done() for call in self._calls)

    async def run(self, call: Callable[[], T]) -> T:
        """Run ``call`` on the thread and return its result; its exception is raised here."""
        running = self._executor.submit(call)
        self._calls = [*(one for one in self._calls if not one.done()), running]
        return await asyncio.wrap_future(running)

    async def aclose(self, close: Callable[[], None] | None = None) -> None:
        """Run ``close`` on the thread after all earlier calls, then end it; again does nothing."""
        if self._closing:
            return
        self._closing = True
        try:
            if close is not None:
                await finish(asyncio.ensure_future(self.run(close)))
        finally:
            self._executor.shutdown(wait=False)


class Channel(Generic[T]):
    """A bounded channel from one writer to one reader, with an end.

    ``send`` waits while ``capacity`` items are unread. Iteration ends after ``close``.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._closed = False
        self._changed = asyncio.Condition()

    async def send(self, item: T) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._items) < self._capacity)
            self._items.append(item)
            self._changed.notify_all()

    async def close(self) -> None:
        """No more items will come."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._items) or self._closed)
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item


@contextlib.asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """An ``asyncio.TaskGroup`` that raises the first failure itself, not a group of one."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failed:
        error: BaseException = failed
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None


async def finish(task: asyncio.Future[T]) -> T:
    """Wait for ``task`` even while being cancelled; the cancellation is raised afterwards.

    For endings that must be complete before the caller goes on, such as closing a native
    generator: a cancelled caller still finds it closed.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as exc:
            if task.cancelled():
                raise
            cancelled = exc
        except Exception:
            break
    if cancelled is not None:
        with contextlib.suppress(Exception):
            task.result()
        raise cancelled
    return task.result()


async def cancel_and_wait(task: asyncio.Task[object]) -> None:
    """Cancel ``task`` and return when it has ended; its own failure is dropped, ours is not."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
