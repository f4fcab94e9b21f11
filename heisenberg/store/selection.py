"""Which language model suits a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heisenberg.machine.inventory import Machine
from heisenberg.store.catalogue import Catalogue, Entry, SelectionRules

_READ_SHARE: Final = 0.8
"""Of how fast memory can be read, what a model reaches."""

_BATTERY_FACTOR: Final = 2.0
"""On battery a model must be so many times as fast: it computes for so much less time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A model on a machine; ``against`` says why it does not suit, and is empty when it does."""

    entry: Entry
    tokens_s: float
    against: str


def judge(catalogue: Catalogue, machine: Machine, languages: Sequence[str]) -> list[Judged]:
    """Every language model that the catalogue ranks, the best answers first."""
    rules = catalogue.selection
    return [_judge(catalogue.get(name), rules, machine, languages) for name in rules.best_first]


def recommended(judged: Sequence[Judged]) -> Judged:
    """The best one that suits; if none does, the one that needs least memory."""
    suited = (one for one in judged if not one.against)
    return next(suited, min(judged, key=lambda one: one.entry.memory_mb))


def room_for_models_mb(rules: SelectionRules, memory_mb: int, free_mb: int) -> float:
    """What language models may take of a machine's memory, beside what hears and speaks."""
    return min(memory_mb * rules.memory_share, free_mb) - rules.others_mb


def _judge(
    entry: Entry, rules: SelectionRules, machine: Machine, languages: Sequence[str]
) -> Judged:
    # Every weight is read once for each token, and computed with.
    gb_s = machine.bandwidth_gb_s * _READ_SHARE
    if machine.graphics is None or not machine.graphics.used:
        gb_s = min(gb_s, machine.cores * rules.core_gb_s)
    tokens_s = gb_s * 1e9 / entry.size
    room_mb = room_for_models_mb(rules, machine.memory_mb, machine.free_mb)
    wanted_s = rules.tokens_s * (_BATTERY_FACTOR if machine.on_battery else 1.0)
    missing = [language for language in languages if not entry.speaks(language)]
    against = ""
    if missing:
        against = f"does not speak {', '.join(missing)}"
    elif entry.memory_mb > room_mb:
        against = f"needs {entry.memory_mb} MB, and there is room for {max(0, int(room_mb))}"
    elif tokens_s < wanted_s:
        against = f"writes {tokens_s:.0f} tokens a second, and a voice needs {wanted_s:.0f}"
    return Judged(entry, tokens_s, against)
