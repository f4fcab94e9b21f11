"""The language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Protocol, Self, TypeAlias, TypedDict, Unpack, runtime_checkable

History: TypeAlias = Sequence[tuple[str, str]]
"""Earlier turns, oldest first: (what the user said, what was answered)."""


class Rank(IntEnum):
    """Who goes first where several want the model: the lowest number."""

    VOICE = 0
    """Somebody has asked aloud and waits."""
    DRAFT = 1
    """Somebody may be about to have asked aloud."""
    SATELLITE = 2
    """The same in another room, over the network."""
    API = 3
    """A program."""
    COMPRESSION = 4
    """Nobody waits: a history is being made shorter."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    min_p: float = 0.0
    repeat_penalty: float = 1.1
    max_tokens: int = 512
    seed: int | None = None

    def limited_to(self, max_tokens: int | None) -> Sampling:
        """The same for a reply of at most ``max_tokens``; ``None``: as long as ever."""
        return self if max_tokens is None else replace(self, max_tokens=max_tokens)


class SamplingOptions(TypedDict, total=False):
    """How the tokens of one reply are drawn, where it is not as configured; as in ``Sampling``."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repeat_penalty: float
    seed: int


@dataclass(frozen=True, slots=True)
class Structure:
    """What a reply must look like: a JSON Schema, or a grammar in llama.cpp's notation (GBNF)."""

    schema: Mapping[str, Any] | None = None
    grammar: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may ask to be done.

    ``name`` is an identifier, ``description`` says what it does and when to use it, ``parameters``
    is the JSON Schema of an object.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that a model asks to be run; ``arguments`` fit the tool's parameters."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a ``call``, in words or as JSON. Of text that strangers may have written, see
    ``Framing.result``."""

    call: ToolCall
    text: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answers: its name, the back end it runs in, its context in tokens.

    ``local``: what is asked stays on this machine. ``prompt_tokens_s`` is how many tokens of a
    prompt it evaluates in a second, where that was measured.
    """

    name: str
    backend: str
    context_tokens: int
    local: bool = True
    prompt_tokens_s: float | None = None


class ReplyOptions(TypedDict, total=False):
    """What ``LanguageModel.generate`` may be told besides the prompt.

    ``None`` stands for what is configured, as does what is left out.
    """

    conversation_history: History
    """What doesn't fit the context is left out, oldest first."""
    system_prompt: str | None
    """The text itself, not the name of a personality."""
    max_tokens: int | None
    sampling: SamplingOptions
    rank: Rank
    """A request of a higher one goes first, even when this reply is half written; as a voice's
    unless it is said."""
    structure: Structure | None
    """The reply has that form and nothing around it."""
    grounds: str
    """What stands before the prompt, for the reply to come from: documents, framed as data. It is
    no part of what is asked, nor of its history."""
    begun: str
    """What the reply begins with: the model goes on from there, and does not repeat it."""
    tools: Sequence[Tool]
    """What the model may ask to be run instead of, or besides, talking: see ``Generation.calls``.
    It is not bound to."""
    results: Sequence[ToolResult]
    """What came of the calls with which the model has already answered this prompt: the reply is
    what it says to that. Without ``tools`` it can't call any more."""
    model: str | None
    """Which of several models is to answer, by name; where there is but one, it does."""


class WarmOptions(TypedDict, total=False):
    """What ``LanguageModel.warm`` may be told; as in ``ReplyOptions``."""

    conversation_history: History
    system_prompt: str | None
    words: str
    """Those with which the user has begun to ask."""
    constant: bool
    """Nobody has said any of it: what is evaluated may be kept on disk."""


class Generation(Protocol):
    """A reply as it is written: an async iterator of its pieces of text.

    ``aclose`` stops the writing and returns when the model is free again; it must be called when
    the iteration is left early (``contextlib.aclosing``).
    """

    @property
    def model(self) -> ModelInfo:
        """Who writes it."""
        ...

    @property
    def tokens(self) -> int:
        """Tokens written so far."""
        ...

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt; 0 until it is evaluated."""
        ...

    @property
    def prompt_ends(self) -> float | None:
        """How probable it is, going by its words, that the prompt is said to its end.

        ``None`` until it is evaluated, and where the model can't tell.
        """
        ...

    @property
    def calls(self) -> Sequence[ToolCall]:
        """The tools that the model asks to be run; known at the end of the reply.

        Their text is not among the pieces.
        """
        ...

    @property
    def cut_off(self) -> bool:
        """Whether the reply ended because it may be no longer; known at its end."""
        ...

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> str: ...

    async def aclose(self) -> None: ...


class LanguageModel(Protocol):
    """A model that writes replies; one at a time, and others wait for their turn."""

    @property
    def info(self) -> ModelInfo: ...

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> Generation:
        """Answer ``prompt``.

        Raises ``InputError`` (on first iteration) when the prompt alone is longer than the context,
        nothing can have the structure, a tool is not described as one, the back end can't do what
        is asked, or there is no such model; ``EngineError`` when the model fails or the reply ends
        before it is complete; ``TurnError`` when a complete reply has not the structure, or calls
        what can't be called.
        """
        ...

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        """The whole reply at once."""
        ...

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        """Evaluate what the next prompt begins with, so that its turn does not pay for it."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class Forgetful(Protocol):
    """A model that keeps what was said, beyond the conversation it was said in."""

    def forget(self) -> None:
        """Keep nothing of it."""
        ...
