"""Where a measurement comes from: this machine, and what was measured on it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from heisenberg.core.config import Config
from heisenberg.machine.processor import processor_name

_ASKED: Final = ("commands", "questions", "requests", "temptations")
"""Files of what is said to measure."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader needs to know of a machine, and nothing that tells whose it is."""

    processor: str
    cores: int
    memory_gb: int
    system: str
    python: str

    def __str__(self) -> str:
        return (
            f"{self.cores} cores of {self.processor}, {self.memory_gb} GB of memory, "
            f"{self.system}, Python {self.python}"
        )


def this_machine() -> Machine:
    return Machine(
        processor_name(),
        psutil.cpu_count() or 1,
        round(psutil.virtual_memory().total / 1e9),
        f"{platform.system()} on {platform.machine()}",
        platform.python_version(),
    )


def code_fingerprint(root: Path) -> str:
    """The same for the same program, prompts, model list and libraries in the checkout ``root``.

    Unlike a commit it does not change when results are committed.
    """
    digest = hashlib.sha256()
    for path in sorted(_measured_files(root)):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def configuration_fingerprint(config: Config) -> str:
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:16]


def _measured_files(root: Path) -> Iterator[Path]:
    shown = root / "heisenberg" / "bench" / "tables"  # changes no measurement
    yield from (path for path in (root / "heisenberg").rglob("*.py") if path.parent != shown)
    yield from (path for path in (root / "prompts").rglob("*") if path.is_file())
    yield root / "models" / "catalogue.toml"
    yield from (root / "tests" / "assets" / f"{name}.toml" for name in _ASKED)
    yield root / "requirements.lock"
