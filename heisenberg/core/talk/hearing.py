"""The ears of a room: from the microphone's chunks to frames, wake words and the recent past."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import (
    RATE_HZ,
    AudioChunk,
    AudioSource,
    Pcm,
    TurnDetector,
    VoiceActivityDetector,
)
from heisenberg.audio.level_gate import LevelGate
from heisenberg.audio.rechunk import Rechunker
from heisenberg.audio.utterance import HeardFrame
from heisenberg.wake.base import WakeDetector, WakeWord
from heisenberg.wake.check import WakeCheck

_PRE_ROLL_S: Final = 2.0
_GAP_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Ears:
    """What listens in a room; ``wake`` is ``None`` where only a key starts a turn.

    ``wake_check`` takes a second look at every wake word. ``speaking_threshold`` is the score that
    a wake word needs while a reply is prepared or sounds.
    """

    source: AudioSource
    vad: VoiceActivityDetector
    turn_detector: TurnDetector
    wake: WakeDetector | None
    wake_check: WakeCheck | None = None
    speaking_threshold: float = 0.0


@dataclass(frozen=True, slots=True)
class _Unjudged:
    """A frame of which nobody has asked yet whether it holds speech."""

    pcm: Pcm
    t_s: float
    follows_gap: bool


class Hearing:
    """Runs the networks that listen, and only while there is something to hear."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._gate = LevelGate()
        self._vad_frames = Rechunker(ears.vad.frame_samples)
        self._wake_frames = Rechunker(ears.wake.frame_samples) if ears.wake else None
        self._heard_until_s: float | None = None
        self._framed_until_s = 0.0
        self._recent: deque[HeardFrame] = deque()
        self._unjudged: deque[_Unjudged] = deque()
        self._judging = asyncio.Lock()
        self._follows_gap = True

    @property
    def now_s(self) -> float:
        """The end of what was heard."""
        return self._heard_until_s or 0.0

    async def recent(self) -> tuple[HeardFrame, ...]:
        """The frames of the last two seconds, without those in which nothing was to be heard."""
        async with self._judging:
            while self._unjudged:
                next_one = self._unjudged.popleft()
                if next_one.follows_gap:
                    await self._ears.vad.reset()
                speech = await self._ears.vad.probability(next_one.pcm)
                self._keep(HeardFrame(next_one.pcm, next_one.t_s, speech))
        return tuple(self._recent)

    async def admit(self, chunk: AudioChunk, *, attentive: bool) -> list[AudioChunk]:
        """What is to be listened to now: all of it when ``attentive``, else nothing in quiet."""
        chunks = self._gate.push(chunk, held_open=attentive)
        before_s = self._heard_until_s
        if chunks and (before_s is None or chunks[0].t_s > before_s + _GAP_S):
            await self._begin_anew(chunks[0].t_s)
        if chunks:
            self._heard_until_s = chunk.t_s + chunk.duration_s
        return chunks

    async def frames(
        self, chunk: AudioChunk, attentive: Callable[[], bool]
    ) -> AsyncIterator[HeardFrame]:
        """The frames that an admitted ``chunk`` completes; none unless ``attentive()``.

        While nobody wants to know, whether they hold speech is left for when somebody does: most
        of what a room hears is never asked about.
        """
        for pcm in self._vad_frames.push(chunk.pcm):
            self._unjudged.append(_Unjudged(pcm, self._framed_until_s, self._follows_gap))
            self._follows_gap = False
            self._framed_until_s += len(pcm) / RATE_HZ
            while self._unjudged[0].t_s < self._framed_until_s - _PRE_ROLL_S:
                self._unjudged.popleft()
            if attentive():
                yield (await self.recent())[-1]

    def _keep(self, frame: HeardFrame) -> None:
        self._recent.append(frame)
        while self._recent[0].end_s < frame.end_s - _PRE_ROLL_S:
            self._recent.popleft()

    async def wake_words(self, chunk: AudioChunk, *, speaking: bool) -> AsyncIterator[WakeWord]:
        """The wake words that end in an admitted ``chunk``, after a second look.

        The look takes a moment in which nothing is missed: sound waits to be listened to.
        """
        if self._ears.wake is None or self._wake_frames is None:
            return
        at_least = self._ears.speaking_threshold if speaking else 0.0
        for pcm in self._wake_frames.push(chunk.pcm):
            woken = await self._ears.wake.process(pcm, at_least=at_least)
            if woken is not None and await self._is_confirmed(woken):
                yield woken

    async def _is_confirmed(self, woken: WakeWord) -> bool:
        check = self._ears.wake_check
        if check is None:
            return True
        recent = await self.recent()
        speech = [frame.speech for frame in recent]
        return await check.confirms(woken, sound(recent), speech)

    async def forget_wake_word(self) -> None:
        """What was heard so far is no part of a wake word."""
        if self._ears.wake is not None and self._wake_frames is not None:
            self._wake_frames.reset()
            await self._ears.wake.reset()

    async def _begin_anew(self, t_s: float) -> None:
        """There is a gap before ``t_s``: what comes does not follow what was heard."""
        self._framed_until_s = t_s
        self._vad_frames.reset()
        self._follows_gap = True
        await self.forget_wake_word()


def sound(frames: tuple[HeardFrame, ...]) -> Pcm:
    """The samples of consecutive frames."""
    return np.concatenate([frame.pcm for frame in frames]) if frames else np.empty(0, np.int16)
