"""Running ONNX networks so that they leave the machine alone when they are idle."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from heisenberg.machine.native import damaged, require_file

_ONLY_FATAL: Final = 4


class Session(Protocol):
    """The part of ``onnxruntime.InferenceSession`` that is used here."""

    def run(self, outputs: Any, inputs: dict[str, Any], options: Any = None) -> list[Any]: ...

    def get_inputs(self) -> list[Any]: ...

    def get_outputs(self) -> list[Any]: ...


def repeat_noise(seed: int) -> None:
    """Let networks opened from now on draw the same noise in every process: a voice then says the
    same sentences, in the same order, in the same way."""
    import onnxruntime

    onnxruntime.set_seed(seed)


def open_session(
    path: Path, *, threads: int = 1, change: Callable[[bytes], bytes] | None = None
) -> Session:
    """Load a network to run on ``threads`` CPU threads that sleep between runs.

    ``change`` is given what is in the file, and gives what is loaded. Raises ``ModelMissing``,
    ``LoadFailed``.
    """
    require_file(path)
    import onnxruntime

    onnxruntime.set_default_logger_severity(_ONLY_FATAL)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ONLY_FATAL
    # A worker that spins keeps a core busy after every run; sleeping costs less than a millisecond.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        with _changed(path, change) as file:
            session: Session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
    except Exception as exc:
        raise damaged(path) from exc
    return session


@contextmanager
def _changed(path: Path, change: Callable[[bytes], bytes] | None) -> Iterator[Path]:
    """A file with what is to be loaded: what a session is given as bytes, it keeps."""
    if change is None:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=path.suffix) as file:
        file.write(change(path.read_bytes()))
        file.flush()
        yield Path(file.name)
