"""Small models for tests of the store: entries, catalogues and a watcher of progress."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from heisenberg.store.catalogue import Entry, ModelFile, Role, Source


def model_file(name: str, body: bytes, *sources: Source) -> ModelFile:
    return ModelFile(name, len(body), hashlib.sha256(body).hexdigest(), sources)


def model(
    name: str,
    *files: ModelFile,
    role: Role = "llm",
    languages: Sequence[str] = ("en",),
    requires: Sequence[str] = (),
) -> Entry:
    return Entry(
        id=name,
        role=role,
        name=name.title(),
        description="A model for tests",
        languages=tuple(languages),
        licence="MIT",
        memory_mb=1,
        files=files,
        requires=tuple(requires),
    )


@dataclass(slots=True)
class Watcher:
    """Remembers progress; what is called on the way may interfere."""

    notes: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)
    on_begin: Callable[[str], None] | None = None
    on_reach: Callable[[int], None] | None = None
    on_note: Callable[[str], None] | None = None

    def begin(self, title: str, size: int) -> None:
        assert size > 0
        self.begun.append(title)
        if self.on_begin:
            self.on_begin(title)

    def reach(self, done: int) -> None:
        self.reached.append(done)
        if self.on_reach:
            self.on_reach(done)

    def end(self, *, complete: bool) -> None:
        if complete:
            self.completed.append(self.begun[-1])

    def note(self, text: str) -> None:
        self.notes.append(text)
        if self.on_note:
            self.on_note(text)
