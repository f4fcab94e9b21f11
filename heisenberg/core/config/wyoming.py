"""The configuration of the Wyoming protocol, which Home Assistant and voice satellites speak."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from heisenberg.core.config.section import Listed, Section, is_loopback


def host_and_port(address: str) -> tuple[str, int]:
    """Where ``tcp://kitchen.local:10700`` is. Raises ``ValueError`` for anything else."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not (host and port) or parts.scheme != "tcp" or parts.path.strip("/") or parts.query:
        raise ValueError(f"'{address}' is no address such as tcp://kitchen.local:10700")
    return host, port


def _checked(address: str) -> str:
    host_and_port(address)
    return address


def _checked_if_set(address: str) -> str:
    return _checked(address) if address else ""


Address = Annotated[str, AfterValidator(_checked)]
AddressIfSet = Annotated[str, AfterValidator(_checked_if_set)]


class WyomingConfig(Section):
    """Heisenberg as a Wyoming server, its satellites, and services of others that it uses.

    The protocol has no password: whoever reaches the server may use it.
    """

    enabled: bool = False
    """Whether there is a server."""
    host: str = "127.0.0.1"
    port: int = Field(10400, ge=0, le=65535)
    """0: any free one."""
    allow_network: bool = False
    """Whether ``host`` may be an address that other machines reach."""
    satellites: Annotated[tuple[Address, ...], Listed] = ()
    """Microphones and speakers in other rooms, as in ``tcp://kitchen.local:10700``."""
    stt: AddressIfSet = ""
    """The service that hears in place of our own recogniser, where ``stt.engine = "wyoming"``."""
    tts: AddressIfSet = ""
    """The one that speaks, where ``tts.engine = "wyoming"``."""
    wake: AddressIfSet = ""
    """The one that hears the wake word, where ``wake.engine = "wyoming"``."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _is_meant(self) -> Self:
        if self.enabled and not self.is_local and not self.allow_network:
            raise ValueError(
                f"{self.host} can be reached from other machines, and the Wyoming protocol has no "
                "password: set wyoming.allow_network = true if everybody in that network may use "
                "the assistant"
            )
        if len(set(self.satellites)) < len(self.satellites):
            raise ValueError("wyoming.satellites names one of them twice")
        return self
