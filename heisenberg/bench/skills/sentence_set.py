"""Reading a set of sentences to measure with from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from heisenberg.core.errors import ConfigError

SetT = TypeVar("SetT", bound=BaseModel)


def read_set(kind: type[SetT], file: Path, what: str, example: str) -> SetT:
    """A set of ``what``, as one of which ``example`` ships.

    Raises ``ConfigError`` with the file and what is wrong with it.
    """
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return kind.model_validate(content)
    except OSError as exc:
        raise ConfigError(
            f"The {what} in {file} can't be read: {exc.strerror}.", "Name another file."
        ) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise _unusable(file, what, example, f"{place}: {first['msg']}") from exc
    except ValueError as exc:  # no TOML, or not UTF-8
        raise _unusable(file, what, example, str(exc)) from exc


def _unusable(file: Path, what: str, example: str, problem: str) -> ConfigError:
    return ConfigError(
        f"The {what} in {file} can't be used: {problem}.",
        f"tests/assets/{example} shows what they look like.",
    )
