"""Options that work on every command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from heisenberg.core.config import Config

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Read the settings from FILE."),
]
SetOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change one setting; repeatable."),
]
JsonOption: TypeAlias = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document and nothing else on stdout."),
]


def load_config(file: Path | None, overrides: list[str] | None) -> Config:
    """The configuration for one command. Raises ``ConfigError``."""
    from heisenberg.core.config import Config

    return Config.load(file, overrides or ())


def as_arguments(file: Path | None, overrides: list[str] | None) -> list[str]:
    """The same options for a process of its own."""
    arguments = [] if file is None else ["--config", str(file)]
    return arguments + [part for text in overrides or () for part in ("--set", text)]
