"""How many commands are understood, from text and from sound, and how many others set off a skill.

They come from a set that no template was written with (``heisenberg.core.resources``).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.bench.hearing.stt import Recogniser
from heisenberg.bench.skills.command_set import Commands, CommandSet, Said
from heisenberg.bench.skills.understood import is_understood
from heisenberg.skills.understanding.matching import Match

Find: TypeAlias = Callable[[str], Match | None]
"""What a whole utterance asks for."""

_MS: Final = 1000.0
_NONE: Final = "no command"


@dataclass(frozen=True, slots=True)
class Tried:
    """One sentence, as it was ``heard``; ``found`` is the skill and the action it was taken for, if
    for any; ``voice`` is who said it aloud."""

    language: str
    category: str
    said: str
    heard: str
    found: str
    right: bool
    took_ms: float
    voice: str = ""


@dataclass(frozen=True, slots=True)
class CommandReport:
    """Of at least one command; ``others`` are right where they set off nothing."""

    commands: tuple[Tried, ...]
    others: tuple[Tried, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        every = (*self.commands, *self.others)
        took_ms = [one.took_ms for one in every]
        p50, p95 = (round(float(value), 3) for value in np.percentile(took_ms, (50, 95)))
        return {
            "commands": _by_language(self.commands),
            "others": _by_language(self.others),
            "by_category": _counted(self.commands, lambda one: f"{one.language} {one.category}"),
            "by_voice": _counted(self.commands, lambda one: one.voice or "in writing"),
            "find_ms": {"p50": p50, "p95": p95, "most": round(max(took_ms), 3)},
            "wrong": [asdict(one) for one in every if not one.right],
        }


@dataclass(frozen=True, slots=True)
class Aloud:
    """A command as ``voice`` says it, at 16 kHz."""

    group: Commands
    said: Said
    voice: str
    pcm: Pcm


def bench_commands(finds: Mapping[str, Find], commands: CommandSet) -> CommandReport:
    """Everything in the set that is in a language of ``finds``."""
    tried = [
        _tried(finds[group.language], group, said, said.say, commands.exact)
        for group, said in commands.each
        if group.language in finds
    ]
    others = [
        _tried_other(finds[group.language], group.language, text)
        for group in commands.others
        if group.language in finds
        for text in group.said
    ]
    return CommandReport(tuple(tried), tuple(others))


async def bench_aloud(
    finds: Mapping[str, Find],
    commands: CommandSet,
    utterances: Iterable[Aloud],
    recognisers: Mapping[str, Recogniser],
    on_tried: Callable[[Tried], None] = lambda _tried: None,
) -> CommandReport:
    """The same for commands that are spoken; both mappings are by language."""
    tried = []
    for one in utterances:
        language = one.group.language
        heard = await recognisers[language](one.pcm)
        found = _tried(finds[language], one.group, one.said, heard, commands.exact)
        tried.append(replace(found, voice=one.voice))
        on_tried(tried[-1])
    return CommandReport(tuple(tried))


def _tried(find: Find, group: Commands, said: Said, heard: str, exact: frozenset[str]) -> Tried:
    match, took_ms = _found(find, heard)
    right = match is not None and is_understood(
        match, group.skill, said, exactly=group.skill in exact
    )
    return Tried(group.language, group.category, said.say, heard, _name(match), right, took_ms)


def _tried_other(find: Find, language: str, text: str) -> Tried:
    match, took_ms = _found(find, text)
    return Tried(language, _NONE, text, text, _name(match), match is None, took_ms)


def _found(find: Find, text: str) -> tuple[Match | None, float]:
    began_s = time.perf_counter()
    match = find(text)
    return match, (time.perf_counter() - began_s) * _MS


def _name(match: Match | None) -> str:
    return f"{match.skill}.{match.action.name}" if match else ""


def _by_language(tried: Sequence[Tried]) -> dict[str, Any]:
    """Those in each, and in all, of which ``right`` and ``percent`` are right."""
    languages = _counted(tried, lambda one: one.language)
    every = _counted(tried, lambda _one: "all")
    counts = {**every, **languages} if tried else {"all": {"said": 0, "right": 0}}
    return {
        name: {**one, "percent": round(100.0 * one["right"] / max(1, one["said"]), 1)}
        for name, one in counts.items()
    }


def _counted(tried: Sequence[Tried], key: Callable[[Tried], str]) -> dict[str, dict[str, int]]:
    said = Counter(map(key, tried))
    right = Counter(key(one) for one in tried if one.right)
    return {name: {"said": count, "right": right[name]} for name, count in said.items()}
