"""What was said so far, and the model that answers: a conversation needs no room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from heisenberg.core.claims import NO_CLAIMS, Claims
from heisenberg.core.errors import HeisenbergError, TurnError
from heisenberg.core.grounding import Grounding, Grounds
from heisenberg.core.manner import Manner
from heisenberg.llm.base import (
    Forgetful,
    Generation,
    LanguageModel,
    ModelInfo,
    Rank,
    Structure,
)
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import MOST_NOTES_TOKENS, PromptWords
from heisenberg.skills.choosing.chooser import Before, Chooser
from heisenberg.skills.dialogue.dialogue import Dialogue, Done, Wish
from heisenberg.skills.help import CANNOT, UNKNOWN
from heisenberg.skills.help import NAME as HELP
from heisenberg.skills.understanding.matching import Match
from heisenberg.tts.delivery import Delivery

_READING_S: Final = 0.3
"""So long may the first word of a reply wait for what documents say."""
_MOST_TOKENS: Final = 500
_UNMEASURED_TOKENS: Final = 60
_WRITTEN_TOKENS: Final = 200
"""Who asks in writing waits a little longer for an answer that is right."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Skills:
    """What one conversation can have done; ``chooser`` is what finds that where no sentence fits,
    if anything does."""

    dialogue: Dialogue
    chooser: Chooser | None = None


