"""The sign that the wake word was heard, for users who wait for one.

Who speaks on at once needs none and gets none; it never holds anything up.
"""

from __future__ import annotations

import asyncio
from typing import Final

from heisenberg.audio.base import AudioChunk, AudioSink
from heisenberg.audio.utterance import HeardFrame
from heisenberg.core.aio import cancel_and_wait

_TAIL_S: Final = 0.15
"""The wake word may still be sounding when it is recognised."""
_WAIT_S: Final = 0.4


class Cue:
    """Plays ``sound`` when the wake word is followed by silence; ``None``: never."""

    def __init__(
        self, sound: AudioChunk | None, sink: AudioSink, speech_probability: float
    ) -> None:
        self._sound = sound
        self._sink = sink
        self._speech_probability = speech_probability
        self._woken_s: float | None = None
        self._playing: asyncio.Task[float] | None = None

    def woken(self, now_s: float) -> None:
        """The wake word was heard just now."""
        self._woken_s = now_s if self._sound is not None else None

    async def hear(self, frame: HeardFrame) -> None:
        """Look at what follows the wake word; voice over the sign ends it."""
        spoken = frame.speech >= self._speech_probability
        if self._woken_s is None:
            if spoken and self._playing is not None:
                await self.end()
            return
        if spoken and frame.t_s >= self._woken_s + _TAIL_S:
            self._woken_s = None
        elif frame.end_s >= self._woken_s + _WAIT_S and self._sound is not None:
            self._woken_s = None
            self._playing = asyncio.create_task(self._sink.write(self._sound), name="cue")

    async def end(self) -> None:
        """Be silent: what comes next belongs to a reply."""
        self._woken_s = None
        playing, self._playing = self._playing, None
        if playing is not None:
            await cancel_and_wait(playing)
            self._sink.clear()
