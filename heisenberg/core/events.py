"""What happens while Heisenberg runs, for those who watch: the command line, logs, measurements.

An event never drives anything: a turn goes on whether or not somebody listens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Event(StrEnum):
    """Names of events; the fields of each are in parentheses."""

    STATE = "state"
    """The state machine moved (from, to, trigger)."""
    WAKE = "wake"
    """The wake word was heard (model, score)."""
    SPEECH_START = "speech_start"
    """The user began to speak (voiced_start_s)."""
    SPEECH_END = "speech_end"
    """The turn was judged over (reason, voiced_end_s, drafted: whether the last draft is its
    answer)."""
    DRAFT = "draft"
    """The user paused, and a reply is being prepared in case they have finished (revision). What
    happens in it is told once the turn is over, with the times at which it happened."""
    TRANSCRIPT = "transcript"
    """What the user said (text, language, final)."""
    SKILL = "skill"
    """A skill did what was asked, or tried to (name, action, text: what it says)."""
    LLM_TOKEN = "llm_token"
    """A piece of the reply (text)."""
    LLM_COMPLETE = "llm_complete"
    """The reply is written to its end (text, tokens, model, backend, local, sources: where in the
    owner's documents it comes from)."""
    FIRST_CLAUSE = "first_clause"
    """The first clause went to the voice (text)."""
    FIRST_SOUND = "first_sound"
    """The voice delivered its first sound; it still has to reach the speaker."""
    PLAYBACK_START = "playback_start"
    """The reply sounds; ``t`` is the time of its first sample at the speaker."""
    LATENCY = "latency"
    """How long the user waited, told as the reply begins to sound (first_sound_s: seconds from the
    last voice to the first sound; stages: the seconds of each part of that, by name)."""
    PLAYBACK_END = "playback_end"
    """The reply has ended or was cut off (heard_s, interrupted)."""
    DUCK = "duck"
    """Somebody speaks while the reply sounds: it is made quieter until that is understood (gain);
    gain 1.0 brings it back."""
    BARGE_IN = "barge_in"
    """The user interrupted (confirmed, by: wake_word, speech, and for the latter text: the words
    so far); with ``confirmed`` false it was no interruption, and the reply goes on."""
    MUTE = "mute"
    """The microphone was closed or opened again (muted)."""
    DEVICE = "device"
    """A microphone or speaker was lost, was found silent, or works again (kind, state, name)."""
    ERROR = "error"
    """Something failed (code, message, hint)."""
    READY = "ready"
    """Everything is loaded (say: what to say to begin)."""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event: ``t`` in seconds since the start of the input."""

    t: float
    event: Event
    fields: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """One flat mapping, the form of a line in an events file."""
        return {"t": round(self.t, 4), "event": self.event.value, **self.fields}
