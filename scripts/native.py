"""The language model engine, llama-cpp-python: compiled here, for this processor, once.

Its wheel is kept in the user's cache folder under a key of everything that decides whether it
runs here, so that a new checkout does not compile it again and never meets a wheel of another
processor or of other flags.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

PACKAGE: Final = "llama-cpp-python"

SAFE_ARGS: Final = "-DGGML_NATIVE=OFF"
"""Flags whose result runs on any common processor, more slowly."""

_NO_AMX: Final = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"

Pip = Callable[[Sequence[str], dict[str, str]], None]
"""Runs pip with these arguments and these additional environment variables."""


def split_lock(text: str) -> tuple[str, str]:
    """Part a lock file in two: everything but the engine, and the engine."""
    others: list[str] = []
    engine: list[str] = []
    target = others
    for line in text.splitlines(keepends=True):
        if line[:1].isalnum():
            target = engine if line.startswith(f"{PACKAGE}==") else others
        target.append(line)
    return "".join(others), "".join(engine)


def cmake_args(system: str, machine: str, compiler_knows: Callable[[str], bool]) -> str:
    """Flags for a build that uses all of this processor and does not crash on it.

    llama.cpp's AMX kernels fail at the first prompt on processors that have AMX; turning the
    instructions off costs nothing elsewhere.
    """
    if system == "Darwin" and machine == "arm64":
        return "-DGGML_METAL=on"
    if machine in ("x86_64", "AMD64") and compiler_knows(_NO_AMX):
        return f"-DCMAKE_C_FLAGS='{_NO_AMX}' -DCMAKE_CXX_FLAGS='{_NO_AMX}'"
    return ""


def chosen_args(*, safe: bool) -> str:
    """The flags to build with: the user's own CMAKE_ARGS before any of ours."""
    own = os.environ.get("CMAKE_ARGS")
    if own is not None:
        return own
    return SAFE_ARGS if safe else cmake_args(platform.system(), platform.machine(), _compiler_knows)


def build_key(requirement: str, args: str) -> str:
    """Names a build: the same source, flags, processor and C library give the same key.

    ``requirement`` is as in the lock file; what it says besides the version counts for nothing.
    """
    version = requirement.split(maxsplit=1)[0]
    parts = (version, args, platform.machine(), *platform.libc_ver(), _processor())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def cached_wheel(key: str) -> Path | None:
    return next(iter(sorted((_cache_dir() / key).glob("*.whl"))), None)


def build_wheel(requirement: str, args: str, key: str, folder: Path, pip: Pip) -> Path:
    """Compile the engine in ``folder`` and return its wheel, kept in the cache where possible."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lock = folder / "engine.txt"
    lock.write_text(requirement, encoding="utf-8")
    # pip's own cache would hand out a wheel that was built with other flags.
    no_cache = ["--no-cache-dir", "--no-binary", PACKAGE]
    source = ["--no-deps", "--require-hashes", "--requirement", str(lock)]
    pip(
        ["wheel", "--no-build-isolation", *no_cache, *source, "--wheel-dir", str(folder)],
        {"CMAKE_ARGS": args, "TMPDIR": str(folder)},
    )
    return _keep(next(folder.glob("*.whl")), _cache_dir() / key)


def _keep(wheel: Path, target: Path) -> Path:
    """Copy ``wheel`` into the folder ``target``, which appears whole or not at all."""
    part = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        part.mkdir(parents=True)
        shutil.copy(wheel, part)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        return wheel
    return target / wheel.name


def _cache_dir() -> Path:
    if platform.system() == "Darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "heisenberg" / "wheels"


def _processor() -> str:
    """What the compiler's native mode looks at: the processor's instruction sets or its name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _compiler_knows(flags: str) -> bool:
    compiler = os.environ.get("CC", "cc").split()
    try:
        done = subprocess.run(
            [*compiler, *flags.split(), "-E", "-x", "c", "-"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
