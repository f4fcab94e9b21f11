"""What the owner's documents say about a question, made ready to stand before it in a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from heisenberg.knowledge.base import SURE, Hit, IndexedDocument
from heisenberg.llm.prompts.framing import Framing, estimated_tokens

MOST_PASSAGES: Final = 4
"""A small model loses the thread in more."""
_LOOKED_AT: Final = 2 * MOST_PASSAGES
"""Some of them share a word with the question and are not near all the same."""
_LEAST_TOKENS: Final = 24
"""Less of a passage is not worth its heading."""


class Knowledge(Protocol):
    """The owner's documents."""

    async def search(self, question: str, limit: int) -> Sequence[Hit]:
        """The passages that have to do with ``question``, the best first; none if nothing has.

        Raises ``HeisenbergError``.
        """
        ...

    async def documents(self) -> Sequence[IndexedDocument]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage stands; ``score``, from 0 to 1, tells how surely it is about the question."""

    file: str
    heading: str
    line: int
    score: float

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "score": round(self.score, 3)}


@dataclass(frozen=True, slots=True)
class Grounds:
    """``text`` stands before a question in its prompt: framed as data, which ``sources`` say."""

    text: str
    sources: Sequence[Source]

    @property
    def is_about_it(self) -> bool:
        """Whether a passage is about the question itself, and not only has to do with it."""
        return any(source.score >= SURE for source in self.sources)


class Grounding:
    """Looks questions up."""

    def __init__(self, knowledge: Knowledge, framing: Framing) -> None:
        self._knowledge = knowledge
        self._framing = framing

    async def find(self, question: str, most_tokens: int) -> Grounds | None:
        """What is known about ``question``, in at most ``most_tokens``; ``None`` where nothing is
        surely about it.

        The same passages give the same text, which is then evaluated once. Raises what the
        knowledge raises.
        """
        found = await self._knowledge.search(question, _LOOKED_AT)
        hits = [hit for hit in found if hit.is_near][:MOST_PASSAGES]
        if not any(hit.is_sure for hit in hits):
            return None
        chosen: list[Hit] = []
        texts: list[str] = []
        left = most_tokens
        for hit in hits:
            text = _told(hit)
            tokens = estimated_tokens(text)
            if chosen and tokens > left:
                break
            chosen.append(hit)
            texts.append(text)
            left -= tokens
            if left < _LEAST_TOKENS:
                break
        text = self._framing.document("\n\n".join(texts), most_tokens=most_tokens)
        return Grounds(text, tuple(_source(hit) for hit in chosen))


def _told(hit: Hit) -> str:
    """A passage with where it stands, by which it can be named."""
    passage = hit.passage
    name = passage.file.rpartition("/")[2]
    heading = f", {passage.heading}" if passage.heading else ""
    return f"{name}{heading}:\n{passage.text}"


def _source(hit: Hit) -> Source:
    passage = hit.passage
    return Source(passage.file, passage.heading, passage.line, hit.score)
