"""The HTTP API, put together of its parts."""

from __future__ import annotations

import time
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from heisenberg import __version__
from heisenberg.api.agents import agent_route
from heisenberg.api.chat import chat_routes
from heisenberg.api.clippy import clippy_routes
from heisenberg.api.control import control_routes
from heisenberg.api.documents import document_routes
from heisenberg.api.errors import body_of, openai_body_of, status_of
from heisenberg.api.guard import Guard
from heisenberg.api.metrics import Measured, Metrics, metrics_routes
from heisenberg.api.models import model_routes
from heisenberg.api.openai_audio import audio_routes
from heisenberg.api.openai_chat import chat_completion_routes
from heisenberg.api.openai_models import ModelNames, openai_model_routes
from heisenberg.api.page import PageFiles, page_routes
from heisenberg.api.session import session_routes
from heisenberg.api.settings import settings_routes
from heisenberg.api.status import Status
from heisenberg.api.streaming import ClientGone
from heisenberg.api.talk import talk_routes
from heisenberg.api.timers import timer_routes
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.errors import EngineError, HeisenbergError, InputError
from heisenberg.core.phrases import Phrases
from heisenberg.store.store import Store

_NO_JSON: Final = "json_invalid"
_MISSING: Final = "missing"
"""Pydantic's names of errors."""

_CLIENT_GONE: Final = 499
"""Nobody reads it; web servers' logs know it."""

_log = structlog.get_logger(__name__)


def make_api(
    app: App, config: Config, phrases: Phrases, store: Store, graphics: str = ""
) -> ASGIApp:
    """All that is served, behind the guard.

    ``graphics`` is what the language model in this process computes with besides the CPU.
    """
    api = FastAPI(
        title="Heisenberg",
        version=__version__,
        description="A private voice assistant, for programs.",
        docs_url=None,
        redoc_url=None,
    )
    services = app.services
    language = config.languages[0]
    names = ModelNames(services, store)
    metrics = Metrics(app)
    embedding = services.documents.embedder.name if services.documents else None
    for routes in (
        page_routes(),
        session_routes(config.api),
        chat_routes(services, graphics),
        talk_routes(services, language, graphics),
        clippy_routes(services, phrases.not_in_documents),
        document_routes(services),
        timer_routes(services, language),
        control_routes(app, Status(app, config, graphics), metrics.watchers_dropped.inc),
        model_routes(app, config, store),
        settings_routes(config),
        metrics_routes(metrics),
        chat_completion_routes(services, names),
        openai_model_routes(names, embedding),
        audio_routes(services, language),
    ):
        api.include_router(routes)
    if config.api.mcp:
        api.router.routes.append(agent_route(app, language))
    api.mount("/dashboard", PageFiles(), name="dashboard")
    _tell_errors(api)
    origins = list(config.api.origins)
    if origins:
        api.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"]
        )
    return Measured(Guard(api, config.api, time.monotonic), metrics.answered)


def _tell_errors(api: FastAPI) -> None:
    """Every error becomes a body that says what is wrong and what to do."""

    @api.exception_handler(HeisenbergError)
    async def ours(request: Request, error: HeisenbergError) -> Response:
        return _told(request, error, status_of(error))

    @api.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        return _told(request, _explained(error, request.headers.get("content-type", "")), 422)

    @api.exception_handler(HTTPException)
    async def starlettes(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, HeisenbergError):  # from a body that was being read
            return _told(request, error.__cause__, status_of(error.__cause__))
        known = InputError(f"{error.detail}.", "GET /docs shows what there is.")
        response = _told(request, known, error.status_code)
        response.headers.update(error.headers or {})
        return response

    @api.exception_handler(ClientGone)
    async def gone(request: Request, error: ClientGone) -> Response:
        del request, error
        return Response(status_code=_CLIENT_GONE)

    @api.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        _log.error("a request failed", path=request.url.path, exc_info=error)
        told = EngineError("Heisenberg failed to answer that.", "Its log has the details.")
        return _told(request, told, 500)


def _told(request: Request, error: HeisenbergError, status: int) -> JSONResponse:
    as_openai = request.url.path.startswith("/v1/")
    return JSONResponse(openai_body_of(error) if as_openai else body_of(error), status)


def _explained(error: RequestValidationError, content_type: str) -> InputError:
    problems: list[Any] = []
    for one in error.errors():
        if one["type"] == _NO_JSON:
            reason = str(one.get("ctx", {}).get("error", "it can't be read")).lower()
            return InputError(
                f"The body is no JSON: {reason}.", "GET /docs shows what is expected."
            )
        if one["loc"] == ("body",) and one["type"] != _MISSING and "json" not in content_type:
            return InputError(
                "The body is not said to be JSON.", "Send 'Content-Type: application/json' with it."
            )
        where = ".".join(str(part) for part in one["loc"] if part != "body")
        problems.append(f"{where}: {one['msg'].lower()}" if where else one["msg"].lower())
    return InputError(
        f"The request is not as it should be: {'; '.join(problems)}.",
        "GET /docs shows what is expected.",
    )
