"""What a skill is, and how it is asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from heisenberg.audio.base import AudioChunk
from heisenberg.tts.delivery import Delivery

Sound: TypeAlias = AsyncGenerator[AudioChunk, None]
"""Sound that may be made while it is heard; it is closed where nobody hears on."""


class Asker(Protocol):
    """Who asks: a conversation, aloud or in writing, and what a skill may do to it."""

    @property
    def answered(self) -> str:
        """What was answered last; empty where nothing was."""
        ...

    @property
    def delivery(self) -> Delivery | None:
        """How it is spoken; ``None`` where nothing is, in writing."""
        ...

    @property
    def manner(self) -> Changeable | None:
        """Who answers; ``None`` where that can't be changed."""
        ...

    async def write(
        self, prompt: str, *, instruction: str, grammar: str, most_tokens: int, temperature: float
    ) -> str:
        """What the language model writes, in the form of ``grammar`` (llama.cpp's notation), apart
        from what is talked about. Raises ``HeisenbergError``."""
        ...

    async def forget(self) -> None:
        """Forget everything that was said."""
        ...


class Changeable(Protocol):
    """Who answers in a conversation, and as what."""

    @property
    def model(self) -> str: ...

    async def models(self) -> Sequence[str]:
        """Names of those that could answer; empty where that is another's business."""
        ...

    async def use_model(self, name: str) -> None:
        """Have another model answer, whomever. Raises ``HeisenbergError`` where it can't."""
        ...

    async def personalities(self) -> Sequence[str]: ...

    async def use_personality(self, name: str) -> None:
        """Answer as another of them from now on. Raises ``HeisenbergError`` where it can't."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """How a skill is asked: in which language (ISO 639-1) it is to answer, and what time it is
    here (with its zone); by whom, where that is known, and with which words. ``before`` are the
    slots of what is to be done otherwise, or undone. What is put into ``sounds`` is heard after
    what is said, by who is spoken to."""

    language: str
    now: datetime
    asker: Asker | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    sounds: list[Sound] = field(default_factory=list)


Run: TypeAlias = Callable[..., Awaitable[str]]
"""Is given a ``Call`` and the slots, as keywords, and returns what is to be said. Raises
``SkillError`` with what is to be said when it can't do it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One of the things that a skill does.

    ``sentences`` are, by language, templates of how it is asked for, in hassil's notation: "[the]"
    may be missing, "(this|that)" are alternatives, and "{place}" is a slot, a parameter of ``run``.
    Its annotation says what fits there: ``str`` any words, ``int`` and ``float`` numbers,
    ``timedelta`` a duration, and a class of one's own what its ``read(text, language)`` takes,
    which raises ``ValueError`` for anything else. One with a default may be missing.

    ``pure``: it changes nothing and says nothing to others, so it may run before it is certain
    that the user has finished. It has ``timeout_s`` for an answer.

    ``about`` tells a language model, in English, what it does, and so offers it where no sentence
    fits; empty: it can only be asked for by its sentences. ``schema`` is the JSON Schema of what
    ``run`` is given as keywords, where its signature does not say so. ``confirm``: it can't be
    undone, so the user is asked first.

    ``foretell``, asked as ``run`` is, says what that will say if all goes well, and changes
    nothing: the sound is made while it is not yet certain that the turn is over.

    ``amend`` does it anew in place of what ``Call.before`` says, for who corrects himself ("make
    it five"), ``undo`` takes that back; both are asked as ``run`` is, ``undo`` without slots.
    ``follows``: it can only be asked for right after something that its skill did, and then goes
    before what others are asked for with the same words ("faster"). A kind of slot that has a
    ``followed_by(value | None)`` says what then stands in the slot of that name.
    """

    name: str
    run: Run
    sentences: Mapping[str, Sequence[str]]
    pure: bool = False
    timeout_s: float = 5.0
    about: str = ""
    schema: Mapping[str, Any] | None = None
    confirm: bool = False
    foretell: Run | None = None
    amend: Run | None = None
    undo: Run | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class SmartHome:
    """Where Home Assistant is, the token that it wants, if it does, and how long it may take."""

    url: str
    token: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where a skill lives: the languages that are spoken, the usual one first, a folder where it
    may keep things of its own, and one for the lists of its owner (``None``: in the former);
    neither need be there yet. ``place`` is the town, empty where nobody has said; ``smart_home`` is
    what switches lights there, if anything does."""

    languages: tuple[str, ...]
    folder: Path
    lists: Path | None = None
    place: str = ""
    smart_home: SmartHome | None = None


class Bell(Protocol):
    """What is heard in the room without being asked for."""

    async def ring(self, text: str) -> None:
        """Sound and say ``text`` again and again until somebody stops it; waits while anything else
        is said. Gives up after a while. Raises what the voice raises."""
        ...


class Skill(Protocol):
    """Something that Heisenberg can do."""

    @property
    def name(self) -> str:
        """One word, by which it is switched off and named in events."""
        ...

    @property
    def actions(self) -> Sequence[Action]: ...


@runtime_checkable
class Remembers(Protocol):
    """A skill that keeps what it is told."""

    @property
    def name(self) -> str: ...

    async def recall(self, call: Call) -> str:
        """What was told that answers ``call.said``, as it is to be said; empty where nothing does.
        Raises ``SkillError``."""
        ...


@runtime_checkable
class Busy(Protocol):
    """A skill that also does something by itself."""

    async def work(self, bell: Bell) -> None:
        """Goes on for as long as Heisenberg runs; cancelled, it ends."""
        ...
