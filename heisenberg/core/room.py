"""A room: one microphone, one speaker, one state machine.

The pump listens all the time and outlives every turn; a turn is one task that the pump starts
and, when the user interrupts, ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from heisenberg.audio.base import (
    AudioChunk,
    AudioSink,
    AudioSource,
    Pcm,
    Playback,
    TurnDetector,
    VoiceActivityDetector,
)
from heisenberg.audio.endpoint import (
    Decision,
    Endpointer,
    HeardFrame,
    NothingHeard,
    SpeechStarted,
    Utterance,
)
from heisenberg.audio.rechunk import Rechunker
from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.bus import Bus
from heisenberg.core.config import TurnConfig
from heisenberg.core.errors import EngineError, HeisenbergError, TurnError
from heisenberg.core.events import Event
from heisenberg.core.gate import GatedSink
from heisenberg.core.phrases import Phrases
from heisenberg.core.state import State, StateMachine, Trigger
from heisenberg.core.turn import Turn, TurnEngines
from heisenberg.wake.base import WakeDetector, WakeWord

_PRE_ROLL_S: Final = 2.0
_WAKE_TAIL_S: Final = 0.15
"""The wake word may still be sounding when it is recognised."""
_REPLY_TAIL_S: Final = 0.3
"""The end of our own reply reaches the microphone so much later than the speaker."""
_FAILURES_IN_A_ROW: Final = 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ears:
    """What listens in a room; ``wake`` is ``None`` where only a key starts a turn."""

    source: AudioSource
    vad: VoiceActivityDetector
    turn_detector: TurnDetector
    wake: WakeDetector | None


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
    ) -> None:
        self._config = config
        self._ears = ears
        self._sink = sink
        self._engines = engines
        self._bus = bus
        self._phrases = phrases
        self._machine = StateMachine(self._state_changed)
        self._recent: deque[HeardFrame] = deque()
        self._vad_frames = Rechunker(ears.vad.frame_samples)
        self._wake_frames = Rechunker(ears.wake.frame_samples) if ears.wake else None
        self._endpointer: Endpointer | None = None
        self._wake_phrase = ears.wake.phrase if ears.wake else ""
        self._following_up = False
        self._answering: _Answering | None = None
        self._heard_until_s: float | None = None
        self._failures = 0

    @property
    def state(self) -> State:
        return self._machine.state

    @property
    def quiet(self) -> bool:
        """Nothing is being said or answered, and nothing more was asked for."""
        if self.state is State.LISTENING and self._endpointer is not None:
            return self._following_up and not self._endpointer.started
        return self.state is State.IDLE

    async def run(self) -> None:
        """Listen until the source ends, then end a turn that is still going on."""
        try:
            async with aclosing(aiter(self._ears.source)) as chunks:
                async for chunk in chunks:
                    if self._heard_until_s is None:
                        self._heard_until_s = chunk.t_s
                    await self._hear_or_complain(chunk)
        finally:
            await self._end_turn()

    async def press(self) -> None:
        """The key went down: listen at once, whatever was going on."""
        if self.state is not State.LISTENING:
            await self._interrupt(Trigger.PTT_DOWN)
        self._listen(wait_s=self._config.max_utterance_s, held=True)

    async def release(self) -> None:
        """The key was let go: answer what was said."""
        if self._endpointer is None or self.state is not State.LISTENING:
            return
        await self._decide(self._endpointer.release(), Trigger.PTT_UP)

    async def cancel(self) -> None:
        """Stop whatever is going on: silence, no turn, IDLE."""
        await self._interrupt(Trigger.CANCEL)
        self._endpointer = None
        await self._listen_for_wake_word()

    # -- hearing -------------------------------------------------------------------------------

    async def _hear_or_complain(self, chunk: AudioChunk) -> None:
        """One failure of an engine that listens costs a moment; many in a row are the end."""
        try:
            await self._hear(chunk)
        except EngineError as exc:
            self._failures += 1
            if self._failures >= _FAILURES_IN_A_ROW:
                raise
            self._publish_error(exc)
        else:
            self._failures = 0

    async def _hear(self, chunk: AudioChunk) -> None:
        for pcm in self._vad_frames.push(chunk.pcm):
            speech = await self._ears.vad.probability(pcm)
            await self._hear_frame(HeardFrame(pcm, self._heard_until_s or 0.0, speech))
        if self._wake_frames is not None and self._ears.wake is not None:
            for pcm in self._wake_frames.push(chunk.pcm):
                if self.state is not State.LISTENING or self._following_up:
                    woken = await self._ears.wake.process(pcm)
                    if woken is not None:
                        await self._woken(woken)

    async def _hear_frame(self, frame: HeardFrame) -> None:
        self._heard_until_s = frame.end_s
        self._recent.append(frame)
        while self._recent[0].end_s < frame.end_s - _PRE_ROLL_S:
            self._recent.popleft()
        endpointer = self._endpointer
        if endpointer is not None and self.state is State.LISTENING:
            decision = await endpointer.push(frame)
            if endpointer is self._endpointer:  # else a key was pressed meanwhile
                await self._decide(decision, Trigger.SPEECH_END)

    async def _woken(self, woken: WakeWord) -> None:
        self._bus.publish(Event.WAKE, model=woken.model, score=round(woken.score, 3))
        if self.state in (State.THINKING, State.SPEAKING):
            self._bus.publish(Event.BARGE_IN, confirmed=True)
            await self._interrupt(Trigger.BARGE_IN)
        await self._machine.fire(Trigger.WAKE)  # moves only where the reply had just ended, or IDLE
        self._listen(wait_s=self._config.wait_for_speech_s, tail_s=_WAKE_TAIL_S, woken=True)

    def _listen(
        self, *, wait_s: float, tail_s: float = 0.0, woken: bool = False, held: bool = False
    ) -> None:
        """Begin to frame an utterance; what sounds within ``tail_s`` does not count as speech."""
        self._following_up = not woken and not held
        now_s = self._heard_until_s or 0.0
        self._endpointer = Endpointer(
            self._config,
            self._ears.turn_detector,
            pre_roll=self._recent if woken else (),
            listen_from_s=now_s + tail_s,
            wait_for_speech_s=wait_s,
            held=held,
        )

    async def _listen_for_wake_word(self) -> None:
        if self._ears.wake is not None and self._wake_frames is not None:
            self._wake_frames.reset()
            await self._ears.wake.reset()

    async def _decide(self, decision: Decision, trigger: Trigger) -> None:
        match decision:
            case SpeechStarted(voiced_start_s):
                self._bus.publish(Event.SPEECH_START, voiced_start_s=round(voiced_start_s, 3))
            case NothingHeard():
                self._endpointer = None
                await self._machine.fire(Trigger.NOTHING_HEARD)
                await self._listen_for_wake_word()
            case Utterance():
                self._endpointer = None
                self._bus.publish(
                    Event.SPEECH_END,
                    reason=decision.reason.value,
                    voiced_end_s=round(decision.voiced_end_s, 3),
                )
                if await self._machine.fire(trigger):
                    self._begin_turn(decision.pcm)
                    await self._listen_for_wake_word()
            case None:
                pass

    # -- answering -----------------------------------------------------------------------------

    def _begin_turn(self, utterance: Pcm) -> None:
        gate = GatedSink(
            self._sink, before_first=self._before_first_sound, after_first=self._playback_started
        )
        turn = Turn(self._engines, self._bus, gate)
        task = asyncio.create_task(self._run_turn(turn, gate, utterance), name="turn")
        self._answering = _Answering(turn, gate, task)

    async def _run_turn(self, turn: Turn, gate: GatedSink, utterance: Pcm) -> None:
        try:
            await self._take_turn(turn, gate, utterance)
        except HeisenbergError as exc:
            await self._fail(turn, gate, exc)
        except Exception as exc:  # a fault in a turn costs that turn, not the daemon
            _log.exception("turn failed")
            error = TurnError(f"The turn failed: {exc}.", "The log has the details.")
            await self._fail(turn, gate, error)

    async def _take_turn(self, turn: Turn, gate: GatedSink, utterance: Pcm) -> None:
        await turn.hear(utterance, self._wake_phrase)
        if not turn.question or self._phrases.end_conversation(turn.question):
            await self._machine.fire(Trigger.NOTHING_TO_SAY)
            return
        await gate.open()
        await turn.answer(turn.question)
        if not turn.has_sound:
            await self._machine.fire(Trigger.NOTHING_TO_SAY)
            return
        await self._finish_playback()
        self._engines.conversation.remember(turn.question, turn.text)
        await self._after_playback(follow_up=self._config.follow_up_s > 0)

    async def _before_first_sound(self) -> None:
        await self._machine.fire(Trigger.FIRST_AUDIO)

    def _playback_started(self, sounds_at_s: float) -> None:
        self._bus.publish(Event.PLAYBACK_START, t=sounds_at_s)

    async def _finish_playback(self) -> None:
        playback = await self._sink.drain()
        self._publish_playback_end(playback)

    def _publish_playback_end(self, playback: Playback) -> None:
        self._bus.publish(
            Event.PLAYBACK_END,
            heard_s=round(playback.played_s, 3),
            interrupted=playback.interrupted,
        )

    async def _after_playback(self, *, follow_up: bool) -> None:
        self._answering = None
        await self._machine.fire(Trigger.PLAYBACK_END, follow_up=follow_up)
        if follow_up:
            self._listen(wait_s=self._config.follow_up_s, tail_s=_REPLY_TAIL_S)

    async def _fail(self, turn: Turn, gate: GatedSink, error: HeisenbergError) -> None:
        """Show the error and, if nothing was said yet, apologise aloud; then IDLE."""
        if gate.is_shut:  # the turn is being ended anyway, and its end is awaited
            return
        self._publish_error(error)
        before = self.state
        self._cut_off(turn, self._sink.clear())
        await self._machine.fire(Trigger.FAILED)
        if before is State.THINKING:
            await self._apologise()
        self._answering = None

    async def _apologise(self) -> None:
        gate = GatedSink(self._sink, before_first=_at_once, after_first=self._playback_started)
        await gate.open()
        try:
            await Turn(self._engines, self._bus, gate).say(self._phrases.apology)
            await self._finish_playback()
        except Exception as exc:  # the voice itself is what failed
            _log.error("no apology", error=str(exc))
            await self._machine.fire(Trigger.FAILED)
            return
        await self._after_playback(follow_up=False)

    def _publish_error(self, error: HeisenbergError) -> None:
        self._bus.publish(Event.ERROR, code=error.code, message=error.message, hint=error.hint)

    async def _interrupt(self, trigger: Trigger) -> None:
        await self._end_turn()
        await self._machine.fire(trigger)

    async def _end_turn(self) -> None:
        """Silence now, then end the turn; keep of it what was heard."""
        answering = self._answering
        if answering is None:
            return
        answering.gate.shut()
        playback = self._sink.clear()
        answering.task.cancel()  # at once: a drained speaker must not look like the end
        await finish(asyncio.ensure_future(cancel_and_wait(answering.task)))
        self._answering = None
        self._sink.clear()
        self._cut_off(answering.turn, playback)

    def _cut_off(self, turn: Turn, playback: Playback) -> None:
        """What sounded of a reply that didn't reach its end is what the user heard."""
        if self.state is not State.SPEAKING:
            return
        self._publish_playback_end(replace(playback, interrupted=True))
        heard = turn.heard(playback.played_s)
        if turn.question and heard:
            self._engines.conversation.remember(turn.question, heard)

    def _state_changed(self, before: State, after: State, trigger: Trigger) -> None:
        fields: dict[str, Any] = {"from": before.value, "to": after.value, "trigger": trigger.value}
        self._bus.publish(Event.STATE, **fields)


async def _at_once() -> None:
    return None


@dataclass(frozen=True, slots=True)
class _Answering:
    """The turn that is being taken."""

    turn: Turn
    gate: GatedSink
    task: asyncio.Task[None]
