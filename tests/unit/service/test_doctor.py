"""What the doctor concludes, and how it says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from heisenberg.cli.doctor import run
from heisenberg.core.config import Config, StoreConfig
from heisenberg.core.errors import ServiceError
from heisenberg.service import doctor
from heisenberg.service.background import BackgroundService, ServiceStatus
from heisenberg.service.check import Check, Status
from heisenberg.service.doctor import (
    check_daemon,
    check_machine,
    check_models,
    check_python,
    check_service,
    check_threads,
    exit_code,
)
from heisenberg.service.remote import forget_command, room_commands
from heisenberg.store.store import Store
from heisenberg.store.thread_plan import Circumstances, ThreadPlan, measured_plan, store_plan
from tests.fakes.daemon import control_server, short_folder
from tests.fakes.trigger import ScriptedRoom

FINE = Check("a", Status.OK, "Fine.")
SLOW = Check("b", Status.WARN, "Slow.", "Be patient.", "slow_machine")
NO_MODEL = Check("c", Status.FAIL, "No model.", "Pull it.", "model_missing")
NO_MICROPHONE = Check("d", Status.FAIL, "No microphone.", "Connect one.", "device_not_found")
CRASH = Check("e", Status.FAIL, "Crash.", "Rebuild.", "native_crash")


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([FINE], 0),
        ([FINE, SLOW], 0),
        ([SLOW, NO_MODEL], 3),
        ([NO_MODEL, NO_MICROPHONE], 3),
        ([FINE, CRASH], 1),
        ([NO_MODEL, CRASH], 1),
    ],
)
def test_the_exit_code_tells_missing_things_from_broken_ones(
    checks: list[Check], code: int
) -> None:
    assert exit_code(checks) == code


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ((3, 10, 9), Status.FAIL),
        ((3, 11, 0), Status.OK),
        ((3, 13, 9), Status.OK),
        ((3, 14, 0), Status.FAIL),
    ],
)
def test_python_is_one_of_three(version: tuple[int, int, int], status: Status) -> None:
    assert check_python(version).status is status


def test_a_machine_that_is_big_enough() -> None:
    checks = check_machine("default", cores=4, total_mb=8000, available_mb=6000)
    assert {check.status for check in checks} == {Status.OK}


def test_one_core_is_slow() -> None:
    processor, _ = check_machine("tiny", cores=1, total_mb=8000, available_mb=6000)
    assert processor.status is Status.WARN


def test_little_memory_calls_for_the_smaller_profile() -> None:
    _, memory = check_machine("default", cores=4, total_mb=2000, available_mb=900)
    assert memory.status is Status.WARN
    assert "tiny" in memory.hint
    _, memory = check_machine("tiny", cores=4, total_mb=2000, available_mb=900)
    assert memory.status is Status.OK
    _, memory = check_machine("tiny", cores=4, total_mb=1000, available_mb=500)
    assert memory.status is Status.WARN
    assert "tiny" not in memory.hint


def test_an_empty_store_lacks_every_model(tmp_path: Path) -> None:
    checks, llm = check_models(Config(profile="tiny", store=StoreConfig(dir=tmp_path)))
    assert llm is None
    assert {"model_llm", "model_stt", "model_tts", "model_wake", "model_wake_features"} < {
        check.name for check in checks
    }
    for check in checks:
        assert (check.status, check.code) == (Status.FAIL, "model_missing")
        assert "heisenberg models pull --profile tiny" in check.hint
    assert exit_code(checks) == 3


def test_a_truncated_model_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "smollm2-135m-instruct-q4_1"
    folder.mkdir()
    (folder / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF")
    checks, llm = check_models(Config(profile="tiny", store=StoreConfig(dir=tmp_path)))
    (check,) = (check for check in checks if check.name == "model_llm")
    assert (check.status, check.code) == (Status.FAIL, "checksum_mismatch")
    assert llm is None


def test_a_model_name_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    config = Config.load(overrides=[f"store.dir={tmp_path}", "llm.model=qwen9"])
    (check,), llm = check_models(config)
    assert check.status is Status.FAIL
    assert "qwen9" in check.message
    assert llm is None
    assert exit_code([check]) == 1


def test_a_model_file_of_the_users_own_is_the_one_to_try(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    overrides = [f"store.dir={tmp_path}", f"llm.model={own}"]
    checks, llm = check_models(Config.load(overrides=overrides))
    assert llm is None
    assert (checks[0].name, checks[0].code) == ("model_llm", "model_missing")
    own.write_bytes(b"GGUF")
    checks, llm = check_models(Config.load(overrides=overrides))
    assert llm == own
    assert (checks[0].name, checks[0].status) == ("model_llm", Status.OK)


def test_a_model_that_runs_elsewhere_is_not_asked_for(tmp_path: Path) -> None:
    overrides = [f"store.dir={tmp_path}", "llm.backend=server"]
    checks, llm = check_models(Config.load(overrides=overrides))
    assert llm is None
    assert "model_llm" not in {check.name for check in checks}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """What the expensive checks of `examine` find."""
    checks = [NO_MICROPHONE]
    monkeypatch.setattr(doctor, "check_libraries", lambda: FINE)
    monkeypatch.setattr(doctor, "check_llm", lambda _model: SLOW)
    monkeypatch.setattr(doctor, "check_sound", lambda _config: checks)
    monkeypatch.setattr(doctor, "check_models", lambda _config: ([], None))
    monkeypatch.setattr(doctor, "check_daemon", lambda *_: FINE)
    return checks


def test_json_is_one_document(found: list[Check], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Config(), as_json=True) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    (microphone,) = (check for check in document["checks"] if check["name"] == found[0].name)
    assert microphone == {
        "name": "d",
        "status": "fail",
        "message": "No microphone.",
        "hint": "Connect one.",
        "code": "device_not_found",
    }


def test_every_finding_is_a_line_with_its_hint(
    found: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    found[:] = [Check("d", Status.FAIL, "No [microphone].", "Connect one.", "device_not_found")]
    assert run(Config(), as_json=False) == 3
    lines = capsys.readouterr().out.splitlines()
    (index,) = (number for number, line in enumerate(lines) if "No [microphone]." in line)
    assert lines[index].startswith("fail")
    assert lines[index + 1].strip() == "Connect one."


def test_when_all_is_well_it_says_so(
    found: list[Check], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found.clear()
    monkeypatch.setattr(doctor, "check_llm", lambda _model: FINE)
    monkeypatch.setattr(doctor, "check_machine", lambda *_args, **_sizes: ())
    assert run(Config(), as_json=False) == 0
    assert "All is well." in capsys.readouterr().out


def test_threads_that_were_never_measured_are_no_problem_but_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    check = check_threads(_own_models(tmp_path))
    assert (check.status, check.code) == (Status.OK, "")
    assert "heisenberg bench threads" in check.message


def test_threads_that_were_measured_are_told_with_the_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    config = _own_models(tmp_path)
    store_plan(Circumstances.of(config, Store.open(config)), ThreadPlan(stt=1, llm=2, tts=3))
    measured = measured_plan(config, Store.open(config))
    assert measured is not None
    check = check_threads(config)
    assert check.status is Status.OK
    assert "recognition 1, language model 2, voice 3" in check.message
    assert str(measured.date) in check.message
    assert "voice 4 (configured)" in check_threads(_own_models(tmp_path, "tts.threads=4")).message


def _own_models(folder: Path, *overrides: str) -> Config:
    names = ("stt.model=./whisper", "llm.model=./own.gguf", "tts.voice=./own.onnx")
    return Config.load(overrides=[f"store.dir={folder}", *names, *overrides])


class _Service:
    """A background service that is as told."""

    def __init__(self, *, lingering: bool | None = None, **known: bool) -> None:
        self._status = ServiceStatus(
            installed=known.get("installed", True),
            enabled=True,
            running=known.get("running", True),
            state="active",
            pid=1,
            since="2026-01-01T00:00:00+00:00",
            lingering=lingering,
            file="",
            log="journalctl",
            last_line="",
        )

    def install(self, command: Sequence[str]) -> list[str]:
        raise NotImplementedError

    def uninstall(self) -> list[str]:
        raise NotImplementedError

    def status(self) -> ServiceStatus:
        return self._status


def _no_manager() -> BackgroundService:
    raise ServiceError("There is no service manager here.")


@pytest.mark.parametrize(
    ("service", "status", "words"),
    [
        (_Service(installed=False), Status.OK, "service install"),
        (_Service(running=False), Status.WARN, "not running"),
        (_Service(lingering=False), Status.WARN, "ends when you log out"),
        (_Service(lingering=True), Status.OK, "Running since"),
        (_Service(), Status.OK, "Running since"),
    ],
)
def test_the_service_is_looked_at(service: _Service, status: Status, words: str) -> None:
    check = check_service(lambda: service)
    assert check.status is status
    assert words in check.message
    assert check.hint or status is Status.OK


def test_a_machine_without_a_service_manager_is_no_problem() -> None:
    check = check_service(_no_manager)
    assert check.status is Status.OK
    assert "no service manager" in check.message


@pytest.mark.parametrize(
    ("drafting", "status", "words"),
    [("on", Status.OK, "running"), ("slow_machine", Status.WARN, "makes answers later")],
)
async def test_a_running_daemon_is_asked_how_it_does(
    drafting: str, status: Status, words: str
) -> None:
    room = ScriptedRoom()
    room.drafting = drafting
    with short_folder() as folder:
        async with control_server(folder / "c") as server:
            server.register({**room_commands(room, room), **forget_command(room.forget)})
            check = await asyncio.to_thread(check_daemon, lambda: folder / "c")
    assert check.status is status
    assert words in check.message


def test_no_daemon_is_no_problem() -> None:
    with short_folder() as folder:
        check = check_daemon(lambda: folder / "c")
    assert check.status is Status.OK
    assert "not running" in check.message
