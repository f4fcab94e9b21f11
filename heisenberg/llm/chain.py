"""Several language models in a row: while one can't answer, the next one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final, Protocol, Unpack, runtime_checkable

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import EngineError, HeisenbergError, InputError
from heisenberg.llm.base import Generation, History, LanguageModel, ModelInfo, ReplyOptions
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

    One that fails before it has written anything is replaced at once. One that fails later ends the
    reply with its error: half of it was perhaps heard. Either way it is left out (its circuit is
    open) until it says that it is well again.
    """

    def __init__(
        self, models: Sequence[LanguageModel], on_change: OnChange = lambda _info, _error: None
    ) -> None:
        """``models`` in the order in which to try them, at least one; they are closed here."""
        self._links = [_Link(model, on_change) for model in models]
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        """Of the model that would answer now."""
        return self._usable()[0].model.info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        progress = Progress(self.info)

        def begin(model: LanguageModel) -> Generation:
            return model.generate(prompt, **options)

        return StreamedGeneration(self._write(begin, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(
        self,
        *,
        system_prompt: str | None = None,
        conversation_history: History = (),
        words: str = "",
    ) -> None:
        async def warm(model: LanguageModel) -> None:
            await model.warm(
                system_prompt=system_prompt, conversation_history=conversation_history, words=words
            )

        await self._first_that_can(warm)

    async def aclose(self) -> None:
        self._closed = True
        for link in self._links:
            await link.aclose()

    async def _first_that_can(self, use: Callable[[LanguageModel], Awaitable[None]]) -> None:
        for link, others in self._attempts():
            try:
                async with link.watched():
                    await use(link.model)
            except InputError:
                raise
            except HeisenbergError as exc:
                link.failed(exc)
                if not others:
                    raise
            else:
                return

    async def _write(
        self, begin: Callable[[LanguageModel], Generation], progress: Progress
    ) -> AsyncGenerator[str, None]:
        for link, others in self._attempts():
            began = False
            try:
                async with aclosing(begin(link.model)) as generation:
                    while (piece := await link.next_piece(generation)) is not None:
                        _note(progress, generation)
                        began = True
                        yield piece
                    _note(progress, generation)
            except InputError:
                raise
            except HeisenbergError as exc:
                link.failed(exc)
                if began or not others:
                    raise
            else:
                return

    def _usable(self) -> list[_Link]:
        """Those that are well; all, in case they are better than their repute, if none is."""
        return [link for link in self._links if link.is_up] or self._links

    def _attempts(self) -> list[tuple[_Link, bool]]:
        """Whom to try, and whether others are left after them."""
        if self._closed:
            raise EngineError("The language model is closed.")
        usable = self._usable()
        return [(link, link is not usable[-1]) for link in usable]


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


def _note(progress: Progress, generation: Generation) -> None:
    progress.model = generation.model
    progress.tokens = generation.tokens
    progress.prompt_tokens = generation.prompt_tokens
    progress.prompt_ends = generation.prompt_ends
    progress.calls = generation.calls
