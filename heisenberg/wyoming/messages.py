"""The messages of the Wyoming protocol: the library's, and which of them concern nobody here."""

from __future__ import annotations

import warnings
from typing import Final

with warnings.catch_warnings():
    # It imports audioop, which is deprecated; nothing here uses it.
    warnings.simplefilter("ignore", DeprecationWarning)
    from wyoming.asr import Transcribe, Transcript
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.error import Error
    from wyoming.event import Event, Eventable, write_event
    from wyoming.handle import Handled, NotHandled
    from wyoming.info import (
        AsrModel,
        AsrProgram,
        Attribution,
        Describe,
        HandleModel,
        HandleProgram,
        Info,
        IntentModel,
        IntentProgram,
        TtsProgram,
        TtsVoice,
        WakeModel,
        WakeProgram,
    )
    from wyoming.intent import Entity, Intent, NotRecognized, Recognize
    from wyoming.ping import Ping, Pong
    from wyoming.pipeline import PipelineStage, RunPipeline
    from wyoming.satellite import PauseSatellite, RunSatellite
    from wyoming.tts import (
        Synthesize,
        SynthesizeChunk,
        SynthesizeStart,
        SynthesizeStop,
        SynthesizeStopped,
        SynthesizeVoice,
    )
    from wyoming.vad import VoiceStarted, VoiceStopped
    from wyoming.wake import Detect, Detection, NotDetected

__all__ = [
    "AsrModel",
    "AsrProgram",
    "Attribution",
    "AudioChunk",
    "AudioStart",
    "AudioStop",
    "Describe",
    "Detect",
    "Detection",
    "Entity",
    "Error",
    "Event",
    "Eventable",
    "HandleModel",
    "HandleProgram",
    "Handled",
    "Info",
    "Intent",
    "IntentModel",
    "IntentProgram",
    "NotDetected",
    "NotHandled",
    "NotRecognized",
    "PauseSatellite",
    "Ping",
    "PipelineStage",
    "Pong",
    "Recognize",
    "RunPipeline",
    "RunSatellite",
    "Synthesize",
    "SynthesizeChunk",
    "SynthesizeStart",
    "SynthesizeStop",
    "SynthesizeStopped",
    "SynthesizeVoice",
    "Transcribe",
    "Transcript",
    "TtsProgram",
    "TtsVoice",
    "VoiceStarted",
    "VoiceStopped",
    "WakeModel",
    "WakeProgram",
    "write_event",
]

PASSED_OVER: Final = frozenset(
    {
        "error",
        "info",
        "played",
        "pong",
        "satellite-connected",
        "satellite-disconnected",
        "select-program",
        "streaming-started",
        "streaming-stopped",
        "timer-cancelled",
        "timer-finished",
        "timer-started",
        "timer-updated",
        "user-event",
        "voice-started",
        "voice-stopped",
    }
)
"""Types of messages that may come and need no answer."""
