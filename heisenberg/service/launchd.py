"""Heisenberg as a launchd agent of the user."""

from __future__ import annotations

import os
import plistlib
import re
import shlex
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from heisenberg.core import resources
from heisenberg.core.errors import InputError, ServiceError
from heisenberg.service.background import ServiceStatus, remove, started_at
from heisenberg.service.child import ChildResult
from heisenberg.service.places import Places
from heisenberg.service.programs import ProgramMissing, Run, complaint, run_program
from heisenberg.service.sealed import SEAL, keep_changes, write_sealed

LABEL: Final = "local.heisenberg"

MICROPHONE_NOTE: Final = (
    "macOS gives a program that was not allowed to use the microphone nothing but zeros. Run "
    "'heisenberg run' in Terminal once and allow the microphone, then see to it that Python is on "
    "in System Settings > Privacy & Security > Microphone. If only Terminal is listed there, "
    "macOS does not ask for background programs: leave 'heisenberg run' open in Terminal."
)

_STOP_S: Final = 95.0
"""Above ``ExitTimeOut`` in ``launchd/heisenberg.plist``."""

_LOOK_AGAIN_S: Final = 0.5
_TAIL_BYTES: Final = 4096


class LaunchdAgent:
    """The agent ``local.heisenberg`` of this user."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        run: Run = run_program,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``folder`` is where launchd looks for the user's agents; ``log`` is the log file."""
        self._agent = folder / f"{LABEL}.plist"
        self._log = log
        self._run = run
        self._sleep = sleep
        self._domain = f"gui/{os.geteuid()}"
        self._target = f"{self._domain}/{LABEL}"

    @classmethod
    def find(cls) -> Self:
        folder = Path.home() / "Library" / "LaunchAgents"
        return cls(folder, Places.find().logs / "heisenberg.log")

    def install(self, command: Sequence[str]) -> list[str]:
        self._require()
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise InputError(
                f"The folder {self._log.parent} can't be made: {exc.strerror}.",
                "See to its permissions.",
            ) from exc
        kept = write_sealed(self._agent, render(command, self._log))
        self._launchctl("enable", self._target)
        self._unload()
        self._launchctl("bootstrap", self._domain, str(self._agent))
        self._launchctl("kickstart", self._target)
        notes = [MICROPHONE_NOTE]
        if kept:
            notes.append(
                f"The agent had changes of yours; it was replaced, and they are kept in {kept}."
            )
        return notes

    def uninstall(self) -> list[str]:
        reason = self._unreachable()
        done = []
        if not reason and self._unload():
            done.append("Heisenberg was stopped.")
        kept = keep_changes(self._agent)
        if remove(self._agent):
            done.append(f"{self._agent} was removed.")
        if kept:
            done.append(f"It had changes of yours, which are kept in {kept}.")
        if reason and done:
            done.append(f"If Heisenberg runs as a service, it still does. {reason}")
        return done or ["Heisenberg was not installed as a service."]

    def status(self) -> ServiceStatus:
        self._require()
        installed = self._agent.exists()
        printed = self._ask("print", self._target)
        state = _field("state", printed.output) or "not loaded"
        code = _field("last exit code", printed.output)
        if code and code != "(never exited)" and state != "running":
            state += f", last exit code {code}"
        pid = _field("pid", printed.output)
        disabled = self._ask("print-disabled", self._domain).output
        return ServiceStatus(
            installed=installed,
            enabled=installed and not re.search(rf'"{LABEL}" => (disabled|true)', disabled),
            running=state == "running",
            state=state,
            pid=int(pid) if pid else None,
            since=started_at(int(pid)) if pid else None,
            lingering=None,
            file=str(self._agent),
            log=f"tail {shlex.quote(str(self._log))}",
            last_line=_last_line(self._log),
        )

    def _require(self) -> None:
        if error := self._unreachable():
            raise error

    def _unreachable(self) -> ServiceError | None:
        """Why the user's launchd can't be asked, if it can't."""
        if os.geteuid() == 0:
            return ServiceError(
                "The microphone belongs to the user at the screen, and you are root.",
                "Run this as that user, without sudo.",
            )
        try:
            asked = self._ask("print", self._domain)
        except ProgramMissing as exc:
            return ServiceError(str(exc), "It is part of macOS: see to your PATH.")
        if asked.returncode == 0:
            return None
        return ServiceError(
            f"You are not logged in at the screen of this Mac: {complaint(asked)}.",
            "Log in there (Heisenberg's sound needs it), then run this again.",
        )

    def _unload(self) -> bool:
        """Stop the agent and wait until launchd has let go of it; was there one?

        ``bootout`` returns before that, and until then ``bootstrap`` fails with error 5.
        """
        if not self._is_loaded():
            return False
        self._ask("bootout", self._target)
        waited_s = 0.0
        while self._is_loaded():
            if waited_s >= _STOP_S:
                raise ServiceError("Heisenberg does not stop.", f"Its log: {self._log}")
            self._sleep(_LOOK_AGAIN_S)
            waited_s += _LOOK_AGAIN_S
        return True

    def _is_loaded(self) -> bool:
        return self._ask("print", self._target).returncode == 0

    def _ask(self, *arguments: str) -> ChildResult:
        return self._run(["launchctl", *arguments])

    def _launchctl(self, *arguments: str) -> None:
        asked = self._ask(*arguments)
        if asked.returncode != 0:
            raise ServiceError(
                f"'launchctl {arguments[0]}' failed: {complaint(asked)}.",
                f"See: launchctl print {self._target}",
            )


def render(command: Sequence[str], log: Path) -> str:
    """The agent that runs ``command`` and writes to ``log``, as a property list."""
    agent = plistlib.loads(resources.launchd_agent().read_bytes())
    agent["Label"] = LABEL
    agent["ProgramArguments"] = list(command)
    agent["WorkingDirectory"] = str(Path.home())
    agent["StandardOutPath"] = agent["StandardErrorPath"] = str(log)
    text = plistlib.dumps(agent, sort_keys=False).decode()
    return text.replace("<plist ", f"<!-- Written by Heisenberg. {SEAL} -->\n<plist ", 1)


def _field(name: str, printed: str) -> str:
    """The first value of that name, which is the service's own: those of its parts follow."""
    found = re.search(rf"^\s*{name} = (.+)$", printed, re.MULTILINE)
    return found[1].strip() if found else ""


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
