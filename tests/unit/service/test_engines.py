"""The checks of native code, with children that really die."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from heisenberg.core import resources
from heisenberg.service.check import Status
from heisenberg.service.engines import LIBRARIES, check_libraries, check_llm

MODEL = Path("model.gguf")


def _kill_itself_by(name: str) -> str:
    return f"import os, signal; os.kill(os.getpid(), signal.{name})"


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGILL", "SIGABRT"])
def test_an_engine_that_crashes_is_to_be_rebuilt(name: str) -> None:
    check = check_llm(MODEL, probe=_kill_itself_by(name))
    assert check.status is Status.FAIL
    assert check.code == "native_crash"
    assert name in check.message
    assert "model.gguf" in check.message
    assert "rebuild-llm" in check.hint or "pip install" in check.hint


def test_in_a_checkout_make_rebuilds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    root = resources.checkout()
    assert root is not None
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    assert "make rebuild-llm" in check_llm(MODEL, probe=_kill_itself_by("SIGSEGV")).hint


def test_elsewhere_pip_rebuilds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/opt/elsewhere")
    hint = check_llm(MODEL, probe=_kill_itself_by("SIGSEGV")).hint
    assert f'CMAKE_ARGS="-DGGML_NATIVE=OFF" {sys.executable} -m pip install' in hint
    assert "--no-binary llama-cpp-python llama-cpp-python==" in hint


def test_an_engine_that_is_killed_ran_out_of_memory() -> None:
    check = check_llm(MODEL, probe=_kill_itself_by("SIGKILL"))
    assert (check.status, check.code) == (Status.FAIL, "out_of_memory")
    assert "tiny" in check.hint


def test_an_engine_that_hangs_is_given_up() -> None:
    check = check_llm(MODEL, probe="import signal; signal.pause()", timeout_s=0.5)
    assert (check.status, check.code) == (Status.FAIL, "native_hang")


def test_a_model_that_is_refused_says_why() -> None:
    check = check_llm(MODEL, probe="raise ValueError('wrong magic')")
    assert (check.status, check.code) == (Status.FAIL, "load_failed")
    assert "wrong magic" in check.message
    assert "models verify" in check.hint


def test_an_engine_that_is_not_installed_is_to_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise RuntimeError('libllama.so: no such file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    check = check_llm(MODEL)
    assert (check.status, check.code) == (Status.FAIL, "library_missing")
    assert "libllama.so" in check.message


def test_an_engine_that_works_is_fine() -> None:
    probe = "import sys; sys.exit(sys.argv[1] != 'model.gguf')"
    assert check_llm(MODEL, probe=probe).status is Status.OK


def test_without_a_model_the_engine_is_not_tried() -> None:
    check = check_llm(None, probe=_kill_itself_by("SIGSEGV"))
    assert check.status is Status.WARN
    assert "models pull" in check.hint


@pytest.mark.models
def test_the_real_engine_evaluates_a_prompt(models_dir: Path) -> None:
    (model,) = (models_dir / "smollm2-135m-instruct-q4_1").glob("*.gguf")
    assert check_llm(model).status is Status.OK


def test_all_libraries_load_in_one_process() -> None:
    assert check_libraries().status is Status.OK


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("raise ImportError('libsoxr.so.0: cannot open')", "library_missing", "libsoxr.so.0"),
        (_kill_itself_by("SIGILL"), "native_crash", "SIGILL"),
    ],
)
def test_a_library_that_does_not_load_is_named(
    fault: str, code: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in LIBRARIES:
        (tmp_path / f"{module}.py").write_text(fault if module == "soxr" else "")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    check = check_libraries()
    assert (check.status, check.code) == (Status.FAIL, code)
    assert check.message.startswith("soxr can't be loaded")
    assert says in check.message
    assert check.hint
