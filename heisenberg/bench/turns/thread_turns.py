"""Whole turns with given numbers of threads: the daemon's own, to the first sound and no further.

The recogniser begins and the end of the turn is judged at the same moment, as in the daemon, which
lets no sound out before both are done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final

from heisenberg.audio.base import AudioChunk, Pcm, Playback, TurnDetector
from heisenberg.bench.turns.sequential import utterance_in
from heisenberg.bench.turns.thread_search import MOST_CANDIDATES, Found, OnComparison, find_plan
from heisenberg.bench.turns.voice import QUESTIONS, turn_away
from heisenberg.core.aio import cancel_and_wait, task_group
from heisenberg.core.bus import Bus
from heisenberg.core.config import Config
from heisenberg.core.conversation import Conversation
from heisenberg.core.draft import HeldEvents
from heisenberg.core.talk.gate import GatedSink
from heisenberg.core.turn import Request, Turn, TurnEngines
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.loading import Engines
from heisenberg.loading.engine import load_part, usual_threads
from heisenberg.machine.processor import allowed_cores
from heisenberg.simulation import spoken
from heisenberg.store.thread_plan import PARTS, Part, ThreadPlan, configured_threads
from heisenberg.tts.clauses import ClauseSplitter

LoadPart = Callable[[Part, int], Awaitable[Any]]
"""Loads a recogniser, a language model or a voice that computes with so many threads."""

_WARM_UP: Final = 0
"""The question that engines just loaded are asked first, which does not count."""


async def bench_threads(config: Config, engines: Engines, on_comparison: OnComparison) -> Found:
    """Find the numbers of threads with which the models of ``config`` answer soonest.

    ``config`` must have been loaded with ``voice.SAME_FOR_ALL``, and ``engines`` with
    ``usual_threads``; they are compared with others, and some of them closed. A number that is
    configured stays.
    """
    usual = usual_threads(config)
    counts = range(1, min(allowed_cores(), MOST_CANDIDATES) + 1)
    fixed = configured_threads(config)
    candidates = {part: counts if fixed[part] is None else () for part in PARTS}
    phrases = engines.wake.phrases if engines.wake else ()
    requests = [
        Request(utterance_in(await spoken(engines, question)), phrases) for question in QUESTIONS
    ]

    async def load(part: Part, count: int) -> Any:
        section = getattr(config, part).model_copy(update={"threads": count})
        return await load_part(part, config.model_copy(update={part: section}))

    loaded: dict[tuple[Part, int], Any] = {
        ("stt", usual.stt): engines.stt,
        ("llm", usual.llm): engines.llm,
        ("tts", usual.tts): engines.tts,
    }
    meter = TurnMeter(load, engines.turn_detector, requests, config.languages[0], loaded)
    async with aclosing(meter):
        return await find_plan(
            meter, usual, candidates, questions=len(requests), on_comparison=on_comparison
        )


class TurnMeter:
    """A ``thread_search.Meter`` on real engines; question ``n`` is the ``n``-th of ``requests``."""

    def __init__(
        self,
        load: LoadPart,
        detector: TurnDetector,
        requests: Sequence[Request],
        language: str,
        loaded: Mapping[tuple[Part, int], Any],
    ) -> None:
        """``loaded`` are parts that need not be loaded again; they are closed like all others."""
        self._load = load
        self._detector = detector
        self._requests = requests
        self._language = language
        self._loaded = dict(loaded)
        self._warm: set[tuple[Part, int]] = set()

    async def prepare(self, *plans: ThreadPlan) -> None:
        needed = {(part, plan.count(part)) for plan in plans for part in PARTS}
        for key in self._loaded.keys() - needed:
            self._warm.discard(key)
            await self._loaded.pop(key).aclose()
        for key in sorted(needed - self._loaded.keys()):
            self._loaded[key] = await self._load(*key)
        for plan in plans:
            parts = {(part, plan.count(part)) for part in PARTS}
            if not parts <= self._warm:
                await self.first_sound_s(plan, _WARM_UP)
                self._warm |= parts

    async def first_sound_s(self, plan: ThreadPlan, question: int) -> float | None:
        stt, llm, tts = (self._loaded[part, plan.count(part)] for part in PARTS)
        await turn_away(llm)
        request = self._requests[question]
        engines = TurnEngines(
            stt,
            Conversation(llm, ConversationHistory(0), PromptWords()),
            tts,
            partial(ClauseSplitter, self._language),
        )
        speaker = _FirstSound()
        gate = GatedSink(
            speaker,
            before_first=_nothing,
            after_first=lambda _t_s: None,
            when_held=lambda: None,
        )
        turn = Turn(engines, HeldEvents(Bus(time.perf_counter)), gate)
        began_s = time.perf_counter()
        async with task_group() as group:
            judging = group.create_task(self._judge(request.pcm, gate), name="turn-judge")
            answering = group.create_task(_take(turn, request), name="turn")
            waiting = group.create_task(speaker.sounded.wait(), name="turn-first-sound")
            await asyncio.wait({answering, waiting}, return_when=asyncio.FIRST_COMPLETED)
            took_s = time.perf_counter() - began_s
            for task in (waiting, answering, judging):
                await cancel_and_wait(task)
        return took_s if speaker.sounded.is_set() else None

    async def aclose(self) -> None:
        while self._loaded:
            await self._loaded.popitem()[1].aclose()

    async def _judge(self, pcm: Pcm, gate: GatedSink) -> None:
        await self._detector.probability(pcm)
        await gate.open()


async def _take(turn: Turn, request: Request) -> None:
    await turn.hear(request)
    if turn.question:
        await turn.answer(turn.question, _at_once)


async def _at_once() -> None:
    """Nothing that is asked here changes anything."""


class _FirstSound:
    """An ``AudioSink`` that notes the first sound and takes no more: nothing else is made."""

    def __init__(self) -> None:
        self.sounded = asyncio.Event()
        self._full = asyncio.Event()

    async def write(self, _chunk: AudioChunk) -> float:
        self.sounded.set()
        await self._full.wait()
        return 0.0

    def clear(self) -> Playback:
        return Playback(0.0, interrupted=False)

    async def drain(self) -> Playback:
        return Playback(0.0, interrupted=False)

    def duck(self, _gain: float) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def _nothing() -> None:
    pass
