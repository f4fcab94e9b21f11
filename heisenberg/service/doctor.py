"""Everything a user may trip over, looked at in one go."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil

from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError, NotRunning, ServiceError
from heisenberg.core.talk.troubles import SLOW_MACHINE_HINT
from heisenberg.machine.native import require_file
from heisenberg.service.api_check import check_api
from heisenberg.service.back_ends import check_back_ends
from heisenberg.service.background import BackgroundService
from heisenberg.service.check import Check, Status
from heisenberg.service.client import send
from heisenberg.service.engines import check_libraries, check_llm
from heisenberg.service.install import find_service
from heisenberg.service.places import Places
from heisenberg.service.sound import check_sound
from heisenberg.store.needs import Need, is_path, needs_of
from heisenberg.store.store import Presence, Store
from heisenberg.store.thread_plan import Part, configured_threads, measured_plan

RESIDENT_MB: Final = {"default": 1250, "tiny": 850}
"""What the whole assistant needs at most, by profile."""

_THREADED: Final[dict[Part, str]] = {
    "stt": "recognition",
    "llm": "language model",
    "tts": "voice",
}
_ASK_S: Final = 3.0

_MISSING: Final = frozenset({"model_missing", "checksum_mismatch", "device_not_found"})


def examine(config: Config) -> Iterator[Check]:
    """Look at everything, one finding at a time; changes nothing, and takes a few seconds."""
    yield check_python(sys.version_info[:3])
    memory = psutil.virtual_memory()
    yield from check_machine(
        config.profile,
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        total_mb=memory.total // 1_000_000,
        available_mb=memory.available // 1_000_000,
    )
    yield check_libraries()
    yield from check_sound(config.audio)
    models, llm = check_models(config)
    yield from models
    yield from check_back_ends(config)
    yield check_llm(llm)
    yield check_threads(config)
    yield check_service(find_service)
    daemon = check_daemon(lambda: Places.find().control_socket(config.control.socket))
    yield daemon
    yield check_api(config.api, running="is running" in daemon.message)


def exit_code(checks: Sequence[Check]) -> int:
    """0: nothing failed; 3: only models or devices are missing; 1: something else failed."""
    failed = [check for check in checks if check.status is Status.FAIL]
    if not failed:
        return 0
    return 3 if all(check.code in _MISSING for check in failed) else 1


def check_python(version: tuple[int, int, int]) -> Check:
    text = ".".join(map(str, version))
    if (3, 11) <= version[:2] <= (3, 13):
        return Check("python", Status.OK, f"Python {text} on {platform.system()}.")
    return Check(
        "python",
        Status.FAIL,
        f"Python {text} is not supported.",
        "Install Heisenberg with Python 3.11, 3.12 or 3.13.",
        code="python",
    )


def check_machine(
    profile: str, *, cores: int, total_mb: int, available_mb: int
) -> tuple[Check, Check]:
    """The processor and the memory, against what the profile needs."""
    return _check_cores(cores), _check_memory(profile, total_mb, available_mb)


def check_models(config: Config) -> tuple[list[Check], Path | None]:
    """Every model that the configuration needs is installed and whole.

    Also returns the language model's file, ``None`` where it runs elsewhere or is not usable.
    """
    try:
        store = Store.open(config)
        needs = needs_of(config, store.catalogue)
    except HeisenbergError as exc:
        return [Check("models", Status.FAIL, exc.message, exc.hint, exc.code)], None
    checks: list[Check] = []
    llm: Path | None = None
    if config.llm.backend == "inprocess" and is_path(config.llm.model):
        check, llm = _check_own_file(Path(config.llm.model))
        checks.append(check)
    for need in needs:
        check, path = _check_need(store, need, config.profile)
        checks.append(check)
        if need.role == "llm":
            llm = path
    return checks, llm


def check_threads(config: Config) -> Check:
    """With how many threads each engine runs, if that was measured on this machine."""
    try:
        measured = measured_plan(config, Store.open(config))
    except HeisenbergError:  # the check of the models tells it
        measured = None
    if measured is None:
        return Check(
            "threads",
            Status.OK,
            "Not measured on this machine; 'heisenberg bench threads' does it in three minutes.",
        )
    set_here = configured_threads(config)
    counts = ", ".join(
        f"{title} {measured.plan.count(part)}"
        if set_here[part] is None
        else f"{title} {set_here[part]} (configured)"
        for part, title in _THREADED.items()
    )
    return Check("threads", Status.OK, f"{counts}: measured on {measured.date}.")


def check_service(find: Callable[[], BackgroundService]) -> Check:
    """Heisenberg as a service: not installed, running, or in trouble."""
    try:
        status = find().status()
    except ServiceError as exc:
        return Check("service", Status.OK, f"No background service: {exc.message}")
    if not status.installed:
        return Check("service", Status.OK, "Not installed; 'heisenberg service install' does it.")
    if not status.running:
        return Check(
            "service",
            Status.WARN,
            f"Installed, but not running ({status.state}).",
            f"Its log says why: {status.log}",
            code="service",
        )
    if status.lingering is False:
        return Check(
            "service",
            Status.WARN,
            "Running, but it ends when you log out.",
            "sudo loginctl enable-linger $USER",
            code="no_lingering",
        )
    return Check("service", Status.OK, f"Running since {status.since}.")


def check_daemon(find_socket: Callable[[], Path]) -> Check:
    """What a running Heisenberg says of itself."""
    try:
        answer = send(find_socket(), {"do": "status"}, _ASK_S)
    except NotRunning:
        return Check("daemon", Status.OK, "Heisenberg is not running.")
    except HeisenbergError as exc:
        return Check("daemon", Status.WARN, exc.message, exc.hint, exc.code)
    if answer.get("drafting") == "slow_machine":
        return Check(
            "daemon",
            Status.WARN,
            "Drafting replies makes answers later on this machine, and was given up.",
            SLOW_MACHINE_HINT,
            code="slow_machine",
        )
    return Check("daemon", Status.OK, f"Heisenberg is running (process {answer.get('pid')}).")


def _check_own_file(path: Path) -> tuple[Check, Path | None]:
    try:
        require_file(path)
    except HeisenbergError as exc:
        return Check("model_llm", Status.FAIL, exc.message, "Correct llm.model.", exc.code), None
    return Check("model_llm", Status.OK, f"Your own {path.name} is here."), path


def _check_need(store: Store, need: Need, profile: str) -> tuple[Check, Path | None]:
    name = f"model_{need.role}"
    entry = store.choose(need.candidates)
    if store.presence(entry) is Presence.ABSENT:
        names = [one.name for one in need.candidates]
        missing = f"{names[0]} is not installed."
        if len(names) > 1:
            missing = f"None of these is installed: {', '.join(names)}."
        hint = f"Run 'heisenberg models pull --profile {profile}'."
        return Check(name, Status.FAIL, missing, hint, code="model_missing"), None
    try:
        path = store.locate(entry.id)
    except HeisenbergError as exc:
        return Check(name, Status.FAIL, exc.message, exc.hint, exc.code), None
    return Check(name, Status.OK, f"{entry.name} is here and whole."), path


def _check_cores(cores: int) -> Check:
    if cores >= 2:
        return Check("processor", Status.OK, f"{cores} cores ({platform.machine()}).")
    return Check(
        "processor",
        Status.WARN,
        "There is only one core: answers will come late.",
        "A machine with two cores or more keeps up with a conversation.",
        code="slow_machine",
    )


def _check_memory(profile: str, total_mb: int, available_mb: int) -> Check:
    need_mb = RESIDENT_MB[profile]
    have = f"{total_mb / 1000:.1f} GB of memory, {available_mb / 1000:.1f} GB of it free"
    if available_mb >= need_mb:
        return Check("memory", Status.OK, f"{have}; the profile {profile} needs {need_mb} MB.")
    smaller = ', or choose the smaller models: profile = "tiny"' if profile != "tiny" else ""
    return Check(
        "memory",
        Status.WARN,
        f"{have}: the profile {profile} needs {need_mb} MB.",
        f"Close other programs{smaller}.",
        code="little_memory",
    )
