"""Two models compared in use."""

from __future__ import annotations

from collections import Counter
from itertools import cycle

from structlog.testing import capture_logs

from heisenberg.core.errors import LoadFailed
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.llm.trial import Trial
from tests.fakes.shelf import ScriptedShelf


async def _none(_name: str) -> tuple[str, ...]:
    return ()


class Scene:
    """Of ten draws three are for the other model."""

    def __init__(self) -> None:
        self.shelf = ScriptedShelf({"usual": 40, "other": 30, "third": 20})
        pool = ModelPool(self.shelf, 100)
        self.llm = SwitchableLLM(pool, ModelInfo("usual", "fake", 4096), smaller=_none)
        draws = cycle(number / 10 for number in (3, 0, 9, 1, 4, 2, 5, 6, 7, 8))
        self.trial = Trial(self.llm, "other", 0.3, draw=lambda: next(draws))

    async def turns(self, count: int) -> Counter[str]:
        answered: Counter[str] = Counter()
        for _ in range(count):
            await self.trial.choose()
            answered[await self.llm.generate_simple("Who?")] += 1
        return answered


async def test_each_answers_its_share() -> None:
    scene = Scene()
    assert await scene.turns(20) == {"I am usual": 14, "I am other": 6}
    assert scene.shelf.opened == ["usual", "other"], "both stay in memory"


async def test_who_chooses_a_model_is_not_overruled() -> None:
    scene = Scene()
    await scene.turns(4)
    await scene.llm.use("third")

    assert await scene.turns(10) == {"I am third": 10}


async def test_another_that_is_not_to_be_had_ends_it_with_one_line() -> None:
    scene = Scene()
    scene.shelf.broken["other"] = LoadFailed("It is damaged.")
    with capture_logs() as logs:
        assert await scene.turns(10) == {"I am usual": 10}

    assert [log["log_level"] for log in logs] == ["warning"]
