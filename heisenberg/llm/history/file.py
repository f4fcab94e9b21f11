"""A conversation's history on disk, for who wants it to outlive the process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import structlog

from heisenberg.core.errors import HeisenbergError, StoreError
from heisenberg.core.files import replace_file
from heisenberg.llm.history import ConversationHistory

_OWNER_ONLY: Final = 0o600
_FOLDER: Final = 0o700

_log = structlog.get_logger(__name__)


class HistoryFile:
    """One file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, max_turns: int) -> ConversationHistory:
        """What was kept, or nothing; a file that can't be used is left alone, with a warning."""
        history = ConversationHistory(max_turns)
        try:
            history.restore(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError) as exc:
            _log.warning("the kept history can't be used", file=str(self._path), reason=str(exc))
            return ConversationHistory(max_turns)
        return history

    def save(self, history: ConversationHistory) -> None:
        """Keep ``history``; that it can't be kept is a warning, and ends no turn."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
            with replace_file(self._path, mode=_OWNER_ONLY) as file:
                file.write(json.dumps(history.as_dict(), ensure_ascii=False).encode())
        except (OSError, HeisenbergError) as exc:
            _log.warning("the history can't be kept", file=str(self._path), reason=str(exc))

    def delete(self) -> None:
        """Raises ``StoreError`` when it can't be deleted."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as exc:
            raise StoreError(
                f"{self._path} can't be deleted: {exc.strerror}.", "Delete it yourself."
            ) from exc
