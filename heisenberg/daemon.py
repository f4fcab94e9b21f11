"""The daemon: a room on a live sound card, the ways to reach it, and its life as a service.

Without sound there is no room, and the rest is the same.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from heisenberg.api.server import open_api
from heisenberg.audio.chime import ringing
from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.core.aio import task_group
from heisenberg.core.app import App
from heisenberg.core.bell import RoomBell
from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.events import Event
from heisenberg.core.house_bell import HouseBell
from heisenberg.core.lifecycle import Progress, Stages
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.history.file import HistoryFile
from heisenberg.llm.pool import ModelPool
from heisenberg.loading import Engines, SharedEngines, load_engines, load_shared_engines
from heisenberg.machine.allocator import give_freed_memory_back
from heisenberg.machine.pressure import memory_pressure
from heisenberg.main import Devices, assemble, assemble_without_sound
from heisenberg.mcp.skill import McpSkill
from heisenberg.service.agent_commands import agent_commands
from heisenberg.service.control import ControlServer
from heisenberg.service.daemon_lock import DaemonLock
from heisenberg.service.model_commands import model_commands
from heisenberg.service.notify import Notifier
from heisenberg.service.places import Places
from heisenberg.service.remote import forget_command, room_commands, soundless_commands
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.wake.base import Trigger, WakeDetector
from heisenberg.wake.hotkey import open_hotkey
from heisenberg.wake.trigger import follow_key

if TYPE_CHECKING:
    from heisenberg.skills.base import Bell
    from heisenberg.wyoming.satellite.satellites import Satellites

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


async def serve(
    config: Config, reread: Callable[[], Config], watching: Watching, *, sound: bool = True
) -> None:
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
                    starting = _started if sound else _started_without_sound
                    running = await parts.enter_async_context(starting(config, control, watching))
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
    hotkey: Trigger | None = None
    mode: Literal["hold", "tap"] = "hold"
    satellites: Satellites | None = None

    async def until(self, hangup: asyncio.Event, notifier: Notifier) -> None:
        """Listen until ``hangup``."""
        async with task_group() as group:
            tasks = [
                group.create_task(self.app.run(), name="room"),
                group.create_task(notifier.keep_alive(self._is_alive), name="watchdog"),
            ]
            switch = self.app.services.switch
            if switch is not None:
                watch = _watch_memory(switch.pool)
                tasks.append(group.create_task(watch, name="memory"))
            if (chooser := self.app.services.chooser) is not None:
                tasks.append(group.create_task(_prepare(chooser), name="prepare choosing"))
            spoken, skills = self.app.spoken, self.app.services.skills
            if self.hotkey is not None and spoken is not None:
                follow = follow_key(self.hotkey, self.mode, spoken.button, self._report)
                tasks.append(group.create_task(follow, name="hotkey"))
            if skills is not None and (bell := self._bell()) is not None:
                tasks += [
                    group.create_task(skill.work(bell), name="skill") for skill in skills.busy
                ]
            elif skills is not None:  # nothing rings, but programs ask too
                servers = [one for one in skills.busy if isinstance(one, McpSkill)]
                tasks += [group.create_task(one.keep(), name="skill") for one in servers]
            await hangup.wait()
            for task in tasks:
                task.cancel()

    def _bell(self) -> Bell | None:
        """What rings in every room there is; ``None`` where there never is one."""
        spoken, satellites = self.app.spoken, self.satellites
        own = [RoomBell(spoken.room, self.app.bus, ringing())] if spoken else []
        if satellites is None:
            return own[0] if own else None
        return HouseBell(lambda: [*own, *satellites.bells(ringing())])

    def _is_alive(self) -> bool:
        spoken = self.app.spoken
        return spoken is None or self.now_s() - spoken.room.listened_until_s < _DEAF_AFTER_S

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
        async with _reachable(config, control, app, stages, engines) as satellites:
            yield _Running(app, card.now_s, hotkey, config.key.mode, satellites)


@asynccontextmanager
async def _started_without_sound(
    config: Config, control: ControlServer, watching: Watching
) -> AsyncIterator[_Running]:
    """The same for programs alone."""
    began_s = time.monotonic()

    def now_s() -> float:
        return time.monotonic() - began_s

    async with Stages(watching.loading) as stages:
        rooms = bool(config.wyoming.satellites)
        loading = load_engines if rooms else load_shared_engines
        engines: Engines | SharedEngines = await loading(config, stages)
        app = assemble_without_sound(config, engines, now_s)
        watching.app(config, app)
        async with _reachable(config, control, app, stages, engines) as satellites:
            yield _Running(app, now_s, satellites=satellites)


@asynccontextmanager
async def _reachable(
    config: Config,
    control: ControlServer,
    app: App,
    stages: Stages,
    engines: Engines | SharedEngines,
) -> AsyncIterator[Satellites | None]:
    """What can be asked of every Heisenberg: over the socket, over HTTP, and over Wyoming; and the
    other rooms, if there are any."""
    if config.api.enabled:
        await _serve_api(config, app, stages)
    if config.wyoming.enabled:
        wake = engines.wake if isinstance(engines, Engines) else None
        await _serve_wyoming(config, app, stages, wake)
    satellites: Satellites | None = None
    if config.wyoming.satellites and isinstance(engines, Engines):
        from heisenberg.over_wyoming import open_satellites

        satellites = await stages.start("satellites", open_satellites(config, engines))
    commands = {
        **forget_command(app.forget),
        **model_commands(app.services.switch, app.warm),
        **agent_commands(app, config.languages[0]),
    }
    spoken = app.spoken
    commands |= room_commands(spoken.button, spoken.room) if spoken else soundless_commands()
    unregister = control.register(commands)
    try:
        yield satellites
    finally:
        unregister()
        await app.services.conversations.aclose()


async def _serve_api(config: Config, app: App, stages: Stages) -> None:
    """Where its address is taken, a room goes on without it."""
    try:
        server = await stages.start("API", open_api(app, config))
    except HeisenbergError as exc:
        if app.spoken is None:
            raise
        _publish(app, exc)
    else:
        app.address = server.url


async def _serve_wyoming(
    config: Config, app: App, stages: Stages, wake: WakeDetector | None
) -> None:
    """The same for those who speak Wyoming."""
    from heisenberg.over_wyoming import wyoming_server

    try:
        await stages.start("Wyoming server", wyoming_server(config, app, wake))
    except HeisenbergError as exc:
        if app.spoken is None:
            raise
        _publish(app, exc)


async def _prepare(chooser: Chooser) -> None:
    """Ahead, so that nobody waits for it; what it took to get there is given back."""
    try:
        await chooser.prepare()
        give_freed_memory_back()
    except HeisenbergError as exc:
        _log.warning("what is chosen among is not learnt ahead", reason=str(exc))


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
