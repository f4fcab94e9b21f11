"""A room: one microphone, one speaker, one state machine.

The pump listens all the time and outlives every turn; it starts turns and, when the user
interrupts, ends them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Any, Final

from heisenberg.audio.base import AudioChunk, AudioSink
from heisenberg.audio.utterance import (
    Decision,
    EndReason,
    HeardFrame,
    NothingHeard,
    Paused,
    Speaking,
    SpeechStarted,
    Utterance,
    WentOn,
)
from heisenberg.core.aio import cancel_and_wait, task_group
from heisenberg.core.bus import Bus
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.errors import EngineError, TurnError
from heisenberg.core.events import Event
from heisenberg.core.phrases import Phrases
from heisenberg.core.state import State, StateMachine, Trigger
from heisenberg.core.talk.answering import Answering
from heisenberg.core.talk.barge_in import BargeIn
from heisenberg.core.talk.cue import Cue
from heisenberg.core.talk.drafting import Drafting, TimedStt
from heisenberg.core.talk.foresight import Foresight
from heisenberg.core.talk.hearing import Ears, Hearing
from heisenberg.core.talk.interrupting import Interrupting
from heisenberg.core.talk.listening import Listening
from heisenberg.core.talk.refreshing import Refreshing
from heisenberg.core.talk.troubles import Troubles
from heisenberg.core.turn import Request, Turn, TurnEngines
from heisenberg.wake.base import WakeWord

_ECHO_S: Final = 1.0
"""No echo is later."""
_FAILURES_IN_A_ROW: Final = 20


class Room:
    """Hears, answers and speaks until the source ends."""

    def __init__(
        self,
        config: TurnConfig,
        ears: Ears,
        sink: AudioSink,
        engines: TurnEngines,
        bus: Bus,
        phrases: Phrases,
        sign: AudioChunk | None = None,
        expect_sound: Callable[[bool], None] = lambda _expected: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``sign`` sounds when the wake word was heard and nothing more is said at once.

        ``expect_sound`` is told when there may soon be something to say, and when no more: a
        speaker that rests needs a moment. ``clock`` (seconds) times the engines' work.
        """
        self._config = config
        self._ears = ears
        self._bus = bus
        self._expect_sound = expect_sound
        self._phrases = phrases
        self._machine = StateMachine(self._state_changed)
        follow_up = self._listen_on if config.follow_up_s > 0 else None
        self._answer_is_ready = asyncio.Event()
        self._troubles = Troubles(bus, config)
        self._drafting = Drafting(self._troubles.slow_machine, wanted=config.draft)
        timed = replace(engines, stt=TimedStt(engines.stt, self._drafting.recognised, clock))
        self._answering = Answering(
            timed,
            sink,
            bus,
            self._machine,
            phrases,
            follow_up,
            self._listen_after_call,
            self._answer_is_ready.set,
        )
        self._foresight = Foresight(engines, bus)
        self._refreshing = Refreshing(engines, ears.turn_detector, clock)
        self._hearing = Hearing(ears)
        self._listening = Listening(config, ears.turn_detector, lambda: self._answering.answer)
        self._barge_in = BargeIn(
            config.barge_in,
            config.speech_probability,
            engines.stt,
            phrases,
            self._answering.said,
            self._listening.is_continued,
        )
        self._cue = Cue(sign, sink, config.speech_probability)
        self._interrupting = Interrupting(
            self._machine,
            self._answering,
            self._listening,
            self._barge_in,
            self._cue,
            bus,
            phrases,
        )
        self._wake_phrases = ears.wake.phrases if ears.wake else ()
        self._muted = False
        self._failures = 0
        self._listened_until_s = 0.0

    @property
    def state(self) -> State:
        return self._machine.state

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def drafting(self) -> str:
        """Whether replies are drafted: ``on``, ``off`` or ``slow_machine``."""
        return self._drafting.state

    @property
    def listened_until_s(self) -> float:
        """How far the microphone's sound was worked on."""
        return self._listened_until_s

    @property
    def _behind_s(self) -> float:
        return self._bus.now_s - self._listened_until_s

    @property
    def quiet(self) -> bool:
        """Nothing is being said or answered, and nothing more was asked for."""
        if self.state is State.LISTENING and self._listening.is_on:
            return not self._listening.was_called and not self._listening.heard_anything
        return self.state is State.IDLE

    async def run(self) -> None:
        """Listen until the source ends, then end a turn that is still going on."""
        async with task_group() as group:
            ending = group.create_task(self._end_turns_when_ready(), name="end-of-turn")
            try:
                async with aclosing(aiter(self._ears.source)) as chunks:
                    async for chunk in chunks:
                        self._listened_until_s = chunk.t_s + chunk.duration_s
                        if not self._muted:
                            await self._hear(chunk)
            finally:
                await cancel_and_wait(ending)
                await self._cue.end()
                await self._foresight.aclose()
                await self._refreshing.aclose()
                await self._answering.aclose()

    async def press(self) -> None:
        """The key went down: listen at once, whatever was going on, until it is let go.

        Raises ``TurnError`` while muted.
        """
        if not self._listening.is_held:
            await self._listen_by_key(held=True)

    async def release(self) -> None:
        """The key was let go: answer what was said."""
        if self.state is State.LISTENING:
            await self._decide(self._listening.release(), Trigger.PTT_UP)

    async def tap(self) -> None:
        """Begin to listen; or, while listening, answer what was said. Raises as ``press`` does."""
        if self.state is State.LISTENING and self._listening.was_called:
            await self.release()
        else:
            await self._listen_by_key(held=False)

    async def cancel(self) -> None:
        """Stop whatever is going on: silence, no turn, IDLE."""
        self._listening.end()
        self._foresight.drop()
        await self._interrupting.end_reply(Trigger.CANCEL)
        await self._hearing.forget_wake_word()

    async def announce(self, text: str, sound: AudioChunk | None = None) -> bool:
        """Say ``text`` unasked, after ``sound``; False, and nothing said, when something else is
        going on."""
        if self.state is not State.IDLE or not await self._machine.fire(Trigger.ANNOUNCE):
            return False
        self._barge_in.reset()
        self._answering.announce(text, sound)
        return True

    @contextmanager
    def only_hearing(self) -> Iterator[None]:
        """Within, what the user says is told to those who watch, and not answered.

        Raises ``TurnError`` where it is so already.
        """
        if self._answering.only_hears:
            raise TurnError("Another program is listening.", "Try again when it has ended.")
        self._answering.only_hears = True
        try:
            yield
        finally:
            self._answering.only_hears = False

    async def mute(self) -> None:
        """Hear nothing from now on; a reply that sounds goes on."""
        if not self._muted:
            self._muted = True
            self._bus.publish(Event.MUTE, muted=True)
        if self.state is State.LISTENING:
            await self.cancel()

    async def unmute(self) -> None:
        """Hear again."""
        if self._muted:
            self._muted = False
            self._bus.publish(Event.MUTE, muted=False)

    async def _hear(self, chunk: AudioChunk) -> None:
        for admitted in await self._hearing.admit(chunk, attentive=self._is_attentive()):
            try:
                await self._listen_to(admitted)
            except EngineError as exc:  # a failure costs a moment; many in a row are the end
                self._failures += 1
                if self._failures >= _FAILURES_IN_A_ROW:
                    raise
                self._bus.publish(Event.ERROR, code=exc.code, message=exc.message, hint=exc.hint)
            else:
                self._failures = 0

    def _is_attentive(self) -> bool:
        return self.state is not State.IDLE

    async def _listen_to(self, chunk: AudioChunk) -> None:
        async for frame in self._hearing.frames(chunk, self._is_attentive):
            await self._hear_frame(frame)
        if self.state is not State.LISTENING or not self._listening.was_called:
            speaking = self.state in (State.THINKING, State.SPEAKING)
            async for woken in self._hearing.wake_words(chunk, speaking=speaking):
                await self._woken(woken)

    async def _hear_frame(self, frame: HeardFrame) -> None:
        if self.state is State.SPEAKING:
            await self._interrupting.overhear(frame)
        elif self.state is State.LISTENING:
            await self._cue.hear(frame)
            held = self._listening.is_held
            decision = await self._listening.push(frame)
            if held and isinstance(decision, (Utterance, NothingHeard)):
                self._troubles.stuck_key()
            elif isinstance(decision, Utterance) and decision.reason is EndReason.LIMIT:
                self._troubles.endless_speech()
            await self._decide(decision, Trigger.SPEECH_END)

        elif self.state is State.THINKING and self._listening.goes_on(frame):
            await self._interrupting.think_again()

    async def _end_turns_when_ready(self) -> None:
        """A turn that waits for nothing but its answer is over with it, not with the next frame."""
        while True:
            await self._answer_is_ready.wait()
            self._answer_is_ready.clear()
            if self.state is State.LISTENING:
                await self._decide(self._listening.look_again(), Trigger.SPEECH_END)

    async def _woken(self, woken: WakeWord) -> None:
        if self.state is State.SPEAKING and (
            self._config.barge_in == "off"
            or self._interrupting.is_own_echo(woken, self._hearing.now_s)
        ):
            return
        self._bus.publish(Event.WAKE, model=woken.model, score=round(woken.score, 3))
        if self.state in (State.THINKING, State.SPEAKING):
            await self._interrupting.by_wake_word()
        self._answering.drop_draft()
        await self._machine.fire(Trigger.WAKE)  # moves only where the reply had just ended, or IDLE
        self._listening.woken(self._hearing.now_s, await self._hearing.recent())
        self._cue.woken(self._hearing.now_s)

    async def _listen_by_key(self, *, held: bool) -> None:
        if self._muted:
            raise TurnError("The microphone is muted.", "'heisenberg trigger unmute' opens it.")
        recent = await self._hearing.recent() if self.state is State.IDLE else ()
        if self.state is not State.LISTENING:
            await self._interrupting.end_reply(Trigger.PTT_DOWN)
        self._answering.drop_draft()
        self._listening.by_key(self._listened_until_s, recent, held=held)

    def _listen_on(self, turn: Turn) -> None:
        """After a reply the user may go on without the wake word, or has already begun to."""
        if self._interrupting.listen_on():
            return
        wait_s = self._config.follow_up_s
        if turn.text.rstrip(" \"'”»)").endswith("?"):
            wait_s = self._config.follow_up_question_s
        if self._phrases.asks_for_time(turn.question):
            wait_s = self._config.follow_up_wait_s
        self._listening.follow_up(self._hearing.now_s, wait_s)

    def _listen_after_call(self) -> None:
        """The pause after the wake word was taken for the end: the question is still to come."""
        self._listening.woken(self._hearing.now_s, ())

    async def _decide(self, decision: Decision, trigger: Trigger) -> None:
        match decision:
            case Speaking(utterance):
                if self._drafting.worthwhile:
                    self._foresight.look(self._request(utterance))
                return
            case None:
                return
        self._foresight.drop()
        match decision:
            case SpeechStarted(voiced_start_s):
                self._bus.publish(Event.SPEECH_START, voiced_start_s=round(voiced_start_s, 3))
            case Paused(utterance) if self._drafting.worthwhile:
                self._refreshing.turn_begins()
                self._drafting.begun(self._behind_s)
                self._answering.prepare(self._request(utterance))
            case WentOn():
                self._answering.drop_draft()
            case NothingHeard():
                self._answering.drop_draft()
                self._listening.end()
                await self._cue.end()
                await self._machine.fire(Trigger.NOTHING_HEARD)
                await self._hearing.forget_wake_word()
            case Utterance():
                self._listening.end()
                self._refreshing.turn_begins()
                if self._answering.has_draft:
                    self._drafting.ended(self._behind_s)
                self._bus.publish(
                    Event.SPEECH_END,
                    reason=decision.reason.value,
                    voiced_end_s=round(decision.voiced_end_s, 3),
                    drafted=self._answering.has_draft,
                )
                await self._cue.end()
                if await self._machine.fire(trigger):
                    self._barge_in.reset()
                    self._barge_in.note_user(decision.pcm)
                    self._answering.begin(self._request(decision))
                    await self._hearing.forget_wake_word()

    def _request(self, utterance: Utterance) -> Request:
        """The utterance, with what of a reply may have been in the room when the user began."""
        said = self._listening.said
        over_reply = said is not None
        if said is None and not self._listening.was_called:
            start_s = utterance.voiced_start_s
            said = self._answering.said(start_s - _ECHO_S, start_s + _ECHO_S)
        return Request(
            utterance.pcm,
            self._wake_phrases,
            said or "",
            over_reply=over_reply,
            after_call=self._listening.was_called,
        )

    def _state_changed(self, before: State, after: State, trigger: Trigger) -> None:
        self._expect_sound(after is not State.IDLE)
        if after is State.LISTENING:
            self._refreshing.listening_begins()
        fields: dict[str, Any] = {"from": before.value, "to": after.value, "trigger": trigger.value}
        self._bus.publish(Event.STATE, **fields)
