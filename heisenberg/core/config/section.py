"""What the sections of the configuration are made of."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Listed: Final = BeforeValidator(_listed)
"""One name may stand where a list of them is expected."""


class Section(BaseModel):
    """A part of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
