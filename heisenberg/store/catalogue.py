"""What can be fetched: models, their files and where each file comes from."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from heisenberg.core.errors import ConfigError, InputError, StoreError

Role: TypeAlias = Literal["llm", "stt", "tts", "wake", "wake_features", "turn", "embedding"]

ANY_LANGUAGE: Final = "*"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Bytes = Annotated[int, Field(gt=0)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]
"""One path component, never hidden: it becomes a file or a folder of the store."""

_STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file of a model hub repository at one revision."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    hub: str
    revision: str
    path: str


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A release asset."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]


@dataclass(frozen=True, slots=True)
class WheelPart:
    """A member of a wheel; ``size`` is its size when unzipped."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    wheel: str
    member: str
    size: Bytes


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Members of wheels that give the file when joined in order."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    parts: Annotated[tuple[WheelPart, ...], Field(min_length=1)]


Source: TypeAlias = HubSource | UrlSource | WheelSource


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of the package index, pinned; ``size`` is that of the wheel itself."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    version: str
    size: Bytes
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model and its sources, the preferred one first."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: FileName
    size: Bytes
    sha256: Sha256
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class RecommendedSampling:
    """What a language model's makers recommend; ``None`` where they say nothing."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A model: one folder ``<store>/<id>`` of files."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: FileName
    role: Role
    name: str
    description: str
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    licence: str
    memory_mb: Bytes
    files: Annotated[tuple[ModelFile, ...], Field(min_length=1)]
    licence_note: str = ""
    context_tokens: Bytes | None = None
    requires: tuple[str, ...] = ()
    sampling: RecommendedSampling = RecommendedSampling()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def speaks(self, language: str) -> bool:
        return language in self.languages or ANY_LANGUAGE in self.languages


@dataclass(frozen=True, slots=True)
class Profile:
    """Which models ``auto`` stands for, by role: ids in order of preference."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    llm: tuple[str, ...] = ()
    stt: tuple[str, ...] = ()
    tts: tuple[str, ...] = ()
    wake: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    embedding: tuple[str, ...] = ()
    languages: dict[str, Profile] = field(default_factory=dict)
    """By language, the lists that replace those above."""

    def ids(self, role: Role) -> tuple[str, ...]:
        return getattr(self, role, ())


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """By what a language model is chosen for a machine (``store.selection``)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    best_first: tuple[str, ...] = ()
    """Ids, by the quality of their answers."""
    memory_share: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Of the machine's memory, what Heisenberg may use."""
    others_mb: Annotated[int, Field(ge=0)] = 0
    """What of that everything but the language model needs."""
    core_gb_s: Annotated[float, Field(gt=0.0)] = 7.0
    """How many bytes of weights a core computes with, where no graphics processor does."""
    tokens_s: Annotated[float, Field(ge=0.0)] = 0.0
    """The slowest model that a voice can follow."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that can be fetched."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    models: tuple[Entry, ...]
    wheels: dict[str, Wheel] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    selection: SelectionRules = SelectionRules()

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """Read ``catalogue.toml``. Raises ``StoreError`` when it can't be used."""
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
            catalogue = TypeAdapter(cls).validate_python(values)
        except OSError as exc:
            raise _unusable(path, exc.strerror or str(exc)) from exc
        except ValidationError as exc:
            # Of a source that fits no kind, the wrong value says more than the missing keys.
            errors = exc.errors(include_url=False)
            worst = min(errors, key=lambda error: error["type"] in ("missing", "extra_forbidden"))
            where = ".".join(str(part) for part in worst["loc"])
            raise _unusable(path, f"{where}: {worst['msg']}") from exc
        except ValueError as exc:  # not TOML, not UTF-8
            raise _unusable(path, str(exc)) from exc
        problem = next(_contradictions(catalogue), None)
        if problem:
            raise _unusable(path, problem)
        return catalogue

    def get(self, name: str) -> Entry:
        """The model with this id. Raises ``InputError``, naming ids that look like it."""
        for entry in self.models:
            if entry.id == name:
                return entry
        near = difflib.get_close_matches(name, [entry.id for entry in self.models], n=3)
        raise InputError(
            f"There is no model '{name}' in the catalogue.",
            f"Did you mean {' or '.join(near)}?"
            if near
            else "'heisenberg models list' shows them all.",
        )

    def candidates(self, role: Role, profile: str, languages: Sequence[str]) -> tuple[Entry, ...]:
        """What ``auto`` stands for, the preferred model first; never empty.

        ``languages`` are those the voice listens for, the one it speaks first. A voice must
        speak the first one, a recogniser must know all of them. Raises ``ConfigError``.
        """
        if profile not in self.profiles:
            raise ConfigError(
                f"There is no profile '{profile}'.",
                f"The profiles are {', '.join(self.profiles)}.",
            )
        needed = {"stt": list(languages), "tts": list(languages[:1])}.get(role, [])
        for language in languages:
            table = self.profiles[profile]
            special = table.languages.get(language, table).ids(role)
            found = [self.get(name) for name in special or table.ids(role)]
            found = [entry for entry in found if all(entry.speaks(one) for one in needed)]
            if found:
                return tuple(found)
        raise ConfigError(
            f"The profile '{profile}' has no {role} model for {', '.join(languages)}.",
            "Set one by its name, or change 'languages'; 'heisenberg models list' shows them all.",
        )


def _unusable(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"The catalogue of models {path} can't be used: {reason}.",
        "Undo changes made to it, or install Heisenberg again.",
    )


def _contradictions(catalogue: Catalogue) -> Iterator[str]:
    """What types can't say: names that lead nowhere, sizes that don't add up."""
    roles = {entry.id: entry.role for entry in catalogue.models}
    if len(roles) != len(catalogue.models):
        yield "two models have the same id"
    for entry in catalogue.models:
        for name in entry.requires:
            if name not in roles:
                yield f"{entry.id} requires {name}, which is not there"
        for file in entry.files:
            for source in file.sources:
                if isinstance(source, WheelSource):
                    yield from _contradictions_of(
                        source, f"{entry.id}/{file.name}", file, catalogue
                    )
    for name in catalogue.selection.best_first:
        if roles.get(name) != "llm":
            yield f"the selection names {name}, which is not a language model"
    for title, profile in catalogue.profiles.items():
        for table in (profile, *profile.languages.values()):
            for role in ("llm", "stt", "tts", "wake", "turn", "embedding"):
                for name in getattr(table, role):
                    if roles.get(name) != role:
                        yield f"the profile {title} names {name}, which is not a {role} model"


def _contradictions_of(
    source: WheelSource, title: str, file: ModelFile, catalogue: Catalogue
) -> Iterator[str]:
    for part in source.parts:
        if part.wheel not in catalogue.wheels:
            yield f"{title} names the wheel {part.wheel}, which is not there"
    if sum(part.size for part in source.parts) != file.size:
        yield f"the parts of {title} don't add up to its size"
