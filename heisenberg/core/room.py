"""A room: one microphone, one speaker, one state machine.

The pump listens all the time and outlives every turn; it starts turns and, when the user
interrupts, ends them.
"""

from __future__ import annotations

from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import structlog

from heisenberg.audio.base import (
    AudioChunk,
    AudioSink,
    AudioSource,
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
from heisenberg.core.answering import Answering
from heisenberg.core.bus import Bus
from heisenberg.core.config import TurnConfig
from heisenberg.core.errors import EngineError
from heisenberg.core.events import Event
from heisenberg.core.phrases import Phrases
from heisenberg.core.state import State, StateMachine, Trigger
from heisenberg.core.turn import TurnEngines
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
        self._bus = bus
        self._machine = StateMachine(self._state_changed)
        follow_up = self._listen_on if config.follow_up_s > 0 else None
        self._answering = Answering(engines, sink, bus, self._machine, phrases, follow_up)
        self._recent: deque[HeardFrame] = deque()
        self._vad_frames = Rechunker(ears.vad.frame_samples)
        self._wake_frames = Rechunker(ears.wake.frame_samples) if ears.wake else None
        self._endpointer: Endpointer | None = None
        self._wake_phrase = ears.wake.phrase if ears.wake else ""
        self._following_up = False
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
            await self._answering.end()

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

    async def _hear_or_complain(self, chunk: AudioChunk) -> None:
        """One failure of an engine that listens costs a moment; many in a row are the end."""
        try:
            await self._hear(chunk)
        except EngineError as exc:
            self._failures += 1
            if self._failures >= _FAILURES_IN_A_ROW:
                raise
            self._bus.publish(Event.ERROR, code=exc.code, message=exc.message, hint=exc.hint)
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

    def _listen_on(self) -> None:
        """After a reply the user may go on without the wake word."""
        self._listen(wait_s=self._config.follow_up_s, tail_s=_REPLY_TAIL_S)

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
                    self._answering.begin(decision.pcm, self._wake_phrase)
                    await self._listen_for_wake_word()
            case None:
                pass

    async def _interrupt(self, trigger: Trigger) -> None:
        await self._answering.end()
        await self._machine.fire(trigger)

    def _state_changed(self, before: State, after: State, trigger: Trigger) -> None:
        fields: dict[str, Any] = {"from": before.value, "to": after.value, "trigger": trigger.value}
        self._bus.publish(Event.STATE, **fields)
