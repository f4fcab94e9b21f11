"""The words of skills, as a user may edit them."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.skills import words
from heisenberg.skills.words import SkillWords, read_table


def _load(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SkillWords:
    file = folder / "en" / "skills" / "lamps.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(words, "prompts_dir", lambda: folder)
    read_table.cache_clear()
    return SkillWords.load("lamps", ("en",))


def test_a_rule_stands_for_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
    rules = { on = "switch on|light" }
    sentences = { on = ["<on> [the] lamp", "[please] <on> it"] }
    """
    found = _load(text, tmp_path, monkeypatch)
    assert found.sentences("on", ("en", "fr")) == {
        "en": ["(switch on|light) [the] lamp", "[please] (switch on|light) it"]
    }
    assert not found.sentences("off", ("en",))


def test_a_rule_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _load('sentences = { on = ["<no> [the] lamp"] }', tmp_path, monkeypatch)
    with pytest.raises(ConfigError, match="lamp"):
        found.sentences("on", ("en",))
