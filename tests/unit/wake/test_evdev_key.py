"""Keyboards that come, go, may not be read, or lack the key."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.wake.base import KeyEvent
from heisenberg.wake.evdev_key import EvdevKey
from tests.fakes.keyboard import KEY_A, KEY_F9, KEY_F10, Keyboards

DOWN, UP = KeyEvent.DOWN, KeyEvent.UP
SOON_S = 0.01


@pytest.fixture
def keyboards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboards]:
    keyboards = Keyboards(tmp_path, monkeypatch)
    yield keyboards
    keyboards.unplug_all()


async def _open(keyboards: Keyboards, name: str = "F9", device: str = "") -> EvdevKey:
    return await EvdevKey.open(name, device, folder=keyboards.folder, rescan_s=SOON_S)


async def _next(key: EvdevKey, count: int) -> list[KeyEvent]:
    events = aiter(key)
    async with asyncio.timeout(20):
        taken = [await anext(events) for _ in range(count)]
    await events.aclose()
    return taken


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def _until_watched(key: EvdevKey, *names: str) -> None:
    async with asyncio.timeout(20):
        while tuple(Path(path).name for path in key.keyboards) != names:  # noqa: ASYNC110 - no event
            await asyncio.sleep(SOON_S)


async def test_every_keyboard_that_has_the_key_is_watched_and_no_other(
    keyboards: Keyboards,
) -> None:
    keyboards.plug("event0")
    keyboards.plug("event1", keys=[KEY_A, KEY_F10])
    keyboards.plug("event2")
    keyboards.plug("mouse0")
    key = await _open(keyboards)
    assert [Path(path).name for path in key.keyboards] == ["event0", "event2"]
    await key.aclose()


async def test_the_key_is_down_until_the_last_keyboard_lets_it_go(keyboards: Keyboards) -> None:
    left, right = keyboards.plug("event0"), keyboards.plug("event1")
    key = await _open(keyboards)
    left.press()
    assert await _next(key, 1) == [DOWN]
    right.press()
    right.release()
    left.release()
    left.press()
    assert await _next(key, 2) == [UP, DOWN]
    await key.aclose()


async def test_a_key_that_was_down_before_is_first_heard_when_it_is_pressed_again(
    keyboards: Keyboards,
) -> None:
    keyboard = keyboards.plug()
    key = await _open(keyboards)
    keyboard.repeat()
    keyboard.release()
    keyboard.press()
    keyboard.release()
    assert await _next(key, 2) == [DOWN, UP]
    await key.aclose()
    assert [event async for event in key] == []


async def test_a_keyboard_pulled_while_the_key_is_down_lets_it_go_and_works_when_it_is_back(
    keyboards: Keyboards,
) -> None:
    keyboard = keyboards.plug()
    key = await _open(keyboards)
    for _ in range(3):
        keyboard.press()
        assert await _next(key, 1) == [DOWN]
        keyboard.unplug()
        assert await _next(key, 1) == [UP]
        assert not key.keyboards
        keyboard = keyboards.plug()
        await _until_watched(key, "event0")
    await key.aclose()


async def test_a_keyboard_back_before_its_absence_was_noticed_takes_the_old_ones_place(
    keyboards: Keyboards,
) -> None:
    old = keyboards.plug()
    key = await _open(keyboards)
    old.press()
    assert await _next(key, 1) == [DOWN]
    old.vanish()
    new = keyboards.plug()
    assert await _next(key, 1) == [UP]
    old.press()
    new.press()
    new.release()
    assert await _next(key, 2) == [DOWN, UP]
    assert len(key.keyboards) == 1
    await key.aclose()


async def test_a_keyboard_plugged_in_later_is_found(keyboards: Keyboards) -> None:
    key = await _open(keyboards)
    assert not key.keyboards
    keyboard = keyboards.plug("event7")
    await _until_watched(key, "event7")
    keyboard.press()
    assert await _next(key, 1) == [DOWN]
    await key.aclose()


async def test_a_named_device_is_the_only_one_and_is_waited_for(keyboards: Keyboards) -> None:
    keyboards.plug("event0")
    key = await _open(keyboards, device=str(keyboards.folder / "pedal"))
    assert not key.keyboards
    keyboards.plug("pedal")
    await _until_watched(key, "pedal")
    await key.aclose()


async def test_a_keyboard_replaced_by_another_kind_is_looked_at_anew(keyboards: Keyboards) -> None:
    keyboard = keyboards.plug("event0", keys=[KEY_A])
    key = await _open(keyboards)
    assert not key.keyboards
    keyboard.unplug()
    keyboards.plug("event0", keys=[KEY_F9])
    await _until_watched(key, "event0")
    await key.aclose()


async def test_keyboards_that_may_not_be_read_are_said_with_what_to_do(
    keyboards: Keyboards,
) -> None:
    keyboards.locked.add(keyboards.plug("event0").path)
    keyboards.plug("event1", keys=[KEY_A])
    with pytest.raises(ConfigError, match=r"permission denied on .*event0") as caught:
        await _open(keyboards)
    assert "group 'input'" in caught.value.hint


async def test_one_keyboard_that_may_be_read_is_enough(keyboards: Keyboards) -> None:
    keyboards.locked.add(keyboards.plug("event0").path)
    keyboards.plug("event1")
    key = await _open(keyboards)
    assert [Path(path).name for path in key.keyboards] == ["event1"]
    keyboards.locked.clear()
    await _until_watched(key, "event1", "event0")
    await key.aclose()


@pytest.mark.parametrize("device", ["event0", "letter", "folder"])
async def test_a_named_device_without_the_key_is_said(keyboards: Keyboards, device: str) -> None:
    keyboards.plug("event0", keys=[KEY_A])
    (keyboards.folder / "letter").write_text("Dear reader, this is no keyboard.", encoding="utf-8")
    (keyboards.folder / "folder").mkdir()
    with pytest.raises(ConfigError, match="has no key F9") as caught:
        await _open(keyboards, device=str(keyboards.folder / device))
    assert "key.device" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [("PAUZE", "PAUSE"), ("RIGHT_CTRL", "RIGHTCTRL"), ("F25", "F2"), ("", "F9")],
)
async def test_an_unknown_key_is_said_with_those_it_may_be(
    keyboards: Keyboards, name: str, meant: str
) -> None:
    with pytest.raises(ConfigError, match=f"There is no key called '{name}'") as caught:
        await _open(keyboards, name)
    assert meant in caught.value.hint


@pytest.mark.parametrize("name", ["f9", " F9 ", "F9"])
async def test_a_key_may_be_written_in_small_letters(keyboards: Keyboards, name: str) -> None:
    keyboards.plug()
    key = await _open(keyboards, name)
    assert key.keyboards
    await key.aclose()


async def test_no_file_stays_open(keyboards: Keyboards) -> None:
    keyboards.plug("event0")
    keyboards.plug("event1", keys=[KEY_A])
    await (await _open(keyboards)).aclose()  # what is opened once and for all
    before = _open_files()
    for _ in range(5):
        await (await _open(keyboards)).aclose()
    assert _open_files() == before


async def test_without_its_library_it_says_how_to_add_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    with pytest.raises(ConfigError, match="needs the evdev library") as caught:
        await EvdevKey.open("F9", folder=tmp_path)
    assert "make hotkey" in caught.value.hint
    assert "heisenberg[hotkey]" in caught.value.hint
