"""What the tests of the language model share."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that are evaluated."""
    sizes: list[int] = []
    evaluate = LlamaCpp.evaluate

    def counting(
        model: LlamaCpp, tokens: Sequence[int], stop: StopFlag, *, ask_at: int | None = None
    ) -> bool:
        sizes.append(len(tokens))
        return evaluate(model, tokens, stop, ask_at=ask_at)

    monkeypatch.setattr(LlamaCpp, "evaluate", counting)
    return sizes
