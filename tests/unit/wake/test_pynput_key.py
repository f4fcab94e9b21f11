"""A key on a desktop: its names, the display's whims, and a thread that ends."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from heisenberg.core.errors import ConfigError
from heisenberg.wake.base import KeyEvent
from heisenberg.wake.pynput_key import PynputKey
from tests.fakes.display import MISSING, Display, is_available, x_display

DOWN, UP = KeyEvent.DOWN, KeyEvent.UP
on_x = pytest.mark.skipif(not is_available(), reason=MISSING)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    with x_display(monkeypatch) as screen:
        yield screen


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "heisenberg-key"]


async def _hear(key: PynputKey, screen: Display, pressed: str) -> list[KeyEvent]:
    """What comes of pressing and letting go a key of the screen's keyboard."""
    await asyncio.to_thread(screen.press, pressed)
    await asyncio.to_thread(screen.release, pressed)
    events = aiter(key)
    async with asyncio.timeout(20):
        heard = [await anext(events), await anext(events)]
    await events.aclose()
    return heard


@on_x
@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("F9", "F9"),
        ("f12", "F12"),
        ("PAUSE", "Pause"),
        ("RIGHTCTRL", "Control_R"),
        ("ctrl_r", "Control_R"),
        ("RIGHTALT", "Alt_R"),
        ("RIGHTALT", "ISO_Level3_Shift"),
        ("LEFTMETA", "Super_L"),
        ("SCROLLLOCK", "Scroll_Lock"),
        ("SYSRQ", "Print"),
        ("COMPOSE", "Menu"),
        ("PAGEDOWN", "Next"),
        ("SPACE", "space"),
        ("A", "a"),
        ("7", "7"),
    ],
)
async def test_keys_have_the_names_the_kernel_gives_them(
    screen: Display, name: str, pressed: str
) -> None:
    key = await PynputKey.open(name)
    assert await _hear(key, screen, pressed) == [DOWN, UP]
    await key.aclose()


@on_x
async def test_its_thread_ends_though_no_other_key_is_pressed(screen: Display) -> None:
    for _ in range(3):
        key = await PynputKey.open("F9")
        assert len(_threads()) == 1
        assert await _hear(key, screen, "F9") == [DOWN, UP]
        await key.aclose()
        assert not _threads()


@on_x
async def test_a_display_that_goes_away_ends_it_and_is_said_once(screen: Display) -> None:
    key = await PynputKey.open("F9")
    with structlog.testing.capture_logs() as logged:
        await asyncio.to_thread(screen.press)
        await asyncio.to_thread(screen.end)
        async with asyncio.timeout(20):
            assert [event async for event in key] == [DOWN, UP]
        await key.aclose()
    assert [entry["event"] for entry in logged] == ["the push-to-talk key is watched no more"]
    assert not _threads()


@on_x
@pytest.mark.parametrize(
    ("name", "meant"), [("PAUZE", "PAUSE"), ("RIGHTCONTROL", "RIGHT"), ("", "F9"), ("F99", "F9")]
)
@pytest.mark.usefixtures("screen")
async def test_an_unknown_key_is_said_with_those_it_may_be(name: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"There is no key called '{name}'") as caught:
        await PynputKey.open(name)
    assert meant in caught.value.hint


@on_x
@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib's
async def test_a_display_that_cannot_be_reached_is_said(
    screen: Display, monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    await (await PynputKey.open("F9")).aclose()  # the library is loaded from here on
    screen.end()
    if not loaded:
        for module in [name for name in sys.modules if name.split(".")[0] == "pynput"]:
            monkeypatch.delitem(sys.modules, module)
    with pytest.raises(ConfigError, match=r"display|key can't be watched") as caught:
        await PynputKey.open("F9")
    assert "DISPLAY" in caught.value.hint
    assert not _threads()
    del caught
    await asyncio.get_running_loop().shutdown_default_executor()
    gc.collect()  # its sockets belong to this test


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no X display")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Under Wayland"),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, "Under Wayland"),
    ],
)
async def test_without_an_x_display_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=expected) as caught:
        await PynputKey.open("F9")
    assert "evdev" in caught.value.hint
    assert "heisenberg trigger" in caught.value.hint


async def test_without_its_library_it_says_how_to_add_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="needs the pynput library") as caught:
        await PynputKey.open("F9")
    assert "make hotkey" in caught.value.hint
