from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from heisenberg.cli import app
from heisenberg.cli.docs import problem_lines
from heisenberg.core.errors import ConfigError, HeisenbergError, InputError, ModelMissing
from heisenberg.knowledge.updating import Problem

pytestmark = pytest.mark.models


@dataclass
class Terminal:
    """Runs ``heisenberg docs …`` with an index of its own."""

    index: Path

    def run(self, *arguments: str) -> Result:
        index = ("--set", f"knowledge.index={self.index}")
        return CliRunner().invoke(app, ["docs", *arguments, *index])

    def say(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def document(self, *arguments: str) -> dict[str, list[dict[str, object]]]:
        found = json.loads(self.say(*arguments, "--json"))
        assert isinstance(found, dict)
        return found

    def fail(self, *arguments: str) -> HeisenbergError:
        error = self.run(*arguments).exception
        assert isinstance(error, HeisenbergError), error
        return error


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "index.db")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "house.md").write_text(
        "# House\n\n## Rubbish\n\nThe bins are emptied on Tuesday morning.\n\n"
        "## Dog\n\nThe vet is open from 9 to 5.\n"
    )
    (folder / "car.txt").write_text("The winter tyres of the car are kept at the garage.\n")
    return folder


def test_added_found_listed_removed(terminal: Terminal, docs: Path) -> None:
    assert terminal.say("add", str(docs)) == "Documents: 2 new. 3 passages were read.\n"
    found = terminal.document("search", "When does the dustman come?")["hits"][0]
    assert found["file"] == str(docs / "house.md")
    assert (found["heading"], found["line"]) == ("House > Rubbish", 5)
    shown = terminal.say("search", "When can I see an animal doctor?")
    assert shown.splitlines()[0].endswith(f"{docs}/house.md:9  House > Dog")
    listed = terminal.document("list")["documents"]
    assert [row["file"] for row in listed] == [str(docs / "car.txt"), str(docs / "house.md")]
    assert terminal.say("list").endswith("2 documents, 3 passages.\n")
    (docs / "car.txt").unlink()
    assert terminal.say("add") == "Documents: 1 unchanged, 1 gone. 0 passages were read.\n"
    terminal.say("remove", str(docs))
    assert terminal.document("list") == {"documents": []}
    assert terminal.say("search", "When is the vet open?").startswith("Nothing in your documents")


def test_nothing_near_is_said(terminal: Terminal, docs: Path) -> None:
    terminal.say("add", str(docs))
    assert terminal.say("search", "Who painted the Mona Lisa?") == (
        "Nothing in your documents is near that.\n"
    )
    assert terminal.document("search", "Who painted the Mona Lisa?")["hits"] == []


def test_what_can_not_be_read_is_said(terminal: Terminal, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"nonsense")
    result = terminal.run("add", str(docs))
    assert result.exit_code == 0
    assert f"Left out: {docs}/broken.pdf: it is a broken or encrypted PDF." in result.stderr
    result = terminal.run("add", str(docs / "broken.pdf"))
    assert result.exit_code == 1  # it was named
    assert "Documents: none." in result.stdout


def test_many_with_one_problem_are_one_line() -> None:
    problems = [Problem(f"/{number}.md", "it is empty") for number in range(12)]
    assert problem_lines(problems) == ["Left out: /0.md, /1.md, /2.md and 9 more: it is empty."]
    assert problem_lines(problems[:2]) == [
        "Left out: /0.md: it is empty.",
        "Left out: /1.md: it is empty.",
    ]


def test_wrong_use_is_said(terminal: Terminal, docs: Path) -> None:
    assert isinstance(terminal.fail("add", str(docs / "none")), InputError)
    assert isinstance(terminal.fail("remove", str(docs)), InputError)
    assert isinstance(terminal.fail("watch"), InputError)
    assert isinstance(terminal.fail("list", "--set", "knowledge.nothing=1"), ConfigError)


def test_without_the_model_it_is_said_only_where_it_is_needed(
    terminal: Terminal, docs: Path, tmp_path: Path
) -> None:
    elsewhere = ("--set", f"store.dir={tmp_path}")
    assert terminal.say("list", *elsewhere) == "0 documents, 0 passages.\n"
    assert terminal.say("search", "anything", *elsewhere).startswith("Nothing")
    error = terminal.fail("add", str(docs), *elsewhere)
    assert isinstance(error, ModelMissing)
    assert "heisenberg models pull all-minilm-l6-v2-int8" in error.hint


def test_another_model_is_said_and_reads_everything_again(
    terminal: Terminal, docs: Path, models_dir: Path, tmp_path: Path
) -> None:
    terminal.say("add", str(docs))
    own = tmp_path / "own"
    own.symlink_to(models_dir / "all-minilm-l6-v2-int8")
    other = ("--set", f"knowledge.embedding={own}")
    error = terminal.fail("search", "When is the vet open?", *other)
    assert "made with the embedding model all-minilm-l6-v2-int8" in error.message
    assert "must be read again" in terminal.run("list", *other).stderr
    (tmp_path / "more.md").write_text("More words.")
    added = terminal.say("add", str(tmp_path / "more.md"), *other)
    assert added == "Documents: 1 new, 2 changed. 4 passages were read.\n"
    assert terminal.document("search", "When is the vet open?", *other)["hits"]
