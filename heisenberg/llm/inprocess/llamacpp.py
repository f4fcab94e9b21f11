"""llama.cpp: one model file, one context, one sequence of tokens.

Its C functions are called directly. The class ``llama_cpp.Llama`` redirects the process's standard
output while it loads, keeps a row of logits for every token of a batch and can't be interrupted
while it evaluates a prompt.
"""

from __future__ import annotations

import ctypes
import functools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from heisenberg.core.errors import EngineError, LoadFailed
from heisenberg.llm.base import Sampling, Structure
from heisenberg.llm.inprocess.library import LlamaLibrary, llama_library
from heisenberg.llm.inprocess.sampler import CLOSING_SIGNS, Sampler
from heisenberg.machine.memory import free_bytes
from heisenberg.machine.native import require_file, thread_count

BATCH_TOKENS: Final = 128
"""The most tokens evaluated at once; larger batches are 5 % faster and hold more memory."""

MOST_THREADS: Final = 256
"""Where no number is asked for."""

_MAGIC: Final = b"GGUF"
_OUTPUTS: Final = 2
"""Tokens of a batch of which what follows is predicted: the last one, and the one asked about."""
_EXTRA_SHARE: Final = 0.1
"""Of a file's size, what a model needs besides its weights at the least."""
_PIECE_BYTES: Final = 256
_ABORTED: Final = 2
_TIMED_TOKENS: Final = 32
"""Fewer at once tell nothing about how fast a long prompt is evaluated."""


class StopFlag:
    """Interrupts native work; ``set`` may be called from any thread, and there is no way back."""

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)

    def set(self) -> None:
        self._flag[0] = b"\1"

    @property
    def is_set(self) -> bool:
        return self._flag[0] != b"\0"

    @property
    def address(self) -> int:
        """Of a C string that is empty until the flag is set."""
        return ctypes.addressof(self._flag)


