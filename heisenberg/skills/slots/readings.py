"""What may stand in the place of a slot, by the type of the parameter it goes to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias, get_type_hints

from heisenberg.skills.base import Run
from heisenberg.skills.slots.durations import duration_of
from heisenberg.skills.slots.numbers import number, whole_number

Reading: TypeAlias = Callable[[str, str], Any]
"""The value of a text in a language. Raises ``ValueError`` where it has none."""


def slot_readings(run: Run) -> Mapping[str, Reading]:
    """How each slot of ``run`` is read, by its name; the first parameter is the ``Call``.

    Raises ``TypeError`` for a parameter of a type that no slot can have.
    """
    hints = get_type_hints(run)
    _, *names = inspect.signature(run).parameters
    readings = {}
    for name in names:
        kind = hints.get(name, str)
        reading = _READINGS.get(kind) or getattr(kind, "read", None)
        if reading is None:
            raise TypeError(f"'{name}' must be one of str, int, float, timedelta")
        readings[name] = reading
    return readings


def slots_needed(run: Run) -> frozenset[str]:
    """Those without a default."""
    _, *parameters = inspect.signature(run).parameters.values()
    return frozenset(one.name for one in parameters if one.default is inspect.Parameter.empty)


def any_words(text: str, _language: str) -> str:
    """What fits a ``str``."""
    if not text.strip():
        raise ValueError("nothing")
    return text.strip()


_READINGS: Final[Mapping[type, Reading]] = {
    str: any_words,
    int: whole_number,
    float: number,
    timedelta: duration_of,
}
