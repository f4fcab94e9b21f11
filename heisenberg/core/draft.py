"""A turn that is prepared before it is certain that the user has finished."""

from __future__ import annotations

from typing import Any

from heisenberg.core.bus import Bus
from heisenberg.core.events import Event


class HeldEvents:
    """What happens in a turn: told to nobody until ``release``, then as it happens."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._held: list[tuple[Event, float, dict[str, Any]]] | None = []

    def publish(self, event: Event, **fields: Any) -> None:
        if self._held is None:
            self._bus.publish(event, **fields)
        else:
            self._held.append((event, self._bus.now_s, fields))

    def release(self) -> None:
        """Tell what happened so far, with the times at which it did."""
        held, self._held = self._held or [], None
        for event, t_s, fields in held:
            self._bus.publish(event, t=t_s, **fields)
