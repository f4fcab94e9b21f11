"""What is wrong with a request, as status and body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from heisenberg.core.errors import (
    ApiError,
    ConfigError,
    HeisenbergError,
    InputError,
    TurnError,
)


class Unauthorized(ApiError):
    """No token, or a wrong one."""

    code = "unauthorized"


class Forbidden(ApiError):
    """The request comes from a page, or is addressed to a name, that is not ours."""

    code = "forbidden"


class TooLarge(ApiError):
    """The request is longer than is allowed."""

    code = "too_large"


class TooSlow(ApiError):
    """The request ends half-way."""

    code = "too_slow"


class TooManyRequests(ApiError):
    """One address asks too often."""

    code = "too_many_requests"


class Unavailable(ApiError):
    """What is asked for is not loaded, or not configured."""

    code = "unavailable"


class UnknownModel(ApiError):
    """A model that is not here."""

    code = "model_not_found"


class NoSwitch(ApiError):
    """The language model runs on a server, which chooses it."""

    code = "no_switch"


_STATUS: Final[Mapping[type[HeisenbergError], int]] = {
    Unauthorized: 401,
    Forbidden: 403,
    TooLarge: 413,
    TooSlow: 408,
    TooManyRequests: 429,
    NoSwitch: 409,
    InputError: 400,
    UnknownModel: 404,
    ConfigError: 409,
    TurnError: 409,
}
_OTHERWISE: Final = 503
"""Something of ours does not work just now: a model, an index, the disk."""


def status_of(error: HeisenbergError) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), _OTHERWISE)


def body_of(error: HeisenbergError) -> dict[str, Any]:
    """What is sent of it."""
    told = {"code": error.code, "message": error.message, "hint": error.hint}
    return {"success": False, "error": told}


def openai_body_of(error: HeisenbergError) -> dict[str, Any]:
    """The same as OpenAI's clients expect it, below ``/v1``."""
    kind = "invalid_request_error" if status_of(error) < 500 else "server_error"
    return {"error": {"message": str(error), "type": kind, "param": None, "code": error.code}}
