"""Weights made anew for the processor at hand, kept where it answers sooner with them.

Files of models carry weights in mixed formats, of which llama.cpp has fast routines for some only,
and which ones depends on the processor. What the formats cost can't be told; it is measured.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from heisenberg.core.errors import InputError
from heisenberg.core.files import replace_file
from heisenberg.llm.inprocess.library import llama_library
from heisenberg.llm.inprocess.llamacpp import BATCH_TOKENS, LlamaCpp, StopFlag
from heisenberg.llm.inprocess.prompt_states import file_identity
from heisenberg.llm.inprocess.quantize import quantize
from heisenberg.machine.processor import processor_name

_LEVEL: Final = "Q4_0"
"""The format that llama.cpp lays out anew for whichever processor it loads it on."""
_WORDS: Final = "Q8_0"
"""Coarser ones for what words are made of cost answers: they are the last thing in each."""

_WORTH_IT: Final = 1.1
"""So much faster must it read to be kept: it takes as much room on the disk again."""
_NO_SLOWER: Final = 0.95
_ROUNDS: Final = 3
_PROMPT_BATCHES: Final = 2
_REPLY_TOKENS: Final = 16
_TEXT: Final = "It is a long story, and I will tell you all of it tonight. "

_log = structlog.get_logger(__name__)


class Speed(BaseModel):
    """Tokens a second: of a prompt, and of a reply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt_tokens_s: float
    reply_tokens_s: float


class Fitted(BaseModel):
    """What came of an attempt; medians."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    before: Speed
    after: Speed
    kept: bool


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """Those in ``folder``. A file is found only for what it was made of, on the processor and with
    the build of llama.cpp it was measured with. It blocks."""

    folder: Path

    def of(self, source: Path) -> Path:
        """The file to load for the model in ``source``: itself, or what was made of it.

        Raises ``ModelMissing``, ``LoadFailed``.
        """
        made = self._file(source)
        return made if made.is_file() else source

    def fit(self, source: Path, threads: int | None = None) -> Fitted:
        """Make the weights of ``source`` anew and measure both, unless that was done before; some
        ten seconds.

        Raises ``ModelMissing``, ``LoadFailed``; ``EngineError`` and ``InputError`` when they can't
        be made, ``StoreError`` when the disk is full.
        """
        made = self._file(source)
        note = made.with_suffix(".json")
        if (known := _read(note)) is not None and known.kept == made.is_file():
            return known
        self._make_folder()
        attempt = made.with_suffix(".part")
        try:
            quantize(source, attempt, _LEVEL, words=_WORDS)
            fitted = _compare(source, attempt, threads)
            if fitted.kept:
                attempt.replace(made)
        finally:
            attempt.unlink(missing_ok=True)
        with replace_file(note) as out:
            out.write(fitted.model_dump_json(indent=1).encode())
        self._drop_others(fitted.source, keep=note)
        return fitted

    def discard_attempts(self) -> None:
        """Delete what an attempt that was given up has written so far."""
        for attempt in self.folder.glob("*.part"):
            attempt.unlink(missing_ok=True)

    def _file(self, source: Path) -> Path:
        origin = [file_identity(source), llama_library().build, processor_name(), _LEVEL, _WORDS]
        return self.folder / f"{hashlib.sha256(json.dumps(origin).encode()).hexdigest()}.gguf"

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise InputError(
                f"The folder {self.folder} can't be made: {exc.strerror}.",
                "Set XDG_CACHE_HOME to a folder that can be written.",
            ) from exc

    def _drop_others(self, source: str, *, keep: Path) -> None:
        """What was made of an earlier state of the same file, or of one that is gone, is of no use
        any more."""
        for note in self.folder.glob("*.json"):
            known = _read(note)
            gone = known is None or known.source == source or not Path(known.source).exists()
            if note != keep and gone:
                with contextlib.suppress(OSError):
                    note.with_suffix(".gguf").unlink(missing_ok=True)
                    note.unlink()


def _read(note: Path) -> Fitted | None:
    try:
        return Fitted.model_validate_json(note.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as exc:
        _log.warning("it is not known what was measured", file=str(note), reason=str(exc))
        return None


def _compare(source: Path, made: Path, threads: int | None) -> Fitted:
    """In turns, so that whatever else the machine does slows both."""
    pairs = [(_speed(source, threads), _speed(made, threads)) for _ in range(_ROUNDS)]
    reads = median(after.prompt_tokens_s / before.prompt_tokens_s for before, after in pairs)
    writes = median(after.reply_tokens_s / before.reply_tokens_s for before, after in pairs)
    return Fitted(
        source=str(source.resolve()),
        before=_median([before for before, _ in pairs]),
        after=_median([after for _, after in pairs]),
        kept=reads >= _WORTH_IT and writes >= _NO_SLOWER,
    )


def _median(speeds: list[Speed]) -> Speed:
    return Speed(
        prompt_tokens_s=round(median(one.prompt_tokens_s for one in speeds), 1),
        reply_tokens_s=round(median(one.reply_tokens_s for one in speeds), 1),
    )


def _speed(path: Path, threads: int | None) -> Speed:
    stop = StopFlag()
    prompt = BATCH_TOKENS * _PROMPT_BATCHES
    model = LlamaCpp.load(path, context_tokens=2 * prompt, threads=threads, stop=stop)
    try:
        tokens = model.tokenize(_TEXT * BATCH_TOKENS)[:prompt]
        model.evaluate(tokens[:BATCH_TOKENS], stop)  # the first one also wakes the threads
        model.clear()
        began_s = time.perf_counter()
        for at in range(0, prompt, BATCH_TOKENS):
            model.evaluate(tokens[at : at + BATCH_TOKENS], stop)
        read_s = time.perf_counter()
        for token in tokens[:_REPLY_TOKENS]:
            model.evaluate([token], stop)
        wrote_s = time.perf_counter()
    finally:
        model.close()
    return Speed(
        prompt_tokens_s=prompt / (read_s - began_s),
        reply_tokens_s=_REPLY_TOKENS / (wrote_s - read_s),
    )
