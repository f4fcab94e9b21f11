"""Copies of what a model had evaluated, to return to; the least recently used go first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a model that held ``tokens``."""

    tokens: tuple[int, ...]
    state: bytes


class Snapshots:
    """At most ``most_bytes`` of states; a larger one is not kept. One that is ``pinned`` goes
    last."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[tuple[int, ...], Snapshot] = {}
        self.pinned: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(self._kept.values())

    @property
    def total_bytes(self) -> int:
        return sum(len(snapshot.state) for snapshot in self)

    def keep(self, tokens: Sequence[int], state: bytes) -> None:
        snapshot = Snapshot(tuple(tokens), state)
        self._kept.pop(snapshot.tokens, None)
        self._kept[snapshot.tokens] = snapshot
        while self.total_bytes > self._most_bytes:
            oldest = next((one for one in self._kept if one != self.pinned), self.pinned)
            del self._kept[oldest]

    def drop_beginnings(self, tokens: Sequence[int], *, longer_than: int) -> None:
        """Let go of what ``tokens`` go on from, but for the first ``longer_than`` of them."""
        for known in list(self._kept):
            if longer_than < len(known) < len(tokens) and known == tuple(tokens[: len(known)]):
                del self._kept[known]

    def holds(self, tokens: Sequence[int]) -> bool:
        return tuple(tokens) in self._kept

    def use(self, snapshot: Snapshot) -> bytes:
        """Its state; it is now the one used last."""
        self._kept[snapshot.tokens] = self._kept.pop(snapshot.tokens)
        return snapshot.state
