"""One turn: from what the user said to what they heard.

Tokens go into clauses, clauses into the voice, its sound through the gate to the speaker; each
link is bounded, so nothing runs further ahead than is needed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from heisenberg.audio.base import AudioChunk, Pcm
from heisenberg.core.aio import Channel, task_group
from heisenberg.core.conversation import Conversation
from heisenberg.core.draft import HeldEvents
from heisenberg.core.events import Event
from heisenberg.core.reply import Answered, answer
from heisenberg.core.talk.echo_words import without_echo
from heisenberg.core.talk.gate import GatedSink
from heisenberg.skills.base import Sound
from heisenberg.stt.base import SpeechToText
from heisenberg.tts.base import TextToSpeech
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.delivery import Delivery
from heisenberg.tts.speech import pause_after
from heisenberg.wake.phrase import without_wake_phrase

_CLAUSES_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class TurnEngines:
    """What a turn needs: ears for words, somebody who answers, a voice, and how it is spoken."""

    stt: SpeechToText
    conversation: Conversation
    tts: TextToSpeech
    clauses: Callable[[], ClauseSplitter]
    delivery: Delivery = field(default_factory=Delivery)


@dataclass(frozen=True, slots=True)
class Request:
    """What a room heard, and what else may be in its sound.

    ``said`` are the words of a reply that sounded while it began; with ``over_reply`` it began
    before that reply had ended. ``after_call``: the user had called, by wake word.
    """

    pcm: Pcm
    wake_phrases: Sequence[str] = ()
    said: str = ""
    over_reply: bool = False
    after_call: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """The user's words, if any; ``only_phrases``: there were others than theirs only."""

    text: str
    language: str
    only_phrases: bool


async def understand(stt: SpeechToText, request: Request, *, aside: bool = False) -> Understood:
    """The words of ``request`` without wake phrase and echo. Raises ``EngineError``."""
    transcript = await stt.transcribe(request.pcm, aside=aside, quick=aside)
    text = without_echo(transcript.text, request.said)
    for phrase in request.wake_phrases:
        text = without_wake_phrase(text, phrase)
    return Understood(text, transcript.language, bool(transcript.text) and not text)


@dataclass(slots=True)
class _Spoken:
    """A clause and where it lies in the sound of the reply, as far as that is made."""

    text: str
    start_s: float
    end_s: float

    def words_before(self, position_s: float) -> int:
        """How many of its words sounded before a position; every word is taken to be as long."""
        share = (position_s - self.start_s) / max(self.end_s - self.start_s, 1e-9)
        return round(len(self.text.split()) * min(1.0, max(0.0, share)))


