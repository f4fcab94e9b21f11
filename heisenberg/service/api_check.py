"""Whether programs reach Heisenberg over HTTP."""

from __future__ import annotations

from typing import Final

import httpx2

from heisenberg.core.config.api import ApiConfig
from heisenberg.service.check import Check, Status

_SOON_S: Final = 2.0


def check_api(config: ApiConfig, *, running: bool) -> Check:
    """Ask at the configured address; ``running``: a Heisenberg of this user is."""
    if not config.enabled:
        return Check("api", Status.OK, "The API is off (api.enabled).")
    scheme = "https" if config.certificate else "http"
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{config.port}"
    try:
        # A certificate of one's own is known to nobody: whether it answers is the question.
        answer = httpx2.get(f"{url}/health", timeout=_SOON_S, verify=False)
        is_ours = answer.json() == {"status": "ok"}
    except httpx2.TransportError:
        if running and config.port:
            return _trouble(f"The API does not answer at {url}.", "Its log says why.")
        return Check("api", Status.OK, f"The API will be at {url}.")
    except ValueError:
        is_ours = False
    if is_ours:
        return Check("api", Status.OK, f"The API and the dashboard are at {url}.")
    return _trouble(
        f"Another program answers at {url}.", "Set api.port to another one, or end that program."
    )


def _trouble(message: str, hint: str) -> Check:
    return Check("api", Status.WARN, message, hint, code="api")
