"""From what a model writes to what is given out."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from heisenberg.llm.generation import Progress
from heisenberg.llm.loops import without_loops
from heisenberg.llm.request import Request
from heisenberg.llm.structure import kept
from heisenberg.llm.tools.talk_or_calls import without_calls


def read(
    pieces: AsyncGenerator[str, None], request: Request, progress: Progress
) -> AsyncGenerator[str, None]:
    """``pieces`` of the reply to ``request``, checked where they must have a form; of free talk no
    endless repetition, and no calls of tools: these become ``progress.calls``."""
    if request.structure is not None:
        return kept(pieces, request.structure)
    if request.tools or request.results:
        pieces = without_calls(pieces, request.tools, progress)
    return without_loops(pieces)
