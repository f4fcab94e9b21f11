"""The engines of a room, chosen by their names in the configuration, loaded side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, Literal

import platformdirs
import structlog

from heisenberg.audio.base import AudioChunk
from heisenberg.audio.chime import chime
from heisenberg.core.aio import task_group
from heisenberg.core.claims import NO_CLAIMS, Claims
from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError, HeisenbergError
from heisenberg.core.grounding import Grounding
from heisenberg.core.lifecycle import Stages
from heisenberg.core.phrases import Phrases
from heisenberg.core.services import Documents
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.prompts.framing import Framing
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.machine.allocator import give_freed_memory_back, share_freed_memory
from heisenberg.machine.blas import keep_blas_to_one_thread
from heisenberg.machine.native import thread_count
from heisenberg.machine.processor import allowed_cores
from heisenberg.mcp.skill import mcp_skills
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.discovery import load_repertoire
from heisenberg.skills.repertoire import Repertoire
from heisenberg.store.store import Store
from heisenberg.store.thread_plan import Part, ThreadPlan, measured_plan
from heisenberg.tts.speech import recorded

if TYPE_CHECKING:
    from heisenberg.audio.base import (
        TurnDetector,
        VoiceActivityDetector,
    )
    from heisenberg.knowledge.library import Library
    from heisenberg.llm.base import LanguageModel, ModelInfo
    from heisenberg.stt.base import SpeechToText
    from heisenberg.tts.base import TextToSpeech
    from heisenberg.wake.base import WakeDetector


_log = structlog.get_logger(__name__)

ENTRY_POINTS: Final = "heisenberg.engines"
"""The entry-point group of engines, ours and others': ``<role>.<name> = module:factory``, where
the factory is ``async (Config, Store) -> engine``."""


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


def planned(config: Config) -> tuple[Config, Store]:
    """``config`` with the numbers of threads that were measured for its models, and the store."""
    store = Store.open(config)
    measured = measured_plan(config, store)
    return (measured.plan.applied_to(config) if measured else config), store


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
            loading = stages.start(title, _load(role, name, config, store))
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

        llm = load("language model", _load_llm(config, store, canned=True))
        stt = load("speech to text", _load("stt", config.stt.engine, config, store))
        tts = load("voice", _load("tts", config.tts.engine, config, store))
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


async def load_skills(config: Config) -> Repertoire | None:
    """What can be done besides talk, as far as that is wanted. Raises ``ConfigError``."""
    if not config.skills.enabled:
        return None
    servers = await asyncio.to_thread(mcp_skills, config.mcp, config.languages)
    return await asyncio.to_thread(
        load_repertoire, config.skills, config.languages, servers, config.home
    )


async def load_chooser(
    config: Config, skills: Repertoire | None, llm: LanguageModel, documents: Documents | None
) -> Chooser | None:
    """What finds the skill that is meant where no sentence fits; learning what may be meant takes
    some seconds, the first time. Raises ``ConfigError``."""
    if skills is None or documents is None or not config.skills.chosen:
        return None
    folder = platformdirs.user_cache_path("heisenberg") / "choosing"
    embedder = documents.embedder
    chooser = await asyncio.to_thread(Chooser, skills, llm, embedder, config.languages, folder)
    try:
        await chooser.learn()
    except HeisenbergError as exc:  # it is tried again when somebody asks
        _log.warning("what may be meant is not learnt", reason=str(exc))
    return chooser


async def load_claims(config: Config) -> Claims:
    """How a model says that it did something. Raises ``ConfigError``."""
    return await asyncio.to_thread(Claims.load, *config.languages)


async def load_documents(config: Config, stages: Stages) -> Documents | None:
    """The owner's documents; where they can't be opened, that is logged, and all else goes on."""
    try:
        library = await stages.start("documents", open_library(config))
        framing = await asyncio.to_thread(Framing.load, config.languages[0])
    except HeisenbergError as exc:
        _log.warning("documents can't be used", reason=str(exc))
        return None
    return Documents(library, Grounding(library, framing), library.questions)


async def _sign(config: Config, voice: TextToSpeech) -> AudioChunk | None:
    """What says that the wake word was heard."""
    if config.wake.acknowledgement:
        words = config.wake.acknowledgement
        return AudioChunk(await recorded(voice, words, lead_s=0.0, tail_s=0.0))
    return chime() if config.wake.chime else None


async def load_language_model(config: Config, stages: Stages) -> LanguageModel:
    """The language model alone; where it can't answer there is an error, and no fixed reply."""
    config, store = await asyncio.to_thread(planned, config)
    return await stages.start("language model", _load_llm(config, store, canned=False))


