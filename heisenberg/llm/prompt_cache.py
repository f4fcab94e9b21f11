"""What a model has already evaluated, and the shortest way from there to the next prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from heisenberg.llm.llamacpp import BATCH_TOKENS, StopFlag


class Evaluator(Protocol):
    """The part of a loaded model that the memory drives (see ``LlamaCpp``)."""

    def evaluate(self, tokens: Sequence[int], stop: StopFlag) -> bool: ...

    def truncate(self, count: int) -> bool: ...

    def clear(self) -> None: ...

    def save(self) -> bytes: ...

    def restore(self, state: bytes) -> None: ...


class PromptMemory:
    """The tokens a model holds, always a beginning of the prompt last begun and its reply.

    A model that rolls back keeps the longest common beginning of two prompts. One that doesn't
    (LFM2) can only go on or return to a copy, which is made where the constant part of a prompt,
    the system prompt, ends.
    """

    def __init__(self, model: Evaluator, *, rolls_back: bool) -> None:
        self._model = model
        self._rolls_back = rolls_back
        self._held: list[int] = []
        self._missing: list[int] = []
        self._copy: _Copy | None = None
        self._copy_at = 0

    def begin(self, prompt: Sequence[int], *, constant: int) -> None:
        """Turn to ``prompt``, of which the first ``constant`` tokens begin later prompts too.

        At least the last token stays to be evaluated: the reply is drawn from what it gives.
        """
        reusable = list(prompt[:-1])
        common = _common(self._held, reusable)
        if common < len(self._held) and not (self._rolls_back and self._model.truncate(common)):
            self._forget()
            common = 0
        if common == 0:
            common = self._return_to(reusable)
        self._held = reusable[:common]
        self._missing = list(prompt[common:])
        self._copy_at = 0 if self._rolls_back else constant

    @property
    def ready(self) -> bool:
        """Whether the whole prompt is evaluated."""
        return not self._missing

    def starts_with(self, tokens: Sequence[int]) -> bool:
        """Whether a prompt that begins with ``tokens`` could go on behind them."""
        wanted = list(tokens)
        if self._rolls_back:
            return self._held[: len(wanted)] == wanted
        return self._held == wanted or (self._copy is not None and self._copy.tokens == wanted)

    def advance(self, stop: StopFlag) -> bool:
        """Evaluate the next batch of the prompt; False if ``stop`` was set."""
        size = min(BATCH_TOKENS, len(self._missing))
        to_copy = self._copy_at - len(self._held)
        if to_copy > 0:
            size = min(size, to_copy)
        if not self._extend(self._missing[:size], stop):
            return False
        del self._missing[:size]
        if to_copy == size:
            self._copy = _Copy(list(self._held), self._model.save())
        return True

    def append(self, token: int, stop: StopFlag) -> bool:
        """Evaluate a token of the reply; False if ``stop`` was set."""
        return self._extend([token], stop)

    def _extend(self, tokens: Sequence[int], stop: StopFlag) -> bool:
        try:
            done = self._model.evaluate(tokens, stop)
        except BaseException:
            self._forget()
            raise
        if done:
            self._held.extend(tokens)
        elif not (self._rolls_back and self._model.truncate(len(self._held))):
            self._forget()
        return done

    def _return_to(self, prompt: Sequence[int]) -> int:
        """Go back to the copy if ``prompt`` begins with it; how many tokens that gives."""
        copy = self._copy
        if copy is None or copy.tokens != list(prompt[: len(copy.tokens)]):
            return 0
        self._model.restore(copy.state)
        return len(copy.tokens)

    def _forget(self) -> None:
        self._model.clear()
        self._held = []


@dataclass(frozen=True, slots=True)
class _Copy:
    tokens: list[int]
    state: bytes


def _common(held: Sequence[int], wanted: Sequence[int]) -> int:
    for index, (one, other) in enumerate(zip(held, wanted, strict=False)):
        if one != other:
            return index
    return min(len(held), len(wanted))
