"""Which files belong to which questions, as their owner says in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Self

import platformdirs
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from heisenberg.core.config.section import Listed
from heisenberg.core.errors import ConfigError, InputError
from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.base import Passage
from heisenberg.knowledge.documents.base import HEADING_SEPARATOR, Unreadable
from heisenberg.knowledge.documents.reading import passages_in, read_bytes

FILE_NAME: Final = "knowledge.toml"

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True, slots=True)
class Rule:
    """If a question says one of ``says``, ``file`` may answer it, or what stands there under
    ``heading``.

    Each of ``says`` is one or several whole words; case, accents and punctuation make no
    difference.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    says: Annotated[tuple[_Words, ...], Listed, Field(min_length=1)]
    file: Path
    heading: str = ""

    def fits(self, question: str) -> bool:
        asked = f" {bare_words(question)} "
        return any(f" {bare_words(words)} " in asked for words in self.says)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    rule: tuple[Rule, ...] = ()


class Rules:
    """All the rules of an owner, in the order of their file."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = tuple(rules)

    @classmethod
    def find(cls, path: Path | None) -> Self:
        """The rules in ``path`` (``knowledge.rules``), else those in the user's configuration
        folder, if there are any. Raises ``ConfigError``."""
        if path is not None:
            return cls.load(path.expanduser())
        usual = platformdirs.user_config_path("heisenberg") / FILE_NAME
        return cls.load(usual) if usual.is_file() else cls()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the rules in ``path``; paths in it are seen from its folder.

        Raises ``ConfigError``, which names the line.
        """
        try:
            text = path.read_text(encoding="utf-8")
            values: dict[str, Any] = tomllib.loads(text)
            file = TypeAdapter(_File).validate_python(values)
        except OSError as exc:
            raise ConfigError(
                f"The rules {path} can't be read: {exc.strerror}.",
                "Check knowledge.rules and the file's permissions.",
            ) from exc
        except ValidationError as exc:
            raise _explained(path, text, exc) from exc
        except ValueError as exc:  # not TOML, not UTF-8
            raise ConfigError(
                f"The rules {path} are not valid TOML: {exc}.", "Correct that line."
            ) from exc
        return cls([_located(rule, path.parent) for rule in file.rule])

    def passages(self, question: str) -> list[Passage]:
        """What the rules that fit ``question`` name, each passage once; blocks to read files.

        Raises ``InputError`` when a file can't be read or has no such heading.
        """
        found = [passage for rule in self._rules if rule.fits(question) for passage in _read(rule)]
        return list(dict.fromkeys(found))


def _located(rule: Rule, folder: Path) -> Rule:
    file = (folder / rule.file.expanduser()).resolve()
    return Rule(rule.says, file, rule.heading)


def _read(rule: Rule) -> list[Passage]:
    try:
        passages = passages_in(rule.file, read_bytes(rule.file))
    except Unreadable as exc:
        raise InputError(
            f"A rule names {rule.file}, which can't be read: {exc}.",
            f"Correct it in {FILE_NAME}, or the file.",
        ) from exc
    if not rule.heading:
        return passages
    wanted = [bare_words(title) for title in rule.heading.split(HEADING_SEPARATOR.strip())]
    found = [passage for passage in passages if _stands_under(passage.heading, wanted)]
    if not found:
        raise InputError(
            f"A rule names the heading '{rule.heading}' of {rule.file}, which is not there.",
            f"Correct it in {FILE_NAME}.",
        )
    return found


def _stands_under(heading: str, wanted: Sequence[str]) -> bool:
    """Whether a path of headings has the wanted ones in it, one right below the other."""
    path = [bare_words(title) for title in heading.split(HEADING_SEPARATOR)]
    starts = range(len(path) - len(wanted) + 1)
    return any(path[start : start + len(wanted)] == wanted for start in starts)


def _explained(path: Path, text: str, exc: ValidationError) -> ConfigError:
    """In words: the first thing that is wrong, with its line."""
    error = exc.errors(include_url=False)[0]
    where = [part for part in error["loc"] if part != "rule" or len(error["loc"]) == 1]
    number = where[0] if where and isinstance(where[0], int) else None
    key = next((part for part in reversed(where) if isinstance(part, str)), "")
    line = _line_of(text, number, key)
    known = "A rule has 'says', 'file' and, if you like, 'heading'."
    if error["type"] == "unexpected_keyword_argument":
        reason = f"there is no setting '{key}'"
    elif error["type"] == "missing":
        reason = f"'{key}' is missing"
    else:
        reason = f"{key}: {error['msg'].lower()}"
    return ConfigError(f"The rules {path} can't be used, line {line}: {reason}.", known)


def _line_of(text: str, number: int | None, key: str) -> int:
    """Where the rule with this number begins, or its ``key`` stands."""
    lines = text.splitlines()
    begins = [at for at, line in enumerate(lines, 1) if line.strip().startswith("[[")]
    if number is None or number >= len(begins):
        named = (at for at, line in enumerate(lines, 1) if key in line)
        return next(named, 1)
    begin = begins[number]
    end = begins[number + 1] if number + 1 < len(begins) else len(lines) + 1
    return next(
        (at for at in range(begin, end) if lines[at - 1].split("=")[0].strip() == key), begin
    )
