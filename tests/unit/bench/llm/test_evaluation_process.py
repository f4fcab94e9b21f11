"""A process for each model: however it ends, there is an outcome, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest

from heisenberg.bench.llm.evaluation_process import Task, evaluate_apart
from heisenberg.bench.llm.evaluation_report import ModelFailure, ModelReport

TASK = Task("small", Path("questions.toml"), None, ("llm.temperature=0",))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shell script that is run in place of Python."""
    file = tmp_path / "python"
    file.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(file))
    return file


def write(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")


def test_a_name_stays_a_text_whatever_it_looks_like() -> None:
    assert Task("7", Path("q"), None, ("a.b=1",)).all_settings == ("a.b=1", 'llm.model="7"')
    assert Task(None, Path("q"), None, ("a.b=1",)).all_settings == ("a.b=1",)


async def test_what_it_prints_is_the_outcome(program: Path) -> None:
    report = '{"model": "Small", "backend": "inprocess", "memory_mb": 1.5, "judged": []}'
    await asyncio.to_thread(write, program, f"echo '{report}'")
    assert await evaluate_apart(TASK, "small") == ModelReport("Small", "inprocess", 1.5, ())


async def test_a_failure_goes_by_the_name_that_was_asked_for(program: Path) -> None:
    failure = '{"model": "", "message": "Gone.", "hint": "Fetch it.", "exit_code": 3}'
    await asyncio.to_thread(write, program, f"echo '{failure}'")
    assert await evaluate_apart(TASK, "small") == ModelFailure("small", "Gone.", "Fetch it.", 3)


@pytest.mark.parametrize(
    ("script", "said"), [("kill -KILL $$", "died of SIGKILL"), ("exit 7", "ended with exit code 7")]
)
async def test_a_process_that_dies_is_a_failure(program: Path, script: str, said: str) -> None:
    await asyncio.to_thread(write, program, script)
    outcome = await evaluate_apart(TASK, "small")
    assert isinstance(outcome, ModelFailure)
    assert said in outcome.message
    assert outcome.exit_code == 1


async def test_cancelled_it_leaves_no_process(program: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    await asyncio.to_thread(write, program, f"echo $$ > {begun}; exec sleep 60")
    task = asyncio.create_task(evaluate_apart(TASK, "small"))
    number = int(await asyncio.to_thread(begun.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await asyncio.to_thread(psutil.pid_exists, number)
