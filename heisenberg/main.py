"""The composition root: a room or a conversation is put together of loaded engines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from heisenberg.core.app import App
from heisenberg.core.bus import Bus
from heisenberg.core.config import Config
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.conversation import Conversation
from heisenberg.core.lifecycle import Stages
from heisenberg.core.room import Room
from heisenberg.core.talk.hearing import Ears
from heisenberg.core.turn import TurnEngines
from heisenberg.llm.base import Rank
from heisenberg.llm.cached import with_cache
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.llm.trial import Trial
from heisenberg.loading import Engines, load_language_model, prompt_words
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.wake.base import PhraseListener
from heisenberg.wake.check import WakeCheck

if TYPE_CHECKING:
    from heisenberg.audio.base import (
        AudioSink,
        AudioSource,
        EchoReference,
    )
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
    conversation = Conversation(
        engines.llm,
        history or ConversationHistory(config.llm.max_history_turns),
        engines.words,
        keep=keep,
        between_turns=_trial(config, engines.switch),
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
        TurnEngines(engines.stt, conversation, engines.tts, partial(ClauseSplitter, language)),
        bus,
        engines.phrases,
        engines.sign,
        devices.expect_sound,
    )
    return App(bus, room, conversation, _how_to_begin(config, engines.wake))


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
    llm = await with_cache(llm, config.cache, config.llm.max_tokens)
    words = await asyncio.to_thread(prompt_words, config)
    history = ConversationHistory(config.llm.max_history_turns)
    return Conversation(llm, history, words, rank=Rank.API)
