"""What examples mean, as vectors: worked out once, and kept on disk until they change."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import structlog

from heisenberg.core.errors import HeisenbergError
from heisenberg.core.files import replace_file
from heisenberg.knowledge.base import Embedder

Rows: TypeAlias = npt.NDArray[np.float32]
"""One vector of length 1 in each row."""

_FILE: Final = "examples.npz"

_log = structlog.get_logger(__name__)


async def meanings(texts: Sequence[str], embedder: Embedder, folder: Path | None) -> Rows:
    """Of all ``texts``, kept in ``folder``, if there is one, for the next time that it is these.

    Raises ``EngineError``.
    """
    key = hashlib.sha256("\n".join([embedder.name, *texts]).encode()).hexdigest()
    file = folder / _FILE if folder else None
    kept = await asyncio.to_thread(_kept, file, key) if file else None
    if kept is not None:
        return kept
    vectors = np.asarray(await embedder.embed(texts))
    if file is not None:
        await asyncio.to_thread(_keep, file, key, vectors)
    return vectors.astype(np.float32)


def _kept(file: Path, key: str) -> Rows | None:
    """What can't be read is worked out anew."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as found:
            return found["vectors"].astype(np.float32) if str(found["key"]) == key else None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _keep(file: Path, key: str, vectors: npt.NDArray[np.generic]) -> None:
    """Where there is no room for it, it is worked out again next time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(file) as opened:
            np.savez(opened, key=np.array(key), vectors=vectors.astype(np.float16))
    except (OSError, HeisenbergError) as exc:
        _log.warning("what examples mean is not kept", reason=str(exc))
