"""Changing the model that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest
from structlog.testing import capture_logs

from heisenberg.core.errors import InputError, LoadFailed, ModelMissing
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.machine.pressure import Pressure
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.shelf import ScriptedShelf

SIZES = {"small": 30, "middle": 40, "large": 50, "huge": 200}


class Scene:
    """The large model answers, and there is room for one more."""

    def __init__(self, capacity: int = 100) -> None:
        self.shelf = ScriptedShelf(SIZES)
        self.pool = ModelPool(self.shelf, capacity)
        self.llm = SwitchableLLM(self.pool, ModelInfo("large", "fake", 4096), smaller=self._smaller)

    async def _smaller(self, name: str) -> Sequence[str]:
        names = sorted(SIZES, key=lambda one: -SIZES[one])
        return names[names.index(name) + 1 :]

    @property
    def loaded(self) -> set[str]:
        return {resident.name for resident in self.pool.residents}

    async def ask(self) -> str:
        return await self.llm.generate_simple("Who are you?")


async def test_the_next_reply_is_anothers() -> None:
    scene = Scene()
    assert await scene.ask() == "I am large"
    await scene.llm.use("small")

    assert await scene.ask() == "I am small"
    assert scene.llm.info.name == "small"
    assert scene.loaded == {"large", "small"}, "there is room for both"


async def test_a_reply_that_was_begun_is_ended_by_who_began_it() -> None:
    scene = Scene()
    gate = scene.shelf.gates["large"] = asyncio.Event()
    async with aclosing(scene.llm.generate("Who are you?")) as reply:
        said = [await anext(reply)]
        await scene.llm.use("small")
        gate.set()
        said += [piece async for piece in reply]

    assert "".join(said) == "I am large"
    assert reply.model.name == "large"
    assert await scene.ask() == "I am small"


async def test_where_there_is_room_for_one_the_change_waits_for_the_reply() -> None:
    scene = Scene(capacity=60)
    gate = scene.shelf.gates["large"] = asyncio.Event()
    async with aclosing(scene.llm.generate("Who are you?")) as reply:
        await anext(reply)
        changing = asyncio.create_task(scene.llm.use("middle"))
        gate.set()
        assert [piece async for piece in reply] == ["large"]
    await changing

    assert await scene.ask() == "I am middle"
    assert scene.loaded == {"middle"}


async def test_one_that_can_not_be_loaded_leaves_the_present_one() -> None:
    scene = Scene()
    await scene.ask()
    scene.shelf.broken["small"] = LoadFailed("It is damaged.")
    with pytest.raises(LoadFailed, match="damaged"):
        await scene.llm.use("small")
    with pytest.raises(InputError):
        await scene.llm.use("unheard of")

    assert await scene.ask() == "I am large"
    assert scene.llm.info.name == "large"


async def test_a_reply_can_be_asked_of_another_by_name() -> None:
    scene = Scene()
    assert await scene.llm.generate_simple("Who are you?", model="small") == "I am small"
    assert await scene.ask() == "I am large"


async def test_who_is_asked_for_and_not_to_be_had_is_nobodys_failure() -> None:
    scene = Scene()
    other = ScriptedLanguageModel([["Other."]])
    async with aclosing(ModelChain([scene.llm, other])) as chain:
        await scene.ask()
        with pytest.raises(LoadFailed, match="no room"):
            await chain.generate_simple("Who are you?", model="huge")
        assert await chain.generate_simple("Who are you?") == "I am large"


async def test_the_next_smaller_one_stands_in_with_one_line() -> None:
    scene = Scene()
    scene.shelf.broken["large"] = LoadFailed("It is damaged.", "Fetch it again.")
    scene.shelf.broken["middle"] = LoadFailed("It is too.")
    with capture_logs() as logs:
        assert await scene.ask() == "I am small"

    (line,) = [log for log in logs if log["log_level"] == "warning"]
    assert line["model"] == "small"
    assert "It is damaged." in line["reason"]
    assert await scene.ask() == "I am small"


async def test_if_none_can_be_loaded_the_first_ones_failure_is_told() -> None:
    scene = Scene()
    for name in SIZES:
        scene.shelf.broken[name] = LoadFailed(f"{name} is damaged.")
    with pytest.raises(LoadFailed, match="large is damaged"):
        await scene.ask()

    scene.shelf.broken.clear()
    assert await scene.ask() == "I am large"


async def test_one_that_is_not_here_is_not_replaced() -> None:
    scene = Scene()
    scene.shelf.broken["large"] = ModelMissing("It is not here.", "Fetch it.")
    with pytest.raises(ModelMissing):
        await scene.llm.load()


async def test_unloaded_in_need_it_is_loaded_again_for_the_next_reply() -> None:
    scene = Scene()
    await scene.ask()
    await scene.pool.relieve(Pressure.CRITICAL)
    assert scene.loaded == set()

    assert await scene.ask() == "I am large"
    await scene.pool.relieve(Pressure.HIGH)
    assert scene.loaded == {"large"}


async def test_if_there_is_no_room_for_it_any_more_the_next_smaller_one_stands_in() -> None:
    scene = Scene()
    await scene.ask()
    await scene.pool.relieve(Pressure.CRITICAL)
    scene.shelf.broken["large"] = LoadFailed("It is too large by now.")

    assert await scene.ask() == "I am middle"
    assert scene.llm.info.name == "middle"


async def test_while_another_one_is_loaded_the_present_one_answers() -> None:
    scene = Scene()
    await scene.ask()
    loading = scene.shelf.loading["small"] = asyncio.Event()
    changing = asyncio.create_task(scene.llm.use("small"))
    await asyncio.sleep(0)

    assert await scene.ask() == "I am large"
    loading.set()
    await changing
    assert await scene.ask() == "I am small"
