from __future__ import annotations

import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.history.file import HistoryFile


def _history() -> ConversationHistory:
    history = ConversationHistory(1)
    for text in ("My name is Ada.", "Ça va ?", "So."):
        history.append(text, f"answer to {text}")
    history.fold(history.to_fold(), "The user said hello.")
    return history


def test_what_was_kept_comes_back_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "history.json"
    HistoryFile(path).save(_history())
    found = HistoryFile(path).load(1)

    assert found.as_dict() == _history().as_dict()
    assert found.facts == ["My name is Ada."]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_kept_is_nothing_said(tmp_path: Path) -> None:
    assert HistoryFile(tmp_path / "none").load(3).pairs() == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"turns": [1]}', '{"turns": [["a"]]}'])
def test_a_damaged_file_is_said_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "history.json"
    path.write_text(content, encoding="utf-8")
    with capture_logs() as logs:
        found = HistoryFile(path).load(3)

    assert (found.pairs(), found.facts, found.notes) == ([], [], "")
    assert str(path) in str(logs)
    assert path.read_text(encoding="utf-8") == content


def test_a_place_that_can_not_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with capture_logs() as logs:
        HistoryFile(tmp_path / "file" / "history.json").save(_history())
    assert logs[0]["log_level"] == "warning"


def test_what_is_deleted_is_gone(tmp_path: Path) -> None:
    file = HistoryFile(tmp_path / "history.json")
    file.save(_history())
    file.delete()
    file.delete()

    assert list(tmp_path.iterdir()) == []
