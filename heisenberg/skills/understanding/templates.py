"""Sentences of one language in hassil's notation, and which of them a text is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from heisenberg.core.errors import ConfigError

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import IntentData
    from hassil.models import MatchEntity

    from heisenberg.skills.understanding.sounding import Sound, Sounding

_Words: TypeAlias = frozenset[str] | None
"""What a part may begin or end with; ``None``: anything."""

_FIRST: Final = re.compile(r"\s*([^\W_]+)")
_LAST: Final = re.compile(r"([^\W_]+)\s*$")
_SIGNS: Final = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """``begins`` and ``ends`` are what a text must begin and end with; empty: with anything."""

    name: str
    data: IntentData
    begins: tuple[str, ...]
    ends: tuple[str, ...]


class Templates:
    """Of several actions."""

    def __init__(
        self,
        language: str,
        sentences: Mapping[str, Sequence[str]],
        slots: Mapping[str, Iterable[str]],
        sounding: Sounding | None = None,
    ) -> None:
        """``sentences`` and ``slots`` by the name of the action; with ``sounding``, a text fits
        where it sounds like one of the sentences. It takes a moment. Raises ``ConfigError`` for a
        sentence that can't be used."""
        from hassil import Intents

        self._sounding = sounding
        if sounding is not None:
            sentences = {
                name: [sounding.of_template(one) for one in some]
                for name, some in sentences.items()
            }
        blocks = {name: [{"sentences": [one]} for one in some] for name, some in sentences.items()}
        wildcards = {slot: {"wildcard": True} for some in slots.values() for slot in some}
        try:
            self._intents = Intents.from_dict(
                {
                    "language": language,
                    "intents": {name: {"data": data} for name, data in blocks.items()},
                    "lists": wildcards,
                }
            )
            self._sentences = [
                _sentence(name, data, frozenset(slots[name]))
                for name, intent in self._intents.intents.items()
                for data in intent.data
            ]
        except ConfigError:
            raise
        except Exception as exc:  # hassil's parser raises whatever it meets
            raise ConfigError(
                f"The sentences of the skills in '{language}' can't be used: {exc}.",
                "Correct them.",
            ) from exc

    def fitting(self, text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The actions that ``text`` may ask for, each with the words in its slots."""
        from hassil import recognize_all
        from hassil.intents import Intent
        from hassil.util import fold_case

        sound = None if self._sounding is None else self._sounding.of(text)
        text = text if sound is None else sound.text
        bare = _SIGNS.sub("", fold_case(text))
        likely: dict[str, list[IntentData]] = {}
        for one in self._sentences:  # hassil takes ten times as long to say no
            if bare.startswith(one.begins) and bare.endswith(one.ends):
                likely.setdefault(one.name, []).append(one.data)
        intents = {name: Intent(name, data) for name, data in likely.items()}
        for result in recognize_all(text, replace(self._intents, intents=intents)):
            slots = {name: _as_said(text, one, sound) for name, one in result.entities.items()}
            yield result.intent.name, slots


def _as_said(text: str, slot: MatchEntity, sound: Sound | None) -> str:
    """With the commas that hassil leaves out: "milk, eggs and bread"."""
    if slot.text_span is None:
        return str(slot.value)
    begin, end = slot.text_span
    said = text[begin:end] if sound is None else sound.as_written(begin, end)
    return said.strip(" ,;:.!?")


def _sentence(name: str, data: IntentData, slots: frozenset[str]) -> _Sentence:
    (sentence,) = data.sentences
    for slot in sentence.list_names():
        if slot not in slots:
            raise ConfigError(
                f"The skill '{name}' can't be used: its function has no parameter '{slot}'.",
                "Name the slot as a parameter is named.",
            )
    begins, _ = _edge(sentence.expression, _FIRST.match, iter)
    ends, _ = _edge(sentence.expression, _LAST.search, reversed)
    return _Sentence(name, data, tuple(begins or {""}), tuple(ends or {""}))


def _edge(
    part: Expression,
    word: Callable[[str], re.Match[str] | None],
    order: Callable[[Sequence[Any]], Iterator[Any]],
) -> tuple[_Words, bool]:
    """The words at one edge of ``part``, and whether it may be empty."""
    from hassil.expression import Alternative, TextChunk
    from hassil.expression import Sequence as Parts
    from hassil.util import fold_case

    match part:
        case TextChunk():
            if not part.text.strip():
                return frozenset(), True
            found = word(part.text)
            return (frozenset({fold_case(found[1])}) if found else None), False
        case Alternative():
            edges = [_edge(one, word, order) for one in part.items]
            return _together(words for words, _ in edges), any(empty for _, empty in edges)
        case Parts():
            seen: list[_Words] = []
            for one in order(part.items):
                words, empty = _edge(one, word, order)
                seen.append(words)
                if not empty:
                    return _together(seen), False
            return _together(seen), True
        case _:
            return None, False


def _together(edges: Iterable[_Words]) -> _Words:
    every: set[str] = set()
    for words in edges:
        if words is None:
            return None
        every |= words
    return frozenset(every)
