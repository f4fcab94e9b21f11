"""Set Heisenberg up in a checkout: `.venv`, the locked dependencies, the model files.

Runs on the system's Python with the standard library alone. Every step that is done is noted in
`.venv/setup.json`, so a second run has nothing to do, and one that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from scripts import native, system
from scripts.system import SetupError

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
LOG: Final = VENV / "setup.log"
NOTES: Final = VENV / "setup.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="setup", description="Set Heisenberg up here.")
    parser.add_argument("--profile", action="append", help="models to fetch (repeatable)")
    parser.add_argument(
        "--rebuild-llm", action="store_true", help="build the engine for the plainest processor"
    )
    parser.add_argument(
        "--no-models", action="store_true", help="for an image that gets them later"
    )
    args = parser.parse_args()
    profiles = [] if args.no_models else args.profile or ["default"]
    try:
        _set_up(profiles, rebuild=args.rebuild_llm)
    except SetupError as exc:
        print(f"Set-up stopped: {exc}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as exc:
        return exc.returncode
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


def _set_up(profiles: Sequence[str], *, rebuild: bool) -> None:
    if not (3, 11) <= sys.version_info < (3, 14):
        raise SetupError(
            f"Heisenberg needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}."
            " Name another one: make setup PYTHON=python3.12"
        )
    _make_venv()
    others, engine = native.split_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    _install_locked(others)
    if rebuild:
        _note(safe=True, checked=None)
    _install_engine(engine, again=rebuild)
    _install_project()
    for profile in profiles:
        subprocess.run([_bin("heisenberg"), "models", "pull", "--profile", profile], check=True)
    if profiles:
        _check_engine(engine)
    for profile in profiles:
        _fit_model(profile)


def _make_venv() -> None:
    notes = _notes()
    here = {"root": str(ROOT), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    # An installation that was cut off may have left a package without some of its files.
    whole = not notes.get("installing") and all(notes.get(key) == here[key] for key in here)
    if whole and Path(_bin("python")).exists():
        return
    system.need_venv()
    system.want_portaudio()
    print(f"Making .venv with Python {here['python']}", flush=True)
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise SetupError(f"The virtual environment can't be made: {exc}.") from exc
    _note(**here)


def _install_locked(lock: str) -> None:
    key = _digest(lock)
    if _notes().get("lock") == key:
        return
    print("Installing the dependencies (430 MB to fetch)", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(lock)
        file.flush()
        _install(["--require-hashes", "--requirement", file.name], lock=key)


def _install_engine(requirement: str, *, again: bool = False) -> None:
    """Install llama-cpp-python, built for this processor, or the plain build once that failed."""
    args = native.chosen_args(safe=bool(_notes().get("safe")))
    key = native.build_key(requirement, args)
    if not again and _notes().get("engine") == key:
        return
    wheel = None if again else native.cached_wheel(key)
    if wheel is None:
        system.need_compiler()
        print("Building the language model engine (3 to 8 minutes on two cores)", flush=True)
        wheel = native.build_wheel(requirement, args, key, VENV / "engine", _pip)
    _install(["--no-index", "--force-reinstall", str(wheel)], engine=key)


def _install_project() -> None:
    key = _digest((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if _notes().get("project") == key:
        return
    print("Installing Heisenberg", flush=True)
    _install(["--no-build-isolation", "--no-index", "--editable", str(ROOT)], project=key)


def _check_engine(requirement: str) -> None:
    """See the engine evaluate a prompt, once for each build; one that crashes is replaced."""
    if _notes().get("checked") == _notes()["engine"]:
        return
    print("Checking the language model engine", flush=True)
    check = _doctor_llm()
    plainer = not _notes().get("safe") and "CMAKE_ARGS" not in os.environ
    if check["code"] == "native_crash" and plainer:
        print(f"{check['message']} Building it again for a plainer processor.", flush=True)
        _note(safe=True)
        _install_engine(requirement)
        check = _doctor_llm()
    if check["status"] == "fail":
        raise SetupError(f"{check['message']} {check['hint']}")
    if check["status"] == "ok":
        _note(checked=_notes()["engine"])


def _fit_model(profile: str) -> None:
    """Where it can't be done, the weights do as they are."""
    subprocess.run(
        [_bin("heisenberg"), "models", "fit", "--set", f"profile={profile}"], check=False
    )


def _doctor_llm() -> dict[str, str]:
    done = subprocess.run(
        [_bin("heisenberg"), "doctor", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    try:
        checks: list[dict[str, str]] = json.loads(done.stdout)["checks"]
    except (ValueError, KeyError) as exc:
        raise SetupError("'heisenberg doctor --json' gave no answer.") from exc
    return next(check for check in checks if check["name"] == "llm")


def _install(args: Sequence[str], **done: str) -> None:
    """Install with pip and note ``done``; a failure leaves what was there, a cut-off may not."""
    _note(installing=True)
    try:
        _pip(["install", "--no-deps", *args])
    except SetupError:
        _note(installing=False)
        raise
    _note(**done, installing=False)


def _pip(args: Sequence[str], env: dict[str, str] | None = None) -> None:
    """Run the environment's pip; what it prints goes to a log, shown where it fails."""
    command = [_bin("python"), "-m", "pip", "--disable-pip-version-check", "--no-input", *args]
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with LOG.open("w", encoding="utf-8") as log:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": path, **(env or {})},
            check=False,
        )
    if done.returncode != 0:
        tail = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        raise SetupError("\n  ".join([f"pip {args[0]} failed ({LOG}):", *tail]))


def _notes() -> dict[str, Any]:
    try:
        notes: dict[str, Any] = json.loads(NOTES.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes


def _note(**facts: Any) -> None:
    part = NOTES.with_suffix(".part")
    part.write_text(json.dumps({**_notes(), **facts}, indent=1), encoding="utf-8")
    part.replace(NOTES)


def _bin(name: str) -> str:
    return str(VENV / "bin" / name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
