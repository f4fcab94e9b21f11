"""The wake word, heard by openWakeWord's networks.

Three networks in a row, all fed in steps of 80 ms: a mel spectrogram, Google's speech embedding
over the last 76 mel frames (0.76 s), and a small head over the last 16 embeddings (1.3 s).
The buffering follows ``openwakeword.utils.AudioFeatures`` of openWakeWord 0.6, and a contract
test holds the scores equal to it. It is written here because importing that package costs
0.6-1.1 s and about 130 MB, for scikit-learn and others that only its training code uses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import LoadFailed
from heisenberg.core.native import Native, damaged
from heisenberg.core.onnx import Session, open_session
from heisenberg.wake.base import WakeWord
from heisenberg.wake.debounce import Debounce

_FRAME: Final = 1280
_OVERLAP: Final = 480  # samples of the past that the first mel frames of a step need
_MEL_ROWS: Final = 76
_MEL_BANDS: Final = 32
_EMBEDDING: Final = 96
_RUN_FRAMES: Final = 2  # the wake word scores high in seven or eight, breathing noise in one
_REST_FRAMES: Final = -(-RATE_HZ // _FRAME)  # 1 s, rounded up

_Floats = npt.NDArray[np.float32]


class OpenWakeWordDetector:
    """A ``WakeDetector`` for one openWakeWord head."""

    def __init__(self, network: Native[_Network], name: str, phrase: str, threshold: float) -> None:
        self._network = network
        self._name = name
        self._phrase = phrase
        self._debounce = Debounce(threshold, run_frames=_RUN_FRAMES, rest_frames=_REST_FRAMES)

    @classmethod
    async def load(
        cls,
        head: Path,
        melspectrogram: Path,
        embedding: Path,
        *,
        phrase: str,
        threshold: float,
    ) -> Self:
        """Raises ``ModelMissing``, ``LoadFailed``."""
        network = await Native.open("wake word", lambda: _Network(head, melspectrogram, embedding))
        return cls(network, head.stem, phrase, threshold)

    @property
    def frame_samples(self) -> int:
        return _FRAME

    @property
    def phrase(self) -> str:
        return self._phrase

    async def process(self, frame: Pcm) -> WakeWord | None:
        score = await self._network.run(lambda network: network.score(frame))
        if self._debounce.fires(score):
            return WakeWord(self._name, score, self._phrase)
        return None

    async def reset(self) -> None:
        self._debounce.reset()
        await self._network.run(lambda network: network.reset())

    async def aclose(self) -> None:
        await self._network.aclose()


class _Network:
    """The three networks and what they remember between frames."""

    def __init__(self, head: Path, melspectrogram: Path, embedding: Path) -> None:
        self._head = open_session(head)
        self._mel = open_session(melspectrogram)
        self._embed = open_session(embedding)
        self._head_input, frames = _check_head(self._head, head)
        self._past: _Floats = np.zeros(_OVERLAP, dtype=np.float32)
        self._mels: _Floats = np.ones((_MEL_ROWS, _MEL_BANDS), dtype=np.float32)
        self._embeddings: _Floats = np.zeros((frames, _EMBEDDING), dtype=np.float32)
        self._hear_silence(melspectrogram, embedding)
        self._quiet = (self._past, self._mels, self._embeddings)

    def reset(self) -> None:
        self._past, self._mels, self._embeddings = self._quiet

    def score(self, frame: Pcm) -> float:
        """How likely it is that the wake word has just ended, from 0 to 1."""
        samples = np.concatenate((self._past, frame.astype(np.float32)))
        self._past = samples[-_OVERLAP:]
        rows = self._mel.run(None, {"input": samples[None]})[0].reshape(-1, _MEL_BANDS)
        # The spectrogram network's output is scaled to that of the embedding's own front end.
        self._mels = np.concatenate((self._mels, rows / 10 + 2))[-_MEL_ROWS:]
        window = self._mels[None, :, :, None]
        step = self._embed.run(None, {"input_1": window})[0].reshape(1, _EMBEDDING)
        self._embeddings = np.concatenate((self._embeddings[1:], step))
        return float(self._head.run(None, {self._head_input: self._embeddings[None]})[0].item())

    def _hear_silence(self, melspectrogram: Path, embedding: Path) -> None:
        """Fill the memory with silence, so that nothing fires while it fills with sound."""
        silence = np.zeros(_FRAME, dtype=np.int16)
        try:
            for _ in range(len(self._embeddings) + _MEL_ROWS // 8 + 1):
                self.score(silence)
        except Exception as exc:
            raise LoadFailed(
                f"{melspectrogram} and {embedding} are not openWakeWord's feature networks.",
                "Run 'heisenberg models verify' to see which files are wrong.",
            ) from exc


def _check_head(head: Session, path: Path) -> tuple[str, int]:
    """The name of the head's input and how many embeddings it looks at."""
    (given, *more), outputs = head.get_inputs(), head.get_outputs()
    shape = given.shape
    fits = len(shape) == 3 and isinstance(shape[1], int) and shape[2] == _EMBEDDING
    if more or not fits or outputs[0].shape[-1] != 1:
        raise damaged(path)
    return given.name, shape[1]
