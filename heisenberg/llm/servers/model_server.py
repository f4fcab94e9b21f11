"""A server that runs language models: requests as JSON, replies as streams of JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import httpx2

from heisenberg.core.errors import EngineError, HeisenbergError, InputError, ModelMissing

Json: TypeAlias = Mapping[str, Any]

CONNECT_S: Final = 1.5
"""A server on this machine or in this house answers in milliseconds."""

_END: Final = "[DONE]"
_EVENT_STREAM: Final = "text/event-stream"
_TOO_LONG: Final = ("context length", "context size", "exceed_context", "too long")


class ModelServer:
    """An HTTP client of one server. Proxies and certificates are those of the environment.

    Every failure is an ``EngineError`` that names the server, but for a prompt that it finds too
    long (``InputError``) and a model that it does not have (``ModelMissing``).
    """

    def __init__(self, url: str, *, timeout_s: float, api_key: str | None = None) -> None:
        """``timeout_s``: how long it may say nothing in the middle of a reply."""
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def get(self, path: str, *, timeout_s: float | None = None) -> Any:
        """What ``path`` answers."""
        return await self._call("GET", path, None, timeout_s)

    async def post(self, path: str, body: Json) -> Any:
        """What ``path`` answers to ``body``."""
        return await self._call("POST", path, body, None)

    async def stream(self, path: str, body: Json) -> AsyncGenerator[Json, None]:
        """The objects that ``path`` sends, one by one: server-sent events, or a line each.

        Closing the generator closes the connection, by which a server knows that it may stop.
        """
        async with self._errors():
            client = await self._open()
            async with client.stream("POST", f"{self.url}{path}", json=body) as response:
                await self._check(response)
                if response.headers.get("content-type", "").startswith(_EVENT_STREAM):
                    async for event in httpx2.EventSource(response):
                        if event.data and event.data != _END:
                            yield self._object(event.data)
                else:
                    async for line in response.aiter_lines():
                        if line.strip():
                            yield self._object(line)

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    @property
    def _is_encrypted(self) -> bool:
        return self.url.startswith("https:")

    async def _open(self) -> httpx2.AsyncClient:
        """The client. It reads certificates when it is made: not on the event loop."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._new_client)
            return self._client

    def _new_client(self) -> httpx2.AsyncClient:
        timeout = httpx2.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s))
        # llama.cpp's server ends connections that were used for a while, whoever is about to use
        # them; on this machine or in this house a new one costs nothing.
        limits = httpx2.Limits(max_keepalive_connections=5 if self._is_encrypted else 0)
        return httpx2.AsyncClient(headers=self._headers, timeout=timeout, limits=limits)

    async def _call(
        self, method: str, path: str, body: Json | None, timeout_s: float | None
    ) -> Any:
        timeout = httpx2.Timeout(self._timeout_s if timeout_s is None else timeout_s)
        async with self._errors():
            client = await self._open()
            response = await client.request(method, f"{self.url}{path}", json=body, timeout=timeout)
            await self._check(response)
            return self._parsed(response.text)

    async def _check(self, response: httpx2.Response) -> None:
        if response.is_success:
            return
        raise self.failure(response.status_code, _reason(await response.aread()))

    def failure(self, status: int, reason: str) -> HeisenbergError:
        """What a refusal means, by its HTTP status and the server's words."""
        said = f" It says: {reason}." if reason else ""
        if any(sign in reason.lower() for sign in _TOO_LONG):
            return InputError(
                f"The prompt is too long for the model at {self.url}.{said}",
                "Shorten it, or start the server with a larger context.",
            )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return EngineError(
                f"The language model server at {self.url} refuses the key.{said}",
                "Set the api_key of this server.",
            )
        if status == HTTPStatus.NOT_FOUND:
            return ModelMissing(
                f"The language model server at {self.url} does not have this.{said}",
                "Check llm.endpoint and llm.model.",
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return EngineError(
                f"The language model server at {self.url} has too much to do.{said}",
                "Try again in a moment.",
            )
        return EngineError(
            f"The language model server at {self.url} failed (status {status}).{said}",
            "Look into its log.",
        )

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as exc:
            raise EngineError(
                f"No language model server answers at {self.url}.",
                "Start it, or set llm.endpoint to where it is.",
            ) from exc
        except httpx2.TimeoutException as exc:
            raise EngineError(
                f"The language model server at {self.url} said nothing for "
                f"{self._timeout_s:g} seconds.",
                "Choose a smaller model there, or set llm.timeout_seconds higher.",
            ) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            raise EngineError(
                f"The connection to the language model server at {self.url} failed: "
                f"{str(exc) or type(exc).__name__}.",
                "Check llm.endpoint, and that the server runs.",
            ) from exc

    def _object(self, text: str) -> Json:
        found = self._parsed(text)
        if not isinstance(found, dict):
            raise self._rubbish(text)
        return found

    def _parsed(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as exc:
            raise self._rubbish(text) from exc

    def _rubbish(self, text: str) -> EngineError:
        return EngineError(
            f"What answers at {self.url} is no language model server: it sends {text[:40]!r}.",
            "Set llm.endpoint to a server's address.",
        )


def _reason(body: bytes) -> str:
    """The server's own words, out of the shapes in which servers put them."""
    text = body.decode("utf-8", "replace").strip()
    try:
        error = json.loads(text)
    except ValueError:
        return text[:200] if "<" not in text else ""
    if isinstance(error, dict):
        error = error.get("error", error.get("message", ""))
    if isinstance(error, dict):
        error = " ".join(str(error[key]) for key in ("message", "type") if error.get(key))
    return str(error).rstrip(".")[:200]
