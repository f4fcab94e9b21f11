"""The measured numbers of threads: kept for one machine and its models, and used at every start."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from heisenberg import engines, loading
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.core.lifecycle import Stages
from heisenberg.llm import stream
from heisenberg.llm.base import ModelInfo
from heisenberg.store import thread_plan
from heisenberg.store.store import Store
from heisenberg.store.thread_plan import (
    Circumstances,
    ThreadPlan,
    check_can_store,
    configured_threads,
    measured_plan,
    plan_file,
    store_plan,
)
from heisenberg.stt.whisper import WhisperStt
from heisenberg.tts.piper import PiperTts

PLAN = ThreadPlan(stt=1, llm=7, tts=3)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "heisenberg"


def own_models(folder: Path, *overrides: str) -> Config:
    return Config.load(
        overrides=[
            f"store.dir={folder}",
            f"stt.model={folder}/own-whisper",
            f"llm.model={folder}/own.gguf",
            f"tts.voice={folder}/own.onnx",
            *overrides,
        ]
    )


def remember(config: Config, plan: ThreadPlan = PLAN) -> Path:
    return store_plan(Circumstances.of(config, Store.open(config)), plan)


def recall(config: Config) -> ThreadPlan | None:
    measured = measured_plan(config, Store.open(config))
    return measured.plan if measured else None


def test_what_was_stored_is_found_again(tmp_path: Path, cache: Path) -> None:
    config = own_models(tmp_path)
    assert recall(config) is None
    assert remember(config) == plan_file() == cache / "threads.json"
    measured = measured_plan(config, Store.open(config))
    assert measured is not None
    assert measured.plan == PLAN
    assert measured.date <= datetime.datetime.now(tz=datetime.UTC).astimezone().date()
    assert [path.name for path in cache.iterdir()] == ["threads.json"]


def test_a_later_plan_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    config = own_models(tmp_path)
    remember(config)
    remember(config, ThreadPlan(2, 2, 2))
    assert recall(config) == ThreadPlan(2, 2, 2)
    assert len(json.loads(plan_file().read_text())["plans"]) == 1


@pytest.mark.parametrize(
    "other", ["stt.model=./other-whisper", "llm.model=./other.gguf", "tts.voice=./other.onnx"]
)
def test_other_models_have_plans_of_their_own(tmp_path: Path, other: str) -> None:
    remember(own_models(tmp_path))
    config = own_models(tmp_path, other)
    assert recall(config) is None
    remember(config, ThreadPlan(4, 4, 4))
    assert recall(config) == ThreadPlan(4, 4, 4)
    assert recall(own_models(tmp_path)) == PLAN


@pytest.mark.parametrize(
    ("name", "value"), [("processor_name", "Another chip"), ("allowed_cores", 96)]
)
def test_a_plan_of_another_machine_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    config = own_models(tmp_path)
    remember(config)
    monkeypatch.setattr(thread_plan, name, lambda: value)
    with capture_logs() as logs:
        assert recall(config) is None
    assert logs == []


def test_a_missing_model_has_no_plan_and_is_no_error_here(tmp_path: Path) -> None:
    remember(own_models(tmp_path))
    assert recall(Config.load(overrides=[f"store.dir={tmp_path / 'empty'}"])) is None


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _binary(file: Path) -> None:
    file.write_bytes(bytes(range(256)))


def _foreign(file: Path) -> None:
    file.write_text('[{"threads": 4}]')


def _absurd(file: Path) -> None:
    file.write_text(file.read_text().replace("7", "70000"))


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _huge(file: Path) -> None:
    os.truncate(file, 1 << 40)


@pytest.mark.parametrize(
    "damage", [_cut, _empty, _binary, _foreign, _absurd, _pipe, _folder, _huge]
)
def test_a_damaged_file_is_ignored_with_one_warning(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    config = own_models(tmp_path)
    damage(remember(config))
    with capture_logs() as logs:
        assert recall(config) is None
    assert [log["log_level"] for log in logs] == ["warning"]
    assert logs[0]["file"] == str(plan_file())


@pytest.mark.parametrize("damage", [_cut, _empty, _binary, _foreign, _huge])
def test_a_damaged_file_is_replaced_by_the_next_measurement(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    config = own_models(tmp_path)
    damage(remember(config))
    remember(config)
    assert recall(config) == PLAN


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_measured(
    tmp_path: Path, cache: Path
) -> None:
    cache.parent.write_bytes(b"")  # a file where the folder should be
    with pytest.raises(InputError, match="can't be made"):
        check_can_store()
    with pytest.raises(InputError):
        remember(own_models(tmp_path))
    assert recall(own_models(tmp_path)) is None


def test_what_the_user_has_set_counts(tmp_path: Path) -> None:
    config = PLAN.applied_to(own_models(tmp_path, "llm.threads=2"))
    assert configured_threads(config) == {"stt": 1, "llm": 2, "tts": 3}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict[str, int | None]:
    """The numbers of threads with which each engine was last loaded; nothing is really loaded."""
    threads: dict[str, int | None] = {}

    class Part:
        info = ModelInfo("own", "fake", 4096)

        def __init__(self, config: Any = None, **_: object) -> None:
            if config is not None:
                threads["llm"] = config.threads

        async def load(self) -> None: ...
        async def warm(self, **_: object) -> None: ...
        async def aclose(self) -> None: ...

    def loader(part: str) -> Any:
        async def load(*_: object, **options: Any) -> Part:
            threads[part] = options["threads"]
            return Part()

        return load

    async def another(*_: object) -> Part:
        return Part()

    monkeypatch.setattr(engines, "smart_turn", another)
    monkeypatch.setattr(engines, "silero", another)
    monkeypatch.setattr(WhisperStt, "load", loader("stt"))
    monkeypatch.setattr(PiperTts, "load", loader("tts"))
    monkeypatch.setattr(stream, "LlamaCppLLM", Part)
    return threads


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((), {"stt": 1, "llm": 7, "tts": 3}),
        (("stt.threads=5", "tts.threads=6"), {"stt": 5, "llm": 7, "tts": 6}),
        (("llm.model={folder}/other.gguf",), {"stt": None, "llm": None, "tts": None}),
    ],
)
def test_every_start_uses_the_plan_unless_the_configuration_says_otherwise(
    tmp_path: Path,
    loaded: dict[str, int | None],
    overrides: tuple[str, ...],
    expected: dict[str, int | None],
) -> None:
    """``None`` is today's usual number, by the cores."""
    remember(own_models(tmp_path))
    for name in ("own.gguf", "other.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    overrides = tuple(text.format(folder=tmp_path) for text in overrides)

    async def start(config: Config) -> None:
        async with Stages() as stages:
            await loading.load_engines(config, stages)

    asyncio.run(start(own_models(tmp_path, "wake.enabled=false", *overrides)))
    assert loaded == expected
