"""The model that answers, one of several in memory: it can be changed between two replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, Unpack

import structlog

from heisenberg.core.errors import LoadFailed, ModelError, ModelMissing
from heisenberg.llm.base import ModelInfo, ReplyOptions, WarmOptions
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.pool import ModelPool

_log = structlog.get_logger(__name__)

_MB: Final = 10**6


class SwitchableLLM:
    """A ``LanguageModel`` that answers with a model of a pool: the present one, or, where a reply
    is asked of another by name, that one."""

    def __init__(
        self,
        pool: ModelPool,
        info: ModelInfo,
        *,
        keeps: bool = True,
        smaller: Callable[[str], Awaitable[Sequence[str]]],
    ) -> None:
        """``info`` is what is known of the first model, by whose name it is found; nothing is
        loaded yet. The present model stays in memory if ``keeps``.

        ``smaller`` names models to try, in this order, where the first one can't be loaded.
        """
        self.pool = pool
        self._info = info
        self._name = info.name
        self._keeps = keeps
        self._smaller = smaller
        self._changing = asyncio.Lock()
        self._ready = False

    @property
    def info(self) -> ModelInfo:
        """Of the present model."""
        return self._info

    def as_dict(self) -> dict[str, Any]:
        """Which models are in memory, as JSON: ``room_mb`` is what they may need together."""
        return {
            "present": self._info.name,
            "room_mb": self.pool.capacity_bytes // _MB,
            "models": [
                {
                    "name": one.name,
                    "needs_mb": one.needs_bytes // _MB,
                    "replies": one.users,
                    "unused_s": round(self.pool.unused_s(one)),
                }
                for one in self.pool.residents
            ],
        }

    async def load(self) -> None:
        """Load the present model, unless it is there, or the next smaller one that can be loaded.

        Raises ``ModelMissing``; ``LoadFailed`` for the first one when none can.
        """
        if self._is_there():  # it goes on answering while another one is loaded
            return
        async with self._changing:
            if self._is_there():
                return
            try:
                await self._take(self._name)
            except ModelMissing:
                raise
            except ModelError as exc:
                await self._take_smaller(exc)

    async def use(self, name: str) -> None:
        """Answer with another model from the next reply on; the present one ends its own.

        Raises what ``ModelPool.lease`` does; the present one then goes on answering.
        """
        async with self._changing:
            before = self._name
            try:
                await self._take(name)
            except LoadFailed:
                if not self._ready:
                    raise
                # Perhaps there is room for one only.
                self._ready = False
                self.pool.release(before)
                await self._take_instead(name, before)
            if self._name != before:
                self.pool.release(before)
                _log.info("language model", model=self._name, before=before)

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        """See ``LanguageModel``; ``options["model"]`` is a name or a path, as in ``llm.model``."""
        progress = Progress(self._info)
        return StreamedGeneration(self._write(prompt, options, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        await self.load()
        async with self.pool.lease(self._name) as model:
            await model.warm(**options)

    async def aclose(self) -> None:
        """Unload every model of the pool."""
        await self.pool.aclose()

    async def _write(
        self, prompt: str, options: ReplyOptions, progress: Progress
    ) -> AsyncGenerator[str, None]:
        name = options.get("model")
        if name is None:
            await self.load()
            name = self._name
        async with (
            self.pool.lease(name) as model,
            aclosing(model.generate(prompt, **options)) as generation,
        ):
            async for piece in generation:
                progress.follow(generation)
                yield piece
            progress.follow(generation)
            if name == self._name:
                self._info = model.info

    def _is_there(self) -> bool:
        return self._ready and self.pool.holds(self._name)

    async def _take(self, name: str) -> None:
        """Make it the present one."""
        if self._keeps:
            name = await self.pool.keep(name)
        async with self.pool.lease(name) as model:
            self._info, self._name = model.info, name
        self._ready = True

    async def _take_instead(self, name: str, before: str) -> None:
        try:
            await self._take(name)
        except ModelError:
            await self._take(before)
            raise

    async def _take_smaller(self, failure: ModelError) -> None:
        wanted = self._name
        for name in await self._smaller(wanted):
            try:
                await self._take(name)
            except ModelError:
                continue
            _log.warning("a smaller language model answers", model=self._name, reason=str(failure))
            return
        raise failure
