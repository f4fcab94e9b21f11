"""A real model that composes: what the grammar of a bar asks for is what llama.cpp reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.config import LlmConfig
from heisenberg.core.conversation import Conversation
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.stream import LlamaCppLLM
from heisenberg.skills.melody.composing import Bar, Line, compose_bar
from heisenberg.skills.melody.scales import Key

SMALL = "smollm2-135m-instruct-q4_1"


@pytest.mark.models
async def test_a_small_model_keeps_to_the_rules(models_dir: Path) -> None:
    (file,) = (models_dir / SMALL).glob("*.gguf")
    llm = LlamaCppLLM(LlmConfig(model=str(file), context_tokens=1024, seed=1))
    history = ConversationHistory(5)
    talk = Conversation(llm, history, PromptWords())
    line = Line("melody", "jazz", Key(10, "dorian"), 2)  # of names of one and of two letters
    bars: list[Bar] = []
    try:
        for _ in range(line.bars):
            bars.append(await compose_bar(line, bars, talk))
    finally:
        await llm.aclose()
    notes = [note for bar in bars for note, _ in bar if note is not None]
    assert {notes[0] % 12, notes[-1] % 12} == {10}
    assert {note % 12 for note in notes} <= {10, 0, 1, 3, 5, 7, 8}  # Bb C Db Eb F G Ab
    assert len(set(notes)) >= 3
    assert not history.pairs()
