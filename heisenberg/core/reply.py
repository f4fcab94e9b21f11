"""What is said to one utterance: by skills, or by the model."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from heisenberg.core.conversation import Conversation
from heisenberg.core.grounding import Source
from heisenberg.llm.base import Generation, ModelInfo
from heisenberg.skills.dialogue.dialogue import Done, Wish

_SENTENCE_ENDS: Final = ".!?…:\n"

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Answered:
    """An answer as it is made: its pieces come from ``pieces``, and then the rest is known.

    ``done`` is what skills did, and said; nothing where the model answered. ``generated``: the
    model did, to the end. ``question_ends`` is how probable it is, going by its words, that the
    question was asked to its end; ``None`` while that is not known. ``began_s`` is when the
    question came, on ``time.perf_counter``.
    """

    model: ModelInfo
    done: list[Done] = field(default_factory=list)
    sources: Sequence[Source] = ()
    text: str = ""
    tokens: int = 0
    prompt_tokens: int = 0
    generated: bool = False
    question_ends: float | None = None
    began_s: float = field(default_factory=time.perf_counter)

    @property
    def processing_time_ms(self) -> float:
        """Since the question came."""
        return round((time.perf_counter() - self.began_s) * 1000, 1)

    @property
    def skill(self) -> str:
        """What did the first thing that was asked for; empty where the model answered."""
        return self.done[0].skill if self.done else ""

    async def pieces(self, generation: Generation) -> AsyncGenerator[str, None]:
        """Those of ``generation``, which is closed here."""
        async with aclosing(generation):
            async for piece in generation:
                self._note(generation)
                self.text += piece
                yield piece
        self._note(generation)
        self.text = self.text.strip()
        self.generated = True

    def _note(self, generation: Generation) -> None:
        self.model = generation.model
        self.tokens, self.prompt_tokens = generation.tokens, generation.prompt_tokens
        self.question_ends = generation.prompt_ends

    def as_dict(self) -> dict[str, Any]:
        """All of it, but how long it took."""
        return {
            "text": self.text,
            "skill": self.skill,
            "skills": [{"name": one.skill, "action": one.action} for one in self.done],
            "tokens": self.tokens,
            "prompt_tokens": self.prompt_tokens,
            "model": self.model.name,
            "backend": self.model.backend,
            "local": self.model.local,
            "sources": self.told_sources(),
        }

    def told_sources(self) -> list[dict[str, Any]]:
        return [source.as_dict() for source in self.sources]


async def _at_once() -> None:
    """Who writes has said everything."""


async def answer(
    conversation: Conversation,
    message: str,
    answered: Answered,
    when_certain: Callable[[], Awaitable[None]] = _at_once,
    rehearse: Callable[[str], Awaitable[None]] | None = None,
) -> AsyncGenerator[str, None]:
    """Do what ``message`` asks for, or answer it; nothing is remembered.

    What changes anything waits for ``when_certain``: that this was all that was said; ``rehearse``
    is told before that what will be said then, as far as that is known.
    """
    wish = conversation.asks_for(message) or await conversation.chooses(message)
    if wish is not None:
        if rehearse is not None and not wish.pure and (said := await conversation.foretell(wish)):
            await rehearse(said)
        yield await _act(conversation, wish, answered, when_certain)
        return
    grounds = await conversation.ground(message)
    answered.sources = () if grounds is None else grounds.sources
    async with aclosing(answered.pieces(conversation.reply(message, grounds))) as pieces:
        async for piece in _honest(conversation, pieces, answered):
            yield piece


async def _act(
    conversation: Conversation,
    wish: Wish,
    answered: Answered,
    when_certain: Callable[[], Awaitable[None]],
) -> str:
    if not wish.pure:
        await when_certain()
    answered.done = await conversation.act(wish)
    answered.text = " ".join(one.text for one in answered.done)
    return answered.text


async def _honest(
    conversation: Conversation, pieces: AsyncGenerator[str, None], answered: Answered
) -> AsyncGenerator[str, None]:
    """``pieces`` up to where they claim that something was done: there the truth takes over."""
    watch = conversation.claims.watch()
    said = ""
    async for piece in pieces:
        if passed := watch.push(piece):
            said += passed
            yield passed
        if watch.caught:
            break
    if rest := watch.flush():
        said += rest
        yield rest
    if watch.caught:
        _log.info("a claim was not said")
        instead = f"{_gap(said)}{conversation.claims.truth}"
        yield instead
        answered.text = f"{said}{instead}".strip()
        answered.generated = True


def _gap(said: str) -> str:
    """What stands between that and another sentence."""
    begun = said.strip()
    if not begun or begun[-1] in _SENTENCE_ENDS:
        return " " if begun and begun == said else ""
    return "… "
