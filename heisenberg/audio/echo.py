"""A microphone that does not hear what the speaker plays."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import numpy as np

from heisenberg.audio.base import (
    CHUNK_SAMPLES,
    RATE_HZ,
    AudioChunk,
    AudioSource,
    EchoCanceller,
    EchoReference,
    Pcm,
)
from heisenberg.audio.echo_delay import MAX_DELAY_S

_TAIL: Final = round((MAX_DELAY_S + 1.0) * RATE_HZ)
"""The canceller goes on for so long after the last sound: a second longer than it takes to come."""
_LEAD: Final = 5 * CHUNK_SAMPLES
"""Its filters are filled with so much before its sound is used."""


class EchoCancelledSource:
    """An ``AudioSource`` around another, whose chunks lose the echo of ``reference``.

    The canceller works only while the speaker plays and for two seconds after; otherwise the
    chunks pass as they are. It forgets the room where the path begins anew. Closing it closes the
    canceller too.
    """

    def __init__(
        self, source: AudioSource, reference: EchoReference, canceller: EchoCanceller
    ) -> None:
        self._source = source
        self._reference = reference
        self._canceller = canceller
        self._path = reference.paths
        self._tail = 0
        self._before = np.zeros(_LEAD, dtype=np.int16)

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        async with aclosing(aiter(self._source)) as chunks:
            async for chunk in chunks:
                far = self._reference.read(len(chunk.pcm))
                yield AudioChunk(self._clean(chunk.pcm, far), chunk.rate_hz, chunk.t_s)

    async def aclose(self) -> None:
        await self._source.aclose()
        await self._canceller.aclose()

    def _clean(self, near: Pcm, far: Pcm) -> Pcm:
        if self._path != self._reference.paths:
            self._path = self._reference.paths
            self._canceller.reset()
        was_at_work = self._tail > 0
        sounding = bool(far.any()) or not self._reference.is_silent
        self._tail = _TAIL if sounding else max(0, self._tail - len(near))
        if not was_at_work and not self._tail:
            self._before = np.concatenate((self._before, near))[-_LEAD:]
            return near
        if not was_at_work:
            self._canceller.process(self._before, np.zeros(_LEAD, dtype=np.int16))
        clean = self._canceller.process(near, far)
        if not was_at_work:
            return _faded(near, clean)
        if not self._tail:
            self._before = np.concatenate((self._before, near))[-_LEAD:]
            return _faded(clean, near)
        return clean


def _faded(old: Pcm, new: Pcm) -> Pcm:
    """From one sound to another within 10 ms: the canceller's is a little later."""
    share = np.minimum(np.arange(1, len(new) + 1, dtype=np.float32) / CHUNK_SAMPLES, 1.0)
    mixed: Pcm = np.rint(old * (1 - share) + new * share).astype(np.int16)
    return mixed
