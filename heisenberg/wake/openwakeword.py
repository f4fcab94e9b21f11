"""The wake word, heard by openWakeWord's networks.

Three networks in a row, all fed in steps of 80 ms: a mel spectrogram, Google's speech embedding
over the last 76 mel frames (0.76 s), and a small head over the last 16 embeddings (1.3 s).
The buffering follows ``openwakeword.utils.AudioFeatures`` of openWakeWord 0.6, and a contract
test holds the scores equal to it. It is written here because importing that package costs
0.6-1.1 s and about 130 MB, for scikit-learn and others that only its training code uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import LoadFailed
from heisenberg.machine.native import Native, damaged
from heisenberg.machine.onnx import open_session
from heisenberg.wake.base import WakeWord
from heisenberg.wake.debounce import Debounce

_FRAME: Final = 1280
_OVERLAP: Final = 480  # samples of the past that the first mel frames of a step need
_MEL_ROWS: Final = 76
_MEL_BANDS: Final = 32
_EMBEDDING: Final = 96
_RUN_FRAMES: Final = 2  # the wake word scores high in seven or eight, breathing noise in one

_VERSION: Final = re.compile(r"_v\d[\d.]*$")

_Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """One wake word: the file of its network, and the words it listens for."""

    path: Path
    phrase: str

    @classmethod
    def at(cls, path: Path) -> Head:
        """The head in a file that is named for its words: ``hey_jarvis_v0.1.onnx``."""
        words = _VERSION.sub("", path.stem)
        return cls(path, words.replace("_", " ").title())


class OpenWakeWordDetector:
    """A ``WakeDetector`` for one or more openWakeWord heads on one pair of feature networks."""

    def __init__(
        self,
        network: Native[_Network],
        heads: Sequence[Head],
        *,
        threshold: float,
        refractory_s: float,
    ) -> None:
        self._network = network
        self._heads = tuple(heads)
        self._threshold = threshold
        self._refractory_s = refractory_s
        rest_frames = math.ceil(refractory_s * RATE_HZ / _FRAME)
        self._debounces = [
            Debounce(run_frames=_RUN_FRAMES, rest_frames=rest_frames) for _ in self._heads
        ]

    @classmethod
    async def load(
        cls,
        heads: Sequence[Head],
        melspectrogram: Path,
        embedding: Path,
        *,
        threshold: float,
        refractory_s: float,
    ) -> Self:
        """At least one head; any of them wakes, and then none does for ``refractory_s``.

        Raises ``ModelMissing``, ``LoadFailed``.
        """
        paths = [head.path for head in heads]
        network = await Native.open("wake word", lambda: _Network(paths, melspectrogram, embedding))
        return cls(network, heads, threshold=threshold, refractory_s=refractory_s)

    async def another(self) -> OpenWakeWordDetector:
        """See ``SharedWake``: the same networks on a thread of its own."""
        fresh = await self._network.run(lambda network: network.fresh())
        return OpenWakeWordDetector(
            await Native.open("wake word", lambda: fresh),
            self._heads,
            threshold=self._threshold,
            refractory_s=self._refractory_s,
        )

    @property
    def frame_samples(self) -> int:
        return _FRAME

    @property
    def phrase(self) -> str:
        return self._heads[0].phrase

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(head.phrase for head in self._heads)

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        scores = await self._network.run(lambda network: network.scores(frame))
        threshold = max(self._threshold, at_least)
        found = [
            WakeWord(head.path.stem, score, head.phrase)
            for head, debounce, now in zip(self._heads, self._debounces, scores, strict=True)
            if (score := debounce.push(now, threshold)) is not None
        ]
        if not found:
            return None
        surest = max(found, key=lambda woken: woken.score)
        for debounce in self._debounces:
            debounce.rest(surest.score)
        return surest

    async def reset(self) -> None:
        for debounce in self._debounces:
            debounce.reset()
        await self._network.run(lambda network: network.reset())

    async def aclose(self) -> None:
        await self._network.aclose()


class _Network:
    """The feature networks with what they remember between frames, and the heads."""

    def __init__(self, heads: Sequence[Path], melspectrogram: Path, embedding: Path) -> None:
        self._heads = [_HeadNetwork(path) for path in heads]
        self._mel = open_session(melspectrogram)
        self._embed = open_session(embedding)
        frames = max(head.frames for head in self._heads)
        self._past: _Floats = np.zeros(_OVERLAP, dtype=np.float32)
        self._mels: _Floats = np.ones((_MEL_ROWS, _MEL_BANDS), dtype=np.float32)
        self._embeddings: _Floats = np.zeros((frames, _EMBEDDING), dtype=np.float32)
        self._hear_silence(melspectrogram, embedding)
        self._quiet = (self._past, self._mels, self._embeddings)

    def reset(self) -> None:
        self._past, self._mels, self._embeddings = self._quiet

    def fresh(self) -> _Network:
        """The same networks, which several threads may run, without what was heard."""
        fresh = copy(self)
        fresh.reset()
        return fresh

    def scores(self, frame: Pcm) -> list[float]:
        """For each head how likely it is that its wake word has just ended, from 0 to 1."""
        samples = np.concatenate((self._past, frame.astype(np.float32)))
        self._past = samples[-_OVERLAP:]
        rows = self._mel.run(None, {"input": samples[None]})[0].reshape(-1, _MEL_BANDS)
        # The spectrogram network's output is scaled to that of the embedding's own front end.
        self._mels = np.concatenate((self._mels, rows / 10 + 2))[-_MEL_ROWS:]
        window = self._mels[None, :, :, None]
        step = self._embed.run(None, {"input_1": window})[0].reshape(1, _EMBEDDING)
        self._embeddings = np.concatenate((self._embeddings[1:], step))
        return [head.score(self._embeddings) for head in self._heads]

    def _hear_silence(self, melspectrogram: Path, embedding: Path) -> None:
        """Fill the memory with silence, so that nothing fires while it fills with sound."""
        silence = np.zeros(_FRAME, dtype=np.int16)
        try:
            for _ in range(len(self._embeddings) + _MEL_ROWS // 8 + 1):
                self.scores(silence)
        except Exception as exc:
            raise LoadFailed(
                f"{melspectrogram} and {embedding} are not openWakeWord's feature networks.",
                "Run 'heisenberg models verify' to see which files are wrong.",
            ) from exc


class _HeadNetwork:
    """The small network that knows one wake word."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)
        (given, *more), outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = given.shape
        fits = len(shape) == 3 and isinstance(shape[1], int) and shape[2] == _EMBEDDING
        if more or not fits or outputs[0].shape[-1] != 1:
            raise damaged(path)
        self._input = given.name
        self.frames: int = shape[1]

    def score(self, embeddings: _Floats) -> float:
        window = embeddings[None, -self.frames :]
        return float(self._session.run(None, {self._input: window})[0].item())
