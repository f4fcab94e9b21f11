"""A set of questions and conversations with checkable answers, and reading it from a file."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from heisenberg.bench.llm.answer_check import Check, Text
from heisenberg.core.errors import ConfigError, HeisenbergError
from heisenberg.llm.structure import check_schema

MOST_TURNS: Final = 5
"""Of a conversation: so many are remembered as they were said, with the default settings."""

Language = Literal["en", "fr"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]

_STRICT: Final = ConfigDict(frozen=True, extra="forbid")


class Form(BaseModel):
    """What a program wants an answer to look like, and how it asks for that in each language."""

    model_config = _STRICT

    json_schema: Mapping[str, Any] = Field(alias="schema")
    asks: Mapping[Language, Text]
    """What stands before the question."""


class Question(BaseModel):
    """Asked alone; with a ``form`` as a program asks, for JSON."""

    model_config = _STRICT

    id: Name
    language: Language
    category: Name
    ask: Text
    form: Name | None = None
    expect: Check

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.expect.asks_for_nothing:
            raise ValueError("'expect' checks nothing")
        if (self.form is None) != (self.expect.values is None):
            raise ValueError("'form' and a check of 'json' belong together")
        _try(self.expect, self.language)
        return self


class Said(BaseModel):
    """One turn of a conversation; without ``expect`` any answer will do."""

    model_config = _STRICT

    say: Text
    expect: Check | None = None


class Dialogue(BaseModel):
    """Several turns in which later ones lean on earlier ones; right when every answer is."""

    model_config = _STRICT

    id: Name
    language: Language
    category: Name
    turns: Annotated[tuple[Said, ...], Field(min_length=2, max_length=MOST_TURNS)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        checks = [turn.expect for turn in self.turns if turn.expect is not None]
        if not checks or any(check.asks_for_nothing for check in checks):
            raise ValueError("'expect' checks nothing")
        if any(check.values is not None for check in checks):
            raise ValueError("a check of 'json' needs a question with a 'form'")
        for check in checks:
            _try(check, self.language)
        return self


class QuestionSet(BaseModel):
    """Everything that is asked."""

    model_config = _STRICT

    forms: Mapping[Name, Form] = {}
    questions: tuple[Question, ...] = ()
    conversations: tuple[Dialogue, ...] = ()

    @property
    def entries(self) -> tuple[Question | Dialogue, ...]:
        return *self.questions, *self.conversations


def load_questions(file: Path) -> QuestionSet:
    """Read a set; raises ``ConfigError`` with the file, the entry and what is wrong with it."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(
            f"The question set {file} can't be read: {exc.strerror}.", "Name another with --set."
        ) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"The question set {file} is not UTF-8.", "Save it as UTF-8.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(
            f"The question set {file} is not valid TOML: {exc}.", "Correct that line."
        ) from exc
    try:
        found = QuestionSet.model_validate(content)
    except ValidationError as exc:
        problems = "; ".join(_explained(error, content) for error in exc.errors())
        raise _unusable(file, problems) from exc
    if problem := next(_problems(found), None):
        raise _unusable(file, problem)
    return found


def _problems(found: QuestionSet) -> Iterator[str]:
    """What is wrong with the entries together."""
    if not found.entries:
        yield "it has no questions"
    for name, count in Counter(entry.id for entry in found.entries).items():
        if count > 1:
            yield f"{count} entries are called '{name}'"
    for name, form in found.forms.items():
        try:
            check_schema(form.json_schema)
        except HeisenbergError as exc:
            yield f"the schema of the form '{name}': {exc.message}"
    for question in found.questions:
        if question.form is not None:
            asked = found.forms.get(question.form)
            if asked is None or question.language not in asked.asks:
                yield f"'{question.id}': there is no form '{question.form}' in {question.language}"


def _try(check: Check, language: str) -> None:
    if misjudged := check.misjudged(language):
        raise ValueError(f"the example '{misjudged[0]}' is judged otherwise")


def _explained(error: Any, content: Mapping[str, Any]) -> str:
    """The entry by its name, what in it, and why."""
    kind, *place = error["loc"] or ("the file",)
    where, within = str(kind), ""
    if place:
        entry = content[kind][place[0]]
        name = entry.get("id") if isinstance(entry, dict) else None
        where, within = f"'{name or place[0]}' in {kind}", ".".join(map(str, place[1:]))
    unknown = error["type"] == "extra_forbidden"
    reason = "there is no such key" if unknown else error["msg"].removeprefix("Value error, ")
    return ": ".join(filter(None, (where, within, reason)))


def _unusable(file: Path, problem: str) -> ConfigError:
    return ConfigError(
        f"The question set {file} can't be used: {problem}.",
        "tests/assets/questions.toml shows what one looks like.",
    )
