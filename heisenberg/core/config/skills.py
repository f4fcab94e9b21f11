"""What Heisenberg may do besides talk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from heisenberg.core.config.section import Listed, Section


class SkillsConfig(Section):
    """Skills."""

    enabled: bool = True
    off: Annotated[tuple[str, ...], Listed] = ()
    """The names of those that are not wanted."""
    chosen: bool = True
    """Whether a model may choose one where no sentence fits what was said."""
    folder: Path | None = None
    """Where skills of your own are; ``None``: ``skills`` in the user's configuration folder."""
    data: Path | None = None
    """Where they keep what they keep, as timers; ``None``: the user's data folder."""
    lists: Path | None = None
    """Where lists and notes are, in Markdown; ``None``: ``lists`` in ``data``."""
    place: str = ""
    """Where this is, a town, as "Lyon": what the weather is told of. Unset, nobody knows."""
