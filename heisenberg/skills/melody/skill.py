"""Plays what the language model composes, bar by bar, and plays it otherwise when asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Final
from weakref import WeakKeyDictionary

import structlog

from heisenberg.audio.base import AudioChunk
from heisenberg.core.errors import HeisenbergError, SkillError
from heisenberg.skills.base import Action, Asker, Call, Home, Run
from heisenberg.skills.melody.asked import NAME, Tune, load_words
from heisenberg.skills.melody.composing import Bar, Line, compose_bar
from heisenberg.skills.melody.scales import OCTAVE
from heisenberg.skills.melody.styles import SIXTEENTHS
from heisenberg.skills.melody.tones import tone
from heisenberg.skills.words import SkillWords

_TIMEOUT_S: Final = 30.0
"""For the first bar, of a slow model."""
_MOST_BARS: Final = 8
_FASTER: Final = 1.25
_FASTEST, _SLOWEST = 2.0, 0.5
_HIGHEST: Final = 2
"""Octaves, up or down."""
_BEATS: Final = 4

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was played: ``bars`` as far as they are written, which goes on while they sound."""

    line: Line
    pace: float = 1.0
    octaves: int = 0
    bars: list[Bar] = field(default_factory=list)

    def sound(self, bar: Bar) -> list[AudioChunk]:
        sixteenth_s = 60.0 / self.line.rules.beats_a_minute / self.pace * _BEATS / SIXTEENTHS
        shift = self.octaves * OCTAVE
        return [
            tone(None if note is None else note + shift, length * sixteenth_s)
            for note, length in bar
        ]


class Melody:
    """A ``Skill``. What it has played is kept for each who asks, until he is gone."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._pieces: WeakKeyDictionary[Asker, _Piece] = WeakKeyDictionary()
        for language in home.languages:
            load_words(language)
        following: dict[str, Run] = {
            "faster": self._faster,
            "slower": self._slower,
            "higher": self._higher,
            "lower": self._lower,
            "another": self._another,
            "again": self._again,
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                timeout_s=_TIMEOUT_S,
                follows=name in following,
            )
            for name, run in {"play": self._play, **following}.items()
        )

    async def _play(self, call: Call, tune: Tune) -> str:
        if not 0 < tune.line.bars <= _MOST_BARS:
            raise SkillError(self._words.say(call.language, "too_long", most=str(_MOST_BARS)))
        return await self._begin(call, _Piece(tune.line), "play")

    async def _another(self, call: Call) -> str:
        before = self._last(call)
        return await self._begin(call, replace(before, bars=[]), "another")

    async def _again(self, call: Call) -> str:
        return await self._begin(call, self._last(call), "again")

    async def _faster(self, call: Call) -> str:
        return await self._at_pace(call, _FASTER, "faster")

    async def _slower(self, call: Call) -> str:
        return await self._at_pace(call, 1 / _FASTER, "slower")

    async def _higher(self, call: Call) -> str:
        return await self._moved(call, 1, "higher")

    async def _lower(self, call: Call) -> str:
        return await self._moved(call, -1, "lower")

    async def _at_pace(self, call: Call, factor: float, reply: str) -> str:
        before = self._last(call)
        pace = before.pace * factor
        if not _SLOWEST <= pace <= _FASTEST:
            raise SkillError(self._words.say(call.language, "no_further"))
        return await self._begin(call, replace(before, pace=pace), reply)

    async def _moved(self, call: Call, octaves: int, reply: str) -> str:
        before = self._last(call)
        if abs(before.octaves + octaves) > _HIGHEST:
            raise SkillError(self._words.say(call.language, "no_further"))
        moved = replace(before, octaves=before.octaves + octaves)
        return await self._begin(call, moved, reply)

    def _last(self, call: Call) -> _Piece:
        piece = self._pieces.get(call.asker) if call.asker else None
        if piece is None:
            raise SkillError(self._words.say(call.language, "nothing_played"))
        return piece

    async def _begin(self, call: Call, piece: _Piece, reply: str) -> str:
        """Have the first bar written, and the rest while it sounds. Raises ``SkillError``."""
        if call.asker is None or call.asker.delivery is None:
            raise SkillError(self._words.say(call.language, "in_writing"))
        try:
            if not piece.bars:
                piece.bars.append(await compose_bar(piece.line, (), call.asker))
        except HeisenbergError as exc:
            raise SkillError(
                self._words.say(call.language, "no_model", reason=exc.message)
            ) from exc
        self._pieces[call.asker] = piece
        call.sounds.append(_played(piece, call.asker))
        return self._words.say(call.language, reply)


async def _played(piece: _Piece, asker: Asker) -> AsyncGenerator[AudioChunk, None]:
    """The sound, a note at a time; a bar is written while the one before it sounds."""
    for index in range(piece.line.bars):
        bar = piece.bars[index]
        writing = asyncio.create_task(_write_next(piece, index + 1, asker), name="compose")
        try:
            for chunk in await asyncio.to_thread(piece.sound, bar):
                yield chunk
            await writing
        except HeisenbergError as exc:
            _log.warning("a melody ends early", reason=str(exc))
            return
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


async def _write_next(piece: _Piece, index: int, asker: Asker) -> None:
    if index == len(piece.bars) < piece.line.bars:
        piece.bars.append(await compose_bar(piece.line, tuple(piece.bars), asker))
