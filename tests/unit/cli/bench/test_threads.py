"""What ``heisenberg bench threads`` says, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heisenberg.bench.running import ready
from heisenberg.bench.turns import thread_turns
from heisenberg.bench.turns.thread_search import Comparison, Found, OnComparison, Trial
from heisenberg.cli import app
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError, StoreError
from heisenberg.store import thread_plan
from heisenberg.store.store import Store
from heisenberg.store.thread_plan import ThreadPlan, measured_plan, plan_file

USUAL = ThreadPlan(stt=2, llm=2, tts=2)
BEST = ThreadPlan(stt=1, llm=2, tts=2)
TRIALS = (Trial(USUAL, 0, 0.71), Trial(BEST, 0, 0.66), Trial(BEST, 1, None))


@pytest.fixture(autouse=True)
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Models of the user's own, and a machine that was measured in no time."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    async def ready_engines(*_: object) -> None: ...

    monkeypatch.setattr(ready, "ready_engines", ready_engines)
    measured(monkeypatch, Found(USUAL, BEST, 0.71, 0.66, 0.93, TRIALS))
    own = ("stt.model=./whisper", "llm.model=./own.gguf", "tts.voice=./own.onnx")
    return tuple(part for one in own for part in ("--set", one))


def measured(monkeypatch: pytest.MonkeyPatch, found: Found) -> None:
    async def bench_threads(_config: Config, _engines: object, tell: OnComparison) -> Found:
        tell(Comparison(found.usual, BEST, 0.71, 0.66, 0.93))
        return found

    monkeypatch.setattr(thread_turns, "bench_threads", bench_threads)


def test_json_is_one_document_with_everything(options: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, ["bench", "threads", "--json", *options])
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert document["plan"] == {"stt": 1, "llm": 2, "tts": 2}
    assert document["usual"] == {"stt": 2, "llm": 2, "tts": 2}
    assert document["first_sound_s"] == {"plan": 0.66, "usual": 0.71}
    assert document["stored"] == str(plan_file())
    assert document["trials"][0] == {
        "plan": {"stt": 2, "llm": 2, "tts": 2},
        "question": 0,
        "first_sound_s": 0.71,
    }
    assert document["trials"][2]["first_sound_s"] is None
    assert "recognition 1 instead of 2: 0.660 s instead of 0.710 s, taken" in ended.stderr


def test_a_person_reads_a_table_and_where_the_plan_is(options: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, ["bench", "threads", *options])
    assert ended.exit_code == 0
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["recognition", "1", "2"] in lines
    assert ["first", "sound,", "median", "0.660", "s", "0.710", "s"] in lines
    assert "7% sooner" in ended.stdout
    assert str(plan_file()) in ended.stdout


def test_the_next_start_finds_it(options: tuple[str, ...]) -> None:
    CliRunner().invoke(app, ["bench", "threads", *options])
    config = Config.load(overrides=options[1::2])
    found = measured_plan(config, Store.open(config))
    assert found is not None
    assert found.plan == BEST


def test_the_usual_numbers_may_be_the_best(
    options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch, Found(USUAL, USUAL, 0.7, 0.7, 1.0, TRIALS))
    ended = CliRunner().invoke(app, ["bench", "threads", *options])
    assert "The usual numbers are the best here." in ended.stdout
    assert "sooner" not in ended.stdout


def test_a_plan_that_cannot_be_stored_is_shown_before_the_error(
    options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise StoreError("threads.json can't be written: the disk is full.")

    monkeypatch.setattr(thread_plan, "store_plan", full)
    ended = CliRunner().invoke(app, ["bench", "threads", "--json", *options])
    assert json.loads(ended.stdout)["plan"] == {"stt": 1, "llm": 2, "tts": 2}
    assert json.loads(ended.stdout)["stored"] is None
    assert isinstance(ended.exception, StoreError)


def test_where_nothing_can_be_stored_nothing_is_measured(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_bytes(b"")
    ended = CliRunner().invoke(app, ["bench", "threads", *options])
    assert isinstance(ended.exception, InputError)
    assert ended.stdout == ""
