"""How loudly and how fast a room is spoken to, which its user may change while it speaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from heisenberg.audio.base import AudioChunk

FASTEST: Final = 1.6
SLOWEST: Final = 0.6


@dataclass(slots=True)
class Delivery:
    """``volume_percent``, of what the speaker is set to, as ears have it: half is a quarter of the
    amplitude. ``pace`` is that of the voice: 1.0 is its own, above is faster."""

    volume_percent: int = 100
    pace: float = 1.0

    def of(self, chunk: AudioChunk) -> AudioChunk:
        """``chunk`` as loud as wanted."""
        if self.volume_percent >= 100:
            return chunk
        gain = (max(self.volume_percent, 0) / 100) ** 2
        return replace(chunk, pcm=np.rint(chunk.pcm * gain).astype(np.int16))
