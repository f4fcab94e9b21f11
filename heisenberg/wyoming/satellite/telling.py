"""What a satellite is told of what happens in its room, for its lights and its own state."""

from __future__ import annotations

from typing import Any

from heisenberg.core.events import Event, EventRecord
from heisenberg.core.state import State, Trigger
from heisenberg.core.talk.troubles import CODES
from heisenberg.wyoming.messages import (
    Detect,
    Detection,
    Error,
    Eventable,
    Synthesize,
    Transcribe,
    Transcript,
    VoiceStarted,
    VoiceStopped,
)
from heisenberg.wyoming.wire import Wire

_NOTHING_HEARD = Error("Nothing was said.", "stt-no-text-recognized")
"""The code is Home Assistant's: satellites know it."""


class Telling:
    """An observer of a room's bus."""

    def __init__(self, wire: Wire, language: str) -> None:
        self._wire = wire
        self._language = language
        self.detects = False
        """Whether the wake word is listened for here."""

    def __call__(self, record: EventRecord) -> None:
        for message in self._messages(record.event, record.fields):
            self._wire.post(message)

    def _messages(self, event: Event, fields: Any) -> list[Eventable]:
        match event:
            case Event.WAKE:
                return [Detection(name=fields["model"])]
            case Event.STATE:
                return self._moved(State(fields["to"]), Trigger(fields["trigger"]))
            case Event.SPEECH_START:
                return [VoiceStarted()]
            case Event.SPEECH_END:
                return [VoiceStopped()]
            case Event.TRANSCRIPT if fields["final"]:
                return [Transcript(fields["text"], language=fields["language"])]
            case Event.FIRST_CLAUSE:
                return [Synthesize(fields["text"])]
            case Event.ERROR if fields["code"] not in CODES:  # it ends what the satellite does
                return [Error(f"{fields['message']} {fields['hint']}".strip(), fields["code"])]
            case _:
                return []

    def _moved(self, to: State, trigger: Trigger) -> list[Eventable]:
        if to is State.LISTENING:
            return [Transcribe(language=self._language)]
        told: list[Eventable] = []
        if trigger is Trigger.NOTHING_HEARD:
            told.append(_NOTHING_HEARD)
        if to is State.IDLE and self.detects:
            told.append(Detect())
        return told
