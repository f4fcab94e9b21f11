from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.errors import ConfigError, InputError
from heisenberg.knowledge.rules import Rules

NOTES = """\
# House

## Rubbish collection
On Tuesday.

## Électricité
Call the janitor.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text(NOTES)
    return tmp_path


def load(folder: Path, text: str) -> Rules:
    (folder / "knowledge.toml").write_text(text)
    return Rules.load(folder / "knowledge.toml")


def asked(rules: Rules, question: str) -> list[str]:
    return [passage.text for passage in rules.passages(question)]


def rule(says: str, heading: str = "") -> str:
    named = f'heading = "{heading}"\n' if heading else ""
    return f'[[rule]]\nsays = {says}\nfile = "notes.md"\n{named}'


@pytest.mark.parametrize(
    ("says", "question", "fits"),
    [
        ('"bin"', "When is BIN day?", True),
        ('"bin"', "When are the bins emptied?", False),
        ('"bin"', "Are you in Binghamton?", False),
        ('"electricite"', "Qui appeler pour l'ÉLECTRICITÉ ?", True),
        ('"rubbish collection"', "Is rubbish... collection today?", True),
        ('"rubbish collection"', "Is the collection of rubbish today?", False),
        ('["bin", "rubbish"]', "Where is the rubbish?", True),
        ('["bin", "rubbish"]', "Where is the cat?", False),
    ],
)
def test_whole_words_in_any_spelling(folder: Path, says: str, question: str, fits: bool) -> None:
    assert bool(asked(load(folder, rule(says)), question)) is fits


def test_a_file_or_what_stands_under_a_heading(folder: Path) -> None:
    assert asked(load(folder, rule('"bin"')), "bin") == ["On Tuesday.", "Call the janitor."]
    for heading in ("Rubbish collection", "rubbish COLLECTION", "House > Rubbish collection"):
        assert asked(load(folder, rule('"bin"', heading)), "bin") == ["On Tuesday."]
    assert asked(load(folder, rule('"bin"', "Electricite")), "bin") == ["Call the janitor."]
    assert len(asked(load(folder, rule('"bin"', "House")), "bin")) == 2


def test_what_two_rules_name_comes_once(folder: Path) -> None:
    both = rule('"bin"', "Rubbish collection") + rule('"day"')
    assert asked(load(folder, both), "bin day") == ["On Tuesday.", "Call the janitor."]


def test_a_file_is_read_as_it_is_now(folder: Path) -> None:
    rules = load(folder, rule('"bin"', "Rubbish collection"))
    (folder / "notes.md").write_text("# Rubbish collection\nOn Friday.\n")
    assert asked(rules, "bin") == ["On Friday."]
    (folder / "notes.md").write_text("# Other\nWords.\n")
    with pytest.raises(InputError, match="heading 'Rubbish collection'"):
        rules.passages("bin")
    (folder / "notes.md").unlink()
    with pytest.raises(InputError, match=r"notes\.md, which can't be read: no such file"):
        rules.passages("bin")
    assert asked(rules, "cat") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rule('"a"') + "[[rule]]\nsays = 3\nfile = 'x'\n", "line 5: says: "),
        (rule('"a"') + "\n[[rule]]\nsays = 'b'\n", "line 5: 'file' is missing"),
        (rule('"a"') + "head = 'x'\n", "line 4: there is no setting 'head'"),
        ("[[rule]]\nsays = []\nfile = 'x'\n", "line 2: says: "),
        ("[[rules]]\nsays = 'a'\n", "line 1: there is no setting 'rules'"),
        ('[[rule]]\nsays = "a\n', "line 2"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(folder, text)
    assert said in error.value.message


def test_the_user_s_own_rules_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Rules.find(None).passages("bin") == []
    home = tmp_path / "heisenberg"
    home.mkdir()
    (home / "notes.md").write_text(NOTES)
    (home / "knowledge.toml").write_text(rule('"bin"', "Rubbish collection"))
    assert asked(Rules.find(None), "bin") == ["On Tuesday."]
    with pytest.raises(ConfigError, match="can't be read"):
        Rules.find(tmp_path / "none.toml")
