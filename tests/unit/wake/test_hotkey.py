"""Which library watches the key, when the user leaves it open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.core.config.turn import KeyConfig
from heisenberg.core.errors import ConfigError
from heisenberg.wake.evdev_key import EvdevKey
from heisenberg.wake.hotkey import open_hotkey
from heisenberg.wake.pynput_key import PynputKey
from tests.fakes.display import MISSING, is_available, x_display
from tests.fakes.keyboard import KEY_A, Keyboards

on_x = pytest.mark.skipif(not is_available(), reason=MISSING)


@pytest.fixture
def keyboards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboards]:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    keyboards = Keyboards(tmp_path, monkeypatch)
    yield keyboards
    keyboards.unplug_all()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, keyboards: Keyboards) -> Iterator[None]:
    del keyboards  # they come first: they begin without a display
    with x_display(monkeypatch):
        yield


async def _kind(keyboards: Keyboards, **settings: str) -> type:
    config = KeyConfig.model_validate({"name": "F9", **settings})
    key = await open_hotkey(config, folder=keyboards.folder)
    await key.aclose()
    return type(key)


@on_x
@pytest.mark.usefixtures("screen")
async def test_a_keyboard_that_may_be_read_is_read(keyboards: Keyboards) -> None:
    keyboards.plug()
    assert await _kind(keyboards) is EvdevKey


@on_x
@pytest.mark.usefixtures("screen")
async def test_where_none_may_be_read_the_desktop_is_asked(keyboards: Keyboards) -> None:
    assert await _kind(keyboards) is PynputKey
    keyboards.plug("event0", keys=[KEY_A])
    keyboards.locked.add(keyboards.plug("event1").path)
    assert await _kind(keyboards) is PynputKey


@on_x
@pytest.mark.usefixtures("screen")
async def test_what_the_user_names_is_what_is_used(keyboards: Keyboards) -> None:
    keyboard = keyboards.plug()
    assert await _kind(keyboards, backend="pynput") is PynputKey
    keyboards.locked.add(keyboard.path)
    with pytest.raises(ConfigError, match="permission denied"):
        await _kind(keyboards, backend="evdev")
    with pytest.raises(ConfigError, match="permission denied"):
        await _kind(keyboards, device=str(keyboard.path))


async def test_without_a_desktop_it_waits_for_a_keyboard(keyboards: Keyboards) -> None:
    assert await _kind(keyboards) is EvdevKey


async def test_without_a_desktop_a_keyboard_that_may_not_be_read_is_said(
    keyboards: Keyboards,
) -> None:
    keyboards.locked.add(keyboards.plug().path)
    with pytest.raises(ConfigError, match="permission denied"):
        await _kind(keyboards)


async def test_on_macos_the_desktop_is_asked(
    keyboards: Keyboards, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_name: str) -> PynputKey:
        raise ConfigError("macOS does not let Heisenberg see the keyboard.")

    keyboards.plug()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(PynputKey, "open", refuse)
    with pytest.raises(ConfigError, match="macOS"):
        await _kind(keyboards)
