from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from heisenberg.core.errors import StoreError
from heisenberg.store.base import SourceFailed
from heisenberg.store.catalogue import Wheel, WheelPart, WheelSource
from heisenberg.store.partial import PartFile
from heisenberg.store.wheels import WheelShelf
from tests.fakes import pip

FIRST = hashlib.shake_128(b"first").digest(3000)
SECOND = hashlib.shake_128(b"second").digest(2000)
SPLIT = WheelSource(
    (
        WheelPart("one", "one/data/first.bin", len(FIRST)),
        WheelPart("two", "two/data/second.bin", len(SECOND)),
    )
)
SMALL = WheelSource((WheelPart("one", "one/config.json", 2),))


def ignore(_: int) -> None:
    pass


@dataclass
class Shop:
    """A folder of wheels and a shelf that fetches from it."""

    folder: Path
    wheels: dict[str, Wheel] = field(default_factory=dict)

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def shelf_folder(self) -> Path:
        return self.folder / "store" / ".wheels"

    def put(self, package: str, members: dict[str, bytes]) -> None:
        size, sha256 = pip.wheel(self.index, package, members)
        self.wheels[package] = Wheel("1.0", size, sha256)

    def shelf(
        self,
        *uses: str,
        command: Sequence[str] | None = None,
        free: Callable[[Path], int] = lambda _: 10**12,
    ) -> WheelShelf:
        command = command or (*pip.COMMAND, str(self.index))
        return WheelShelf(self.shelf_folder, self.wheels, uses, pip=command, free=free)

    def part(self, name: str, body: bytes) -> PartFile:
        target = self.folder / "store" / "model" / name
        return PartFile(target, len(body), hashlib.sha256(body).hexdigest())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.put("one", {"one/data/first.bin": FIRST, "one/config.json": b"{}"})
    shop.put("two", {"two/data/second.bin": SECOND})
    return shop


@pytest.fixture
def part(shop: Shop) -> Iterator[PartFile]:
    with shop.part("model.bin", FIRST + SECOND) as part:
        yield part


def test_members_are_joined_in_order(shop: Shop, part: PartFile) -> None:
    reached: list[int] = []
    shop.shelf("one", "two").fetch(SPLIT, part, reached.append)
    assert part.is_whole()
    assert reached[-1] == len(FIRST) + len(SECOND)
    assert reached == sorted(reached)


def test_a_wheel_is_fetched_once_and_goes_after_its_last_use(shop: Shop, part: PartFile) -> None:
    shelf = shop.shelf("one", "two", "one")
    shelf.fetch(SPLIT, part, ignore)
    assert [path.name for path in shop.shelf_folder.rglob("*.whl")] == ["one-1.0-py3-none-any.whl"]
    with shop.part("config.json", b"{}") as small:
        shelf.fetch(SMALL, small, ignore)
        assert small.is_whole()
    assert pip.calls(shop.index) == ["one", "two"]
    assert not list(shop.shelf_folder.rglob("*.whl"))
    shelf.close()
    assert not shop.shelf_folder.exists()


def test_parts_that_are_there_are_not_fetched_again(shop: Shop, part: PartFile) -> None:
    part.write(FIRST + SECOND[:100])
    shop.shelf("one", "two").fetch(SPLIT, part, ignore)
    assert part.is_whole()
    assert pip.calls(shop.index) == ["two"]


def test_progress_is_shown_while_a_wheel_arrives(shop: Shop, part: PartFile) -> None:
    """And Ctrl-C then ends pip, and leaves no wheel behind."""
    (shop.index / "hangs").touch()
    reached: list[int] = []

    def interrupt(done: int) -> None:
        reached.append(done)
        if done:
            raise KeyboardInterrupt

    shelf = shop.shelf("one", "two")
    with pytest.raises(KeyboardInterrupt):
        shelf.fetch(SPLIT, part, interrupt)
    assert 0 < reached[-1] < len(FIRST)
    assert not psutil.pid_exists(int((shop.index / "pid").read_text()))
    shelf.close()
    assert not shop.shelf_folder.exists()


def test_pip_may_tidy_its_folders_while_they_are_looked_at(
    shop: Shop, part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that goes between being seen and being read is neither progress nor a failure."""
    (shop.index / "hangs").touch()
    scan = os.scandir
    gone: list[object] = []

    def racing(path: str | os.PathLike[str]) -> object:
        if os.fspath(path).endswith("pip-unpack") and not gone:
            gone.append(path)
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", racing)

    def interrupt(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.shelf("one", "two").fetch(SPLIT, part, interrupt)
    assert gone


def test_a_wheel_that_is_not_the_pinned_one_is_refused(shop: Shop, part: PartFile) -> None:
    pip.wheel(shop.index, "one", {"one/data/first.bin": bytes(len(FIRST))})
    with pytest.raises(SourceFailed, match="wheel one is not the one of the catalogue"):
        shop.shelf("one", "two").fetch(SPLIT, part, ignore)
    assert part.offset == 0


def test_a_member_that_is_missing_is_said(shop: Shop, part: PartFile) -> None:
    shop.put("two", {"two/other": b""})
    with pytest.raises(SourceFailed, match=r"wheel two can't be unzipped.*second\.bin"):
        shop.shelf("one", "two").fetch(SPLIT, part, ignore)


def test_a_member_of_the_wrong_size_is_said(shop: Shop, part: PartFile) -> None:
    shop.put("one", {"one/data/first.bin": FIRST[:-1]})
    with pytest.raises(SourceFailed, match=r"first\.bin in the wheel one has the wrong size"):
        shop.shelf("one", "two").fetch(SPLIT, part, ignore)


@pytest.mark.parametrize(
    ("says", "reason", "asked"),
    [
        ("/usr/bin/python: No module named pip", "pip is not installed here", ["one"]),
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for one==1.0",
            "the package index is out of reach",
            ["one"],
        ),
        (
            "ERROR: No matching distribution found for one==1.0",
            "the package index does not have one",
            ["one", "one"],
        ),
        ("ERROR: Something else.", "pip could not fetch one: Something else", ["one", "one"]),
    ],
)
def test_why_pip_failed_is_said_and_a_dead_index_is_tried_once(
    shop: Shop, part: PartFile, says: str, reason: str, asked: list[str]
) -> None:
    (shop.index / "says").write_text(says)
    shelf = shop.shelf("one", "two")
    for _ in range(2):
        with pytest.raises(SourceFailed, match=reason):
            shelf.fetch(SPLIT, part, ignore)
    assert pip.calls(shop.index) == asked


def test_a_pip_that_cannot_be_started_is_said(shop: Shop, part: PartFile) -> None:
    shelf = shop.shelf("one", command=("/nowhere/python",))
    with pytest.raises(SourceFailed, match="pip can't be started"):
        shelf.fetch(SPLIT, part, ignore)


def test_a_disk_that_fills_up_while_pip_works_ends_the_run(shop: Shop, part: PartFile) -> None:
    (shop.index / "says").write_text("ERROR: [Errno 28] No space left on device")
    with pytest.raises(StoreError, match="disk is full"):
        shop.shelf("one", "two").fetch(SPLIT, part, ignore)


def test_a_full_disk_is_noticed_before_a_wheel_is_fetched(shop: Shop, part: PartFile) -> None:
    shelf = shop.shelf("one", "two", free=lambda _: len(FIRST))
    with pytest.raises(StoreError, match=r"disk is full: .* needed in .*, 3\.0 kB are free"):
        shelf.fetch(SPLIT, part, ignore)
    assert pip.calls(shop.index) == []
