"""What a model has already evaluated, and the shortest way from there to the next prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from heisenberg.llm.llamacpp import BATCH_TOKENS, StopFlag


class Evaluator(Protocol):
    """The part of a loaded model that the memory drives (see ``LlamaCpp``)."""

    def evaluate(
        self, tokens: Sequence[int], stop: StopFlag, *, ask_at: int | None = None
    ) -> bool: ...

    def probability(self, asked_at: int, tokens: Sequence[int]) -> float: ...

    def truncate(self, count: int) -> bool: ...

    def clear(self) -> None: ...

    def save(self) -> bytes: ...

    def restore(self, state: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """How probable is one of ``tokens`` after the token at ``at`` of a prompt?"""

    at: int
    tokens: Sequence[int]


class PromptMemory:
    """The tokens a model holds, always a beginning of the prompt last begun and its reply.

    A model that rolls back keeps the longest common beginning of two prompts. One that doesn't
    (LFM2) can only go on or return to a copy; copies are made where the parts of a prompt end that
    later ones share: the system prompt, and with it the history.
    """

    def __init__(self, model: Evaluator, *, rolls_back: bool) -> None:
        self._model = model
        self._rolls_back = rolls_back
        self._held: list[int] = []
        self._missing: list[int] = []
        self._copies: dict[int, _Copy] = {}
        self._copy_at: tuple[int, ...] = ()
        self._question: Question | None = None
        self.answer: float | None = None
        """To the question that the latest prompt was begun with, once it is evaluated so far."""

    def begin(
        self, prompt: Sequence[int], *, shared: Sequence[int], question: Question | None = None
    ) -> None:
        """Turn to ``prompt``; of ``shared``, each is a number of its first tokens with which later
        prompts begin too. The state there is kept, of the latest prompt, by place in the list.

        At least the last token stays to be evaluated: the reply is drawn from what it gives. So
        does the one that ``question`` is about.
        """
        self._question, self.answer = question, None
        reusable = list(prompt[: -1 if question is None else question.at])
        common = common_length(self._held, reusable)
        if common < len(self._held) and not (self._rolls_back and self._model.truncate(common)):
            self._forget()
            common = 0
        if common == 0:
            common = self._return_to(reusable)
        self._held = reusable[:common]
        self._missing = list(prompt[common:])
        self._copy_at = () if self._rolls_back else tuple(shared)

    def resume(self, tokens: Sequence[int], state: bytes) -> None:
        """Hold ``tokens``, the first shared part, by a ``state`` saved when only they were held.

        Raises ``EngineError`` if the model refuses it; nothing is held then.
        """
        try:
            self._model.restore(state)
        except BaseException:
            self._forget()
            raise
        self._held = list(tokens)
        self._missing = []
        if not self._rolls_back:
            self._copies[0] = _Copy(list(tokens), state)

    @property
    def ready(self) -> bool:
        """Whether the whole prompt is evaluated."""
        return not self._missing

    @property
    def held(self) -> Sequence[int]:
        """The tokens that the model holds."""
        return self._held

    def starts_with(self, tokens: Sequence[int]) -> bool:
        """Whether a prompt that begins with ``tokens`` could go on behind them."""
        wanted = list(tokens)
        if self._rolls_back:
            return self._held[: len(wanted)] == wanted
        return self._held == wanted or any(copy.tokens == wanted for copy in self._copies.values())

    def advance(self, stop: StopFlag) -> bool:
        """Evaluate the next batch of the prompt; False if ``stop`` was set."""
        size = min(BATCH_TOKENS, len(self._missing))
        ahead = [at - len(self._held) for at in self._copy_at if at > len(self._held)]
        size = min([size, *ahead])
        question = self._question
        ask_at = None if question is None else question.at - len(self._held)
        if ask_at is not None and not 0 <= ask_at < size:
            ask_at = None
        if not self._extend(self._missing[:size], stop, ask_at):
            return False
        if question is not None and ask_at is not None:
            self.answer = self._model.probability(ask_at, question.tokens)
        del self._missing[:size]
        if len(self._held) in self._copy_at:
            place = self._copy_at.index(len(self._held))
            self._copies[place] = _Copy(list(self._held), self._model.save())
        return True

    def append(self, token: int, stop: StopFlag) -> bool:
        """Evaluate a token of the reply; False if ``stop`` was set."""
        return self._extend([token], stop)

    def _extend(self, tokens: Sequence[int], stop: StopFlag, ask_at: int | None = None) -> bool:
        try:
            done = self._model.evaluate(tokens, stop, ask_at=ask_at)
        except BaseException:
            self._forget()
            raise
        if done:
            self._held.extend(tokens)
        elif not (self._rolls_back and self._model.truncate(len(self._held))):
            self._forget()
        return done

    def _return_to(self, prompt: Sequence[int]) -> int:
        """Go back to the longest copy that ``prompt`` begins with; how many tokens that gives."""
        usable = [
            copy
            for copy in self._copies.values()
            if copy.tokens == list(prompt[: len(copy.tokens)])
        ]
        if not usable:
            return 0
        longest = max(usable, key=lambda copy: len(copy.tokens))
        self._model.restore(longest.state)
        return len(longest.tokens)

    def _forget(self) -> None:
        self._model.clear()
        self._held = []


@dataclass(frozen=True, slots=True)
class _Copy:
    tokens: list[int]
    state: bytes


def common_length(held: Sequence[int], wanted: Sequence[int]) -> int:
    """How many tokens both begin with."""
    for index, (one, other) in enumerate(zip(held, wanted, strict=False)):
        if one != other:
            return index
    return min(len(held), len(wanted))
