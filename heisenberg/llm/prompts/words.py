"""The words in ``prompts/``, which a user may edit."""

from __future__ import annotations

from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import prompts_dir


def read_words(folder: str, name: str) -> str:
    """The text of ``prompts/<folder>/<name>``, or in English where a language has none.

    Raises ``ConfigError`` if it can't be read.
    """
    for place in (folder, "en"):
        file = prompts_dir() / place / name
        try:
            return file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{file} can't be read: {exc}.", "Write it as UTF-8 text.") from exc
    raise ConfigError(f"The words in {name} are missing.", "Install Heisenberg anew.")
