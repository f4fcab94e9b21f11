"""Several who use one real model at once: nobody notices, except that it takes longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.config import LlmConfig
from heisenberg.llm.base import Generation, Rank
from heisenberg.llm.stream import LlamaCppLLM
from tests.fakes.gguf import write_tiny_lfm2

SMALL = "smollm2-135m-instruct-q4_1"
LONG = "Sum this up: " + "The river is wide and slow, and there are boats on it. " * 12
KINDS = (pytest.param("rolls back", marks=pytest.mark.models), "hybrid")


@pytest_asyncio.fixture(params=KINDS)
async def llm(
    request: pytest.FixtureRequest, models_dir: Path, tmp_path: Path
) -> AsyncIterator[LlamaCppLLM]:
    if request.param == "hybrid":
        path = tmp_path / "tiny.gguf"
        await asyncio.to_thread(write_tiny_lfm2, path)
    else:
        (path,) = (models_dir / SMALL).glob("*.gguf")
    config = LlmConfig(
        model=str(path),
        context_tokens=1024,
        temperature=0.0,
        max_tokens=24,
        system_prompt="Be kind.",
    )
    llm = LlamaCppLLM(config)
    yield llm
    await llm.aclose()


async def _rest(generation: Generation) -> str:
    return "".join([piece async for piece in generation])


async def test_a_reply_that_a_voice_interrupts_goes_on_as_if_it_had_not(llm: LlamaCppLLM) -> None:
    alone = await llm.generate_simple("Tell me about the sea.")
    spoken_alone = await llm.generate_simple("What time is it?")

    program = llm.generate("Tell me about the sea.", rank=Rank.API)
    async with aclosing(program):
        text = "".join([await anext(program) for _ in range(3)])
        rest = asyncio.create_task(_rest(program))
        await asyncio.sleep(0)
        spoken = await llm.generate_simple("What time is it?", rank=Rank.VOICE)
        assert not rest.done()
        text += await rest

    assert text == alone
    assert spoken == spoken_alone


async def test_a_voice_need_not_wait_until_a_long_prompt_is_evaluated(llm: LlamaCppLLM) -> None:
    alone = await llm.generate_simple(LONG)
    await llm.generate_simple("Hello.", system_prompt="Another one.")

    program = asyncio.create_task(llm.generate_simple(LONG, rank=Rank.API))
    await asyncio.sleep(0.005)
    await llm.generate_simple("What time is it?", max_tokens=1)
    assert not program.done()

    assert await program == alone


async def test_programs_of_a_rank_advance_together(llm: LlamaCppLLM) -> None:
    questions = ("Tell me about the sea.", "Tell me about the sun.", "Tell me about trees.")
    alone = [await llm.generate_simple(question, max_tokens=80) for question in questions]

    together = await asyncio.gather(
        *(llm.generate_simple(question, max_tokens=80, rank=Rank.API) for question in questions)
    )

    assert together == alone


async def test_a_reply_that_is_read_slowly_keeps_nobody_waiting(llm: LlamaCppLLM) -> None:
    alone = await llm.generate_simple("Tell me about the sea.")
    spoken = llm.generate("Tell me about the sea.", rank=Rank.VOICE)
    async with aclosing(spoken):
        text = await anext(spoken)
        program = await asyncio.wait_for(
            llm.generate_simple("What time is it?", rank=Rank.API, max_tokens=3), 20.0
        )
        text += await _rest(spoken)

    assert program
    assert text == alone
