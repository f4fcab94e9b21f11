"""What a running Heisenberg answers about its language models."""

from __future__ import annotations

from typing import Any

import pytest

from heisenberg.core.errors import ConfigError, InputError
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.service.model_commands import model_commands
from tests.fakes.shelf import ScriptedShelf

MB = 10**6


class Scene:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.warmed = 0
        shelf = ScriptedShelf({"large": 500 * MB, "small": 100 * MB})
        pool = ModelPool(shelf, 700 * MB, now_s=lambda: self.now_s)
        self.llm = SwitchableLLM(pool, ModelInfo("large", "fake", 4096), smaller=_none)
        self.commands = model_commands(self.llm, self._warm)

    async def _warm(self) -> None:
        self.warmed += 1

    async def ask(self, do: str, **request: Any) -> dict[str, Any]:
        (answer,) = [dict(part) async for part in self.commands[do](request)]
        return answer


async def _none(_name: str) -> tuple[str, ...]:
    return ()


async def test_it_tells_what_is_in_memory() -> None:
    scene = Scene()
    await scene.llm.load()
    await scene.llm.generate_simple("Who?", model="small")
    scene.now_s = 30.0

    assert await scene.ask("models") == {
        "ok": True,
        "present": "large",
        "room_mb": 700,
        "models": [
            {"name": "large", "needs_mb": 500, "replies": 0, "unused_s": 30},
            {"name": "small", "needs_mb": 100, "replies": 0, "unused_s": 30},
        ],
    }


async def test_another_model_answers_and_has_read_what_was_said() -> None:
    scene = Scene()
    await scene.llm.load()

    answer = await scene.ask("use_model", model="small")
    assert answer["present"] == "small"
    assert scene.warmed == 1
    assert await scene.llm.generate_simple("Who?") == "I am small"

    answer = await scene.ask("unload_model", model="large")
    assert [one["name"] for one in answer["models"]] == ["small"]


async def test_what_can_not_be_done_is_said() -> None:
    scene = Scene()
    await scene.llm.load()
    with pytest.raises(InputError, match="no model 'other'"):
        await scene.ask("use_model", model="other")
    with pytest.raises(InputError, match="in use"):
        await scene.ask("unload_model", model="large")
    for name in (None, "", 7):
        with pytest.raises(InputError, match="name a model"):
            await scene.ask("use_model", model=name)


@pytest.mark.parametrize("command", ["models", "use_model", "unload_model"])
async def test_a_server_chooses_its_model_itself(command: str) -> None:
    commands = model_commands(None, Scene()._warm)
    with pytest.raises(ConfigError, match="runs on a server"):
        await anext(commands[command]({"model": "small"}))
