"""The composition root: the only module that names concrete engines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from heisenberg.core.aio import task_group
from heisenberg.core.app import App
from heisenberg.core.bus import Bus
from heisenberg.core.closing import ends_conversation
from heisenberg.core.config import Config
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import ConfigError
from heisenberg.core.lifecycle import Progress, Stages
from heisenberg.core.resources import prompts_dir
from heisenberg.core.room import Ears, Phrases, Room
from heisenberg.core.turn import TurnEngines
from heisenberg.llm.history import ConversationHistory
from heisenberg.store.store import Store
from heisenberg.tts.clauses import ClauseSplitter

if TYPE_CHECKING:
    from heisenberg.audio.base import AudioSink, AudioSource, TurnDetector, VoiceActivityDetector
    from heisenberg.llm.base import LanguageModel
    from heisenberg.stt.base import SpeechToText
    from heisenberg.tts.base import TextToSpeech
    from heisenberg.wake.base import WakeDetector

ENTRY_POINTS: Final = "heisenberg.engines"
"""The entry-point group of engines, ours and others': ``<role>.<name> = module:factory``, where
the factory is ``async (Config, Store) -> engine``."""


@dataclass(frozen=True, slots=True)
class Devices:
    """A microphone, a speaker, and the clock both go by (seconds since the input began)."""

    source: AudioSource
    sink: AudioSink
    now_s: Callable[[], float]


async def build(config: Config, devices: Devices, stages: Stages) -> App:
    """Load everything a room needs, side by side; ``stages`` stops it again."""
    store = Store.open(config)
    async with task_group() as group:
        load = partial(_load_in, group, stages, config, store)
        stt = load("speech to text", "stt", config.stt.engine)
        llm = group.create_task(load_conversation(config, stages, store))
        tts = load("voice", "tts", config.tts.engine)
        vad = load("voice activity", "vad", config.turn.vad)
        turn_detector = load("end of turn", "turn", config.turn.detector)
        wake = load("wake word", "wake", config.wake.engine) if config.wake.enabled else None
    conversation = llm.result()
    language = config.languages[0]
    bus = Bus(devices.now_s)
    room = Room(
        config.turn,
        Ears(
            devices.source,
            vad.result(),
            turn_detector.result(),
            wake.result() if wake else None,
        ),
        devices.sink,
        TurnEngines(stt.result(), conversation, tts.result(), partial(ClauseSplitter, language)),
        bus,
        Phrases(_apology(language), partial(ends_conversation, language=language)),
    )
    say = f'Say "{wake.result().phrase}"' if wake else "Press the key to talk"
    return App(bus, conversation, room, say)


async def load_conversation(
    config: Config, stages: Stages, store: Store | None = None
) -> Conversation:
    """A conversation with a warm language model."""
    llm: LanguageModel = await stages.start(
        "language model", _load("llm", config.llm.backend, config, store or Store.open(config))
    )
    conversation = Conversation(llm, ConversationHistory(config.llm.max_history_turns))
    await conversation.warm()
    return conversation


async def load_voice(config: Config, stages: Stages) -> TextToSpeech:
    """The voice alone."""
    voice: TextToSpeech = await stages.start(
        "voice", _load("tts", config.tts.engine, config, Store.open(config))
    )
    return voice


def _load_in(
    group: asyncio.TaskGroup,
    stages: Stages,
    config: Config,
    store: Store,
    title: str,
    role: str,
    name: str,
) -> asyncio.Task[Any]:
    return group.create_task(stages.start(title, _load(role, name, config, store)), name=title)


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
    factory: Callable[[Config, Store], Awaitable[Any]] = tuple(found)[0].load()
    return await factory(config, store)


def _apology(language: str) -> str:
    file = prompts_dir() / language / "apology.txt"
    if not file.is_file():
        file = prompts_dir() / "en" / "apology.txt"
    return file.read_text(encoding="utf-8").strip()
