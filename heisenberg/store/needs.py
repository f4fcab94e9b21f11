"""Which models a configuration calls for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heisenberg.core.config import Config
from heisenberg.store.catalogue import Catalogue, Entry, Role

_IN_PROCESS: Final = frozenset({"inprocess", "auto"})
"""The back ends that need a model file of ours."""

_ELSEWHERE: Final = "wyoming"
"""The engine that is a service with models of its own."""
_WITHOUT: Final = (_ELSEWHERE, "espeak")
"""Voices that need no model file of ours."""


@dataclass(frozen=True, slots=True)
class Need:
    """One of these models is needed, the preferred one first."""

    role: Role
    candidates: tuple[Entry, ...]


def needs_of(config: Config, catalogue: Catalogue) -> tuple[Need, ...]:
    """What ``config`` uses, each with what it requires; files a user names by path are left out.

    Raises ``InputError`` for a name that is not in the catalogue, ``ConfigError`` when a profile
    has nothing for the languages.
    """
    wanted: list[tuple[Role, str]] = []
    if config.llm.backend in _IN_PROCESS:
        wanted.append(("llm", config.llm.model))
    elif _IN_PROCESS.intersection(config.llm.fallback):
        wanted.append(("llm", "auto"))
    if config.stt.engine != _ELSEWHERE:
        wanted.append(("stt", config.stt.model))
    if config.tts.engine not in _WITHOUT:
        wanted.append(("tts", config.tts.voice))
    if config.wake.enabled and config.wake.engine != _ELSEWHERE:
        wanted += [("wake", name) for name in config.wake.models]
    if config.turn.detector == "smart_turn":
        wanted.append(("turn", "auto"))
    wanted.append(("embedding", config.knowledge.embedding))
    found = []
    for role, name in wanted:
        if name == "auto":
            candidates = catalogue.candidates(role, config.profile, config.languages)
            found.append(Need(role, candidates))
        elif not is_path(name):
            found.append(Need(role, (catalogue.get(name),)))
    return with_required(found, catalogue)


def with_required(needs: Sequence[Need], catalogue: Catalogue) -> tuple[Need, ...]:
    """``needs`` and what their first candidates require, each model once."""
    found = dict.fromkeys(needs)
    for need in needs:
        for name in need.candidates[0].requires:
            entry = catalogue.get(name)
            found.setdefault(Need(entry.role, (entry,)))
    return tuple(found)


def is_path(name: str) -> bool:
    """Does a setting name a user's own file rather than a model of the catalogue?"""
    return "/" in name or name.endswith((".gguf", ".onnx"))
