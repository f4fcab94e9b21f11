"""A conversation in writing."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from heisenberg import main
from heisenberg.cli import ask
from heisenberg.core.config import Config
from heisenberg.core.conversation import Conversation
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from tests.fakes.llm import ScriptedLanguageModel


async def test_what_was_said_is_forgotten_when_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedLanguageModel([["Hello ", "Ada."], ["I don't know."]])
    conversation = Conversation(model, ConversationHistory(5), PromptWords())

    async def load(*_: object) -> Conversation:
        return conversation

    async def lines(_prompt: str) -> AsyncGenerator[str, None]:
        for line in ("I am Ada.", "Please forget everything.", "Who am I?"):
            yield line

    monkeypatch.setattr(main, "load_conversation", load)
    monkeypatch.setattr(ask, "_lines", lines)
    assert await ask._chat(Config()) == 0

    said = capsys.readouterr().out.splitlines()
    assert said == ["Hello Ada.", "I have forgotten what we talked about.", "I don't know."]
    assert [request.prompt for request in model.requests] == ["I am Ada.", "Who am I?"]
    assert model.requests[-1].history == ()
