"""What the parts of fetching share: how a source fails, and who watches the progress."""

from __future__ import annotations

from typing import Protocol


class SourceFailed(Exception):
    """One source can't give a file; the next one may. The text says why, without a full stop."""


class Progress(Protocol):
    """Watches files arrive; one file at a time."""

    def begin(self, title: str, size: int) -> None:
        """A file of ``size`` bytes is being fetched."""
        ...

    def reach(self, done: int) -> None:
        """``done`` bytes of it have arrived; may go back when a source starts over."""
        ...

    def end(self, *, complete: bool) -> None:
        """The file is in place, or none of its sources could give it."""
        ...

    def note(self, text: str) -> None:
        """Something a user should know, in one line."""
        ...
