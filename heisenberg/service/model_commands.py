"""What can be asked of a running Heisenberg about its language models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from heisenberg.core.errors import ConfigError, InputError
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.service.control import Handler
from heisenberg.service.wire import ModelCommand


def model_commands(
    switch: SwitchableLLM | None, warm: Callable[[], Awaitable[None]]
) -> dict[str, Handler]:
    """Handlers for every ``ModelCommand``; each answers with what is in memory afterwards.

    ``switch`` is ``None`` where no model runs in this process. ``warm`` has a new model read what
    was said so far.
    """

    async def nothing(_switch: SwitchableLLM, _name: str) -> None:
        return

    async def use(switch: SwitchableLLM, name: str) -> None:
        await switch.use(name)
        await warm()

    async def unload(switch: SwitchableLLM, name: str) -> None:
        await switch.pool.unload(name)

    def handler(act: Callable[[SwitchableLLM, str], Awaitable[None]], *, named: bool) -> Handler:
        async def answer(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
            if switch is None:
                raise ConfigError(
                    "The language model runs on a server, which chooses it.",
                    "Set llm.model, or llm.backend to 'inprocess'.",
                )
            await act(switch, _name_in(request) if named else "")
            yield {"ok": True, **switch.as_dict()}

        return answer

    return {
        ModelCommand.LOADED.value: handler(nothing, named=False),
        ModelCommand.USE.value: handler(use, named=True),
        ModelCommand.UNLOAD.value: handler(unload, named=True),
    }


def _name_in(request: Mapping[str, Any]) -> str:
    name = request.get("model")
    if not isinstance(name, str) or not name:
        raise InputError("The request does not name a model.", "Add 'model'.")
    return name
