"""The configuration of a turn: what begins one, and when it is over."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from heisenberg.core.config.section import Listed, Probability, Seconds, Section


class WakeConfig(Section):
    """The wake words."""

    enabled: bool = True
    engine: str = "openwakeword"
    models: Annotated[tuple[str, ...], Field(min_length=1), Listed] = ("hey_jarvis",)
    """Names from ``heisenberg models list`` or paths to openWakeWord heads; any of them wakes."""
    threshold: Probability = 0.1
    """The score a wake word needs while nothing is going on, to be given a second look. Low: the
    second look is what decides."""
    speaking_threshold: Probability = 0.6
    """The score it needs while a reply is being prepared or sounds."""
    refractory_s: Seconds = 1.0
    """After a wake word, so long no other is heard."""
    chime: bool = False
    """A short sound when the wake word was heard and no speech follows at once."""
    acknowledgement: str = ""
    """Words that are spoken in place of the chime; empty for none."""


class TurnConfig(Section):
    """When a turn begins and ends. All times are seconds of sound."""

    vad: str = "silero"
    detector: str = "smart_turn"
    speech_probability: Probability = 0.5
    pause_s: Seconds = 0.3
    """After this much silence a turn that is surely complete is over."""
    look_s: Seconds = 0.5
    """How often it is looked at what the user has said while they speak; 0: never. Unless it is
    set, machines with fewer than four cores leave it out: it costs them more than it gains."""
    draft: bool = True
    """Whether a reply is prepared while it is not yet certain that the user has finished."""
    draft_pause_s: Seconds = 0.03
    """After this much silence the reply is begun; it is dropped when the user goes on."""
    complete_probability: Probability = 0.6
    """By sound and words together, a turn is surely complete from here on."""
    likely_pause_s: Seconds = 0.7
    """After this much silence a turn that falls just short of that is over; it adapts to the user.
    The less probable, the longer the pause."""
    incomplete_probability: Probability = 0.03
    """From here down a turn is over after ``max_pause_s`` only."""
    max_pause_s: Seconds = 1.1
    """After this much silence any turn is over."""
    max_utterance_s: float = Field(30.0, ge=1.0, le=120.0)
    max_hold_s: float = Field(30.0, ge=1.0, le=120.0)
    """A key that is down for longer is stuck: what was said until then is answered."""
    wait_for_speech_s: Seconds = 6.0
    """After the wake word, how long to wait for the first word."""
    follow_up_s: Seconds = 2.0
    """After a statement, how long to listen without the wake word; 0 turns all follow-up off."""
    follow_up_question_s: Seconds = 4.0
    """The same after a question."""
    follow_up_wait_s: Seconds = 8.0
    """The same when the user asked for time."""
    barge_in: Literal["off", "stop_word", "wake_word", "speech"] = "speech"
    """What interrupts a reply: nothing, closing words such as "stop", the wake word (and those),
    or any words. The key always does."""


class KeyConfig(Section):
    """The push-to-talk key, where Heisenberg itself watches the keyboard (an extra)."""

    name: str = ""
    """``F9``, ``PAUSE``, ``RIGHTCTRL``; empty: no key is watched."""
    mode: Literal["hold", "tap"] = "hold"
    """``hold``: talk while it is down; ``tap``: once to begin, again (or silence) to end."""
    backend: Literal["auto", "evdev", "pynput"] = "auto"
    device: str = ""
    """With evdev: the keyboard's device file; empty: every keyboard."""
