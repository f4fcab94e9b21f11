"""The thread, the files and the errors that engines share."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from heisenberg.core.errors import EngineError, InputError, LoadFailed, ModelMissing
from heisenberg.machine.native import Native, require_file, thread_count
from heisenberg.machine.onnx import open_session


class _Thing:
    """Remembers the threads that touched it."""

    def __init__(self) -> None:
        self.threads = {threading.current_thread().name}

    def use(self) -> int:
        self.threads.add(threading.current_thread().name)
        return 7


async def test_an_object_lives_on_one_thread_that_is_not_ours() -> None:
    native = await Native.open("odd thing", _Thing)
    assert await native.run(lambda thing: thing.use()) == 7
    threads = await native.run(lambda thing: thing.threads)
    await native.aclose()
    assert len(threads) == 1
    assert threading.current_thread().name not in threads


async def test_a_foreign_exception_becomes_an_engine_error_of_one_line() -> None:
    def fail(_: _Thing) -> None:
        raise RuntimeError("out of luck\nstack of things")

    native = await Native.open("odd thing", _Thing)
    with pytest.raises(EngineError, match=r"^The odd thing failed: out of luck\.$") as raised:
        await native.run(fail)
    await native.aclose()
    assert isinstance(raised.value.__cause__, RuntimeError)


async def test_an_error_of_ours_passes_as_it_is() -> None:
    def fail(_: _Thing) -> None:
        raise InputError("Too long.")

    native = await Native.open("odd thing", _Thing)
    with pytest.raises(InputError):
        await native.run(fail)
    await native.aclose()


async def test_after_closing_twice_a_call_says_so() -> None:
    native = await Native.open("odd thing", _Thing)
    await native.aclose()
    await native.aclose()
    with pytest.raises(EngineError, match="closed"):
        await native.run(lambda thing: thing.use())


async def test_a_failed_build_leaves_no_thread() -> None:
    def build() -> _Thing:
        raise LoadFailed("No.")

    before = threading.active_count()
    with pytest.raises(LoadFailed):
        await Native.open("odd thing", build)
    for thread in threading.enumerate():
        if "odd-thing" in thread.name:
            thread.join(timeout=10)
    assert threading.active_count() <= before


def test_a_missing_file_is_named_and_can_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"ear\.onnx") as raised:
        require_file(tmp_path / "ear.onnx")
    assert "heisenberg models pull" in raised.value.hint


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        require_file(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x07" * 1000])
def test_what_is_no_network_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ear.onnx"
    file.write_bytes(content)
    with pytest.raises(LoadFailed, match=r"ear\.onnx") as raised:
        open_session(file)
    assert "\n" not in raised.value.message
    assert "heisenberg models verify" in raised.value.hint


def test_threads_are_those_asked_for_or_the_cores_within_bounds() -> None:
    assert thread_count(5, at_most=2) == 5
    assert 1 <= thread_count(None, at_most=2) <= 2
    assert thread_count(None, at_most=1) == 1
