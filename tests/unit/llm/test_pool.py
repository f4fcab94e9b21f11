"""Which language models are in memory."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from heisenberg.core.errors import EngineError, InputError, LoadFailed
from heisenberg.llm.pool import ModelPool
from heisenberg.machine.pressure import Pressure
from tests.fakes.shelf import ScriptedShelf

SIZES = {"small": 30, "middle": 40, "large": 50, "huge": 200}


class Scene:
    """Room for two of the models, and a clock."""

    def __init__(self, keep_alive_s: float = -1.0) -> None:
        self.now_s = 0.0
        self.shelf = ScriptedShelf(SIZES)
        self.pool = ModelPool(self.shelf, 100, keep_alive_s=keep_alive_s, now_s=lambda: self.now_s)

    async def ask(self, name: str) -> str:
        self.now_s += 1.0
        async with self.pool.lease(name) as model:
            return await model.generate_simple("Who are you?")

    @property
    def loaded(self) -> list[str]:
        return [resident.name for resident in self.pool.residents]


async def test_of_three_in_a_space_for_two_the_oldest_goes() -> None:
    scene = Scene()
    for name in ("small", "middle", "large"):
        assert await scene.ask(name) == f"I am {name}"

    assert scene.loaded == ["middle", "large"]
    assert scene.shelf.models["small"].closed
    assert not scene.shelf.models["middle"].closed


async def test_the_oldest_is_the_one_that_was_used_least_recently() -> None:
    scene = Scene()
    for name in ("small", "middle", "small", "large"):
        await scene.ask(name)

    assert scene.loaded == ["small", "large"]
    assert scene.shelf.opened == ["small", "middle", "large"]


async def test_another_name_of_a_model_loads_no_second_one() -> None:
    scene = Scene()
    await scene.ask("small")
    await scene.ask("the small")

    assert scene.shelf.opened == ["small"]


async def test_two_who_ask_at_once_load_it_once() -> None:
    scene = Scene()

    assert await asyncio.gather(*(scene.ask("small") for _ in range(3))) == ["I am small"] * 3
    assert scene.shelf.opened == ["small"]


async def test_one_that_answers_is_not_unloaded_and_who_needs_its_room_waits() -> None:
    scene = Scene()
    gate = scene.shelf.gates["large"] = asyncio.Event()
    async with scene.pool.lease("large") as large, aclosing(large.generate("Who?")) as reply:
        assert await anext(reply) == "I am "
        other = asyncio.create_task(scene.ask("huge"))
        await _settled()
        assert not scene.shelf.models["large"].closed
        assert not other.done()
        gate.set()
        assert await anext(reply) == "large"
    assert await other == "I am huge"
    assert scene.loaded == ["huge"]


async def test_while_one_waits_for_room_those_in_memory_are_at_hand() -> None:
    scene = Scene()
    async with scene.pool.lease("large"):
        waiting = asyncio.create_task(scene.ask("huge"))
        await _settled()
        assert await scene.ask("large") == "I am large"
        waiting.cancel()


async def test_a_kept_one_stays_and_what_does_not_fit_beside_it_is_refused() -> None:
    scene = Scene()
    assert await scene.pool.keep("the large") == "large"
    assert await scene.ask("middle") == "I am middle"
    assert await scene.ask("small") == "I am small"
    assert scene.loaded == ["large", "small"]

    with pytest.raises(LoadFailed, match=r"no room for 'huge'.*llm\.memory_mb"):
        await scene.ask("huge")

    scene.pool.release("large")
    assert await scene.ask("huge") == "I am huge"


async def test_one_that_is_larger_than_the_room_for_all_may_be_alone() -> None:
    scene = Scene()
    await scene.ask("small")

    assert await scene.ask("huge") == "I am huge"
    assert scene.loaded == ["huge"]


async def test_one_that_can_not_be_loaded_leaves_no_trace() -> None:
    scene = Scene()
    scene.shelf.broken["large"] = LoadFailed("It is damaged.")
    with pytest.raises(LoadFailed, match="damaged"):
        await scene.ask("large")

    assert scene.loaded == []
    assert await scene.ask("small") == "I am small"


async def test_unused_for_long_it_is_unloaded() -> None:
    scene = Scene(keep_alive_s=60.0)
    await scene.ask("small")
    scene.now_s += 30
    await scene.ask("middle")
    scene.now_s += 40
    await scene.pool.relieve(Pressure.LOW)

    assert scene.loaded == ["middle"]


@pytest.mark.parametrize(
    ("pressure", "left"),
    [
        (Pressure.LOW, ["middle", "small"]),
        (Pressure.MEDIUM, ["middle"]),
        (Pressure.HIGH, ["middle"]),
        (Pressure.CRITICAL, []),
    ],
)
async def test_under_pressure_what_is_not_needed_now_goes(
    pressure: Pressure, left: list[str]
) -> None:
    scene = Scene()
    await scene.pool.keep("middle")
    await scene.ask("small")
    await scene.pool.relieve(pressure)

    assert scene.loaded == left
    assert await scene.ask("middle") == "I am middle"


async def test_under_any_pressure_what_is_in_use_stays() -> None:
    scene = Scene()
    async with scene.pool.lease("small") as model:
        await scene.pool.relieve(Pressure.CRITICAL)
        assert await model.generate_simple("Who?") == "I am small"


async def test_unloading_by_hand_spares_what_is_needed() -> None:
    scene = Scene()
    await scene.pool.keep("middle")
    await scene.ask("small")
    await scene.pool.unload("small")
    assert scene.loaded == ["middle"]

    with pytest.raises(InputError, match="in use"):
        await scene.pool.unload("middle")
    with pytest.raises(InputError, match="In memory: middle"):
        await scene.pool.unload("small")


async def test_closed_it_has_nothing_and_gives_nothing() -> None:
    scene = Scene()
    async with scene.pool.lease("large"):
        waiting = asyncio.create_task(scene.ask("huge"))
        await _settled()
        await scene.pool.aclose()
    await scene.pool.aclose()

    assert scene.shelf.models["large"].closed
    with pytest.raises(EngineError, match="closed"):
        await waiting
    with pytest.raises(EngineError, match="closed"):
        await scene.ask("small")


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
