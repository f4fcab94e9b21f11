"""What all who ask share, aloud, in writing or over the network."""

from __future__ import annotations

from dataclasses import dataclass

from heisenberg.core.conversations import Conversations
from heisenberg.core.grounding import Grounding, Knowledge
from heisenberg.knowledge.base import Embedder
from heisenberg.llm.base import LanguageModel
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.book import TimerBook
from heisenberg.stt.base import SpeechToText
from heisenberg.tts.base import TextToSpeech


@dataclass(frozen=True, slots=True)
class Documents:
    """The owner's documents: as they are, made ready for prompts, and what compares texts."""

    knowledge: Knowledge
    grounding: Grounding
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class Services:
    """``conversations`` are those without a room.

    ``switch`` is ``None`` where no language model runs in this process, ``documents`` where they
    can't be looked into, ``skills``, ``timers`` and ``chooser`` where they are not wanted.
    """

    llm: LanguageModel
    stt: SpeechToText
    tts: TextToSpeech
    conversations: Conversations
    switch: SwitchableLLM | None = None
    documents: Documents | None = None
    skills: Repertoire | None = None
    timers: TimerBook | None = None
    chooser: Chooser | None = None
