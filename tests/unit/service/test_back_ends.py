"""What doctor says about language model servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heisenberg.core.config import Config
from heisenberg.service.back_ends import check_back_ends
from heisenberg.service.check import Check, Status
from tests.fakes.website import Website, closed_port, website


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as site:
        site.put("/health", b'{"status": "ok"}')
        yield site


def _check(*settings: str) -> list[Check]:
    return check_back_ends(Config.load(None, settings))


def test_there_is_nothing_to_say_without_servers() -> None:
    assert _check() == []


def test_a_server_that_answers_is_fine(site: Website) -> None:
    settings = ("llm.backend=server", f"llm.endpoint={site.url}/completion")
    (found,) = _check(*settings)

    assert (found.name, found.status) == ("back_end_server", Status.OK)
    assert "leaves" not in found.message


def test_one_that_does_not_is_a_failure_unless_another_answers() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    settings = ("llm.backend=ollama", f"llm.endpoint={url}")
    (alone,) = _check(*settings)
    (backed,) = _check(*settings, 'llm.fallback=["inprocess"]')

    assert (alone.status, backed.status) == (Status.FAIL, Status.WARN)
    assert url in alone.message
    assert alone.hint


def test_a_cloud_that_is_not_named_is_asked_for() -> None:
    (found,) = _check("llm.backend=cloud")

    assert found.status is Status.FAIL
    assert "cloud.endpoint" in found.hint
