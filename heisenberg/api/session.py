"""A browser shows the token once, and a cookie stands for it afterwards."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from heisenberg.api.errors import Unauthorized
from heisenberg.api.guard import COOKIE, same_secret
from heisenberg.api.schemas import FAILURES, Login
from heisenberg.core.config.api import ApiConfig


def session_routes(config: ApiConfig) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["session"], responses=FAILURES)

    @routes.post("/login", status_code=204)
    async def login(body: Login, request: Request) -> Response:
        """Get the cookie. Without a token that is set, there is nothing to show."""
        secret = config.secret
        if secret is not None and not same_secret(body.token, secret):
            raise Unauthorized("The token is wrong.", "It is what api.token is set to.")
        response = Response(status_code=204)
        if secret is not None:
            response.set_cookie(
                COOKIE,
                secret,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
                max_age=30 * 24 * 3600,
            )
        return response

    @routes.post("/logout", status_code=204)
    async def logout() -> Response:
        """Give the cookie back."""
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return routes
