"""Home Assistant, which switches lights and the like."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from heisenberg.core.config.section import Section

_TOKEN: Final = re.compile(r"[!-~]+")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:
        usable = False
    if url and (not usable or re.search(r"[\s@?#]", url)):
        raise ValueError(
            "it is like http://homeassistant.local:8123, and what logs in there is home.token"
        )
    return url.rstrip("/")


def _one_word(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("it is letters, digits and signs, without a space")
    return token


class HomeConfig(Section):
    """A smart home, which does what is said about its devices."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """Where Home Assistant is, as in ``http://homeassistant.local:8123``; empty: there is none."""
    token: Annotated[SecretStr, AfterValidator(_one_word)] | None = None
    """A long-lived access token, made in Home Assistant at the end of a user's profile."""
    timeout_s: float = Field(10.0, gt=0.0, le=60.0)
    """For its answer."""
