"""The words of skills, which a user may edit: ``prompts/<language>/skills/<name>.toml``."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import prompts_dir

ENGLISH: Final = "en"


@functools.cache
def read_table(language: str, name: str) -> Mapping[str, Any]:
    """What the file says; empty where a language has none. Raises ``ConfigError``."""
    file = prompts_dir() / language / "skills" / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise ConfigError(f"The words in {file} can't be used: {exc}.", "Correct them.") from exc


@dataclass(frozen=True, slots=True)
class SkillWords:
    """How a skill is asked for, and what it answers."""

    name: str

    @classmethod
    def load(cls, name: str, languages: Sequence[str]) -> Self:
        """Read them for ``languages``. Raises ``ConfigError``."""
        for language in (*languages, ENGLISH):
            read_table(language, name)
        return cls(name)

    def sentences(self, action: str, languages: Sequence[str]) -> dict[str, list[str]]:
        """Templates of how ``action`` is asked for, in those of ``languages`` that have any.

        What stands for "<rule>" in them is in their table ``[rules]``. Raises ``ConfigError``.
        """
        found = {}
        for language in languages:
            table = read_table(language, self.name)
            if action in table.get("sentences", {}):
                rules = table.get("rules", {})
                found[language] = [_ruled(one, rules) for one in table["sentences"][action]]
        return found

    def say(self, language: str, reply: str, **values: str) -> str:
        """A reply in ``language``, or in English where that has none."""
        own = read_table(language, self.name).get("replies", {})
        text: str = {**read_table(ENGLISH, self.name)["replies"], **own}[reply]
        return text.format(**values)


def _ruled(sentence: str, rules: Mapping[str, str]) -> str:
    """``sentence`` with its rules as alternatives."""

    def alternatives(found: re.Match[str]) -> str:
        if found[1] not in rules:
            raise ConfigError(
                f"The sentence '{sentence}' can't be used.", f"Add a rule '{found[1]}'."
            )
        return f"({rules[found[1]]})"

    return re.sub(r"<(\w+)>", alternatives, sentence)
