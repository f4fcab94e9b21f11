"""What tests of the store share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.website import Website, website


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.fixture
def web() -> Iterator[Website]:
    with website() as server:
        yield server
