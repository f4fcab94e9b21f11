"""What a model has already evaluated, and the shortest way from there to the next prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from heisenberg.llm.inprocess.llamacpp import BATCH_TOKENS, StopFlag
from heisenberg.llm.inprocess.snapshots import Snapshot, Snapshots

SNAPSHOT_BYTES: Final = 48 * 2**20
"""Some 4000 tokens of a model with half a billion parameters."""

WORTH_KEEPING: Final = 64
"""Tokens: to evaluate fewer again costs about as much as a snapshot and its restoring."""


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


@dataclass(frozen=True, slots=True)
class Parked:
    """A prompt and the beginning of its reply, put away half-way."""

    tokens: list[int]
    ready: bool
    copy_at: tuple[int, ...]
    question: Question | None
    answer: float | None


class PromptMemory:
    """The tokens a model holds, always a beginning of the prompt last begun and its reply.

    A model that rolls back keeps the longest common beginning of two prompts, or returns to a
    snapshot that has more of it; one is taken where much would be lost. A model that doesn't (LFM2)
    can only go on or return to a snapshot; they are taken where the parts of a prompt end that
    later ones share: the system prompt, and with it the history.
    """

    def __init__(self, model: Evaluator, *, rolls_back: bool) -> None:
        self._model = model
        self._rolls_back = rolls_back
        self._held: list[int] = []
        self._wanted: list[int] = []
        self._snapshots = Snapshots(SNAPSHOT_BYTES)
        self._copy_at: tuple[int, ...] = ()
        self._question: Question | None = None
        self.answer: float | None = None
        """To the question that the latest prompt was begun with, once it is evaluated so far."""

    def begin(
        self, prompt: Sequence[int], *, shared: Sequence[int], question: Question | None = None
    ) -> None:
        """Turn to ``prompt``; of ``shared``, each is a number of its first tokens with which later
        prompts begin too. The state there is kept, of the latest prompt of a conversation.

        At least the last token stays to be evaluated: the reply is drawn from what it gives. So
        does the one that ``question`` is about.
        """
        self._question, self.answer = question, None
        self._copy_at = () if self._rolls_back else tuple(shared)
        self._reach(list(prompt[: -1 if question is None else question.at]))
        self._wanted = list(prompt)

    def park(self) -> Parked:
        """Put away what is being worked on, to make room for another prompt."""
        if self._held:
            self._snapshots.keep(self._held, self._model.save())
        return Parked(self._wanted, self.ready, self._copy_at, self._question, self.answer)

    def unpark(self, parked: Parked) -> None:
        """Go on with what was parked; what is not kept any more is evaluated again."""
        self._question, self.answer = parked.question, parked.answer
        self._copy_at = parked.copy_at
        # What is asked of a token comes with its evaluation, and is in no snapshot.
        end = None if parked.ready else -1
        if parked.question is not None and parked.answer is None:
            end = parked.question.at
        self._reach(parked.tokens[:end])
        self._wanted = list(parked.tokens)

    def resume(self, tokens: Sequence[int], state: bytes) -> None:
        """Hold ``tokens``, the first shared part, by a ``state`` saved when only they were held.

        Raises ``EngineError`` if the model refuses it; nothing is held then.
        """
        self._restore(tokens, state)
        self._wanted = list(tokens)
        if not self._rolls_back:
            self._snapshots.keep(tokens, state)

    def pin(self) -> None:
        """Keep what is held now rather than anything else: it will be needed again and again."""
        self._snapshots.pinned = tuple(self._held)
        self._snapshots.keep(self._held, self._model.save())

    @property
    def ready(self) -> bool:
        """Whether the whole prompt is evaluated."""
        return len(self._held) == len(self._wanted)

    @property
    def held(self) -> Sequence[int]:
        """The tokens that the model holds."""
        return self._held

    def starts_with(self, tokens: Sequence[int]) -> bool:
        """Whether a prompt that begins with ``tokens`` could go on behind them."""
        wanted = tuple(tokens)
        known = (tuple(self._held), *(snapshot.tokens for snapshot in self._snapshots))
        if self._rolls_back:
            return any(held[: len(wanted)] == wanted for held in known)
        return wanted in known

    def advance(self, stop: StopFlag) -> bool:
        """Evaluate the next batch of the prompt; False if ``stop`` was set."""
        done = len(self._held)
        size = min(BATCH_TOKENS, len(self._wanted) - done)
        size = min([size, *(at - done for at in self._copy_at if at > done)])
        question = self._question
        ask_at = None if question is None else question.at - done
        if ask_at is not None and not 0 <= ask_at < size:
            ask_at = None
        if not self._extend(self._wanted[done : done + size], stop, ask_at):
            return False
        if question is not None and ask_at is not None:
            self.answer = self._model.probability(ask_at, question.tokens)
        if len(self._held) in self._copy_at:
            self._snapshots.drop_beginnings(self._held, longer_than=self._copy_at[0])
            self._snapshots.keep(self._held, self._model.save())
        return True

    def append(self, token: int, stop: StopFlag) -> bool:
        """Evaluate a token of the reply; False if ``stop`` was set: ``advance`` then makes up for
        it."""
        self._wanted.append(token)
        return self.advance(stop)

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

    def _reach(self, tokens: list[int]) -> None:
        """Hold as many of the first of ``tokens`` as can be had without evaluating."""
        common = common_length(self._held, tokens)
        lost = len(self._held) - common
        if self._rolls_back and lost >= WORTH_KEEPING and not self._snapshots.holds(self._held):
            self._snapshots.keep(self._held, self._model.save())  # which another may make room for
        best = self._nearest(tokens)
        there = 0 if best is None else common_length(best.tokens, tokens)
        if self._rolls_back:
            if best is not None and there >= common + WORTH_KEEPING:
                self._restore(best.tokens, self._snapshots.use(best))
                common = there
            if common < len(self._held) and not self._model.truncate(common):
                self._forget()
                common = 0
            self._held = tokens[:common]
        elif best is not None and (lost or there > common):
            self._restore(best.tokens, self._snapshots.use(best))
        elif lost:
            self._forget()

    def _nearest(self, tokens: list[int]) -> Snapshot | None:
        """The snapshot that has most of ``tokens``; nothing else, for a model that can't go back
        from there."""
        usable = [
            snapshot
            for snapshot in self._snapshots
            if self._rolls_back or snapshot.tokens == tuple(tokens[: len(snapshot.tokens)])
        ]
        return max(usable, key=lambda one: common_length(one.tokens, tokens), default=None)

    def _restore(self, tokens: Sequence[int], state: bytes) -> None:
        self._forget()
        try:
            self._model.restore(state)
        except BaseException:
            self._forget()
            raise
        self._held = list(tokens)

    def _forget(self) -> None:
        self._model.clear()
        self._held = []


def common_length(held: Sequence[int], wanted: Sequence[int]) -> int:
    """How many tokens both begin with."""
    for index, (one, other) in enumerate(zip(held, wanted, strict=False)):
        if one != other:
            return index
    return min(len(held), len(wanted))
