"""Stand-ins for ``systemctl``, ``loginctl``, ``journalctl`` and ``launchctl``: scripts on a PATH.

Each keeps its world as files in one folder: what is loaded, what runs, what it refuses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NO_BUS = "Failed to connect to bus: No medium found"

_SYSTEMCTL = """
[ "$1" = --user ] || exit 64
shift
[ -e refuses ] && { cat refuses >&2; exit 1; }
link="$(dirname "$unit")/default.target.wants/heisenberg.service"
case "$1" in
    show-environment | reset-failed) ;;
    daemon-reload) rm -f loaded; [ ! -e "$unit" ] || cp "$unit" loaded ;;
    enable)
        [ -e "$unit" ] && [ ! -e looks-elsewhere ] || {
            echo "Failed to enable unit: Unit file heisenberg.service does not exist." >&2
            exit 1; }
        mkdir -p "$(dirname "$link")"; ln -sf "$unit" "$link"; echo "Created symlink." >&2 ;;
    disable)
        [ -e "$unit" ] || {
            echo "Failed to disable unit: Unit file heisenberg.service does not exist." >&2
            exit 1; }
        rm -f "$link" ;;
    restart)
        [ -e loaded ] || { echo "Unit heisenberg.service not found." >&2; exit 5; }
        rm -f runs
        [ ! -e crashes ] || { echo "Job for heisenberg.service failed because of its exit code." >&2
            echo 'See "systemctl --user status heisenberg.service" for details.' >&2; exit 1; }
        cp loaded runs ;;
    stop) [ -e hangs ] || rm -f runs ;;
    show)
        state=inactive sub=dead pid=0 result=success load=not-found file=
        [ ! -e crashes ] || { state=failed sub=failed result=exit-code; }
        [ ! -e runs ] || { state=active sub=running; pid=$(cat pid); }
        if [ -e "$unit" ] || [ -e loaded ]; then load=loaded; file=disabled; fi
        [ ! -e "$link" ] || file=enabled
        echo "LoadState=$load"; echo "ActiveState=$state"; echo "SubState=$sub"
        echo "UnitFileState=$file"; echo "Result=$result"; echo "MainPID=$pid" ;;
    *) exit 64 ;;
esac
"""

_LAUNCHCTL = """
[ -e refuses ] && { cat refuses >&2; exit 113; }
case "$1" in
    print)
        case "$2" in */*/*) ;; *) exit 0 ;; esac
        if [ -e runs ]; then
            printf '%s = {\\n\\tstate = running\\n\\n\\tpid = %s\\n' "$2" "$(cat pid)"
            printf '\\tlast exit code = (never exited)\\n'
            printf '\\tendpoints = {\\n\\t\\tstate = off\\n\\t}\\n}\\n'
        elif [ -e crashes ]; then
            printf '%s = {\\n\\tstate = not running\\n\\tlast exit code = 3\\n}\\n' "$2"
        elif [ -s leaving ]; then
            tail -n +2 leaving > rest; mv rest leaving; printf '\\tstate = SIGTERMed\\n'
        else
            echo "Could not find service in domain" >&2; exit 113
        fi ;;
    print-disabled) [ ! -e disabled ] || printf '\\t"local.heisenberg" => disabled\\n' ;;
    enable) rm -f disabled ;;
    bootout) rm -f runs; [ -e hangs ] && touch runs; printf '1\\n1\\n1\\n' > leaving ;;
    bootstrap)
        [ ! -e runs ] && [ ! -s leaving ] || {
            echo "Bootstrap failed: 5: Input/output error" >&2
            echo "Try re-running the command as root for richer errors." >&2; exit 5; }
        cp "$3" loaded ;;
    kickstart) [ -e loaded ] || exit 113; cp loaded runs ;;
    *) exit 64 ;;
esac
"""

_LOGINCTL = '[ ! -e lingering ] || echo "Linger=$(cat lingering)"'
_JOURNALCTL = "[ ! -e journal ] || cat journal"


@dataclass(frozen=True, slots=True)
class World:
    """What a service manager knows; ``file`` is what it reads the service from."""

    folder: Path
    programs: Path
    file: Path

    def set(self, name: str, text: str = "") -> None:
        """Make something so: ``refuses``, ``crashes``, ``hangs``, ``lingering``, ``journal``…"""
        (self.folder / name).write_text(text)

    def runs(self) -> str:
        """The file of the service that runs, as it was when it started; empty if none does."""
        running = self.folder / "runs"
        return running.read_text() if running.exists() else ""

    def calls(self) -> list[str]:
        """What was asked of the manager, in order."""
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []


def systemd_world(folder: Path, unit: Path) -> World:
    world = _world(folder, unit)
    _program(world, "systemctl", _SYSTEMCTL)
    _program(world, "loginctl", _LOGINCTL)
    _program(world, "journalctl", _JOURNALCTL)
    return world


def launchd_world(folder: Path, agent: Path) -> World:
    world = _world(folder, agent)
    _program(world, "launchctl", _LAUNCHCTL)
    return world


def _world(folder: Path, file: Path) -> World:
    world = World(folder / "world", folder / "programs", file)
    world.folder.mkdir(parents=True)
    world.programs.mkdir()
    world.set("pid", str(os.getpid()))
    return world


def _program(world: World, name: str, body: str) -> None:
    path = world.programs / name
    path.write_text(
        f"#!/bin/sh\nPATH=/usr/bin:/bin\ncd '{world.folder}'\nunit='{world.file}'\n"
        f'echo "{name} $*" >> calls\n{body}\n'
    )
    path.chmod(0o755)
