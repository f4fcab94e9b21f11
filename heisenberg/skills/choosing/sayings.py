"""What else skills are asked with: examples by language, which a user may edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from heisenberg.core.errors import ConfigError
from heisenberg.skills.words import read_table

_FILE: Final = "examples"
_SAID: Final = "say"
TALK: Final = "talk"
"""What is meant where nothing is wanted but an answer."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said, the skill and the action that are meant (empty: none is), and the slots."""

    said: str
    skill: str = ""
    action: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of what is meant."""
        return f"{self.skill}.{self.action}" if self.skill else TALK


def sayings(language: str) -> Iterator[Saying]:
    """Reads a file. Raises ``ConfigError``."""
    for skill, actions in read_table(language, _FILE).items():
        for action, lines in actions.items():
            for line in lines:
                said, slots = _parts(line, f"{skill}.{action}", language)
                yield Saying(said) if skill == TALK else Saying(said, skill, action, slots)


def _parts(line: Any, key: str, language: str) -> tuple[str, Mapping[str, str]]:
    """What is said, and the slots. An example without slots is its words alone."""
    if isinstance(line, str):
        return line, {}
    if not isinstance(line, Mapping) or _SAID not in line:
        raise ConfigError(
            f"An example of '{key}' in '{language}' says nothing.",
            f'Write it as {{ {_SAID} = "..." }}.',
        )
    return line[_SAID], {name: text for name, text in line.items() if name != _SAID}
