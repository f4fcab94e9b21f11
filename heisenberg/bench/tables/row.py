"""What a measurement is: a command, and the lines of a table that its JSON document fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table, read from the JSON document of its row's command.

    ``values`` gives each value a name and the keys that lead to it, joined with dots (no key holds
    one; into a list leads a number from 0 on); ``text`` shows them, as ``str.format`` does. ``aim``
    is empty where there is none.
    """

    title: str
    values: Mapping[str, str]
    unit: str
    text: str
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One command (after ``heisenberg``, without ``--json``) and the table its figures stand in."""

    name: str
    table: str
    command: tuple[str, ...]
    figures: tuple[Figure, ...]

    @property
    def shown_command(self) -> str:
        return " ".join(("heisenberg", *self.command))
