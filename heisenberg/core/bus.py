"""Tells those who watch what happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

import structlog

from heisenberg.core.events import Event, EventRecord

Observer: TypeAlias = Callable[[EventRecord], None]

_log = structlog.get_logger(__name__)


class Bus:
    """Publishing never blocks and never fails: an observer that raises is logged and let go."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` gives the seconds since the start of the input."""
        self._clock = clock
        self._observers: list[Observer] = []
        self._untold: deque[EventRecord] = deque()

    @property
    def now_s(self) -> float:
        """Seconds since the start of the input."""
        return self._clock()

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call ``observer`` with every event from now on; call what is returned to end that."""
        self._observers.append(observer)
        return lambda: self._remove(observer)

    def publish(self, event: Event, *, t: float | None = None, **fields: Any) -> None:
        """Tell every observer; ``t`` is now, unless the event belongs to another moment.

        What an observer publishes is told when all have been told of what it observed.
        """
        self._untold.append(EventRecord(self._clock() if t is None else t, event, fields))
        if len(self._untold) > 1:  # an observer publishes
            return
        while self._untold:
            self._tell(self._untold[0])
            self._untold.popleft()

    def _tell(self, record: EventRecord) -> None:
        for observer in tuple(self._observers):
            try:
                observer(record)
            except Exception:  # an observer's fault must not end a turn
                _log.exception("observer failed", event_name=record.event.value)
                self._remove(observer)

    def _remove(self, observer: Observer) -> None:
        if observer in self._observers:
            self._observers.remove(observer)
