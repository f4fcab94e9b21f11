"""The HTTP API around scripted engines, and clients of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import uvicorn  # noqa: F401 - before time is measured

from heisenberg.api.app import make_api
from heisenberg.api.server import ApiServer
from heisenberg.core.app import App, Spoken
from heisenberg.core.bus import Bus
from heisenberg.core.config import CacheConfig, Config
from heisenberg.core.conversation import Conversation, Skills
from heisenberg.core.conversations import Conversations
from heisenberg.core.events import Event
from heisenberg.core.phrases import Phrases
from heisenberg.core.room import Room
from heisenberg.core.services import Documents, Services
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.base import LanguageModel, ModelInfo, Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.book import TimerBook
from heisenberg.store.store import Store
from heisenberg.stt.base import SpeechToText
from heisenberg.tts.base import TextToSpeech
from tests.fakes.documents import ScriptedKnowledge, scripted_documents
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.shelf import ScriptedShelf
from tests.fakes.stt import ScriptedStt
from tests.fakes.trigger import ScriptedRoom
from tests.fakes.tts import ScriptedTts


@dataclass
class Engines:
    """What the API of a test stands on; ``room`` is ``None`` where it has no sound."""

    llm: LanguageModel = field(default_factory=ScriptedLanguageModel)
    stt: SpeechToText = field(default_factory=ScriptedStt)
    tts: TextToSpeech = field(default_factory=ScriptedTts)
    room: ScriptedRoom | None = field(default_factory=ScriptedRoom)
    knowledge: ScriptedKnowledge | None = field(
        default_factory=lambda: ScriptedKnowledge({"pump": ["The pump is blue."]})
    )
    cached: bool = False
    skills: Repertoire | None = None
    timers: TimerBook | None = None


def switchable(**sizes: int) -> SwitchableLLM:
    """Models of these sizes in MB in a space for the first two; the first one answers."""
    shelf = ScriptedShelf({name: size * 10**6 for name, size in sizes.items()})
    first, second, *_ = sizes.values()
    pool = ModelPool(shelf, (first + second) * 10**6)

    async def none_smaller(_name: str) -> list[str]:
        return []

    return SwitchableLLM(pool, ModelInfo(next(iter(sizes)), "fake", 4096), smaller=none_smaller)


async def app_of(engines: Engines) -> App:
    """An app whose room does what ``engines.room`` notes."""
    llm = await with_cache(engines.llm, CacheConfig()) if engines.cached else engines.llm
    began_s = time.monotonic()
    bus = Bus(lambda: time.monotonic() - began_s)
    documents: Documents | None = None
    if engines.knowledge is not None:
        documents = await asyncio.to_thread(scripted_documents, engines.knowledge)
    grounding = documents.grounding if documents else None

    def begin() -> Conversation:
        history = ConversationHistory(5)
        return Conversation(
            llm,
            history,
            PromptWords(),
            rank=Rank.API,
            grounding=grounding,
            skills=Skills(Dialogue(engines.skills)) if engines.skills else None,
        )

    switch = engines.llm if isinstance(engines.llm, SwitchableLLM) else None
    services = Services(
        llm,
        engines.stt,
        engines.tts,
        Conversations(begin),
        switch,
        documents,
        engines.skills,
        engines.timers,
    )
    spoken = None
    if engines.room is not None:
        room = cast(Room, engines.room)
        spoken = Spoken(room, engines.room, begin(), 'Say "Hey Jarvis"')
    return App(bus, services, spoken)


@dataclass(frozen=True)
class Serving:
    """An API that is served at ``url``."""

    url: str
    app: App
    client: httpx2.AsyncClient

    def publish(self, event: Event, **fields: Any) -> None:
        self.app.bus.publish(event, **fields)


@asynccontextmanager
async def serving(engines: Engines | None = None, *settings: str) -> AsyncIterator[Serving]:
    """The API over a real socket; ``settings`` are as with ``--set``."""
    app = await app_of(engines or Engines())
    config = await asyncio.to_thread(Config.load, None, ["api.port=0", *settings])
    phrases = await asyncio.to_thread(Phrases.load, "en")
    store = await asyncio.to_thread(Store.open, config)
    server = await ApiServer.open(make_api(app, config, phrases, store), config.api)
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
            yield Serving(server.url, app, client)
    finally:
        await server.aclose()
        await app.services.conversations.aclose()
