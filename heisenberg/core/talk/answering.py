"""The answering half of a room: takes one turn at a time, and ends it when the user interrupts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from heisenberg.audio.base import AudioChunk, AudioSink, Playback
from heisenberg.audio.utterance import Answer
from heisenberg.core.aio import cancel_and_wait, finish, task_group
from heisenberg.core.bus import Bus
from heisenberg.core.draft import HeldEvents
from heisenberg.core.errors import HeisenbergError, TurnError
from heisenberg.core.events import Event
from heisenberg.core.phrases import Phrases
from heisenberg.core.state import State, StateMachine, Trigger
from heisenberg.core.talk.gate import GatedSink
from heisenberg.core.turn import Request, Turn, TurnEngines

_log = structlog.get_logger(__name__)


class Answering:
    """From an utterance to the end of the reply's playback; THINKING and SPEAKING are its states.

    A reply may be begun before that, as a draft: it holds its sound and its events back until the
    turn is committed, and leaves no trace when it is dropped.

    ``after_reply`` is called when a reply has been heard to its end and the user may go on, with
    the turn; ``None`` where a reply is followed by IDLE. ``after_call`` is called when only the
    wake phrase was said, ``when_ready`` when ``answer`` has become ready.

    While it ``only_hears``, what the user says is told to those who watch, and not answered.
    """

    def __init__(
        self,
        engines: TurnEngines,
        sink: AudioSink,
        bus: Bus,
        machine: StateMachine,
        phrases: Phrases,
        after_reply: Callable[[Turn], None] | None,
        after_call: Callable[[], None],
        when_ready: Callable[[], None],
    ) -> None:
        self._engines = engines
        self._sink = sink
        self._bus = bus
        self._machine = machine
        self._phrases = phrases
        self._after_reply = after_reply
        self._after_call = after_call
        self._when_ready = when_ready
        self._current: _Current | None = None
        self._draft: _Current | None = None
        self._revision = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._warming: asyncio.Task[None] | None = None
        self._latest: Turn | None = None
        self._sounds_from_s: float | None = None
        self.only_hears = False

    def prepare(self, request: Request) -> None:
        """Draft the answer, in place of an earlier draft: the user may have finished."""
        self.drop_draft()
        self._revision += 1
        self._bus.publish(Event.DRAFT, revision=self._revision)
        self._draft = self._start(request)

    def drop_draft(self) -> None:
        """The user goes on: what was prepared is no answer to it."""
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.gate.shut()
            self._let_end(draft.task)

    @property
    def has_draft(self) -> bool:
        return self._draft is not None

    @property
    def answer(self) -> Answer:
        """How far the draft is; without one there is nothing to wait for."""
        draft = self._draft
        if draft is None:
            return Answer()
        return Answer(draft.prepared or draft.gate.holds_sound, draft.turn.question_ends)

    def begin(self, request: Request) -> None:
        """Answer: with the draft where there is one, which is then committed."""
        current, self._draft = self._draft or self._start(request), None
        self._current = current
        self._latest, self._sounds_from_s = current.turn, None
        current.events.release()
        current.committed.set()

    def said(self, from_s: float, to_s: float) -> str:
        """The words of the latest reply that sounded between two times.

        A speaker that had to wait for sound is behind, so take some words more than needed.
        """
        if self._latest is None or self._sounds_from_s is None:
            return ""
        start_s = self._sounds_from_s
        return self._latest.said_between(from_s - start_s, to_s - start_s)

    def duck(self, gain: float) -> None:
        """Make what sounds quieter, or 1.0: as loud as before."""
        self._sink.duck(gain)

    def announce(self, text: str, sound: AudioChunk | None = None) -> None:
        """Say ``text``, after ``sound``, in a task of its own and without a question before it;
        SPEAKING has begun."""
        current = self._current = self._new_turn()
        self._latest, self._sounds_from_s = current.turn, None
        current.events.release()
        announcing = self._announce(current, text, sound)
        current.task = asyncio.create_task(announcing, name="announcement")

    async def end(self, *, keep: bool = True) -> None:
        """Silence now, then end the turn, if there is one; ``keep`` of it what was heard."""
        self.drop_draft()
        current = self._current
        if current is None:
            return
        current.gate.shut()
        playback = self._sink.clear()
        current.task.cancel()  # at once: a drained speaker must not look like the end
        await finish(asyncio.ensure_future(cancel_and_wait(current.task)))
        self._current = None
        self._sink.clear()
        self._sink.duck(1.0)
        self._cut_off(current.turn, playback, keep=keep)

    async def aclose(self) -> None:
        """End everything, and return when nothing goes on."""
        await self.end()
        self._stop_warming()
        if self._ending:
            await finish(asyncio.ensure_future(asyncio.wait(tuple(self._ending))))

    def _start(self, request: Request) -> _Current:
        """Prepare the answer in a task of its own, which goes on when it is committed."""
        self._stop_warming()
        current = self._new_turn()
        current.task = asyncio.create_task(self._run(current, request), name="turn")
        return current

    def _new_turn(self) -> _Current:
        events = HeldEvents(self._bus)
        gate = GatedSink(
            self._sink,
            before_first=self._begin_to_speak,
            after_first=self._publish_start,
            when_held=self._when_ready,
        )
        return _Current(Turn(self._engines, events, gate), gate, events)

    async def _run(self, current: _Current, request: Request) -> None:
        try:
            await self._take(current, request)
        except Exception as exc:  # a fault in a turn costs that turn, not the daemon
            await self._wait_for_commit(current)
            await self._fail(current.turn, current.gate, exc)

    async def _take(self, current: _Current, request: Request) -> None:
        turn = current.turn
        await turn.hear(request)
        if not turn.question:
            turn.question_ends = 0.0  # the words are still to come
        elif self._phrases.end_conversation(turn.question):
            turn.question_ends = 1.0  # nothing follows a "stop"
        if self._phrases.asks_to_forget(turn.question) and not self.only_hears:
            await self._forget(current)
            return
        if self._is_to_be_answered(turn, over_reply=request.over_reply):
            async with task_group() as group:
                group.create_task(current.open_when_committed(), name="turn-gate")
                await turn.answer(turn.question, partial(self._wait_for_commit, current))
        await self._wait_for_commit(current)
        if turn.only_called:
            self._current = None
            if await self._machine.fire(Trigger.NOTHING_TO_SAY, follow_up=True):
                self._after_call()
            return
        if not turn.has_sound:
            await self._machine.fire(Trigger.NOTHING_TO_SAY)
            return
        self._publish_end(await self._sink.drain())
        self._remember(turn.question, turn.text)
        self._current = None
        follow_up = self._after_reply is not None
        moved = await self._machine.fire(Trigger.PLAYBACK_END, follow_up=follow_up)
        if moved and self._after_reply is not None:
            self._after_reply(turn)

    async def _forget(self, current: _Current) -> None:
        """What can't be undone waits until it is certain that it was asked for."""
        current.turn.question_ends = 1.0
        await self._wait_for_commit(current)
        await self._engines.conversation.forget()
        await self._say(current, self._phrases.forgotten)
        self._current = None

    async def _wait_for_commit(self, current: _Current) -> None:
        current.prepared = True
        self._when_ready()
        await current.committed.wait()

    def _is_to_be_answered(self, turn: Turn, *, over_reply: bool) -> bool:
        if not turn.question or self.only_hears or self._phrases.end_conversation(turn.question):
            return False
        return not over_reply or self._phrases.interrupts(turn.question)

    async def _fail(self, turn: Turn, gate: GatedSink, error: Exception) -> None:
        """Show the error and apologise aloud; then IDLE."""
        if gate.is_shut:  # the turn is being ended anyway, and its end is awaited
            return
        self._publish_error(error)
        before = self._machine.state
        self._cut_off(turn, self._sink.clear())
        moved = await self._machine.fire(Trigger.FAILED)
        if before is State.SPEAKING:  # in the middle of a reply: why it ends is still to be said
            moved = moved and await self._machine.fire(Trigger.ANNOUNCE)
        if moved:
            await self._apologise()
        self._current = None

    async def _apologise(self) -> None:
        apology = self._new_turn()
        apology.events.release()
        try:
            await self._say(apology, self._phrases.apology)
        except Exception as exc:  # the voice itself is what failed
            _log.error("no apology", error=str(exc))
            await self._machine.fire(Trigger.FAILED)

    async def _announce(self, current: _Current, text: str, sound: AudioChunk | None) -> None:
        try:
            await self._say(current, text, sound)
        except Exception as exc:
            self._publish_error(exc)
            self._cut_off(current.turn, self._sink.clear())
            await self._machine.fire(Trigger.FAILED)
        self._current = None

    async def _say(self, current: _Current, text: str, sound: AudioChunk | None = None) -> None:
        """Speak ``text``, after ``sound``, to its end; then IDLE."""
        await current.gate.open()
        if sound is not None:
            await current.gate.write(sound)
        await current.turn.say(text)
        self._publish_end(await self._sink.drain())
        await self._machine.fire(Trigger.PLAYBACK_END)

    async def _begin_to_speak(self) -> None:
        if self._machine.state is State.THINKING:  # an apology is in SPEAKING already
            await self._machine.fire(Trigger.FIRST_AUDIO)

    def _publish_start(self, sounds_at_s: float) -> None:
        self._sounds_from_s = sounds_at_s
        # A card counts time in blocks; what follows from an event is not told as before it.
        self._bus.publish(Event.PLAYBACK_START, t=max(sounds_at_s, self._bus.now_s))

    def _publish_error(self, error: Exception) -> None:
        if not isinstance(error, HeisenbergError):
            _log.error("turn failed", exc_info=error)
            error = TurnError(f"The turn failed: {error}.", "The log has the details.")
        self._bus.publish(Event.ERROR, code=error.code, message=error.message, hint=error.hint)

    def _publish_end(self, playback: Playback) -> None:
        self._bus.publish(
            Event.PLAYBACK_END,
            heard_s=round(playback.played_s, 3),
            interrupted=playback.interrupted,
        )

    def _cut_off(self, turn: Turn, playback: Playback, *, keep: bool = True) -> None:
        """What sounded of a reply that didn't reach its end is what the user heard."""
        if self._machine.state is not State.SPEAKING:
            return
        self._publish_end(replace(playback, interrupted=True))
        heard = turn.heard(playback.played_s)
        if keep and turn.question and heard:
            self._remember(turn.question, heard)

    def _remember(self, question: str, answer: str) -> None:
        """Keep the turn, and evaluate what the next prompt begins with before it is asked for."""
        self._engines.conversation.remember(question, answer)
        self._stop_warming()
        self._warming = asyncio.create_task(self._warm(), name="warm-history")

    async def _warm(self) -> None:
        try:
            await self._engines.conversation.settle()
        except HeisenbergError as exc:  # the next turn pays for it, and tells what is wrong
            _log.warning("the next prompt is not evaluated ahead", error=str(exc))

    def _stop_warming(self) -> None:
        warming, self._warming = self._warming, None
        if warming is not None:
            self._let_end(warming)

    def _let_end(self, task: asyncio.Task[None]) -> None:
        """Cancel ``task``; ``end`` waits for it."""
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


@dataclass(slots=True)
class _Current:
    """A turn that is being taken, or a draft of one; ``prepared``: it waits for its commit."""

    turn: Turn
    gate: GatedSink
    events: HeldEvents
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    prepared: bool = False
    task: asyncio.Task[None] = field(init=False)

    async def open_when_committed(self) -> None:
        await self.committed.wait()
        await self.gate.open()
