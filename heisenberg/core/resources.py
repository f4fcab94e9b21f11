"""Where the files that ship with Heisenberg lie: catalogue, prompts, questions, templates."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def checkout() -> Path | None:
    """The root of the source checkout this package runs from; ``None`` when it was installed."""
    root = _PACKAGE.parent
    return root if (root / "models" / "catalogue.toml").is_file() else None


def catalogue_file() -> Path:
    root = checkout()
    return root / "models" / "catalogue.toml" if root else _PACKAGE / "data" / "catalogue.toml"


def prompts_dir() -> Path:
    root = checkout()
    return root / "prompts" if root else _PACKAGE / "data" / "prompts"


def question_set() -> Path:
    """What ``heisenberg eval`` asks."""
    return _asset("questions.toml")


def command_set() -> Path:
    """What ``heisenberg bench commands`` says."""
    return _asset("commands.toml")


def request_set() -> Path:
    """What ``heisenberg bench choosing`` says."""
    return _asset("requests.toml")


def temptation_set() -> Path:
    """What ``heisenberg bench claims`` says."""
    return _asset("temptations.toml")


def systemd_unit() -> Path:
    root = checkout()
    return (root or _PACKAGE / "data") / "systemd" / "heisenberg.service"


def launchd_agent() -> Path:
    root = checkout()
    return (root or _PACKAGE / "data") / "launchd" / "heisenberg.plist"


def _asset(name: str) -> Path:
    """A file of sentences to measure with."""
    root = checkout()
    return root / "tests" / "assets" / name if root else _PACKAGE / "data" / name
