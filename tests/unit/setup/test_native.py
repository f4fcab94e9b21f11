"""Building the language model engine: the flags, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import native

LOCK = """\
# made by hand
llama-cpp-python==1.0 ; python_full_version < '3.14' \\
    --hash=sha256:aa
    # via heisenberg (pyproject.toml)
numpy==2.0 \\
    --hash=sha256:bb
"""


class Pip:
    """Stands in for pip: builds an empty wheel, and remembers with what."""

    def __init__(self) -> None:
        self.calls: list[Sequence[str]] = []
        self.env: dict[str, str] = {}

    def __call__(self, args: Sequence[str], env: dict[str, str]) -> None:
        self.calls.append(args)
        self.env = env
        folder = Path(args[args.index("--wheel-dir") + 1])
        (folder / "llama_cpp_python-1.0-py3-none-any.whl").write_text(env["CMAKE_ARGS"])


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_lock_is_parted_without_loss() -> None:
    others, engine = native.split_lock(LOCK)
    assert engine.startswith("llama-cpp-python==1.0")
    assert "sha256:aa" in engine
    assert "numpy==2.0" in others
    assert "llama" not in others
    assert sorted((others + engine).splitlines()) == sorted(LOCK.splitlines())


@pytest.mark.parametrize(
    ("system", "machine", "wanted"),
    [
        ("Linux", "x86_64", "-mno-amx-int8"),
        ("Darwin", "arm64", "-DGGML_METAL=on"),
        ("Linux", "aarch64", ""),
    ],
)
def test_flags_suit_the_machine(system: str, machine: str, wanted: str) -> None:
    args = native.cmake_args(system, machine, lambda _flags: True)
    assert wanted in args
    assert bool(args) is bool(wanted)


def test_an_old_compiler_is_not_given_flags_it_refuses() -> None:
    assert native.cmake_args("Linux", "x86_64", lambda _flags: False) == ""


@pytest.mark.parametrize("own", ["-DGGML_CUDA=on", ""])
def test_the_users_own_flags_win(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMAKE_ARGS", own)
    assert native.chosen_args(safe=False) == own
    assert native.chosen_args(safe=True) == own


def test_safe_flags_are_not_the_fast_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    assert native.chosen_args(safe=True) == native.SAFE_ARGS
    assert native.chosen_args(safe=False) != native.SAFE_ARGS


def test_other_flags_and_other_versions_are_other_builds() -> None:
    keys = {native.build_key(lock, args) for lock in ("a==1", "a==2") for args in ("", "-DX=1")}
    assert len(keys) == 4
    _, engine = native.split_lock(LOCK)
    assert native.build_key(engine, "") == native.build_key(f"{native.PACKAGE}==1.0", "")


def test_a_build_is_kept_for_its_key_alone(tmp_path: Path) -> None:
    assert native.cached_wheel("key") is None
    pip = Pip()
    wheel = native.build_wheel("llama-cpp-python==1.0", "-DX=1", "key", tmp_path / "work", pip)
    assert wheel.read_text() == "-DX=1"
    assert native.cached_wheel("key") == wheel
    assert native.cached_wheel("other") is None
    assert {"--require-hashes", "--no-cache-dir", "--no-build-isolation"} <= set(pip.calls[0])


def test_building_again_replaces_what_was_kept(tmp_path: Path) -> None:
    for args in ("old", "new"):
        native.build_wheel("llama-cpp-python==1.0", args, "key", tmp_path / "work", Pip())
    wheel = native.cached_wheel("key")
    assert wheel is not None
    assert wheel.read_text() == "new"


def test_a_build_that_fails_keeps_nothing(tmp_path: Path) -> None:
    def interrupted(args: Sequence[str], env: dict[str, str]) -> None:
        Pip()(args, env)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        native.build_wheel("llama-cpp-python==1.0", "", "key", tmp_path / "work", interrupted)
    assert native.cached_wheel("key") is None


def test_a_cache_that_can_not_be_written_does_not_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "Library").write_text("in the way")
    wheel = native.build_wheel("llama-cpp-python==1.0", "-DX=1", "key", tmp_path / "work", Pip())
    assert wheel.read_text() == "-DX=1"
