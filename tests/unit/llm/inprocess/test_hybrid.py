"""A model like LFM2 in the real engine: its state can't be rolled back, only copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from heisenberg.core.config import LlmConfig
from heisenberg.llm.base import Sampling
from heisenberg.llm.inprocess.library import llama_library
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag
from heisenberg.llm.inprocess.prompt_cache import PromptMemory
from heisenberg.llm.stream import LlamaCppLLM
from tests.fakes.gguf import write_tiny_lfm2

SYSTEM = "Be brief. "
PROMPTS = ("Why?", "Because it is late.", "Why is it late?")


class _Unseen(StopFlag):
    """Set, but only native code can tell."""

    @property
    def is_set(self) -> bool:
        return False


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hybrid") / "tiny.gguf"
    write_tiny_lfm2(path)
    return path


@pytest.fixture
def model(file: Path) -> Iterator[LlamaCpp]:
    model = LlamaCpp.load(file, context_tokens=1024, threads=1, stop=StopFlag())
    yield model
    model.close()


def _write(model: LlamaCpp, memory: PromptMemory, prompt: str, count: int = 8) -> list[int]:
    """The first tokens of the reply."""
    memory.begin(model.tokenize(SYSTEM + prompt), shared=(len(model.tokenize(SYSTEM)),))
    sampler = model.sampler(Sampling(temperature=0.0))
    while not memory.ready:
        assert memory.advance(StopFlag())
    reply = []
    for _ in range(count):
        reply.append(model.sample(sampler))
        assert memory.append(reply[-1], StopFlag())
    return reply


def _logits(model: LlamaCpp) -> npt.NDArray[np.float32]:
    """Of the token that was evaluated last."""
    api = llama_library().api
    size = api.llama_vocab_n_tokens(model._vocabulary)
    row = api.llama_get_logits_ith(model._context, -1)
    return np.ctypeslib.as_array(row, (size,)).copy()


def _afresh(file: Path, prompt: str) -> list[int]:
    model = LlamaCpp.load(file, context_tokens=1024, threads=1, stop=StopFlag())
    reply = _write(model, PromptMemory(model, rolls_back=False), prompt)
    model.close()
    return reply


def test_it_is_one_whose_state_can_not_be_rolled_back(model: LlamaCpp) -> None:
    assert not model.rolls_back
    assert model.evaluate(model.tokenize("Hello"), StopFlag())
    assert not model.truncate(2)


def test_replies_do_not_depend_on_what_was_written_before(file: Path, model: LlamaCpp) -> None:
    expected = [_afresh(file, prompt) for prompt in PROMPTS]
    assert len(set(map(tuple, expected))) == len(PROMPTS)
    memory = PromptMemory(model, rolls_back=model.rolls_back)

    for prompt, reply in [*zip(PROMPTS, expected, strict=True)] * 2:
        assert _write(model, memory, prompt) == reply


def test_an_interrupted_prompt_leaves_no_trace(file: Path, model: LlamaCpp) -> None:
    memory = PromptMemory(model, rolls_back=model.rolls_back)
    _write(model, memory, PROMPTS[0])
    stop = _Unseen()
    stop.set()

    memory.begin(model.tokenize(SYSTEM + PROMPTS[1] * 20), shared=(len(model.tokenize(SYSTEM)),))
    assert memory.advance(StopFlag())
    assert not memory.advance(stop)

    assert _write(model, memory, PROMPTS[2]) == _afresh(file, PROMPTS[2])


def test_the_token_that_begins_a_sequence_is_there_once(model: LlamaCpp) -> None:
    begun = model.tokenize(f"{model.bos}Hello")

    assert model.bos == "<|startoftext|>"
    assert model.tokenize("Hello") == begun
    assert len(begun) == len("Hello") + 1


async def test_a_model_without_a_template_writes_all_the_same(file: Path) -> None:
    llm = LlamaCppLLM(LlmConfig(model=str(file), max_tokens=20, seed=1), name="tiny")
    generation = llm.generate("Why?", conversation_history=[("Hello.", "Hi.")])

    text = "".join([piece async for piece in generation])
    await llm.aclose()

    assert generation.tokens
    assert text.encode().decode() == text


def test_a_history_that_was_evaluated_once_is_returned_to_exactly(model: LlamaCpp) -> None:
    """Drafts replace each other after the same history: their logits must not differ."""
    history = SYSTEM + "Why? Because. "
    places = (len(model.tokenize(SYSTEM)), len(model.tokenize(history)))
    memory = PromptMemory(model, rolls_back=model.rolls_back)
    logits = []
    for words in ("And now?", "And then what?", "And now?"):
        memory.begin(model.tokenize(history + words), shared=places)
        while not memory.ready:
            assert memory.advance(StopFlag())
        logits.append(_logits(model))
    assert np.array_equal(logits[0], logits[2])
    assert not np.array_equal(logits[0], logits[1])
