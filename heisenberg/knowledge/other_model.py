"""An index whose vectors can't be compared with those of the configured model."""

from __future__ import annotations

from heisenberg.core.errors import KnowledgeError


def check_model(made_with: str, configured: str) -> None:
    """Raises ``KnowledgeError`` unless both are the same; an empty ``made_with`` is no model."""
    if made_with not in ("", configured):
        raise KnowledgeError(
            f"The index of documents was made with the embedding model {made_with}, and "
            f"{configured} is configured.",
            f"'heisenberg docs add' makes it anew; or set knowledge.embedding to {made_with}.",
        )
