"""What was learnt of examples, on disk until they change."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog

from heisenberg.core.errors import HeisenbergError
from heisenberg.core.files import replace_file
from heisenberg.skills.choosing.regression import Learnt

_log = structlog.get_logger(__name__)


def read_learnt(file: Path, key: str) -> Learnt | None:
    """What was learnt under ``key``; ``None`` where that is not there, or can't be read."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as found:
            if str(found["key"]) != key:
                return None
            arrays = {one.name: found[one.name] for one in fields(Learnt)}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    arrays["labels"] = arrays["labels"].tolist()
    return Learnt(**arrays)


def keep_learnt(file: Path, key: str, learnt: Learnt) -> None:
    """Where there is no room for it, it is learnt again next time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(file) as opened:
            np.savez(
                opened,
                key=np.array(key),
                labels=np.array(learnt.labels),
                vectors=learnt.vectors,
                rarity=learnt.rarity,
                by_meaning=learnt.by_meaning,
                by_spelling=learnt.by_spelling,
            )
    except (OSError, HeisenbergError) as exc:
        _log.warning("what was learnt of examples is not kept", reason=str(exc))
