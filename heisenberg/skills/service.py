"""Services that skills ask over HTTP, and how that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    import httpx2

_MOST_BYTES: Final = 200_000

Answer = TypeVar("Answer", bound=BaseModel)


class ServiceFailed(Exception):
    """``reply`` names what is said."""

    reply: ClassVar[str]


class Unreachable(ServiceFailed):
    """There is no connection, or it broke."""

    reply = "unreachable"


class TooSlow(ServiceFailed):
    """No answer in time."""

    reply = "too_slow"


class Nonsense(ServiceFailed):
    """An answer that can't be used; ``status`` is that of HTTP, where this is why."""

    reply = "nonsense"

    def __init__(self, status: int | None = None) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Question:
    """One request: ``query`` stands in the address, ``body`` is sent as JSON where there is one.
    What is in ``headers`` is not shown."""

    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


async def ask(question: Question, kind: type[Answer], timeout_s: float) -> Answer:
    """What the service answers. Where it sends elsewhere, nobody goes. Raises ``ServiceFailed``."""
    # Loading the library reads files, and so does making a client.
    client = await asyncio.to_thread(_new_client, timeout_s)
    import httpx2

    try:
        async with asyncio.timeout(timeout_s), client:
            body = await _body(client, question)
    except (TimeoutError, httpx2.TimeoutException) as exc:
        raise TooSlow from exc
    except httpx2.TransportError as exc:
        raise Unreachable from exc
    except httpx2.HTTPError as exc:
        raise Nonsense from exc
    try:
        return kind.model_validate_json(body)
    except ValidationError as exc:
        raise Nonsense from exc


async def _body(client: httpx2.AsyncClient, question: Question) -> bytes:
    """What the service sends. Raises ``Nonsense``, and what the client raises."""
    body = b""
    async with client.stream(
        "GET" if question.body is None else "POST",
        question.url,
        params=question.query or None,
        json=question.body,
        headers=question.headers,
    ) as response:
        if not response.is_success:
            raise Nonsense(response.status_code)
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise Nonsense
    return body


def _new_client(timeout_s: float) -> httpx2.AsyncClient:
    import httpx2

    return httpx2.AsyncClient(timeout=timeout_s)
