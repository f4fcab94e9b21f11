"""How often somebody may ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_BURST_SHARE: Final = 0.1
"""Of the requests of a minute, how many may come at once."""
_MOST_CLIENTS: Final = 1000


class RateLimit:
    """A token bucket for each client; who was seen least recently is forgotten first."""

    def __init__(self, per_minute: int, now_s: Callable[[], float]) -> None:
        self._per_s = per_minute / 60
        self._burst = max(1.0, per_minute * _BURST_SHARE)
        self._now_s = now_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By client: how many requests were left, and when."""

    def allows(self, client: str) -> bool:
        """Whether ``client`` may make a request now; it counts as made."""
        now_s = self._now_s()
        left, then_s = self._buckets.pop(client, (self._burst, now_s))
        left = min(self._burst, left + (now_s - then_s) * self._per_s)
        allowed = left >= 1.0
        self._buckets[client] = (left - 1.0 if allowed else left, now_s)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return allowed
