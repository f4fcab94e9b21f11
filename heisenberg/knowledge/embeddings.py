"""Sentence embeddings by a MiniLM: a small BERT whose outputs are averaged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt

from heisenberg.core.errors import LoadFailed
from heisenberg.knowledge.base import Vectors
from heisenberg.machine.allocator import give_freed_memory_back
from heisenberg.machine.native import Native, damaged, require_file, thread_count
from heisenberg.machine.onnx import Session, open_session
from heisenberg.machine.onnx_eight_bits import computing_in_8_bits
from heisenberg.machine.processor import adds_8_bits_exactly

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MODEL_FILE: Final = "model.onnx"
WORDS_FILE: Final = "tokenizer.json"

MOST_TOKENS: Final = 256
"""What the model was trained to take in."""

_MOST_THREADS: Final = 4
_BATCH_TOKENS: Final = 256
"""Of the texts that a thread embeds at once, padded. More are slower, since they fill the
processor's cache, and a question would wait for them."""
_SAMPLE: Final = "The knowledge index finds what has to do with a question."
_ALIKE: Final = 0.97
"""The cosine from which 8 bits do as well as 32: old processors cut off what does not fit."""
_BATCH_DIMENSIONS: Final = 3
"""Of the network's output: text, token, value."""


@dataclass(frozen=True, slots=True)
class _Network:
    session: Session
    tokenizer: Tokenizer
    inputs: tuple[str, ...]
    dimensions: int


class MiniLmEmbedder:
    """An ``Embedder`` that runs a MiniLM, or another model of sentences that is used like it.

    Each thread embeds texts of its own: threads that share the work on one text wait for each
    other many times in it.
    """

    def __init__(self, threads: Sequence[Native[_Network]], name: str, dimensions: int) -> None:
        self._threads = threads
        self._name = name
        self._dimensions = dimensions

    @classmethod
    async def load(cls, folder: Path, name: str, *, threads: int | None = None) -> Self:
        """Load ``model.onnx`` and ``tokenizer.json`` of ``folder``.

        Raises ``ModelMissing``, ``LoadFailed``.
        """
        count = await asyncio.to_thread(thread_count, threads, at_most=_MOST_THREADS)
        first = await Native.open("embedder", lambda: _opened(folder))
        others = [await first.beside("embedder") for _ in range(count - 1)]
        return cls([first, *others], name, await first.run(lambda held: held.dimensions))

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float16)
        if not texts:
            return vectors
        first, *_ = self._threads
        encoded = await first.run(lambda held: held.tokenizer.encode_batch(list(texts)))
        batches = _batches([len(one.ids) for one in encoded])

        async def work(thread: Native[_Network]) -> None:
            for batch in batches:  # what is left, whoever takes it
                # One call each: others come between, and one that is cancelled ends soon.
                chosen = [encoded[index] for index in batch]
                vectors[batch] = await thread.run(partial(_vectors, encoded=chosen))

        await asyncio.gather(*(work(thread) for thread in self._threads))
        return vectors

    async def aclose(self) -> None:
        for thread in self._threads:
            await thread.aclose()


def _open(folder: Path) -> _Network:
    model, words = require_file(folder / MODEL_FILE), require_file(folder / WORDS_FILE)
    tokenizer = _open_tokenizer(words)
    quick = _network(model, tokenizer, computing_in_8_bits)
    if adds_8_bits_exactly():
        return quick
    plain = _network(model, tokenizer)
    sample = [tokenizer.encode(_SAMPLE)]
    (expected,), (found,) = (_vectors(network, sample) for network in (plain, quick))
    return quick if expected @ found >= _ALIKE else plain


def _open_tokenizer(words: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(words))
    except Exception as exc:
        raise damaged(words) from exc
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _network(
    model: Path, tokenizer: Tokenizer, change: Callable[[bytes], bytes] | None = None
) -> _Network:
    """Raises ``ModelMissing``, ``LoadFailed``."""
    session = open_session(model, change=change)
    inputs = tuple(one.name for one in session.get_inputs())
    try:
        output = _run(_Network(session, tokenizer, inputs, 0), [tokenizer.encode(_SAMPLE)])[0]
    except Exception as exc:
        raise damaged(model) from exc
    if output.ndim != _BATCH_DIMENSIONS:
        raise LoadFailed(
            f"The model file {model} is no model of sentences like MiniLM.",
            "It must give a vector for each token.",
        )
    return _Network(session, tokenizer, inputs, output.shape[-1])


def _opened(folder: Path) -> _Network:
    """What opening leaves behind is several times what is kept."""
    network = _open(folder)
    give_freed_memory_back()
    return network


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Which texts to embed at once: those of about the same length."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    yield batch


def _vectors(network: _Network, encoded: Sequence[Encoding]) -> npt.NDArray[np.float32]:
    """The mean of each text's outputs, of unit length."""
    outputs, mask = _run(network, encoded)
    sums = np.einsum("btd,bt->bd", outputs, mask.astype(np.float32))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def _run(network: _Network, encoded: Sequence[Encoding]) -> tuple[Any, npt.NDArray[np.int64]]:
    """What the network gives for each token, and which of them are not padding."""
    shape = (len(encoded), max(len(one.ids) for one in encoded))
    fed = {name: np.zeros(shape, dtype=np.int64) for name in network.inputs}
    for row, one in enumerate(encoded):
        size = len(one.ids)
        fed["input_ids"][row, :size] = one.ids
        fed["attention_mask"][row, :size] = 1
    return network.session.run(None, fed)[0], fed["attention_mask"]
