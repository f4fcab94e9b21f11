"""What the operating system has to bring: a compiler, the sound library, Python's venv module."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence


class SetupError(Exception):
    """Set-up can't go on; the text says what is wrong and what to do."""


def need_venv() -> None:
    """Debian splits the venv module off Python; fetch it or say how."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not _apt_install([package]):
        raise SetupError(
            f"{sys.executable} can't make virtual environments. {_how_to_install(package)}"
        )


def need_compiler() -> None:
    """The language model engine is compiled here: C and C++ are needed."""
    if _has_compiler() or (_apt_install(["gcc", "g++"]) and _has_compiler()):
        return
    if platform.system() == "Darwin":
        raise SetupError("There is no C++ compiler. Install Apple's: xcode-select --install")
    raise SetupError(f"There is no C++ compiler. {_how_to_install('gcc', 'g++')}")


def want_portaudio() -> None:
    """Microphone and speaker need PortAudio; all else works without it, so this only warns.

    On macOS the Python package carries its own copy.
    """
    if platform.system() == "Darwin" or ctypes.util.find_library("portaudio"):
        return
    if not _apt_install(["libportaudio2"]):
        print(
            "Warning: PortAudio is missing, so there is no microphone and no speaker. "
            f"{_how_to_install('libportaudio2')}",
            flush=True,
        )


def _has_compiler() -> bool:
    c_names = (os.environ.get("CC"), "cc", "gcc", "clang")
    cpp_names = (os.environ.get("CXX"), "c++", "g++", "clang++")
    return all(
        any(name and shutil.which(name.split()[0]) for name in names)
        for names in (c_names, cpp_names)
    )


def _apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages where that is possible without asking: as root."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    return _succeeds(install) or (_succeeds(["apt-get", "update"]) and _succeeds(install))


def _succeeds(command: Sequence[str]) -> bool:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    return done.returncode == 0


def _how_to_install(*packages: str) -> str:
    if shutil.which("apt-get"):
        return f"Install it: sudo apt install {' '.join(packages)}"
    return f"Install what your system calls {' and '.join(packages)} (Debian's names)."
