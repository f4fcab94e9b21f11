"""Several language models in a row: while one can't answer, the next one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final, Protocol, Unpack, runtime_checkable

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import (
    EngineError,
    HeisenbergError,
    InputError,
    ModelError,
    TurnError,
)
from heisenberg.llm.base import Generation, LanguageModel, ModelInfo, ReplyOptions, WarmOptions
from heisenberg.llm.generation import Progress, StreamedGeneration, whole

PATIENCE_S: Final = 0.8
"""Who writes nothing for so long is asked whether they are well."""

FIRST_RETRY_S: Final = 1.0
LAST_RETRY_S: Final = 30.0
"""A server that failed is asked again after ever longer pauses."""


@runtime_checkable
class Checked(Protocol):
    """A model that can be asked whether it is well, at little cost."""

    async def check(self) -> None:
        """Raises ``HeisenbergError``, within a second or so, if it is not."""
        ...


OnChange = Callable[[ModelInfo, HeisenbergError | None], None]
"""Hears which model can't be used any more and why; without an error: it can again."""


class ModelChain:
    """A ``LanguageModel`` that answers with the first of ``models`` that can.

    One that fails is replaced at once; the next one goes on with the reply where it stopped. Where
    none can do that, the reply ends with the error: half of it was perhaps heard. Who failed is
    left out (its circuit is open) until it says that it is well again.
    """

    def __init__(
        self, models: Sequence[LanguageModel], on_change: OnChange = lambda _info, _error: None
    ) -> None:
        """``models`` in the order in which to try them, at least one; they are closed here."""
        self._links = [_Link(model, on_change) for model in models]
        self._closed = False

    @property
    def models(self) -> Sequence[LanguageModel]:
        """In the order in which they are tried."""
        return [link.model for link in self._links]

    @property
    def info(self) -> ModelInfo:
        """Of the model that would answer now."""
        return self._usable()[0].model.info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        progress = Progress(self.info)
        return StreamedGeneration(self._write(prompt, options, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        await self._first_that_can(lambda model: model.warm(**options))

    async def aclose(self) -> None:
        self._closed = True
        for link in self._links:
            await link.aclose()

    async def _first_that_can(self, use: Callable[[LanguageModel], Awaitable[None]]) -> None:
        for link in (attempts := self._attempts()):
            try:
                async with link.watched():
                    await use(link.model)
            except InputError:
                raise
            except HeisenbergError as exc:
                link.failed(exc)
                if link is attempts[-1]:
                    raise
            else:
                return

    async def _write(
        self, prompt: str, options: ReplyOptions, progress: Progress
    ) -> AsyncGenerator[str, None]:
        said = ""
        failure: HeisenbergError | None = None
        for link in self._attempts():
            before = progress.tokens
            try:
                generation = link.model.generate(prompt, **_going_on(options, said))
                async with aclosing(generation):
                    while (piece := await link.next_piece(generation)) is not None:
                        progress.follow(generation, before)
                        said += piece
                        yield piece
                    progress.follow(generation, before)
            except (InputError, TurnError):
                # Nobody would do better, unless what is refused is to go on with another's reply.
                if failure is None or not said:
                    raise
            except HeisenbergError as exc:
                if options.get("model") and isinstance(exc, ModelError):
                    raise  # another is wanted than the one that answers otherwise, which is well
                link.failed(exc)
                failure = exc
                if said and options.get("structure"):
                    break
            else:
                return
        assert failure is not None
        raise failure

    def _usable(self) -> list[_Link]:
        """Those that are well; all, in case they are better than their repute, if none is."""
        return [link for link in self._links if link.is_up] or self._links

    def _attempts(self) -> list[_Link]:
        """Whom to try."""
        if self._closed:
            raise EngineError("The language model is closed.")
        return self._usable()


class _Link:
    """A model and its circuit breaker."""

    def __init__(self, model: LanguageModel, on_change: OnChange) -> None:
        self.model = model
        self._on_change = on_change
        self._mending: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self._mending is None

    def failed(self, error: HeisenbergError) -> None:
        """Leave it out until it is well."""
        if self._mending is None:
            self._on_change(self.model.info, error)
            self._mending = asyncio.create_task(self._mend(), name="llm-mend")

    async def next_piece(self, generation: Generation) -> str | None:
        """``None`` at the end."""
        async with self.watched():
            return await anext(generation, None)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """What takes long within is ended with an ``EngineError`` if the model is not well."""
        if not isinstance(self.model, Checked):
            yield
            return
        loop = asyncio.get_running_loop()
        checking: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(None) as limit:

                def check() -> None:
                    checking.append(asyncio.create_task(self._end_if_ill(limit), name="llm-check"))

                timer = loop.call_later(PATIENCE_S, check)
                try:
                    yield
                finally:
                    timer.cancel()
                    for task in checking:
                        await cancel_and_wait(task)
        except TimeoutError as exc:
            raise EngineError(
                f"The language model '{self.model.info.name}' ({self.model.info.backend}) does not "
                "answer any more.",
                "Look whether its server still runs.",
            ) from exc

    async def aclose(self) -> None:
        if self._mending is not None:
            await cancel_and_wait(self._mending)
        await self.model.aclose()

    async def _end_if_ill(self, limit: asyncio.Timeout) -> None:
        assert isinstance(self.model, Checked)
        while True:
            try:
                await self.model.check()
            except HeisenbergError:
                limit.reschedule(asyncio.get_running_loop().time())
                return
            await asyncio.sleep(PATIENCE_S)

    async def _mend(self) -> None:
        pause_s = FIRST_RETRY_S if isinstance(self.model, Checked) else LAST_RETRY_S
        while True:
            await asyncio.sleep(pause_s)
            try:
                if isinstance(self.model, Checked):
                    await self.model.check()
            except HeisenbergError:
                pause_s = min(2 * pause_s, LAST_RETRY_S)
            else:
                self._mending = None
                self._on_change(self.model.info, None)
                return


def _going_on(options: ReplyOptions, said: str) -> ReplyOptions:
    """What the next one is asked, when ``said`` is already heard."""
    begun = options.get("begun", "") + said
    return ReplyOptions(**{**options, "begun": begun}) if begun else options
