"""Tools of other programs, which are reached by the Model Context Protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from heisenberg.core.config.section import Listed, Section

ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,128}$")]
ServerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]

_ADDRESS: Final = re.compile(r"https?://[^\s/@]+(/\S*)?")


class McpServerConfig(Section):
    """A server: a program that is started, or an address."""

    command: Annotated[tuple[str, ...], Listed] = ()
    """The program and its arguments; it listens at its standard input."""
    url: str = ""
    """Where one is that listens over HTTP."""
    env: Mapping[Variable, SecretStr] = {}
    """Environment variables of the program; of ours it gets ``PATH``, ``HOME`` and their like."""
    headers: Mapping[HeaderName, SecretStr] = {}
    """What goes with each request over HTTP, as ``Authorization``."""
    allow: Annotated[tuple[ToolName, ...], Listed] = ()
    """The tools that may be used, by name; there is no other way to allow one."""
    confirm: Literal["changes", "all", "none"] | tuple[ToolName, ...] = "changes"
    """Which of them are asked about first; ``changes``: all but those of which the server says that
    they only read."""
    timeout_s: float = Field(30.0, gt=0.0, le=600.0)
    """For the answer of a tool."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be told."""
        values = (*self.env.values(), *self.headers.values())
        texts = [value.get_secret_value() for value in values]
        return tuple(text for text in (*texts, urlsplit(self.url).query) if text)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("set either command or url")
        if self.env and self.url:
            raise ValueError("env is for a server with a command")
        if self.headers and self.command:
            raise ValueError("headers are for a server with a url")
        if self.url and not _ADDRESS.fullmatch(self.url):
            raise ValueError("url is like http://localhost:8000/mcp; a password goes into headers")
        if not all(text.isprintable() for text in self.secrets):
            raise ValueError("what stands in env and headers is one line of text each")
        return self


class McpConfig(Section):
    """The servers, by name; each is a skill."""

    servers: Mapping[ServerName, McpServerConfig] = {}
