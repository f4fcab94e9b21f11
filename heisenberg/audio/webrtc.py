"""WebRTC's audio processing (AEC3), through pywebrtc-audio."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.core.errors import EngineError, LoadFailed


class WebRtcCanceller:
    """An ``EchoCanceller``: echo cancellation after a high pass.

    What comes out is 8 ms late. It copes with echoes up to some 450 ms late on its own. A second
    of sound teaches it a room, and it remembers the room while nothing is processed.
    """

    def __init__(self, processor: Any) -> None:
        self._processor = processor

    @classmethod
    def load(cls) -> Self:
        """A few milliseconds' work. Raises ``LoadFailed``."""
        try:
            from pywebrtc_audio import AudioProcessor

            return cls(
                # Noise suppression and gain control stay off: docs/adr/0008-echo-cancellation.md.
                AudioProcessor(RATE_HZ, 1, echo_cancellation=True, high_pass_filter=True)
            )
        except Exception as exc:
            raise LoadFailed(
                f"Echo cancellation can't be loaded: {exc}.",
                "Install pywebrtc-audio again, or set audio.echo_cancellation = false.",
            ) from exc

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        if self._processor is None:
            raise EngineError("The echo canceller failed: it is closed.")
        out = np.empty_like(near)
        for at in range(0, len(near), CHUNK_SAMPLES):
            frame = slice(at, at + CHUNK_SAMPLES)
            out[frame] = self._processor.process(near[frame], far[frame])
        return out

    def reset(self) -> None:
        if self._processor is not None:
            self._processor.reset()

    async def aclose(self) -> None:
        self._processor = None
