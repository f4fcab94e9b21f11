"""Ends a reply when the user speaks over it, and listens on to what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from heisenberg.audio.utterance import HeardFrame
from heisenberg.core.bus import Bus
from heisenberg.core.events import Event
from heisenberg.core.phrases import Phrases
from heisenberg.core.state import State, StateMachine, Trigger
from heisenberg.core.talk.answering import Answering
from heisenberg.core.talk.barge_in import DUCKED_GAIN, BargeIn, Step
from heisenberg.core.talk.cue import Cue
from heisenberg.core.talk.listening import Listening
from heisenberg.wake.base import WakeWord

_WAKE_ECHO_S: Final = 3.0
"""A wake word of our own is heard at most so long after it began to be said."""


class Interrupting:
    """What may cut a reply short: a voice over it, the wake word, a user who had not finished."""

    def __init__(
        self,
        machine: StateMachine,
        answering: Answering,
        listening: Listening,
        barge_in: BargeIn,
        cue: Cue,
        bus: Bus,
        phrases: Phrases,
    ) -> None:
        self._machine = machine
        self._answering = answering
        self._listening = listening
        self._barge_in = barge_in
        self._cue = cue
        self._bus = bus
        self._phrases = phrases

    async def overhear(self, frame: HeardFrame) -> None:
        """Somebody may be speaking while the reply sounds."""
        step = await self._barge_in.push(frame)
        if self._machine.state is not State.SPEAKING:  # it ended meanwhile, or a key was pressed
            return
        match step:
            case Step.DUCK:
                self._duck(DUCKED_GAIN)
            case Step.RESUME:
                self._duck(1.0)
                self._bus.publish(Event.BARGE_IN, confirmed=False, by="speech")
            case Step.CONFIRMED:
                await self._confirm()
            case None:
                pass

    async def think_again(self) -> None:
        """The user went on before there was a reply: the turn was not over."""
        self._bus.publish(Event.BARGE_IN, confirmed=True, by="speech", text="")
        await self._go_on((), "")

    async def by_wake_word(self) -> None:
        """The user said the wake word while a reply was prepared or sounded."""
        self._bus.publish(Event.BARGE_IN, confirmed=True, by="wake_word")
        await self.end_reply(Trigger.BARGE_IN)

    def is_own_echo(self, woken: WakeWord, now_s: float) -> bool:
        """The reply has just said the wake word: the last guard behind the echo canceller."""
        said = self._answering.said(now_s - _WAKE_ECHO_S, now_s).lower()
        return woken.phrase.lower().split()[-1] in said

    def listen_on(self) -> bool:
        """The reply has ended by itself: whether the user had begun to speak over it, and is heard
        out now."""
        frames, said = self._barge_in.frames, self._barge_in.said
        if frames:
            self._answering.duck(1.0)
            self._hear_out(frames, said)
        return bool(frames)

    async def end_reply(self, trigger: Trigger, *, keep: bool = True) -> None:
        """Silence now, and the move that ``trigger`` makes; ``keep`` of it what was heard."""
        await self._cue.end()
        await self._answering.end(keep=keep)
        self._barge_in.reset()
        await self._machine.fire(trigger)

    async def _confirm(self) -> None:
        frames, said = self._barge_in.frames, self._barge_in.said
        words = self._barge_in.words
        self._bus.publish(Event.BARGE_IN, confirmed=True, by="speech", text=words)
        if self._listening.is_continued(frames) and not self._phrases.is_urgent(words):
            await self._go_on(frames, said)
        else:
            await self.end_reply(Trigger.BARGE_IN)
            self._hear_out(frames, said)

    def _duck(self, gain: float) -> None:
        self._answering.duck(gain)
        self._bus.publish(Event.DUCK, gain=gain)

    def _hear_out(self, frames: Sequence[HeardFrame], said: str) -> None:
        """The user has begun to speak, over the reply."""
        self._barge_in.reset()
        start_s = self._listening.interrupted(frames, said)
        self._bus.publish(Event.SPEECH_START, voiced_start_s=round(start_s, 3))

    async def _go_on(self, frames: Sequence[HeardFrame], said: str) -> None:
        """The turn was not over: what is being answered is its first part only."""
        await self.end_reply(Trigger.BARGE_IN, keep=False)
        start_s = self._listening.resume(frames, said)
        self._bus.publish(Event.SPEECH_START, voiced_start_s=round(start_s, 3))
