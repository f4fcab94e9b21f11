"""What a client's sound is listened to for: its words, or a wake word in it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.rechunk import Rechunker
from heisenberg.core.errors import InputError
from heisenberg.stt.base import SpeechToText
from heisenberg.wake.base import WakeDetector, WakeWord
from heisenberg.wake.check import WakeCheck
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.info import wake_name
from heisenberg.wyoming.messages import Detection, Event, NotDetected, Transcript
from heisenberg.wyoming.pace import Pace
from heisenberg.wyoming.sound import IncomingSound
from heisenberg.wyoming.wire import Wire

LONGEST_S: Final = 120.0
_CHECKED_S: Final = 1.5
"""So much of the past is kept for the second look at a wake word."""


class Listener(Protocol):
    """Is given the sound of one stream after another."""

    async def begin(self) -> None:
        """A stream begins; what came before is forgotten."""
        ...

    async def push(self, event: Event) -> None:
        """The next ``audio-chunk``. Raises ``InputError``."""
        ...

    async def stop(self) -> None:
        """The stream has ended: tell what came of it."""
        ...

    async def aclose(self) -> None: ...


class Dictation:
    """Makes out the words of a stream."""

    def __init__(self, wire: Wire, stt: SpeechToText) -> None:
        self._wire = wire
        self._stt = stt
        self._forget()

    async def begin(self) -> None:
        self._forget()

    async def push(self, event: Event) -> None:
        self._add(self._sound.push(event))

    async def stop(self) -> None:
        self._add(self._sound.flush())
        utterance = np.concatenate(self._parts)
        self._forget()
        heard = await self._stt.transcribe(utterance, aside=True)
        await self._wire.write(Transcript(text=heard.text, language=heard.language))

    async def aclose(self) -> None:
        return

    def _forget(self) -> None:
        self._sound = IncomingSound()
        self._parts: list[Pcm] = []
        self._samples = 0

    def _add(self, pcm: Pcm) -> None:
        self._parts.append(pcm)
        self._samples += len(pcm)
        if self._samples > LONGEST_S * RATE_HZ:
            raise InputError(
                f"The sound is longer than {LONGEST_S:g} s.", "Send shorter utterances."
            )


class Watch:
    """Listens for wake words, with the same second look as a room."""

    def __init__(
        self, wire: Wire, detectors: Detectors, check: WakeCheck, names: frozenset[str]
    ) -> None:
        """``names`` are those of the wake words that are wanted; none: any."""
        self._wire = wire
        self._detectors = detectors
        self._check = check
        self._names = names
        self._detector: WakeDetector | None = None
        self._frames: Rechunker | None = None
        self._pace = Pace(asyncio.get_running_loop().time)
        self._forget()

    async def begin(self) -> None:
        if self._detector is not None and self._frames is not None:
            self._frames.reset()
            await self._detector.reset()
        self._forget()

    async def push(self, event: Event) -> None:
        pcm = self._sound.push(event)
        self._pace.note(len(pcm) / RATE_HZ)
        if self._detector is None:
            self._detector = await self._detectors.another()
            self._frames = Rechunker(self._detector.frame_samples)
        assert self._frames is not None
        for frame in self._frames.push(pcm):
            await self._listen_to(frame, self._detector, event.data.get("timestamp"))

    async def stop(self) -> None:
        if not self._found:
            await self._wire.write(NotDetected())
        await self.begin()

    async def aclose(self) -> None:
        if self._detector is not None:
            await self._detector.aclose()

    def _forget(self) -> None:
        self._sound = IncomingSound()
        self._recent: deque[Pcm] = deque()
        self._found = False

    async def _listen_to(self, frame: Pcm, detector: WakeDetector, timestamp: object) -> None:
        self._recent.append(frame)
        while len(self._recent) * len(frame) > _CHECKED_S * RATE_HZ:
            self._recent.popleft()
        woken = await detector.process(frame)
        if woken is not None and await self._is_meant(woken):
            self._found = True
            at = timestamp if isinstance(timestamp, int) else None
            await self._wire.write(Detection(name=wake_name(woken.phrase), timestamp=at))

    async def _is_meant(self, woken: WakeWord) -> bool:
        if self._names and wake_name(woken.phrase) not in self._names:
            return False
        return await self._check.confirms(woken, np.concatenate(self._recent))