class LlamaCpp:
    """A loaded model and what it has evaluated so far: tokens at positions 0, 1, 2 and so on.

    It blocks, and is loaded, used and closed on one thread. A method that fails raises
    ``EngineError``; what is evaluated is then unknown until ``clear``.
    """

    def __init__(self, library: LlamaLibrary, model: Any, context: Any) -> None:
        self._library = library
        self._api = api = library.api
        self._model: Any = model
        self._context: Any = context
        self._stop: StopFlag | None = None
        self._vocabulary: Any = api.llama_model_get_vocab(model)
        self._memory: Any = api.llama_get_memory(context)
        self._piece = ctypes.create_string_buffer(_PIECE_BYTES)
        self.prompt_tokens_s: float | None = None
        """How fast it evaluated prompts lately."""

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        context_tokens: int,
        threads: int | None,
        stop: StopFlag,
        on_progress: Callable[[float], None] = lambda _share: None,
    ) -> LlamaCpp:
        """Load ``path``; the context is at most what the model was trained for.

        ``on_progress`` hears, on this thread, how much of the file is loaded, from 0 to 1.

        Raises ``ModelMissing``; ``LoadFailed`` for a file that is no model or a damaged one, when
        memory is short, and when ``stop`` is set meanwhile.
        """
        _check_magic(require_file(path))
        _check_room(path)
        library = llama_library()
        api = library.api
        library.errors.clear()
        model = _load_model(api, path, stop, on_progress)
        if not model:
            raise LoadFailed(
                f"The language model {path} can't be loaded: {library.reason()}.",
                "Run 'heisenberg models verify', then 'heisenberg models pull'.",
            )
        context = _open_context(api, model, context_tokens, threads)
        if not context:
            api.llama_model_free(model)
            raise LoadFailed(
                f"There is no room for a context of {context_tokens} tokens: {library.reason()}.",
                "Set llm.context_tokens lower, or choose a smaller model.",
            )
        return cls(library, model, context)

    @property
    def context_tokens(self) -> int:
        return int(self._api.llama_n_ctx(self._context))

    @property
    def rolls_back(self) -> bool:
        """Whether ``truncate`` works: not for models with a recurrent state, such as LFM2."""
        return not (
            self._api.llama_model_is_recurrent(self._model)
            or self._api.llama_model_is_hybrid(self._model)
        )

    @property
    def chat_template(self) -> str | None:
        """The model's own template (Jinja)."""
        source: bytes | None = self._api.llama_model_chat_template(self._model, None)
        return None if source is None else source.decode("utf-8", "replace")

    @property
    def bos(self) -> str:
        """The text of the token that begins every sequence, or nothing."""
        return self._text(self._api.llama_vocab_bos(self._vocabulary))

    @property
    def eos(self) -> str:
        """The text of the token that ends a sequence, or nothing."""
        return self._text(self._api.llama_vocab_eos(self._vocabulary))

    def tokenize(self, prompt: str) -> list[int]:
        """The tokens of a rendered prompt, special ones included, with BOS where it belongs."""
        bos = self.bos
        return self._tokenize(prompt, add_special=not (bos and prompt.startswith(bos)))

    def special_texts(self, text: str) -> list[str]:
        """The parts of ``text`` that this model would take for special tokens."""
        special = {
            token
            for token in self._tokenize(text, add_special=False)
            if self._api.llama_vocab_is_control(self._vocabulary, token) or self.is_end(token)
        }
        return [self._text(token) for token in sorted(special)]

    def single_tokens(self, texts: Iterable[str]) -> dict[int, str]:
        """Those of ``texts`` that are one token each, by token."""
        found = ((self._tokenize(text, add_special=False), text) for text in texts)
        return {tokens[0]: text for tokens, text in found if len(tokens) == 1}

    def is_end(self, token: int) -> bool:
        """Whether the reply ends with ``token``."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def piece(self, token: int) -> bytes:
        """The text of ``token`` in UTF-8, perhaps part of a character; special ones have none."""
        size = self._api.llama_token_to_piece(
            self._vocabulary, token, self._piece, _PIECE_BYTES, 0, False
        )
        return self._piece.raw[: max(size, 0)]

    def evaluate(self, tokens: Sequence[int], stop: StopFlag, *, ask_at: int | None = None) -> bool:
        """Append up to ``BATCH_TOKENS`` tokens; False if ``stop`` was set: the caller truncates.

        ``ask_at`` is the index of a token after which ``probability`` will be asked.
        """
        if stop.is_set:
            return False
        self._watch(stop)
        self._library.errors.clear()
        array = (self._api.llama_token * len(tokens))(*tokens)
        batch = self._api.llama_batch_get_one(array, len(tokens))
        if ask_at is not None:
            wanted = (ctypes.c_int8 * len(tokens))()
            wanted[ask_at] = wanted[-1] = 1
            batch.logits = wanted
        began_s = time.perf_counter()
        code = self._api.llama_decode(self._context, batch)
        if code == 0 and len(tokens) >= _TIMED_TOKENS:
            self._note_speed(len(tokens) / (time.perf_counter() - began_s))
        if code not in (0, _ABORTED):
            raise EngineError(
                f"The language model failed at a prompt: {self._library.reason()} (code {code}).",
                "Run 'heisenberg doctor'.",
            )
        return bool(code == 0)

    def _note_speed(self, tokens_s: float) -> None:
        """The middle between what it was and what it is now: machines get busy."""
        before = self.prompt_tokens_s
        self.prompt_tokens_s = tokens_s if before is None else (before + tokens_s) / 2

    def probability(self, asked_at: int, tokens: Sequence[int]) -> float:
        """How probable it was that one of ``tokens`` would follow the token at ``asked_at`` of the
        batch evaluated last."""
        size = self._api.llama_vocab_n_tokens(self._vocabulary)
        pointer = self._api.llama_get_logits_ith(self._context, asked_at)
        logits = np.ctypeslib.as_array(pointer, (size,))
        odds = np.exp(logits - logits.max())
        return float(odds[list(tokens)].sum() / odds.sum())

    def truncate(self, count: int) -> bool:
        """Forget all but the first ``count`` tokens; False, with nothing forgotten, if it can't."""
        return bool(self._api.llama_memory_seq_rm(self._memory, 0, count, -1))

    def clear(self) -> None:
        """Forget everything."""
        self._api.llama_memory_clear(self._memory, False)

    def save(self) -> bytes:
        """A copy of what is evaluated, without logits."""
        size = self._api.llama_state_seq_get_size(self._context, 0)
        state = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data(self._context, state, size, 0)
        return ctypes.string_at(state, written)

    def restore(self, state: bytes) -> None:
        """Return to a copy made by ``save``."""
        source = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not self._api.llama_state_seq_set_data(self._context, source, len(state), 0):
            raise EngineError("The language model refused a copy of its own state.")

    def sampler(self, sampling: Sampling, structure: Structure | None = None) -> Sampler:
        """What draws the tokens of one reply. Raises ``InputError`` for an unusable structure."""
        signs = {text: token for token, text in self.single_tokens(CLOSING_SIGNS).items()}
        return Sampler(self._api, self._vocabulary, sampling, structure, signs)

    def sample(self, sampler: Sampler, *, closes: bool = False) -> int:
        """The next token, drawn from what was evaluated last, as ``Sampler.draw`` does."""
        return sampler.draw(self._context, closes=closes)

    def close(self) -> None:
        """Give the memory back; nothing may be called afterwards."""
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = self._api.llama_vocab_get_text(self._vocabulary, token)
        return text.decode("utf-8", "replace")

    def _tokenize(self, text: str, *, add_special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 2
        tokens = (self._api.llama_token * room)()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), tokens, room, add_special, True
        )
        if count < 0:
            raise EngineError("The language model can't split this text into tokens.")
        return list(tokens[:count])

    def _watch(self, stop: StopFlag) -> None:
        """Let ``stop`` interrupt evaluation.

        The callback is C's own ``strlen`` on the flag: it is asked after every node of the
        computation (some 25,000 times a second), and a callback in Python would wait for the
        interpreter's lock each time.
        """
        if stop is not self._stop:
            self._api.llama_set_abort_callback(
                self._context, _strlen(self._api), ctypes.c_void_p(stop.address)
            )
            self._stop = stop