class Turn:
    """``hear``, then ``answer``, then ``heard`` tells what reached the user.

    ``question`` is what was asked, ``text`` the reply as far as it is written. ``only_called``:
    there was the wake phrase and nothing more, so the question is still to come. ``question_ends``
    is how probable it is, going by its words, that the question was asked to its end; ``None``
    while that is not known.
    """

    def __init__(self, engines: TurnEngines, events: HeldEvents, sink: GatedSink) -> None:
        self._engines = engines
        self._events = events
        self._sink = sink
        self._spoken: list[_Spoken] = []
        self._length_s = 0.0
        self._rehearsed: dict[str, list[AudioChunk]] = {}
        self.question = ""
        self.only_called = False
        self.question_ends: float | None = None
        self.text = ""

    async def hear(self, request: Request) -> None:
        """Understand ``question``: the user's words, if any, without wake phrase and echo."""
        heard = await understand(self._engines.stt, request)
        self.question = heard.text
        self.only_called = request.after_call and heard.only_phrases
        self._events.publish(Event.TRANSCRIPT, text=heard.text, language=heard.language, final=True)

    async def answer(self, text: str, when_certain: Callable[[], Awaitable[None]]) -> None:
        """Write the reply to ``text`` and speak it into the sink; returns when all is queued.

        A skill that changes anything waits for ``when_certain``: that this was all that was said.
        Raises what the engines raise; the other half of the work is then ended first.
        """
        parts: Channel[str | Sound] = Channel(_CLAUSES_AHEAD)
        async with task_group() as group:
            group.create_task(self._write(text, parts, when_certain), name="turn-write")
            group.create_task(self._speak(parts), name="turn-speak")

    async def say(self, text: str) -> None:
        """Speak ``text`` as it is, without the language model."""
        splitter = self._engines.clauses()
        for clause in (*splitter.push(text), *splitter.flush()):
            await self._speak_clause(clause)

    @property
    def has_sound(self) -> bool:
        """Whether anything was spoken."""
        return self._length_s > 0.0

    def heard(self, played_s: float) -> str:
        """The words among the first ``played_s`` seconds of the reply, cut at a word."""
        return self.said_between(0.0, played_s)

    def said_between(self, from_s: float, to_s: float) -> str:
        """The words between two positions in the sound of the reply."""
        words: list[str] = []
        for clause in self._spoken:
            in_clause = clause.text.split()
            words += in_clause[clause.words_before(from_s) : clause.words_before(to_s)]
        return " ".join(words)

    async def _write(
        self, text: str, parts: Channel[str | Sound], when_certain: Callable[[], Awaitable[None]]
    ) -> None:
        splitter = self._engines.clauses()
        conversation = self._engines.conversation
        answered = Answered(conversation.model)
        answering = answer(conversation, text, answered, when_certain, self._rehearse)
        async with aclosing(answering) as pieces:
            async for piece in pieces:
                self._publish_piece(piece, answered)
                self.text += piece
                for clause in splitter.push(piece):
                    await parts.send(clause)
        self.text = self.text.strip()
        if answered.generated:
            self._publish_complete(answered)
        for clause in splitter.flush():
            await parts.send(clause)
        for sound in (sound for done in answered.done for sound in done.sounds):
            await parts.send(sound)
        await parts.close()

    def _publish_piece(self, piece: str, answered: Answered) -> None:
        self.question_ends = answered.question_ends
        for done in answered.done:
            self._events.publish(Event.SKILL, name=done.skill, action=done.action, text=done.text)
        if not answered.done:
            self._events.publish(Event.LLM_TOKEN, text=piece)

    def _publish_complete(self, answered: Answered) -> None:
        model = answered.model
        self._events.publish(
            Event.LLM_COMPLETE,
            text=self.text,
            tokens=answered.tokens,
            model=model.name,
            backend=model.backend,
            local=model.local,
            sources=answered.told_sources(),
        )

    async def _speak(self, parts: Channel[str | Sound]) -> None:
        async for part in parts:
            if isinstance(part, str):
                await self._speak_clause(part)
            else:
                await self._play(part)

    async def _play(self, sound: Sound) -> None:
        """What a skill has to be heard after its words."""
        delivery = self._engines.delivery
        async with aclosing(sound):
            async for chunk in sound:
                if self._sink.is_shut:  # nobody hears on, and there may be no end
                    return
                self._length_s += chunk.duration_s
                await self._sink.write(delivery.of(chunk))

    async def _speak_clause(self, clause: str) -> None:
        if not self._spoken:
            self._events.publish(Event.FIRST_CLAUSE, text=clause)
        delivery = self._engines.delivery
        async with aclosing(self._sound_of(clause)) as sound:
            spoken: _Spoken | None = None
            async for chunk in sound:
                if spoken is None:
                    await self._begin_clause(chunk.rate_hz)
                    spoken = _Spoken(clause, self._length_s, self._length_s)
                    self._spoken.append(spoken)
                self._length_s = spoken.end_s = self._length_s + chunk.duration_s
                await self._sink.write(delivery.of(chunk))

    async def _rehearse(self, text: str) -> None:
        """Have the sound of how ``text`` begins at hand."""
        splitter = self._engines.clauses()
        clause = next(iter((*splitter.push(text), *splitter.flush())), "")
        if clause:
            self._rehearsed = {clause: [chunk async for chunk in self._sound_of(clause)]}

    async def _sound_of(self, clause: str) -> AsyncGenerator[AudioChunk, None]:
        if clause in self._rehearsed:
            for chunk in self._rehearsed[clause]:
                yield chunk
            return
        pace = self._engines.delivery.pace
        async with aclosing(self._engines.tts.synthesize(clause, pace)) as sound:
            async for chunk in sound:
                yield chunk

    async def _begin_clause(self, rate_hz: int) -> None:
        if not self._spoken:
            self._events.publish(Event.FIRST_SOUND)
            return
        pause = pause_after(self._spoken[-1].text, rate_hz)
        self._length_s += pause.duration_s
        await self._sink.write(pause)
