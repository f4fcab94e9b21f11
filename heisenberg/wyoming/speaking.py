"""A client's text as sound, clause by clause, so that the first comes early."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

from heisenberg.audio.base import RATE_HZ, AudioChunk
from heisenberg.tts.base import TextToSpeech
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.speech import pause_after
from heisenberg.wyoming.messages import AudioStop
from heisenberg.wyoming.sound import parts, start, to_message
from heisenberg.wyoming.wire import Wire

_LONGEST_CLAUSE: Final = 200
"""Characters: a room that has something to say waits for one at most."""


class Speech:
    """One text, which may come in parts, as one stream of sound."""

    def __init__(self, wire: Wire, tts: TextToSpeech, language: str) -> None:
        self._wire = wire
        self._tts = tts
        self._splitter = ClauseSplitter(language)
        self._last = ""
        self._sounds = False

    async def say(self, text: str) -> None:
        """Speak of ``text`` what is complete with it."""
        await self._speak(self._splitter.push(text))

    async def end(self) -> None:
        """Speak what is left; a text without a word is an empty stream."""
        await self._speak(self._splitter.flush())
        if not self._sounds:
            await self._wire.write(start(RATE_HZ))
        await self._wire.write(AudioStop())

    async def _speak(self, clauses: Iterable[str]) -> None:
        for clause in clauses:
            for part in textwrap.wrap(clause, _LONGEST_CLAUSE):
                async with aclosing(self._tts.synthesize(part)) as sound:
                    await self._send(part, sound)

    async def _send(self, clause: str, sound: AsyncGenerator[AudioChunk, None]) -> None:
        async for chunk in sound:
            if not self._sounds:
                self._sounds = True
                await self._wire.write(start(chunk.rate_hz))
            if self._last:
                await self._send_chunk(pause_after(self._last, chunk.rate_hz))
            self._last = ""
            await self._send_chunk(chunk)
        self._last = clause

    async def _send_chunk(self, chunk: AudioChunk) -> None:
        for part in parts(chunk):
            await self._wire.write(to_message(part))
