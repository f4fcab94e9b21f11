"""The engines of a room, chosen by their names in the configuration, loaded side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heisenberg.audio.base import AudioChunk
from heisenberg.audio.chime import chime
from heisenberg.core.aio import task_group
from heisenberg.core.claims import NO_CLAIMS, Claims
from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.core.phrases import Phrases
from heisenberg.core.services import Documents
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.loading.engine import load_engine, planned
from heisenberg.loading.knowledge import load_documents
from heisenberg.loading.language_model import load_chain, prompt_words, switch_in
from heisenberg.loading.skills import load_chooser, load_claims, load_skills
from heisenberg.machine.allocator import give_freed_memory_back, share_freed_memory
from heisenberg.machine.blas import keep_blas_to_one_thread
from heisenberg.machine.processor import allowed_cores
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.repertoire import Repertoire
from heisenberg.store.store import Store
from heisenberg.tts.speech import recorded

if TYPE_CHECKING:
    from heisenberg.audio.base import (
        TurnDetector,
        VoiceActivityDetector,
    )
    from heisenberg.llm.base import LanguageModel
    from heisenberg.stt.base import SpeechToText
    from heisenberg.tts.base import TextToSpeech
    from heisenberg.wake.base import WakeDetector


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything that is loaded once; ``wake`` is ``None`` where only a key starts a turn.

    ``sign`` is what sounds when the wake word was heard, if anything does. ``cores`` is how many
    they share. ``switch`` changes the language model, where one runs in this process.
    """

    wake: WakeDetector | None
    vad: VoiceActivityDetector
    turn_detector: TurnDetector
    stt: SpeechToText
    llm: LanguageModel
    tts: TextToSpeech
    phrases: Phrases
    words: PromptWords = field(default_factory=PromptWords)
    sign: AudioChunk | None = None
    cores: int = 1
    switch: SwitchableLLM | None = None
    documents: Documents | None = None
    skills: Repertoire | None = None
    chooser: Chooser | None = None
    claims: Claims = NO_CLAIMS


@dataclass(frozen=True, slots=True)
class SharedEngines:
    """What programs and rooms share; see ``Engines``."""

    stt: SpeechToText
    llm: LanguageModel
    tts: TextToSpeech
    words: PromptWords
    switch: SwitchableLLM | None
    documents: Documents | None
    skills: Repertoire | None = None
    chooser: Chooser | None = None
    claims: Claims = NO_CLAIMS


async def load_engines(config: Config, stages: Stages) -> Engines:
    """Load what a room needs, side by side; ``stages`` stops it again."""
    config, store = await _prepared(config)
    phrases = await asyncio.to_thread(Phrases.load, config.languages[0])
    async with task_group() as group:

        def load(title: str, role: str, name: str) -> asyncio.Task[Any]:
            loading = stages.start(title, load_engine(role, name, config, store))
            return group.create_task(loading, name=f"load {title}")

        loading_shared = _load_shared(config, store, stages)
        shared = group.create_task(loading_shared, name="load what is shared")
        turn_detector = load("end of turn", "turn", config.turn.detector)
        vad = load("voice activity", "vad", config.turn.vad)
        wake = load("wake word", "wake", config.wake.engine) if config.wake.enabled else None
    found = shared.result()
    give_freed_memory_back()
    return Engines(
        wake.result() if wake else None,
        vad.result(),
        turn_detector.result(),
        found.stt,
        found.llm,
        found.tts,
        phrases,
        found.words,
        await _sign(config, found.tts),
        await asyncio.to_thread(allowed_cores),
        found.switch,
        found.documents,
        found.skills,
        found.chooser,
        found.claims,
    )


async def load_shared_engines(config: Config, stages: Stages) -> SharedEngines:
    """Load what programs need, side by side; ``stages`` stops it again."""
    config, store = await _prepared(config)
    return await _load_shared(config, store, stages)


async def _prepared(config: Config) -> tuple[Config, Store]:
    share_freed_memory()
    keep_blas_to_one_thread()
    return await asyncio.to_thread(planned, config)


async def _load_shared(config: Config, store: Store, stages: Stages) -> SharedEngines:
    async with task_group() as group:

        def load(title: str, engine: Awaitable[Any]) -> asyncio.Task[Any]:
            return group.create_task(stages.start(title, engine), name=f"load {title}")

        llm = load("language model", load_chain(config, store, canned=True))
        stt = load("speech to text", load_engine("stt", config.stt.engine, config, store))
        tts = load("voice", load_engine("tts", config.tts.engine, config, store))
        documents = group.create_task(load_documents(config, stages), name="load documents")
        skills = group.create_task(load_skills(config), name="load skills")
    chain: ModelChain = llm.result()
    found = documents.result()
    answering = await with_cache(chain, config.cache, found.embedder if found else None)
    return SharedEngines(
        stt.result(),
        answering,
        tts.result(),
        await asyncio.to_thread(prompt_words, config),
        switch_in(chain),
        found,
        skills.result(),
        await load_chooser(config, skills.result(), answering, found),
        await load_claims(config),
    )


async def _sign(config: Config, voice: TextToSpeech) -> AudioChunk | None:
    """What says that the wake word was heard."""
    if config.wake.acknowledgement:
        words = config.wake.acknowledgement
        return AudioChunk(await recorded(voice, words, lead_s=0.0, tail_s=0.0))
    return chime() if config.wake.chime else None
