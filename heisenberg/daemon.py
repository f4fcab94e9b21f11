"""The daemon: a room on a live sound card, the ways to reach it, and its life as a service."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.core.aio import task_group
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.events import Event
from heisenberg.core.lifecycle import Progress, Stages
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.history_file import HistoryFile
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.loading import load_engines
from heisenberg.machine.pressure import memory_pressure
from heisenberg.main import Devices, assemble
from heisenberg.service.control import ControlServer
from heisenberg.service.daemon_lock import DaemonLock
from heisenberg.service.model_commands import model_commands
from heisenberg.service.notify import Notifier
from heisenberg.service.places import Places
from heisenberg.service.remote import room_commands
from heisenberg.wake.base import Trigger
from heisenberg.wake.hotkey import open_hotkey
from heisenberg.wake.trigger import PushToTalk

_DEAF_AFTER_S: Final = 20.0
"""A pump that stands still for so long hangs: what it waits for takes a second at most."""

_MEMORY_LOOK_S: Final = 5.0
"""How often it is looked how short memory is; the kernel says what was in the last ten seconds."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watching:
    """Who is told what: the parts as they load, and each new app before it listens."""

    loading: Progress
    app: Callable[[Config, App], None]


async def serve(config: Config, reread: Callable[[], Config], watching: Watching) -> None:
    """Run until cancelled; SIGHUP reads the configuration anew with ``reread`` and starts over.

    A configuration that can't be read or loaded leaves the one before in use. Raises what keeps
    the daemon from starting the first time: ``AlreadyRunning``, ``ConfigError``, ``ModelError``,
    ``DeviceNotFound`` (only where there is no sound library).
    """
    notifier = Notifier.from_environment()
    known_good: Config | None = None
    async with AsyncExitStack() as stack:
        stack.callback(notifier.stopping)
        lock = await DaemonLock.take(config.control.socket)
        stack.push_async_callback(lock.aclose)
        control = await ControlServer.open(lock)
        stack.push_async_callback(control.aclose)
        hangup = stack.enter_context(_hangup())
        while True:
            hangup.clear()
            async with AsyncExitStack() as parts:
                try:
                    running = await parts.enter_async_context(_started(config, control, watching))
                except HeisenbergError as exc:
                    if known_good is None:
                        raise
                    _complain(exc)
                    config = known_good
                    continue
                known_good = config
                notifier.ready()
                await running.until(hangup, notifier)
            notifier.reloading()
            config = await _reread(config, reread)


@dataclass(frozen=True, slots=True)
class _Running:
    """A daemon that is ready."""

    app: App
    now_s: Callable[[], float]
    hotkey: Trigger | None
    mode: Literal["hold", "tap"]
    button: PushToTalk
    switch: SwitchableLLM | None

    async def until(self, hangup: asyncio.Event, notifier: Notifier) -> None:
        """Listen until ``hangup``."""
        async with task_group() as group:
            tasks = [
                group.create_task(self.app.run(), name="room"),
                group.create_task(notifier.keep_alive(self._is_alive), name="watchdog"),
            ]
            if self.switch is not None:
                watch = _watch_memory(self.switch.pool)
                tasks.append(group.create_task(watch, name="memory"))
            if self.hotkey is not None:
                follow = self.button.follow(self.hotkey, self.mode, self._report)
                tasks.append(group.create_task(follow, name="hotkey"))
            await hangup.wait()
            for task in tasks:
                task.cancel()

    def _is_alive(self) -> bool:
        return self.now_s() - self.app.room.listened_until_s < _DEAF_AFTER_S

    def _report(self, error: HeisenbergError) -> None:
        _publish(self.app, error)


@asynccontextmanager
async def _started(
    config: Config, control: ControlServer, watching: Watching
) -> AsyncIterator[_Running]:
    """Everything loaded and reachable; stopped again in reverse order."""
    reports = _DeviceReports()
    async with Stages(watching.loading) as stages:
        engines = await load_engines(config, stages)
        card = await stages.start("sound card", LiveCard.open(config.audio, reports))
        hotkey, no_key = await _hotkey(config, stages)
        devices = Devices(
            card.source, card.sink, card.now_s, card.reference, card.sink.expect_sound
        )
        app = assemble(config, engines, devices, *await _kept_history(config))
        watching.app(config, app)
        reports.tell(app)
        if no_key is not None:
            _publish(app, no_key)
        button = PushToTalk(app.room)
        unregister = control.register(
            {
                **room_commands(button, app.room, app.conversation.forget),
                **model_commands(engines.switch, app.conversation.warm),
            }
        )
        try:
            yield _Running(app, card.now_s, hotkey, config.key.mode, button, engines.switch)
        finally:
            unregister()


async def _watch_memory(pool: ModelPool) -> None:
    while True:
        await asyncio.sleep(_MEMORY_LOOK_S)
        await pool.relieve(await asyncio.to_thread(memory_pressure))


async def _kept_history(
    config: Config,
) -> tuple[ConversationHistory | None, Callable[[ConversationHistory], None] | None]:
    """What was said before the last stop, and what keeps what will be said; if that is wanted."""
    if not config.history.persist:
        return None, None
    file = HistoryFile(Places.find().history)
    return await asyncio.to_thread(file.load, config.llm.max_history_turns), file.save


async def _hotkey(config: Config, stages: Stages) -> tuple[Trigger | None, HeisenbergError | None]:
    """The key, or why there is none: all else goes on without it."""
    if not config.key.name:
        return None, None
    try:
        return await stages.start("hotkey", open_hotkey(config.key)), None
    except HeisenbergError as exc:
        return None, exc


def _publish(app: App, error: HeisenbergError) -> None:
    app.bus.publish(Event.ERROR, code=error.code, message=error.message, hint=error.hint)


class _DeviceReports:
    """What is said of devices becomes events; what is said before there is a bus, too."""

    def __init__(self) -> None:
        self._early: list[dict[str, Any]] = []
        self._app: App | None = None

    def __call__(self, kind: str, state: DeviceState, name: str, hint: str) -> None:
        report: dict[str, Any] = {"kind": kind, "state": state.value, "name": name, "hint": hint}
        if self._app is None:
            self._early.append(report)
        else:
            self._app.bus.publish(Event.DEVICE, **report)

    def tell(self, app: App) -> None:
        self._app = app
        for report in self._early:
            app.bus.publish(Event.DEVICE, **report)


@contextmanager
def _hangup() -> Iterator[asyncio.Event]:
    """Set whenever the process is asked to read its configuration anew."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    try:
        yield asked
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def _reread(config: Config, reread: Callable[[], Config]) -> Config:
    try:
        return await asyncio.to_thread(reread)
    except HeisenbergError as exc:
        _complain(exc)
        return config


def _complain(error: HeisenbergError) -> None:
    _log.error("the configuration before stays in use", problem=error.message, hint=error.hint)
