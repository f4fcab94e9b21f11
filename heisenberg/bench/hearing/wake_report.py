"""What a wake word measurement found, added up."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """Something the detector took for the wake word.

    ``at_s`` is when in its sound, ``fit`` what the recogniser answered, if it was asked, and
    ``took_s`` how long the second look took; ``confirmed``: a room would have woken.
    """

    name: str
    at_s: float
    score: float
    fit: float | None
    took_s: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Call:
    """The wake word said once, under which condition, and what the detector took for it."""

    condition: str
    looks: tuple[Look, ...]

    @property
    def woke(self) -> bool:
        return any(look.confirmed for look in self.looks)


@dataclass(frozen=True, slots=True)
class Block:
    """Some minutes of sound of one kind, and what the detector took for the wake word in it."""

    kind: str
    length_s: float
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class WakeReport:
    """Everything that was played; ``espeak`` is empty where there is no espeak-ng."""

    calls: Sequence[Call]
    loud_calls: Sequence[Call]
    espeak_calls: Sequence[Call]
    sound_alikes: Sequence[Call]
    blocks: Sequence[Block]

    def as_dict(self) -> dict[str, Any]:
        looks = [look for call in self.calls for look in call.looks]
        looks += [look for block in self.blocks for look in block.looks]
        return {
            "calls": _missed(self.calls),
            "calls_in_5_db": _missed(self.loud_calls),
            "espeak_calls": _missed(self.espeak_calls),
            "sound_alikes": _woken(self.sound_alikes),
            "other_sound": _taken_for_it(self.blocks),
            "check_median_s": (
                round(statistics.median(look.took_s for look in looks), 3) if looks else None
            ),
        }


def _missed(calls: Sequence[Call]) -> dict[str, Any]:
    missed = [call for call in calls if not call.woke]
    return {
        "asked": len(calls),
        "missed": len(missed),
        "missed_percent": round(100 * len(missed) / len(calls), 2) if calls else None,
        "missed_at_first_look": sum(not call.looks for call in missed),
        "by_condition": {
            name: {
                "asked": sum(call.condition == name for call in calls),
                "missed": sum(call.condition == name for call in missed),
            }
            for name in _names(call.condition for call in calls)
        },
    }


def _woken(calls: Sequence[Call]) -> dict[str, Any]:
    return {
        "asked": len(calls),
        "woken": sum(call.woke for call in calls),
        "by_words": {
            name: sum(call.woke for call in calls if call.condition == name)
            for name in _names(call.condition for call in calls)
        },
    }


def _taken_for_it(blocks: Sequence[Block]) -> dict[str, Any]:
    accepted = [(block, look) for block in blocks for look in block.looks if look.confirmed]
    return {
        "hours": _hours(blocks),
        "first_looks": sum(len(block.looks) for block in blocks),
        "false_accepts": len(accepted),
        "by_kind": {
            kind: {
                "hours": _hours([block for block in blocks if block.kind == kind]),
                "first_looks": sum(len(block.looks) for block in blocks if block.kind == kind),
                "false_accepts": sum(block.kind == kind for block, _ in accepted),
            }
            for kind in _names(block.kind for block in blocks)
        },
        "causes": [{"kind": block.kind, **asdict(look)} for block, look in accepted],
    }


def _hours(blocks: Sequence[Block]) -> float:
    return round(sum(block.length_s for block in blocks) / 3600, 2)


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
