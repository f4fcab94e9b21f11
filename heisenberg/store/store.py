"""The model files on this machine: which are here, and whether they are whole."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Self

import platformdirs

from heisenberg.core import resources
from heisenberg.core.config import Config
from heisenberg.core.errors import ChecksumMismatch, InputError, ModelError, ModelMissing
from heisenberg.store import stamps
from heisenberg.store.catalogue import Catalogue, Entry, ModelFile, Role
from heisenberg.store.partial import part_of


class Presence(StrEnum):
    """How much of a model is here, going by names and sizes."""

    INSTALLED = "installed"
    INCOMPLETE = "incomplete"
    ABSENT = "absent"


def default_directory(configured: Path | None) -> Path:
    """Where model files are kept; ``configured`` is ``store.dir``, which wins."""
    if configured is not None:
        return configured.expanduser().absolute()
    root = resources.checkout()
    return root / "models" if root else platformdirs.user_data_path("heisenberg") / "models"


class Store:
    """A folder of models, each in a folder named after its id."""

    def __init__(self, directory: Path, catalogue: Catalogue) -> None:
        self.directory = directory
        self.catalogue = catalogue

    @classmethod
    def open(cls, config: Config) -> Self:
        """The store of this installation. Raises ``StoreError`` for a broken catalogue."""
        catalogue = Catalogue.load(resources.catalogue_file())
        return cls(default_directory(config.store.dir), catalogue)

    def path(self, entry: Entry, file: ModelFile) -> Path:
        """Where a file belongs, whether or not it is there."""
        return self.directory / entry.id / file.name

    def presence(self, entry: Entry) -> Presence:
        found = [self._size(entry, file) for file in entry.files]
        if found == [file.size for file in entry.files]:
            return Presence.INSTALLED
        return Presence.ABSENT if found == [None] * len(found) else Presence.INCOMPLETE

    def missing_bytes(self, entry: Entry) -> int:
        """What is still to be fetched of a model, going by names and sizes."""
        missing = 0
        for file in entry.files:
            if self._size(entry, file) != file.size:
                begun = part_of(self.path(entry, file))
                arrived = begun.stat().st_size if begun.is_file() else 0
                missing += max(0, file.size - arrived)
        return missing

    def choose(self, candidates: Sequence[Entry]) -> Entry:
        """The first candidate that is installed, else begun, else simply the first."""
        for wanted in (Presence.INSTALLED, Presence.INCOMPLETE):
            for entry in candidates:
                if self.presence(entry) is wanted:
                    return entry
        return candidates[0]

    def resolve(self, role: Role, name: str, profile: str, languages: Sequence[str]) -> Entry:
        """The model a setting stands for: an id, or ``auto`` for the profile's choice.

        ``languages`` are ``config.languages``. With ``auto`` the first candidate that is installed
        is taken. Raises ``ModelMissing`` when nothing of it is installed, ``InputError`` for a name
        that is not in the catalogue or has another role, ``ConfigError`` when the profile has
        nothing for these languages.
        """
        if name == "auto":
            entry = self.choose(self.catalogue.candidates(role, profile, languages))
        else:
            entry = self.catalogue.get(name)
            if entry.role != role:
                raise InputError(
                    f"'{name}' is not a {role} model but a {entry.role} model.",
                    "'heisenberg models list' shows which is which.",
                )
        if self.presence(entry) is Presence.ABSENT:
            what = f"--profile {profile} --language {languages[0]}" if name == "auto" else name
            pull = f"heisenberg models pull {what}"
            raise ModelMissing(
                f"The {role} model {entry.name} is not installed in {self.directory}.",
                f"'{pull}' fetches it.",
            )
        return entry

    def locate(self, entry_id: str, file: str | None = None) -> Path:
        """Where a model lies, checked to be whole.

        Returns the path of ``file``, or without it the model's only file, or its folder when it
        has several. Every file of the model is checked: its size always, its sha256 when the file
        changed since the last time. Raises ``ModelMissing``, ``ChecksumMismatch``, ``InputError``
        for an id or a file the catalogue does not have.
        """
        entry = self.catalogue.get(entry_id)
        for known in entry.files:
            self.check(entry, known)
        if file is None:
            single = len(entry.files) == 1
            return self.path(entry, entry.files[0]) if single else self.directory / entry.id
        for known in entry.files:
            if known.name == file:
                return self.path(entry, known)
        raise InputError(f"The model {entry_id} has no file '{file}'.")

    def check(self, entry: Entry, file: ModelFile, *, thorough: bool = False) -> None:
        """Raise ``ModelMissing`` or ``ChecksumMismatch`` unless the file is there and whole.

        ``thorough`` hashes it even when nothing suggests that it changed.
        """
        path = self.path(entry, file)
        again = f"'heisenberg models pull {entry.id}' fetches it again."
        size = self._size(entry, file)
        if size is None:
            raise ModelMissing(
                f"The model file {path} is not there.",
                f"'heisenberg models pull {entry.id}' fetches it.",
            )
        if size != file.size:
            raise ChecksumMismatch(
                f"The model file {path} has {size:,} bytes instead of {file.size:,}: "
                f"{'truncated' if size < file.size else 'not the one of the catalogue'}.",
                again,
            )
        try:
            if not thorough and stamps.is_stamped(path, file.sha256):
                return
            found = stamps.sha256_of(path)
            if found == file.sha256:
                stamps.stamp(path, file.sha256)
                return
        except OSError as exc:
            raise ModelError(
                f"The model file {path} can't be read: {exc.strerror}.", "Check its permissions."
            ) from exc
        stamps.unstamp(path)
        raise ChecksumMismatch(
            f"The model file {path} has the wrong sha256 ({found[:12]}…): damaged or replaced.",
            again,
        )

    def is_whole(self, entry: Entry) -> bool:
        """Is every file there and whole?"""
        try:
            for file in entry.files:
                self.check(entry, file)
        except ModelError:
            return False
        return True

    def _size(self, entry: Entry, file: ModelFile) -> int | None:
        path = self.path(entry, file)
        try:
            return path.stat().st_size if path.is_file() else None
        except OSError:
            return None
