"""The composition root: a room or a conversation is put together of loaded engines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from heisenberg.core.app import App, Spoken
from heisenberg.core.bus import Bus
from heisenberg.core.config import Config
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.conversation import Conversation, Skills
from heisenberg.core.conversations import Conversations
from heisenberg.core.lifecycle import Stages
from heisenberg.core.manner import Manner
from heisenberg.core.room import Room
from heisenberg.core.services import Services
from heisenberg.core.talk.hearing import Ears
from heisenberg.core.turn import TurnEngines
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.base import Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.llm.trial import Trial
from heisenberg.loading import Engines, SharedEngines
from heisenberg.loading.knowledge import load_documents
from heisenberg.loading.language_model import load_language_model, prompt_words, switch_in
from heisenberg.loading.skills import load_chooser, load_claims, load_skills
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.skill import Timers
from heisenberg.store.store import Presence, Store
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.delivery import Delivery
from heisenberg.wake.base import PhraseListener
from heisenberg.wake.check import WakeCheck
from heisenberg.wake.trigger import PushToTalk

if TYPE_CHECKING:
    from heisenberg.audio.base import (
        AudioSink,
        AudioSource,
        EchoReference,
    )
    from heisenberg.llm.base import LanguageModel
    from heisenberg.wake.base import WakeDetector


_CORES_FOR_LOOKS: Final = 4
"""On two cores a look at what is being said delays the turn by as much as it saves."""


@dataclass(frozen=True, slots=True)
class Devices:
    """A microphone, a speaker, and the clock both go by (seconds since the input began).

    ``reference`` is what the speaker plays; without it, echo is not cancelled. ``expect_sound`` is
    told whether there may be something to say soon.
    """

    source: AudioSource
    sink: AudioSink
    now_s: Callable[[], float]
    reference: EchoReference | None = None
    expect_sound: Callable[[bool], None] = lambda _expected: None


def assemble(
    config: Config,
    engines: Engines,
    devices: Devices,
    history: ConversationHistory | None = None,
    keep: Callable[[ConversationHistory], None] | None = None,
) -> App:
    """A room around loaded engines, with a conversation that goes on from ``history``.

    ``keep`` puts that on disk after every turn.
    """
    language = config.languages[0]
    bus = Bus(devices.now_s)
    delivery = Delivery()
    conversation = Conversation(
        engines.llm,
        history or ConversationHistory(config.llm.max_history_turns),
        engines.words,
        keep=keep,
        between_turns=_trial(config, engines.switch),
        grounding=engines.documents.grounding if engines.documents else None,
        skills=_skills(engines.skills, engines.chooser),
        claims=engines.claims,
        delivery=delivery,
        manner=_manner(config, engines.llm, engines.switch),
    )
    ears = Ears(
        _without_echo(config, devices),
        engines.vad,
        engines.turn_detector,
        engines.wake,
        WakeCheck(engines.stt if isinstance(engines.stt, PhraseListener) else None),
        config.wake.speaking_threshold,
    )
    room = Room(
        _turn_config(config, engines.cores),
        ears,
        devices.sink,
        TurnEngines(
            engines.stt, conversation, engines.tts, partial(ClauseSplitter, language), delivery
        ),
        bus,
        engines.phrases,
        engines.sign,
        devices.expect_sound,
    )
    spoken = Spoken(room, PushToTalk(room), conversation, _how_to_begin(config, engines.wake))
    return App(bus, _services(config, engines), spoken)


def begin_in_satellite(config: Config, engines: Engines) -> Conversation:
    """What is talked about in another room."""
    return Conversation(
        engines.llm,
        ConversationHistory(config.llm.max_history_turns),
        engines.words,
        rank=Rank.SATELLITE,
        grounding=engines.documents.grounding if engines.documents else None,
        skills=_skills(engines.skills, engines.chooser),
        claims=engines.claims,
        delivery=Delivery(),
        manner=_manner(config, engines.llm, engines.switch),
    )


def assemble_satellite(
    config: Config, engines: Engines, ears: Ears, sink: AudioSink, talk: Conversation, bus: Bus
) -> Room:
    """A room at the other end of a network, where echo is not known: nothing is listened to while
    a reply sounds there but the wake word, and nothing after it."""
    quiet = {"follow_up_s": 0.0, "barge_in": "wake_word"}
    return Room(
        _turn_config(config, engines.cores).model_copy(update=quiet),
        ears,
        sink,
        TurnEngines(
            engines.stt,
            talk,
            engines.tts,
            partial(ClauseSplitter, config.languages[0]),
            talk.delivery or Delivery(),
        ),
        bus,
        engines.phrases,
    )


def assemble_without_sound(
    config: Config, engines: Engines | SharedEngines, now_s: Callable[[], float]
) -> App:
    """Loaded engines for programs alone."""
    return App(Bus(now_s), _services(config, engines), None)


def _services(config: Config, engines: Engines | SharedEngines) -> Services:
    def begin() -> Conversation:
        history = ConversationHistory(config.llm.max_history_turns)
        return Conversation(
            engines.llm,
            history,
            engines.words,
            rank=Rank.API,
            grounding=grounding,
            skills=_skills(engines.skills, engines.chooser),
            claims=engines.claims,
            manner=_manner(config, engines.llm, engines.switch),
        )

    grounding = engines.documents.grounding if engines.documents else None
    return Services(
        engines.llm,
        engines.stt,
        engines.tts,
        Conversations(begin),
        engines.switch,
        engines.documents,
        engines.skills,
        _timers(engines.skills),
        engines.chooser,
    )


def _skills(repertoire: Repertoire | None, chooser: Chooser | None) -> Skills | None:
    """What one conversation can have done."""
    return Skills(Dialogue(repertoire), chooser) if repertoire else None


def _manner(config: Config, llm: LanguageModel, switch: SwitchableLLM | None) -> Manner:
    def installed() -> list[str]:
        store = Store.open(config)
        models = (one for one in store.catalogue.models if one.role == "llm")
        return [one.id for one in models if store.presence(one) is Presence.INSTALLED]

    return Manner(llm, switch, installed, config.languages[0])


def _timers(skills: Repertoire | None) -> TimerBook | None:
    """What the timers' skill keeps, if it is there."""
    found = (one for one in skills.busy if isinstance(one, Timers)) if skills else iter(())
    return next((one.book for one in found), None)


