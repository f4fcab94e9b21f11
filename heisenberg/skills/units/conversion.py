"""From one unit to another, exactly: pint, whose numbers are fractions here."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from heisenberg.skills.calculator.sums import MOST, TooLarge

if TYPE_CHECKING:
    from pint import UnitRegistry


class Unlike(Exception):
    """What can't be one another, as a weight and a length."""


class TooCold(Exception):
    """Less than absolute zero."""


@dataclass(frozen=True, slots=True)
class Converted:
    """``number`` of the unit ``to``; ``units`` are what the parts of the amount were taken for."""

    number: Fraction
    units: tuple[str, ...]
    to: str


def convert(parts: Sequence[tuple[Fraction, Sequence[str]]], to: Sequence[str]) -> Converted:
    """The sum of ``parts`` as one number; of each unit the first meaning that fits is taken.

    Loads the library at the first call: 0.7 s and 31 MB. Raises ``Unlike``, ``TooCold``,
    ``TooLarge``.
    """
    numbers = [number for number, _ in parts]
    alike: Converted | None = None
    for *units, target in product(*(meanings for _, meanings in parts), to):
        number = _sum(numbers, units, target)
        if number is None:
            continue
        if abs(number) >= MOST:
            raise TooLarge
        found = Converted(number, tuple(units), target)
        if target not in units:
            return found
        alike = alike or found  # who asks for degrees in Celsius means others
    if alike is None:
        raise Unlike
    return alike


def _sum(numbers: Sequence[Fraction], units: Sequence[str], to: str) -> Fraction | None:
    """``None`` where the units don't measure the same."""
    registry = _registry()
    if any(not registry.Unit(one).is_compatible_with(to) for one in units):
        return None
    quantities = [registry.Quantity(*one) for one in zip(numbers, units, strict=True)]
    if _is_temperature(to):
        if len(quantities) > 1:
            return None
        if quantities[0].to("kelvin").magnitude < 0:
            raise TooCold
    total: Any = quantities[0].to(to)
    for one in quantities[1:]:
        total += one.to(to)
    return Fraction(total.magnitude)


def _is_temperature(unit: str) -> bool:
    return bool(_registry().Unit(unit).is_compatible_with("kelvin"))


@functools.cache
def _registry() -> UnitRegistry[Any]:
    from pint import UnitRegistry

    return UnitRegistry(non_int_type=Fraction)