class Conversation:
    """One person's talk with the assistant; it owns its history."""

    def __init__(
        self,
        llm: LanguageModel,
        history: ConversationHistory,
        words: PromptWords,
        *,
        rank: Rank = Rank.VOICE,
        keep: Callable[[ConversationHistory], None] | None = None,
        between_turns: Callable[[], Awaitable[None]] | None = None,
        grounding: Grounding | None = None,
        skills: Skills | None = None,
        claims: Claims = NO_CLAIMS,
        delivery: Delivery | None = None,
        manner: Manner | None = None,
    ) -> None:
        """``rank`` is that of whoever asks; ``keep``, which may block, puts the history on disk;
        ``between_turns`` may change the model; ``grounding`` looks questions up in documents;
        ``skills`` are what can be done besides talk; ``claims`` is how a model says that it did
        something; ``delivery`` is how it is spoken, where it is, ``manner`` what may be changed of
        who answers, where it may."""
        self._llm = llm
        self._history = history
        self._words = words
        self._rank = rank
        self._keep = keep
        self._between_turns = between_turns
        self._grounding = grounding
        self._skills = skills
        self.claims = claims
        self.delivery = delivery
        self.manner = manner
        self._answered = ""

    @property
    def answered(self) -> str:
        """What was answered last; empty where nothing was."""
        return self._answered

    @property
    def model(self) -> ModelInfo:
        """Which model answers."""
        return self._llm.info

    async def ground(self, text: str) -> Grounds | None:
        """What the owner's documents say about ``text``: aloud no more than the model reads while
        nobody notices. Where they can't be looked into, that is logged, and they say nothing."""
        if self._grounding is None:
            return None
        speed = self._llm.info.prompt_tokens_s
        most_tokens = _UNMEASURED_TOKENS if speed is None else round(speed * _READING_S)
        if self._rank is Rank.API:
            most_tokens = max(most_tokens, _WRITTEN_TOKENS)
        try:
            return await self._grounding.find(text, min(most_tokens, _MOST_TOKENS))
        except HeisenbergError as exc:
            _log.warning("documents can't be looked into", reason=str(exc))
            return None

    def asks_for(self, text: str) -> Wish | None:
        """What ``text``, a whole utterance, wants to have done, by its words; ``None`` where it
        wants an answer of the model's."""
        return self._skills.dialogue.find(text) if self._skills else None

    async def chooses(self, text: str) -> Wish | None:
        """The same where no sentence is known that fits: what it is like, and what a model makes of
        that. What the owner's documents tell is known. Where that fails, that is logged, and it
        wants an answer."""
        if self._skills is None or self._skills.chooser is None:
            return None
        try:
            dialogue = self._skills.dialogue
            before = Before(dialogue.latest, dialogue.has_acted, self._history.statements())
            match = await self._skills.chooser.choose(text, self._rank, before)
        except HeisenbergError as exc:
            _log.warning("nothing can be chosen", reason=str(exc))
            return None
        if match is None or await self._is_told_in_documents(match, text):
            return None
        return Wish(text, (match,))

    async def _is_told_in_documents(self, match: Match, text: str) -> bool:
        """Whether they tell what nobody here can know; or what is asked by "May I …?" and the like,
        which is near in words to what nobody here can do."""
        asks = (CANNOT, UNKNOWN) if text.rstrip().endswith("?") else (UNKNOWN,)
        if match.skill != HELP or match.action.name not in asks:
            return False
        grounds = await self.ground(text)
        return grounds is not None and (match.action.name == UNKNOWN or grounds.is_about_it)

    async def act(self, wish: Wish) -> list[Done]:
        """Do that; returns what is to be said."""
        if self._skills is None:
            raise TurnError("There are no skills here.")
        return await self._skills.dialogue.act(wish, self)

    async def foretell(self, wish: Wish) -> str:
        """What ``act`` will say first, if all goes well; empty where that is not known."""
        return await self._skills.dialogue.foretell(wish, self) if self._skills else ""

    def reply(self, text: str, grounds: Grounds | None = None) -> Generation:
        """Begin to answer ``text``; nothing is remembered until ``remember``."""
        return self._llm.generate(
            text,
            grounds=grounds.text if grounds else "",
            conversation_history=self._history.telling(),
            system_prompt=self._system_prompt(),
            rank=self._rank,
        )

    async def write(
        self, prompt: str, *, instruction: str, grammar: str, most_tokens: int, temperature: float
    ) -> str:
        """What the model writes in the form of ``grammar``, apart from the history. Raises what it
        raises."""
        return await self._llm.generate_simple(
            prompt,
            system_prompt=instruction,
            structure=Structure(grammar=grammar),
            sampling={"temperature": temperature, "repeat_penalty": 1.0},
            max_tokens=most_tokens,
            rank=self._rank,
        )

    async def warm(self, words: str = "") -> None:
        """Evaluate now what the next prompt begins with; cancelled, it ends at once.

        ``words`` are those with which the user has begun to ask.
        """
        await self._llm.warm(
            system_prompt=self._system_prompt(),
            conversation_history=self._history.telling(),
            words=words,
        )

    def remember(self, user: str, assistant: str) -> None:
        """Keep a turn: what the user said, and what reached them of the answer."""
        self._history.append(user, assistant)
        self._answered = assistant
        if self._skills is not None:
            self._skills.dialogue.remember(user)

    async def settle(self) -> None:
        """While nobody waits: ``fold``, then ``warm``.

        Cancelled, it ends at once. Raises what the model raises when it can't be warmed.
        """
        await self.fold()
        if self._between_turns is not None:
            await self._between_turns()
        await self.warm()

    async def fold(self) -> None:
        """Make the history shorter where it is too long; where the model can't, by facts alone.

        Cancelled, it ends at once, and the history is as it was.
        """
        turns = self._history.to_fold()
        if turns:
            try:
                notes = await self._llm.generate_simple(
                    self._words.request(turns, self._history.notes),
                    system_prompt=self._words.instruction,
                    max_tokens=MOST_NOTES_TOKENS,
                    rank=Rank.COMPRESSION,
                )
            except HeisenbergError:
                notes = self._history.notes
            self._history.fold(turns, " ".join(notes.split()))
        await self._keep_history()

    async def forget(self) -> None:
        """Forget everything that was said, here or to the same model by others."""
        self._history.clear()
        self._answered = ""
        if self._skills is not None:
            self._skills.dialogue.forget()
        if isinstance(self._llm, Forgetful):
            self._llm.forget()
        await self._keep_history()

    async def _keep_history(self) -> None:
        if self._keep is not None:
            await asyncio.to_thread(self._keep, self._history)

    def _system_prompt(self) -> str | None:
        personality = self.manner.personality if self.manner else ""
        words = replace(self._words, personality=personality) if personality else self._words
        told = words.system_prompt(self._history.facts, self._history.notes)
        return personality or None if told is None else told
