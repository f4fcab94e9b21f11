"""Is the turn over? Cut off in pauses against waited for at the end, on sentences with a pause.

The pause is silence put into one synthesis between two words, so the intonation stays that of a
sentence that goes on. The answer counts as ready as soon as the words are known: a machine that
takes longer to answer cuts off less often, not more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.utterance import Answer, HeardFrame, Paused, Utterance, WentOn
from heisenberg.bench.hearing.sounds import as_pcm, at_peak, noise
from heisenberg.bench.hearing.voices import Floats, Manner, Speaker
from heisenberg.bench.turns.sequential import PlainWhisper
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.talk.listening import Listening
from heisenberg.loading import Engines

_PAUSE_S: Final = (0.3, 0.9)
_LEAD_S: Final = 0.5
_TAIL_S: Final = 2.0
_PEAK_DB: Final = -9.0
_FLOOR_DB: Final = -66.0
_NEAR_WORD_S: Final = 0.08
_FADE_S: Final = 0.01
_QUIETEST: Final = RATE_HZ // 100


@dataclass(frozen=True, slots=True)
class Sentence:
    """A recording of ``text`` with ``pause_s`` of silence after ``before``; times are in it."""

    text: str
    before: str
    pause_s: float
    pcm: Pcm
    pause_from_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of a sentence: the time of each end that was found in it."""

    text: str
    before: str
    pause_s: float
    understood: tuple[str, ...]
    cut_off: bool
    wait_s: float


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """All sentences."""

    heard: tuple[Heard, ...]

    def as_dict(self) -> dict[str, Any]:
        waits_s = [one.wait_s for one in self.heard]
        p50, p90, p95 = (round(float(value), 3) for value in np.percentile(waits_s, (50, 90, 95)))
        return {
            "sentences": len(self.heard),
            "cut_off": sum(one.cut_off for one in self.heard),
            "wait_s": {"p50": p50, "p90": p90, "p95": p95},
            "heard": [asdict(one) for one in self.heard],
        }


async def bench_endpoint(
    config: TurnConfig,
    engines: Engines,
    sentences: Sequence[Sentence],
    on_heard: Callable[[Heard], None] = lambda _heard: None,
) -> EndpointReport:
    """Listen to ``sentences``, one after the other, as a room does that learns how they pause."""
    listener = _Listener(config, engines)
    heard = []
    for sentence in sentences:
        heard.append(await listener.listen(sentence))
        on_heard(heard[-1])
    return EndpointReport(tuple(heard))


async def sentences(
    texts: Sequence[str], voice: Speaker, aligner: PlainWhisper, language: str, *, seed: int
) -> list[Sentence]:
    """``texts`` spoken by anybody, each with a pause after one of its words but the last."""
    random = np.random.default_rng(seed)
    made = []
    for text in texts:
        spoken = at_peak(voice.say(text, Manner.any(random)), _PEAK_DB)
        words = await aligner.words(as_pcm(spoken), language)
        place = int(random.integers(1, max(2, len(words) - 1)))
        before = " ".join(word for word, _ in words[:place])
        cut = _quietest(spoken, words[place - 1][1])
        made.append(_with_pause(text, before, spoken, cut, random))
    return made


class _Listener:
    """The ears of a room, and the draft behind them as far as the words."""

    def __init__(self, config: TurnConfig, engines: Engines) -> None:
        self._engines = engines
        self._now_s = 0.0
        self._draft: tuple[float, float | None] | None = None
        self._listening = Listening(config, engines.turn_detector, self._answer)

    async def listen(self, sentence: Sentence) -> Heard:
        began_s = self._now_s
        self._listening.by_key(self._now_s, (), held=False)
        ends: list[Utterance] = []
        ended_at_s: list[float] = []
        understood: list[str] = []
        for pcm in _frames(sentence.pcm, self._engines.vad.frame_samples):
            frame = HeardFrame(pcm, self._now_s, await self._engines.vad.probability(pcm))
            self._now_s = frame.end_s
            if ends and not self._listening.is_on:
                if self._listening.goes_on(frame):
                    self._listening.resume()
                continue
            decision = await self._listening.push(frame)
            if isinstance(decision, Paused):
                understood.append(await self._prepare(decision.utterance.pcm))
            elif isinstance(decision, WentOn):
                self._draft = None
            elif isinstance(decision, Utterance):
                self._listening.end()
                self._draft = None
                ends.append(decision)
                ended_at_s.append(self._now_s - began_s)
        await self._engines.vad.reset()
        return Heard(
            sentence.text,
            sentence.before,
            round(sentence.pause_s, 3),
            tuple(understood),
            any(end_s < sentence.pause_from_s + sentence.pause_s for end_s in ended_at_s),
            round(ended_at_s[-1] - sentence.end_s, 3) if ended_at_s else _TAIL_S,
        )

    async def _prepare(self, said: Pcm) -> str:
        """Understand the words, in the time that this takes."""
        began_s = time.perf_counter()
        transcript = await self._engines.stt.transcribe(said)
        asked_all: float | None = 0.0
        if transcript.text:
            async with aclosing(self._engines.llm.generate(transcript.text)) as reply:
                await anext(reply)
                asked_all = reply.prompt_ends
        self._draft = (self._now_s + time.perf_counter() - began_s, asked_all)
        return transcript.text

    def _answer(self) -> Answer:
        if self._draft is None:
            return Answer()
        known_at_s, asked_all = self._draft
        return Answer(self._now_s >= known_at_s, asked_all)


def _with_pause(
    text: str, before: str, spoken: Floats, cut: int, random: np.random.Generator
) -> Sentence:
    pause_s = float(random.uniform(*_PAUSE_S))
    first, second = spoken[:cut].copy(), spoken[cut:].copy()
    fade = np.linspace(0.0, 1.0, round(_FADE_S * RATE_HZ))
    first[-len(fade) :] *= fade[::-1]
    second[: len(fade)] *= fade
    lead, pause, tail = (np.zeros(round(s * RATE_HZ)) for s in (_LEAD_S, pause_s, _TAIL_S))
    sound = np.concatenate((lead, first, pause, second, tail))
    sound += noise(len(sound), "pink", random) * 10 ** (_FLOOR_DB / 20)
    end_s = _LEAD_S + (cut + len(pause) + len(second)) / RATE_HZ
    return Sentence(text, before, pause_s, as_pcm(sound), _LEAD_S + cut / RATE_HZ, end_s)


def _quietest(spoken: Floats, near_s: float) -> int:
    """The quietest place around the end of a word, in samples."""
    begin = max(_QUIETEST, round((near_s - _NEAR_WORD_S) * RATE_HZ))
    end = min(len(spoken) - _QUIETEST, round((near_s + _NEAR_WORD_S) * RATE_HZ))
    places = range(begin, max(begin + 1, end), _QUIETEST // 4)
    return min(places, key=lambda at: float(np.square(spoken[at - _QUIETEST : at]).sum()))


def _frames(pcm: Pcm, samples: int) -> Iterator[Pcm]:
    for begin in range(0, len(pcm) - samples + 1, samples):
        yield pcm[begin : begin + samples]