@functools.cache
def _strlen(api: Any) -> Any:
    return ctypes.cast(ctypes.CDLL(None).strlen, api.ggml_abort_callback)


def _check_magic(path: Path) -> None:
    with path.open("rb") as file:
        magic = file.read(len(_MAGIC))
    if magic != _MAGIC:
        raise LoadFailed(
            f"{path} is not a language model: it is not a GGUF file.",
            "Set llm.model to a name from 'heisenberg models list' or to a GGUF file.",
        )


def _check_room(path: Path) -> None:
    """Refuse what would push everything else out of memory, before any of it is read."""
    size, free = path.stat().st_size, free_bytes()
    if size * (1 + _EXTRA_SHARE) > free:
        raise LoadFailed(
            f"The language model {path} is too large: it needs {size / 1e9:.1f} GB and more, and "
            f"{free / 1e9:.1f} GB of memory are free.",
            "'heisenberg models recommend' shows which ones fit.",
        )


def _load_model(api: Any, path: Path, stop: StopFlag, on_progress: Callable[[float], None]) -> Any:
    def goes_on(share: float, _data: Any) -> bool:
        on_progress(share)
        return not stop.is_set

    params = api.llama_model_default_params()
    # Weights that are laid out anew for the processor would stay in memory as they were, too.
    params.load_mode = api.LLAMA_LOAD_MODE_NONE
    params.progress_callback = api.llama_progress_callback(goes_on)
    return api.llama_model_load_from_file(os.fsencode(path), params)


def _open_context(api: Any, model: Any, context_tokens: int, threads: int | None) -> Any:
    params = api.llama_context_default_params()
    params.n_ctx = min(context_tokens, api.llama_model_n_ctx_train(model) or context_tokens)
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.n_outputs_max = _OUTPUTS
    params.n_threads = params.n_threads_batch = thread_count(threads, at_most=MOST_THREADS)
    return api.llama_init_from_model(model, params)
