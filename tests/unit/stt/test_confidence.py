"""Which segments count as speech. The numbers are some that Whisper gave for such sound."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from heisenberg.stt.confidence import is_speech, repeats_itself


@dataclass(frozen=True)
class _Segment:
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float = 0.8


@pytest.mark.parametrize(
    "segment",
    [
        _Segment(" What is the capital of France?", -0.21, 0.04, 0.85),
        _Segment(" Thank you.", -0.15, 0.03, 0.56),
        _Segment(" Thank you.", -0.21, 0.36, 0.56),  # quietly
        _Segment(" Bye.", -0.30, 0.49, 0.33),
        _Segment(" Bye bye.", -0.67, 0.08, 0.56),
        _Segment(" Cancel.", -1.27, 0.43, 0.47),
        _Segment(" Five.", -0.85, 0.61, 0.38),
    ],
)
def test_what_was_said_stays(segment: _Segment) -> None:
    assert is_speech(segment)


@pytest.mark.parametrize(
    "segment",
    [
        _Segment(" you", -1.07, 0.72, 0.27),
        _Segment(" I'm sorry.", -1.8, 0.65, 0.55),
        _Segment(" . . .", -0.4, 0.2, 0.38),
        _Segment("", -0.1, 0.1),
        _Segment(" Turn it off.", -0.95, 0.7),
        _Segment(" You can see that you can see that.", -0.7, 0.93, 1.5),
        _Segment(" Wow", -1.71, 0.39, 0.27),
        _Segment(" Thank you.", -1.0, 0.3, 0.56),
        _Segment(" Thanks for watching!", -0.3, 0.6, 0.7),
        _Segment(" Sous-titres réalisés par la communauté d'Amara.org", -0.5, 0.8, 0.9),
        _Segment(" no no no no no no no no no no no no no no no no", -0.1, 0.1, 4.2),
    ],
)
def test_what_was_invented_goes(segment: _Segment) -> None:
    assert not is_speech(segment)


@pytest.mark.parametrize(
    "text",
    [
        "Lock the front door. Lock the front door. Lock",
        "Pause the film because somebody is ringing. Pause the film because somebody is ringing",
        "So I said no, so I said no.",
    ],
)
def test_words_that_come_again_at_once_are_a_loop(text: str) -> None:
    assert repeats_itself(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no.",
        "Bye bye bye bye bye.",
        "Call me when you can call me from the train.",
    ],
)
def test_people_do_say_a_word_again(text: str) -> None:
    assert not repeats_itself(text)
