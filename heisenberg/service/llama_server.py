"""A llama.cpp server for several rooms or programs that share one model."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import httpx2

from heisenberg.core.errors import LoadFailed, ServiceError
from heisenberg.machine.native import require_file

_BINARY: Final = "llama-server"
_CACHE_MB: Final = 256
"""For prompts that were evaluated before, besides the slots; llama.cpp's own 8 GB are for servers.
"""
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)
_POLL_S: Final = 0.2
_STOPPING_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """What to serve, by which ``name``, and how: ``slots`` requests at once, each with
    ``context_tokens``."""

    model: Path
    name: str
    host: str
    port: int
    slots: int
    context_tokens: int
    threads: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def serve(
    plan: ServerPlan, on_loading: Callable[[], None], on_ready: Callable[[str, str], None]
) -> None:
    """Serve until SIGINT or SIGTERM, which end it from ``on_loading`` on; ``on_ready`` hears the
    address and what serves there.

    That is ``llama-server`` where it is installed, else the package xllamacpp. Raises
    ``ModelMissing``; ``LoadFailed`` when the server does not take the model; ``ServiceError`` when
    there is no server, or it ends by itself.
    """
    require_file(plan.model)
    binary = shutil.which(_BINARY)
    if binary is None:
        _serve_here(plan, on_loading, on_ready)
    else:
        _serve_with(binary, plan, on_loading, on_ready)


def _serve_here(
    plan: ServerPlan, on_loading: Callable[[], None], on_ready: Callable[[str, str], None]
) -> None:
    """In this process, by the package's own threads."""
    try:
        import xllamacpp
    except ImportError as exc:
        raise ServiceError(
            "There is no llama.cpp server here.",
            "Install the extra 'server' (the package xllamacpp), or llama.cpp itself.",
        ) from exc
    params = xllamacpp.CommonParams()
    params.model.path = str(plan.model)
    params.model_alias = {plan.name}
    params.n_ctx = plan.context_tokens * plan.slots
    params.n_parallel = plan.slots
    params.cpuparams.n_threads = plan.threads
    params.cpuparams_batch.n_threads = plan.threads
    params.hostnames = [plan.host]
    params.port = plan.port
    params.cache_ram_mib = _CACHE_MB
    params.endpoint_props = False
    params.verbosity = 0
    for number in _STOPS:
        # Native code does not look at ours while it loads, and hangs if it is ended just then.
        signal.signal(number, signal.SIG_DFL)
    on_loading()
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as exc:
        raise _refused(plan) from exc
    with _until_stopped() as stopped:
        on_ready(server.listening_address, "xllamacpp")
        stopped.wait()
        # Its threads end with it, not with the interpreter.
        del server


def _serve_with(
    binary: str,
    plan: ServerPlan,
    on_loading: Callable[[], None],
    on_ready: Callable[[str, str], None],
) -> None:
    """In a process of its own, watched from here."""
    command = [
        *(binary, "--model", str(plan.model), "--alias", plan.name),
        *("--host", plan.host, "--port", str(plan.port)),
        *("--ctx-size", str(plan.context_tokens * plan.slots), "--parallel", str(plan.slots)),
        *("--threads", str(plan.threads)),
    ]
    with _until_stopped() as stopped, subprocess.Popen(command) as process:
        on_loading()
        ready = False
        while not stopped.wait(_POLL_S) and process.poll() is None:
            if not ready and _is_well(plan.url):
                ready = True
                on_ready(plan.url, binary)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOPPING_S)
            except subprocess.TimeoutExpired:
                process.kill()
        elif not ready:
            raise _refused(plan)
        else:
            raise ServiceError(
                f"{_BINARY} has ended (status {process.returncode}).",
                "Its own lines above say why.",
            )


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in _STOPS}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_well(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health", timeout=_POLL_S, trust_env=False).is_success
    except httpx2.TransportError:
        return False


def _refused(plan: ServerPlan) -> LoadFailed:
    return LoadFailed(
        f"The server can't load {plan.model}, or port {plan.port} is taken.",
        "Run 'heisenberg models verify'; choose another port with --port.",
    )
