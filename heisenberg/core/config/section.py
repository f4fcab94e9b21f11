"""What the sections of the configuration are made of."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Listed: Final = BeforeValidator(_listed)
"""One name may stand where a list of them is expected."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens at ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Section(BaseModel):
    """A part of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