def switch_in(llm: LanguageModel) -> SwitchableLLM | None:
    """What changes the model, where one of those that ``llm`` stands for runs in this process."""
    models = llm.models if isinstance(llm, ModelChain) else (llm,)
    return next((one for one in models if isinstance(one, SwitchableLLM)), None)


async def load_voice(config: Config, stages: Stages) -> TextToSpeech:
    """The voice alone."""
    config, store = await asyncio.to_thread(planned, config)
    voice: TextToSpeech = await stages.start(
        "voice", _load("tts", config.tts.engine, config, store)
    )
    return voice


async def open_library(config: Config) -> Library:
    """The owner's documents, and their rules; the caller closes it.

    Raises ``KnowledgeError``, ``ModelMissing``, ``ConfigError`` for rules that can't be used.
    """
    from heisenberg.engines import embedder, knowledge_index
    from heisenberg.knowledge.library import Library
    from heisenberg.knowledge.question_words import QuestionWords
    from heisenberg.knowledge.rules import Rules

    store = await asyncio.to_thread(Store.open, config)
    rules = await asyncio.to_thread(Rules.find, config.knowledge.rules)
    words = await asyncio.to_thread(QuestionWords.load)
    model = await embedder(config, store)
    return Library(await knowledge_index(config, model.name), model, words, rules)


async def load_part(part: Part, config: Config) -> Any:
    """A recogniser, language model or voice exactly as configured, for those who compare.

    The caller closes it.
    """
    names = {"stt": config.stt.engine, "llm": config.llm.backend, "tts": config.tts.engine}
    store = await asyncio.to_thread(Store.open, config)
    return await _load(part, names[part], config, store)


async def load_listener(role: Literal["vad", "wake"], config: Config) -> Any:
    """What listens to other sound than the room's for voices or the wake word.

    The caller closes it.
    """
    names = {"vad": config.turn.vad, "wake": config.wake.engine}
    store = await asyncio.to_thread(Store.open, config)
    return await _load(role, names[role], config, store)


def usual_threads(config: Config) -> ThreadPlan:
    """The numbers of threads where none were measured: what is configured, else by the cores."""
    from heisenberg.llm.inprocess import llamacpp
    from heisenberg.stt import whisper
    from heisenberg.tts import piper

    return ThreadPlan(
        whisper.usual_threads(config.stt.threads),
        thread_count(config.llm.threads, at_most=llamacpp.MOST_THREADS),
        thread_count(config.tts.threads, at_most=piper.MOST_THREADS),
    )


def prompt_words(config: Config) -> PromptWords:
    """What the configured personality is told; blocks to read files."""
    return PromptWords.load(config.llm.system_prompt, config.languages[0])


async def _load_llm(config: Config, store: Store, *, canned: bool) -> ModelChain:
    """The language models that are configured, in a chain, and the first that can warmed.

    With ``canned``, what answers when none of them can is fixed replies, not an error, and the log
    tells which of them can; without, whoever asked is told.
    """
    models: list[LanguageModel] = []
    try:
        models.append(await _load("llm", config.llm.backend, config, store))
        # The name of a model is one of the first back end's.
        any_model = config.llm.model_copy(update={"model": "auto"})
        others = config.model_copy(update={"llm": any_model})
        for name in config.llm.fallback:
            models.append(await _load("llm", name, others, store))  # noqa: PERF401 - all are closed
        if canned:
            models.append(await asyncio.to_thread(CannedLLM.load, config.languages[0]))
    except BaseException:
        for model in models:
            await model.aclose()
        raise
    chain = ModelChain(models, _tell if canned else lambda _info, _error: None)
    try:
        await chain.warm()
    except BaseException:
        await chain.aclose()
        raise
    return chain


def _tell(model: ModelInfo, error: HeisenbergError | None) -> None:
    """One line when a language model can't be used any more, and one when it can again."""
    if error is None:
        _log.info("language model back", model=model.name, backend=model.backend)
    else:
        _log.warning(
            "language model out", model=model.name, backend=model.backend, reason=str(error)
        )


async def _load(role: str, name: str, config: Config, store: Store) -> Any:
    found = entry_points(group=ENTRY_POINTS, name=f"{role}.{name}")
    if not found:
        known = sorted(
            entry.name.partition(".")[2]
            for entry in entry_points(group=ENTRY_POINTS)
            if entry.name.startswith(f"{role}.")
        )
        raise ConfigError(
            f"There is no {role} engine called '{name}'.", f"Known here: {', '.join(known)}."
        )
    factory: Callable[[Config, Store], Awaitable[Any]] = next(iter(found)).load()
    return await factory(config, store)
