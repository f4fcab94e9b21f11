"""What happens, as lines while it happens, and where the time of a turn went, as bars."""

from __future__ import annotations

from typing import Final, TextIO

from heisenberg.core.events import Event, EventRecord
from heisenberg.core.latency import TurnLatency

_BAR_COLUMNS: Final = 48


class Timeline:
    """An observer that writes one line for each event a person cares about.

    Without ``words``, what was heard and said is left out.
    """

    def __init__(self, out: TextIO, *, words: bool = True) -> None:
        self._out = out
        self._words = words
        self._token_seen = False

    def __call__(self, record: EventRecord) -> None:
        text = self._describe(record)
        if text:
            self._out.write(f"{record.t:8.2f} s  {text}\n")
            self._out.flush()

    def _describe(self, record: EventRecord) -> str | None:
        fields = record.fields
        match record.event:
            case Event.READY:
                return f"ready: {fields['say']}"
            case Event.STATE:
                return f"{fields['from']} -> {fields['to']}"
            case Event.WAKE:
                return f"wake word ({fields['score']:.2f})"
            case Event.SPEECH_END:
                self._token_seen = False
                return f"end of speech at {fields['voiced_end_s']:.2f} s ({fields['reason']})"
            case Event.TRANSCRIPT if fields["final"]:
                return f"heard: {self._text(fields['text']) or '(nothing)'}"
            case Event.LLM_TOKEN if not self._token_seen:
                self._token_seen = True
                return "first token"
            case Event.SKILL:
                return f"{fields['name']}: {self._text(fields['text'])}"
            case Event.LLM_COMPLETE:
                return f"reply: {self._text(fields['text'])}"
            case Event.PLAYBACK_START:
                return "the reply sounds"
            case Event.LATENCY:
                return f"first sound {fields['first_sound_s']:.2f} s after the end of speech"
            case Event.PLAYBACK_END:
                return "interrupted" if fields["interrupted"] else "the reply has ended"
            case Event.BARGE_IN:
                return "an interruption" if fields["confirmed"] else "no interruption: it goes on"
            case Event.MUTE:
                return "the microphone is muted" if fields["muted"] else "it listens again"
            case Event.DEVICE:
                said = f"{fields['kind']} {fields['name']}".rstrip()
                return f"{said}: {fields['state']}. {fields['hint']}".rstrip()
            case Event.ERROR:
                return f"error: {fields['message']} {fields['hint']}".rstrip()
            case _:
                return None

    def _text(self, text: str) -> str:
        if self._words or not text:
            return text
        count = len(text.split())
        return f"({count} word{'s' if count > 1 else ''})"


def waterfall(latency: TurnLatency) -> list[str]:
    """Lines with a bar for each stage between the user's last voice and the first sound."""
    total_s = latency.first_sound_s or 1.0
    lines = ["From the end of speech to the first sound:"]
    for stage in latency.stages:
        before = round(stage.start_s / total_s * _BAR_COLUMNS)
        bar = "█" * max(1, round(stage.end_s / total_s * _BAR_COLUMNS) - before)
        lines.append(f"  {stage.name:<13} {stage.duration_s:5.2f} s  {' ' * before}{bar}")
    lines.append(f"  {'in all':<13} {latency.first_sound_s:5.2f} s")
    return lines
