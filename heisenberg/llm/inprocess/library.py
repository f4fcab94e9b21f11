"""llama.cpp as a library: loaded when it is first needed, quiet, polite to other processes."""

from __future__ import annotations

import functools
import os
import threading
from collections import deque
from pathlib import Path
from typing import Any, Final

from heisenberg.core.errors import LoadFailed

_ERROR: Final = 4
_LOADING: Final = threading.Lock()


class LlamaLibrary:
    """The native library, its errors kept instead of printed.

    ``api`` has its C functions. ``errors`` are the last ones; a caller clears them before a call
    whose ``reason`` it may want to know.
    """

    def __init__(self, api: Any) -> None:
        self.api = api
        self.errors: deque[str] = deque(maxlen=8)
        # llama.cpp keeps the function for the life of the process, so this must too.
        self._log: Any = api.llama_log_callback(self._keep)
        api.llama_log_set(self._log, None)
        api.llama_backend_init()

    @property
    def build(self) -> str:
        """What tells this build from others: its files, and what the processor lets it use."""
        # Building it anew, as `make rebuild-llm` does, changes neither version nor commit.
        folder = Path(self.api._lib._name).parent
        files = sorted(file for part in ("llama", "ggml") for file in folder.glob(f"lib{part}*"))
        seen = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return f"{self.api.llama_print_system_info().decode()}{seen}"

    def reason(self) -> str:
        """Why the last call failed, in llama.cpp's words."""
        for line in self.errors:
            _, found, reason = line.partition("error loading model: ")
            if found and "failed to load model" not in reason:
                return reason
        return self.errors[0] if self.errors else "llama.cpp gives no reason"

    def _keep(self, level: int, text: bytes, _: Any) -> None:
        if level == _ERROR:
            self.errors.append(text.decode("utf-8", "replace").strip().rstrip("."))


def llama_library() -> LlamaLibrary:
    """Load the library, once a process; raises ``LoadFailed``."""
    with _LOADING:
        return _load()


@functools.cache
def _load() -> LlamaLibrary:
    # The OpenMP library reads this when it is loaded. Threads that wait for each other spin first,
    # by default for so long that two threads on two cores write 2 tokens a second beside a busy
    # process; with 300 rounds they write 39, and 65 instead of 69 when they are alone.
    os.environ.setdefault("GOMP_SPINCOUNT", "300")
    try:
        from llama_cpp import llama_cpp as api
    except (ImportError, OSError, RuntimeError) as exc:
        raise LoadFailed(
            f"llama.cpp can't be loaded: {str(exc).partition(chr(10))[0]}.",
            "Run 'heisenberg doctor'.",
        ) from exc
    return LlamaLibrary(api)