def _trial(config: Config, switch: SwitchableLLM | None) -> Callable[[], Awaitable[None]] | None:
    """What lets another model answer a share of the turns, if one is to."""
    llm = config.llm
    if switch is None or not (llm.trial_model and llm.trial_share):
        return None
    return Trial(switch, llm.trial_model, llm.trial_share).choose


def _turn_config(config: Config, cores: int) -> TurnConfig:
    """Without looks at what is being said where no core is free for them."""
    turn = config.turn
    if "look_s" in turn.model_fields_set or cores >= _CORES_FOR_LOOKS:
        return turn
    return turn.model_copy(update={"look_s": 0.0})


def _without_echo(config: Config, devices: Devices) -> AudioSource:
    """The microphone, without what the speaker plays where that is known."""
    if devices.reference is None or not config.audio.echo_cancellation:
        return devices.source
    from heisenberg.audio.echo import EchoCancelledSource
    from heisenberg.audio.room_canceller import RoomCanceller
    from heisenberg.audio.webrtc import WebRtcCanceller

    canceller = RoomCanceller(WebRtcCanceller.load())
    return EchoCancelledSource(devices.source, devices.reference, canceller)


def _how_to_begin(config: Config, wake: WakeDetector | None) -> str:
    """What begins a turn, as an instruction to the user."""
    if wake is not None:
        return f'Say "{wake.phrase}"'
    if config.key.name:
        return f"{'Hold' if config.key.mode == 'hold' else 'Press'} {config.key.name} and talk"
    return "Run 'heisenberg trigger press' and talk"


async def load_conversation(config: Config, stages: Stages) -> Conversation:
    """A conversation without a room."""
    llm = await load_language_model(config, stages)
    switch = switch_in(llm)
    words = await asyncio.to_thread(prompt_words, config)
    history = ConversationHistory(config.llm.max_history_turns)
    documents = await load_documents(config, stages)
    llm = await with_cache(llm, config.cache, documents.embedder if documents else None)
    grounding = documents.grounding if documents else None
    repertoire = await load_skills(config)
    chooser = await load_chooser(config, repertoire, llm, documents)
    return Conversation(
        llm,
        history,
        words,
        rank=Rank.API,
        grounding=grounding,
        skills=_skills(repertoire, chooser),
        claims=await load_claims(config),
        manner=_manner(config, llm, switch),
    )
