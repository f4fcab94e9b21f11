"""The configuration of the HTTP API: where it listens, and who may use it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from heisenberg.core.config.section import Listed, Section, is_loopback


class ApiConfig(Section):
    """The API and the dashboard. Loopback needs no token; any other address does."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(3001, ge=0, le=65535)
    """0: any free one."""
    mcp: bool = False
    """Whether coding agents find tools at ``/mcp``: to ask, speak, listen and set timers."""
    token: SecretStr | None = Field(None, min_length=16)
    """What whoever asks must show, if it is set."""
    hosts: Annotated[tuple[str, ...], Listed] = ()
    """Names by which this machine may be addressed, besides its own and ``localhost``."""
    origins: Annotated[tuple[str, ...], Listed] = ()
    """Other web pages that may use the API, as in ``https://home.example``."""
    certificate: Path | None = None
    """With ``key``, a PEM file each: HTTPS. A browser gives a page its microphone only then, or at
    ``localhost``."""
    key: Path | None = None
    requests_per_minute: int = Field(3000, ge=1)
    """Of one address; a short burst may be a tenth of that."""
    body_mb: float = Field(1.0, gt=0.0, le=100.0)
    """The longest request (10^6 bytes); of sound, ``upload_mb``."""
    upload_mb: float = Field(25.0, gt=0.0, le=1000.0)

    @property
    def secret(self) -> str | None:
        """The token itself."""
        return None if self.token is None else self.token.get_secret_value()

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if not self.is_local and self.token is None:
            raise ValueError(
                f"{self.host} can be reached from other machines: set api.token to 16 characters "
                "or more"
            )
        if (self.certificate is None) != (self.key is None):
            raise ValueError("api.certificate and api.key belong together")
        return self
