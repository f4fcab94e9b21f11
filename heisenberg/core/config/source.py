"""What a configuration is read from: a file, and settings on the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import platformdirs
from pydantic import ValidationError

from heisenberg.core.errors import ConfigError

FILE_NAME: Final = "heisenberg.toml"

_SECRETS: Final = frozenset({"api_key", "token", "env", "headers"})
"""Settings whose values are not shown, whatever is wrong with them or with a part of them."""


def find_file() -> Path | None:
    """The file in the working folder, else in the user's configuration folder, if there is one."""
    for folder in (Path.cwd(), platformdirs.user_config_path("heisenberg")):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def read_file(path: Path) -> dict[str, Any]:
    """Its settings. Raises ``ConfigError``."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(
            f"The configuration file {path} can't be read: {exc.strerror}.",
            "Check the path given with --config.",
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"The configuration file {path} is not valid TOML: {exc}.", "Correct that line."
        ) from exc


def parse_overrides(overrides: Sequence[str]) -> dict[str, Any]:
    """``section.key=value`` texts as sections. Raises ``ConfigError``."""
    values: dict[str, Any] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        keys = name.strip().split(".")
        if not equals or not all(keys):
            raise ConfigError(
                f"'{text}' is not a setting.", "Write section.key=value, as in llm.temperature=0.2."
            )
        target = values
        for key in keys[:-1]:
            target = target.setdefault(key, {})
            if not isinstance(target, dict):
                raise ConfigError(f"'{name}' is set both as a value and as a section.")
        target[keys[-1]] = _parse_value(value.strip())
    return values


def _parse_value(text: str) -> Any:
    """A TOML value where it is one (numbers, booleans, lists, quoted text), else the text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def explain(exc: ValidationError, source: Path | None) -> ConfigError:
    """In words: which settings are wrong, and why. ``source`` is the file, if one was read."""
    problems = []
    for error in exc.errors(include_url=False):
        name = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            problems.append(f"there is no setting '{name}'")
        else:
            problems.append(f"{_shown(name, error['input'])}: {_reason(error['msg'])}")
    where = f" (in {source}, the environment or --set)" if source else ""
    return ConfigError(
        f"The configuration can't be used{where}: {'; '.join(problems)}.",
        "'heisenberg config show' lists every setting with its value.",
    )


def _shown(name: str, value: object) -> str:
    """A setting with what it was set to; not a secret, and not a whole section with one in it."""
    secret = bool(_SECRETS.intersection(name.split("."))) or isinstance(value, dict)
    return name if secret else f"{name} = {value!r}"


def _reason(message: str) -> str:
    first, _, rest = message.partition(", ")
    return rest if first == "Value error" else message.lower()
