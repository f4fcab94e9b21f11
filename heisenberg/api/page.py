"""The dashboard's page, the description of the API, and whether it is up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from fastapi.staticfiles import StaticFiles
from starlette.responses import FileResponse, Response

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageFiles(StaticFiles):
    """The files of the page, by name. A browser asks whether they have changed: modules of two
    versions don't go together."""

    def __init__(self) -> None:
        super().__init__(directory=_static_folder(), check_dir=False)  # to check would block

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers.update(_HEADERS)
        return response


def page_routes() -> APIRouter:
    routes = APIRouter()

    @routes.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_static_folder() / "index.html", headers=_HEADERS)

    @routes.get("/docs", include_in_schema=False)
    async def described() -> FileResponse:
        return FileResponse(_static_folder() / "docs.html", headers=_HEADERS)

    @routes.get("/health", tags=["status"])
    async def health() -> dict[str, str]:
        """Answers as long as anything does."""
        return {"status": "ok"}

    return routes


def _static_folder() -> Path:
    return Path(__file__).parent / "dashboard" / "static"
