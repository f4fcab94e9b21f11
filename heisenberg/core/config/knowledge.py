"""What the owner's documents are looked up with."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from heisenberg.core.config.section import Section


class KnowledgeConfig(Section):
    """The owner's documents."""

    index: SecretStr = SecretStr("")
    """A file, or the address of a PostgreSQL (``postgresql://…``, which may hold a password);
    empty: a file in the user's data folder."""
    embedding: str = "auto"
    """A name from ``heisenberg models list``, or the path of a folder with ``model.onnx`` and
    ``tokenizer.json``."""
    rules: Path | None = None
    """Which files belong to which questions; ``None``: ``knowledge.toml`` in the user's
    configuration folder, if it is there."""
