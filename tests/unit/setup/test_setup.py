"""Set-up from end to end, on a stand-in for the virtual environment that notes what it is told."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts import native, setup, system
from scripts.system import SetupError

LOCK = "llama-cpp-python==1.0 \\\n    --hash=sha256:aa\nnumpy==2.0 \\\n    --hash=sha256:bb\n"

_PYTHON = """#!/bin/sh
echo "pip $*" >> "{said}"
[ -e "{folder}/no-network" ] && {{ echo "no route to the index"; exit 1; }}
while [ $# -gt 0 ]; do
    [ "$1" = --wheel-dir ] && echo "$CMAKE_ARGS" > "$2/llama_cpp_python-1.0-py3-none-any.whl"
    shift
done
exit 0
"""
_HEISENBERG = """#!/bin/sh
echo "heisenberg $*" >> "{said}"
[ "$1" = models ] && [ -e "{folder}/no-network" ] && exit 3
[ "$1" = doctor ] && cat "{folder}/doctor.json"
exit 0
"""


class Machine:
    """A checkout in a folder, and everything that its set-up told pip and heisenberg."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "checkout"
        self.root.mkdir()
        (self.root / "requirements.lock").write_text(LOCK)
        (self.root / "pyproject.toml").write_text("[project]\n")
        self.doctor("ok")

    def doctor(self, status: str, code: str = "") -> None:
        llm = {"name": "llm", "status": status, "code": code, "message": "Boom.", "hint": "Mend."}
        (self.folder / "doctor.json").write_text(json.dumps({"ok": False, "checks": [llm]}))

    def make_venv(self, folder: Path, **_options: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        said = self.folder / "said"
        for name, text in (("python", _PYTHON), ("heisenberg", _HEISENBERG)):
            program = folder / "bin" / name
            program.write_text(text.format(said=said, folder=self.folder))
            program.chmod(0o755)
        with said.open("a") as file:
            file.write("venv\n")

    def run(self, *args: str) -> tuple[int, list[str]]:
        """Run the set-up; returns its exit code and what was done, in words."""
        said = self.folder / "said"
        said.unlink(missing_ok=True)
        argv, sys.argv = sys.argv, ["setup", *args]
        try:
            code = setup.main()
        finally:
            sys.argv = argv
        return code, [_word(line) for line in said.read_text().splitlines()]


def _word(line: str) -> str:
    if "--wheel-dir" in line:
        return "build"
    for sign, word in (
        ("--editable", "project"),
        (".whl", "engine"),
        ("--require-hashes", "lock"),
        ("doctor", "doctor"),
        ("models fit", "fit"),
    ):
        if sign in line:
            return word
    return line.removeprefix("heisenberg ")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(setup, "ROOT", machine.root)
    for name, path in (("VENV", ""), ("LOG", "setup.log"), ("NOTES", "setup.json")):
        monkeypatch.setattr(setup, name, machine.root / ".venv" / path)
    monkeypatch.setattr("venv.create", machine.make_venv)
    for name in ("need_venv", "need_compiler", "want_portaudio"):
        monkeypatch.setattr(system, name, lambda: None)
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return machine


PULL = "models pull --profile default"
CHECKED = ["venv", "lock", "build", "engine", "project", PULL, "doctor"]
EVERYTHING = [*CHECKED, "fit"]


def test_the_first_run_does_everything_in_order(machine: Machine) -> None:
    assert machine.run() == (0, EVERYTHING)


def test_the_second_run_only_looks_for_models(machine: Machine) -> None:
    machine.run()
    assert machine.run() == (0, [PULL, "fit"])


def test_each_profile_that_is_asked_for_is_fetched(machine: Machine) -> None:
    machine.run()
    code, said = machine.run("--profile", "default", "--profile", "tiny")
    assert (code, said) == (0, [PULL, "models pull --profile tiny", "fit", "fit"])


def test_a_new_lock_is_installed_and_nothing_is_built(machine: Machine) -> None:
    machine.run()
    (machine.root / "requirements.lock").write_text(LOCK.replace("numpy==2.0", "numpy==2.1"))
    assert machine.run() == (0, ["lock", PULL, "fit"])


def test_a_new_project_file_is_installed(machine: Machine) -> None:
    machine.run()
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert machine.run() == (0, ["project", PULL, "fit"])


def test_other_flags_build_the_engine_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.run()
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    assert machine.run() == (0, ["build", "engine", PULL, "doctor", "fit"])
    monkeypatch.delenv("CMAKE_ARGS")
    assert machine.run() == (0, ["engine", PULL, "doctor", "fit"])


def test_a_second_checkout_does_not_build_again(machine: Machine) -> None:
    machine.run()
    shutil.rmtree(machine.root / ".venv")
    assert machine.run() == (0, [word for word in EVERYTHING if word != "build"])


def test_a_checkout_that_was_moved_gets_a_new_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.run()
    moved = machine.folder / "moved"
    machine.root.rename(moved)
    monkeypatch.setattr(setup, "ROOT", moved)
    for name, path in (("VENV", ""), ("LOG", "setup.log"), ("NOTES", "setup.json")):
        monkeypatch.setattr(setup, name, moved / ".venv" / path)
    assert machine.run()[1][0] == "venv"


def test_without_a_network_it_says_what_pip_said_and_goes_on_later(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine.folder / "no-network").touch()
    assert machine.run() == (1, ["venv", "lock"])
    assert "no route to the index" in capsys.readouterr().err
    (machine.folder / "no-network").unlink()
    assert machine.run() == (0, EVERYTHING[1:])


def test_models_out_of_reach_give_their_own_exit_code(machine: Machine) -> None:
    machine.run()
    (machine.folder / "no-network").touch()
    assert machine.run() == (3, [PULL])


def test_an_installation_that_was_cut_off_is_made_anew(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = setup._pip

    def cut_off(args: Sequence[str], env: dict[str, str] | None = None) -> None:
        real(args, env)
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "_pip", cut_off)
    assert machine.run() == (130, ["venv", "lock"])
    monkeypatch.setattr(setup, "_pip", real)
    assert machine.run() == (0, EVERYTHING)


def test_a_build_that_was_cut_off_costs_the_build_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_args: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(native, "build_wheel", cut_off)
        assert machine.run() == (130, ["venv", "lock"])
    assert machine.run() == (0, EVERYTHING[2:])


def test_an_engine_that_crashes_is_built_for_a_plainer_processor(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.doctor("fail", "native_crash")
    real = native.build_wheel

    def mend(requirement: str, args: str, *rest: Any) -> Path:
        if args == native.SAFE_ARGS:
            machine.doctor("ok")
        return real(requirement, args, *rest)

    monkeypatch.setattr(native, "build_wheel", mend)
    code, said = machine.run()
    assert (code, said) == (0, [*CHECKED, "build", "engine", "doctor", "fit"])
    assert "Boom. Building it again for a plainer processor." in capsys.readouterr().out
    assert machine.run() == (0, [PULL, "fit"])


def test_an_engine_that_crashes_whatever_is_done_stops_the_set_up(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.doctor("fail", "native_crash")
    code, _ = machine.run()
    assert code == 1
    assert "Boom. Mend." in capsys.readouterr().err


def test_an_engine_built_with_the_users_own_flags_is_left_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    machine.doctor("fail", "native_crash")
    assert machine.run() == (1, CHECKED)


def test_an_engine_that_fails_without_a_crash_is_not_built_again(machine: Machine) -> None:
    machine.doctor("fail", "load_failed")
    assert machine.run() == (1, CHECKED)


def test_rebuilding_builds_even_what_is_kept(machine: Machine) -> None:
    machine.run()
    for _ in range(2):
        assert machine.run("--rebuild-llm") == (0, ["build", "engine", PULL, "doctor", "fit"])
    assert machine.run() == (0, [PULL, "fit"])


def test_another_python_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    del machine
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    with pytest.raises(SetupError, match=r"3\.11, 3\.12 or 3\.13"):
        setup._set_up(["default"], rebuild=False)
