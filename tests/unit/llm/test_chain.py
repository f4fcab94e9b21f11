"""Several models in a row, some of which fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from heisenberg.core.errors import EngineError, HeisenbergError, InputError, TurnError
from heisenberg.llm import chain
from heisenberg.llm.base import LanguageModel, ModelInfo, Structure
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from tests.fakes.llm import ScriptedLanguageModel


class Server(ScriptedLanguageModel):
    """A model that can be asked whether it is well, and fails when it is not."""

    def __init__(self, *pieces: str, gates: dict[int, asyncio.Event] | None = None) -> None:
        super().__init__([pieces], gates=gates)
        self.ill: HeisenbergError | None = None
        self.checks = 0
        self.patience = asyncio.Event()
        """Set when it was asked three times."""

    async def check(self) -> None:
        self.checks += 1
        if self.checks == 3:
            self.patience.set()
        if self.ill is not None:
            raise self.ill

    def fall_ill(self) -> None:
        self.ill = self.error = EngineError("It is down.", "Start it.")

    def recover(self) -> None:
        self.ill = self.error = None


class Scene:
    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.first = Server("From", " the first.", gates={1: self.gate})
        self.second = Server("From the second.")
        self.changes: list[tuple[ModelInfo, HeisenbergError | None]] = []
        self.back = asyncio.Event()
        self.chain = ModelChain([self.first, self.second], self._note)

    def _note(self, model: ModelInfo, error: HeisenbergError | None) -> None:
        self.changes.append((model, error))
        if error is None:
            self.back.set()


@pytest_asyncio.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(chain, "PATIENCE_S", 0.01)
    monkeypatch.setattr(chain, "FIRST_RETRY_S", 0.01)
    scene = Scene()
    yield scene
    await scene.chain.aclose()


async def test_the_first_answers_while_it_can(scene: Scene) -> None:
    assert await scene.chain.generate_simple("Who?") == "From the first."
    assert scene.second.requests == []


async def test_the_next_answers_the_same_question_with_the_same_history(scene: Scene) -> None:
    scene.first.fall_ill()
    history = [("One?", "Two.")]

    async with aclosing(scene.chain.generate("Who?", conversation_history=history)) as generation:
        text = "".join([piece async for piece in generation])

    assert text == "From the second."
    assert generation.model == scene.second.info
    (asked,) = scene.second.requests
    assert (asked.prompt, asked.history) == ("Who?", tuple(history))
    ((out, error),) = scene.changes
    assert out == scene.first.info
    assert error is not None


async def test_who_failed_is_not_asked_until_it_is_well_and_then_is(scene: Scene) -> None:
    scene.first.fall_ill()
    await scene.chain.generate_simple("Who?")
    asked = len(scene.first.requests)
    await scene.chain.generate_simple("Who?")
    assert len(scene.first.requests) == asked

    scene.first.recover()
    await scene.back.wait()

    assert scene.changes[-1] == (scene.first.info, None)
    assert await scene.chain.generate_simple("Who?") == "From the first."


async def _said(scene: Scene, model: LanguageModel, **options: Any) -> list[str]:
    """What is heard of a reply during which the first model falls ill."""
    scene.gate.clear()
    said = []
    async with aclosing(model.generate("Who?", **options)) as generation:
        async for piece in generation:
            said.append(piece)
            scene.first.fall_ill()
    return said


async def test_the_next_goes_on_with_a_reply_where_it_stopped(scene: Scene) -> None:
    assert await _said(scene, scene.chain) == ["From", "From the second."]
    assert scene.second.requests[0].begun == "From"


async def test_a_reply_that_nobody_can_go_on_with_ends_with_its_error(scene: Scene) -> None:
    models = ModelChain([scene.first, CannedLLM([], "Nothing.")])
    async with aclosing(models):
        with pytest.raises(EngineError, match="does not answer any more"):
            await _said(scene, models)

        assert await models.generate_simple("Who?") == "Nothing."


async def test_half_a_structure_is_not_gone_on_with(scene: Scene) -> None:
    with pytest.raises(EngineError, match="does not answer any more"):
        await _said(scene, scene.chain, structure=Structure(grammar='root ::= "a"'))
    assert scene.second.requests == []


async def test_a_reply_without_its_structure_is_nobodys_failure(scene: Scene) -> None:
    scene.first.error = TurnError("The answer does not fit.")
    with pytest.raises(TurnError):
        await scene.chain.generate_simple("Who?")
    assert scene.changes == []


async def test_who_hangs_at_the_first_word_and_is_ill_is_replaced(scene: Scene) -> None:
    first = Server("Never.", gates={0: asyncio.Event()})
    first.ill = EngineError("It hangs.", "Kill it.")
    models = ModelChain([first, scene.second])
    async with aclosing(models):
        assert await models.generate_simple("Who?") == "From the second."


async def test_who_is_slow_but_well_is_waited_for(scene: Scene) -> None:
    scene.gate.clear()
    asking = asyncio.create_task(scene.chain.generate_simple("Who?"))
    await scene.first.patience.wait()
    scene.gate.set()

    assert await asking == "From the first."


async def test_a_question_that_is_refused_is_refused_by_all(scene: Scene) -> None:
    with pytest.raises(InputError):
        await scene.chain.generate_simple(" ")
    assert scene.changes == []


async def test_if_none_can_the_last_one_says_why(scene: Scene) -> None:
    scene.first.fall_ill()
    scene.second.fall_ill()
    for _ in range(2):
        with pytest.raises(EngineError, match="It is down"):
            await scene.chain.generate_simple("Who?")

    scene.second.recover()
    assert await scene.chain.generate_simple("Who?") == "From the second."


async def test_warming_goes_on_to_the_one_that_can(scene: Scene) -> None:
    await scene.chain.warm(words="Who")
    assert (len(scene.first.warmed), len(scene.second.warmed)) == (1, 0)

    await scene.first.aclose()
    await scene.chain.warm(words="Who")

    assert (len(scene.first.warmed), len(scene.second.warmed)) == (1, 1)


async def test_closing_closes_all(scene: Scene) -> None:
    scene.first.fall_ill()
    await scene.chain.generate_simple("Who?")
    await scene.chain.aclose()

    assert scene.first.closed
    assert scene.second.closed
