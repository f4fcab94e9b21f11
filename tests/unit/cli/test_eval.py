"""What ``heisenberg eval`` takes, says and leaves behind."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from heisenberg.bench.llm import evaluation_process
from heisenberg.bench.llm.evaluation_process import Task
from heisenberg.bench.llm.evaluation_report import (
    Answer,
    Judged,
    ModelFailure,
    ModelReport,
    Outcome,
)
from heisenberg.cli import app
from heisenberg.core.errors import ConfigError, HeisenbergError, InputError
from heisenberg.core.resources import question_set

MINE = """
[[questions]]
id = "en-rome"
language = "en"
category = "facts"
ask = "What is the capital of Italy?"
expect = { any = ["rome"] }
"""


def report(name: str, *, right: bool) -> ModelReport:
    answer = Answer("?", "Rome.", True, () if right else ("wrong",), 0.25, 1.25, 41)
    return ModelReport(name, "inprocess", 512.4, (Judged("a", "en", "facts", False, (answer,)),))


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Task, str]]:
    """What is to be evaluated; in no time, ``gone`` is missing and ``broken`` does not load."""
    asked: list[tuple[Task, str]] = []

    async def evaluate_apart(task: Task, name: str) -> Outcome:
        asked.append((task, name))
        if name == "gone":
            return ModelFailure(name, "It is not installed.", "Fetch it.", 3)
        if name == "broken":
            return ModelFailure(name, "It can't be loaded.", "", 1)
        return report(name, right=name != "poor")

    monkeypatch.setattr(evaluation_process, "evaluate_apart", evaluate_apart)
    return asked


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["eval", *arguments])


def refused(*arguments: str) -> HeisenbergError:
    error = run(*arguments).exception
    assert isinstance(error, HeisenbergError)
    return error


def test_models_stand_side_by_side(tasks: list[tuple[Task, str]]) -> None:
    ended = run("--models", "good, poor,good")
    assert ended.exit_code == 0
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["good", "poor"] in lines
    assert ["right", "answers", "1", "of", "1", "100%", "0", "of", "1", "0%"] in lines
    assert ["first", "token,", "median", "0.250", "s", "0.250", "s"] in lines
    assert ["tokens", "a", "second", "40.0", "40.0"] in lines
    assert ["memory", "it", "adds", "512", "MB", "512", "MB"] in lines
    assert [name for _, name in tasks] == ["good", "poor"]
    assert [task.model for task, _ in tasks] == ["good", "poor"]


def test_without_models_the_configured_one_is_asked(tasks: list[tuple[Task, str]]) -> None:
    assert run("--set", "llm.model=mine").exit_code == 0
    assert tasks == [(Task(None, question_set(), None, ("llm.model=mine",)), "mine")]


def test_set_takes_a_question_set_and_settings(
    tasks: list[tuple[Task, str]], tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MINE, encoding="utf-8")
    run("--set", "llm.seed=3", "--set", str(file), "--set", "llm.system_prompt=concise")
    ((task, _),) = tasks
    assert task.questions == file
    assert task.settings == ("llm.seed=3", "llm.system_prompt=concise")


def test_what_is_wrong_is_said_before_any_model_is_asked(
    tasks: list[tuple[Task, str]], tmp_path: Path
) -> None:
    assert isinstance(refused("--set", "gone.toml"), ConfigError)
    assert isinstance(refused("--set", "nonsense"), ConfigError)
    assert isinstance(refused("--set", "llm.seed=x"), ConfigError)
    assert "two question sets" in refused("--set", "a.toml", "--set", "b.toml").message
    assert isinstance(refused("--models", "good,"), InputError)
    assert isinstance(refused("--picture", str(tmp_path / "nowhere" / "a.svg")), InputError)
    assert tasks == []


def test_json_is_one_document_with_every_answer(tasks: list[tuple[Task, str]]) -> None:
    ended = run("--json", "--models", "good,gone")
    document = json.loads(ended.stdout)
    good, gone = document["models"]
    assert good["score"]["all"] == {"passed": 1, "of": 1}
    assert good["answers"][0]["answers"][0]["answer"] == "Rome."
    assert gone == {
        "model": "gone",
        "error": {"message": "It is not installed.", "hint": "Fetch it."},
    }
    assert document["set"] == str(question_set())
    assert len(tasks) == 2


@pytest.mark.parametrize(
    ("models", "code"), [("gone,good", 3), ("good,broken", 1), ("broken,gone", 3), ("gone", 3)]
)
def test_a_model_that_fails_is_a_line_and_the_others_are_shown(
    tasks: list[tuple[Task, str]], models: str, code: int
) -> None:
    ended = run("--models", models)
    assert ended.exit_code == code
    assert ("right answers" in ended.stdout) == ("good" in models)
    if "gone" in models:
        assert "heisenberg: gone: It is not installed.\n  Fetch it.\n" in ended.stderr
    assert len(tasks) == len(models.split(","))


def test_a_picture_is_drawn_of_those_that_answered(
    tasks: list[tuple[Task, str]], tmp_path: Path
) -> None:
    file = tmp_path / "found.svg"
    run("--models", "good,gone", "--picture", str(file))
    drawn = ElementTree.parse(file).getroot()
    assert "good 1 of 1" in "".join(drawn.itertext())
    assert "gone" not in "".join(drawn.itertext())
    file.unlink()
    run("--models", "gone", "--picture", str(file))
    assert not file.exists()
    assert len(tasks) == 3


def test_help_says_what_set_takes() -> None:
    shown = " ".join(run("--help").stdout.split())
    assert "FILE.toml|SECTION.KEY=VALUE" in shown
    assert "Ask the questions in FILE.toml" in shown
