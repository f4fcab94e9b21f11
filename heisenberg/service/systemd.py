"""Heisenberg as a systemd service of the user."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import platformdirs
import psutil

from heisenberg.core import resources
from heisenberg.core.errors import ServiceError
from heisenberg.service.background import ServiceStatus, remove, started_at
from heisenberg.service.child import ChildResult
from heisenberg.service.programs import ProgramMissing, Run, complaint, run_program
from heisenberg.service.sealed import keep_changes, write_sealed

UNIT: Final = "heisenberg.service"
LOG_COMMAND: Final = "journalctl --user -u heisenberg"

_BOOTED: Final = Path("/run/systemd/system")
"""Exists where systemd runs the machine: sd_booted(3)."""

_SESSIONS: Final = Path("/run/user")
_RUNNING: Final = frozenset({"active", "reloading"})
_GONE: Final = frozenset({"inactive", "failed"})
_PLAIN: Final = re.compile(r"[\w/.:=,+@%-]+", re.ASCII)


class SystemdService:
    """The unit ``heisenberg.service`` of this user."""

    def __init__(self, folder: Path, run: Run = run_program) -> None:
        """``folder`` is where systemd looks for the user's own units."""
        self._unit = folder / UNIT
        self._run = run

    @classmethod
    def find(cls) -> Self:
        return cls(platformdirs.user_config_path() / "systemd" / "user")

    def install(self, command: Sequence[str]) -> list[str]:
        self._require()
        if self._unit.is_symlink() and self._unit.resolve() == Path(os.devnull):
            raise ServiceError(f"{UNIT} is masked.", f"Run: systemctl --user unmask {UNIT}")
        kept = write_sealed(self._unit, render(command))
        self._systemctl("daemon-reload")
        self._enable()
        self._start()
        notes = []
        if kept:
            notes.append(
                f"The unit had changes of yours; it was replaced, and they are kept in {kept}. "
                "'systemctl --user edit heisenberg' keeps changes apart."
            )
        if os.geteuid() == 0:
            notes.append(
                "You are root: PipeWire and PulseAudio don't start for root. If there is no sound, "
                "install the service as the user who talks to Heisenberg."
            )
        return notes

    def uninstall(self) -> list[str]:
        reason = self._unreachable()
        done = [] if reason else self._stop()
        kept = keep_changes(self._unit)
        link = self._unit.parent / "default.target.wants" / UNIT
        done += [f"{path} was removed." for path in (self._unit, link) if remove(path)]
        if kept:
            done.append(f"It had changes of yours, which are kept in {kept}.")
        if not reason:
            self._ask("daemon-reload")
            self._ask("reset-failed", UNIT)
        elif done:
            done.append(f"If Heisenberg runs as a service, it still does. {reason}")
        return done or ["Heisenberg was not installed as a service."]

    def status(self) -> ServiceStatus:
        self._require()
        shown = self._show()
        pid = int(shown["MainPID"]) or None
        state = f"{shown['ActiveState']} ({shown['SubState']})"
        if shown["Result"] not in ("", "success"):
            state += f", {shown['Result']}"
        lingering = self._lingers()
        return ServiceStatus(
            installed=shown["LoadState"] == "loaded" and self._unit.exists(),
            enabled=shown["UnitFileState"] == "enabled",
            running=shown["ActiveState"] in _RUNNING,
            state=state,
            pid=pid,
            since=started_at(pid) if pid else None,
            lingering=lingering,
            file=str(self._unit),
            log=LOG_COMMAND,
            last_line=self._last_line(),
            notes=(_LINGERING_NOTE.format(user=psutil.Process().username()),)
            if lingering is False
            else (),
        )

    def _require(self) -> None:
        if error := self._unreachable():
            raise error

    def _unreachable(self) -> ServiceError | None:
        """Why the user's systemd can't be asked, if it can't."""
        try:
            asked = self._ask("show-environment")
        except ProgramMissing:
            return ServiceError(
                "This system has no systemd: there is no 'systemctl'.", _OTHERWISE_HINT
            )
        if asked.returncode == 0:
            return None
        if not _BOOTED.is_dir():
            return ServiceError(
                "systemd does not run this machine (is it a container?), so it runs no service.",
                _OTHERWISE_HINT,
            )
        return ServiceError(
            f"There is no session of yours in which systemd could run a service: "
            f"{complaint(asked)}.",
            _session_hint(),
        )

    def _enable(self) -> None:
        asked = self._ask("enable", UNIT)
        if asked.returncode != 0 and "does not exist" in asked.errors:
            raise ServiceError(
                f"Your systemd does not look for units in {self._unit.parent}.",
                "Unset XDG_CONFIG_HOME, which it does not know, and install again.",
            )
        if asked.returncode != 0:
            raise _refused("enable", complaint(asked))

    def _start(self) -> None:
        """Start it, or start it anew; returns when it is ready."""
        self._ask("reset-failed", UNIT)  # earlier failures count against the limit of starts
        asked_s = int(time.time())
        asked = self._ask("restart", UNIT)
        if asked.returncode != 0:
            reason = self._last_line(since_s=asked_s) or complaint(asked)
            raise ServiceError(
                f"Heisenberg is installed but did not start: {reason.rstrip('.')}.",
                f"Its log: {LOG_COMMAND}",
            )

    def _stop(self) -> list[str]:
        """Stop and disable what systemd knows of it, even if the unit's file has gone."""
        was_there = self._show()["ActiveState"] not in _GONE
        self._ask("stop", UNIT)
        if self._show()["ActiveState"] not in _GONE:
            raise ServiceError("Heisenberg does not stop.", f"Its log: {LOG_COMMAND}")
        self._ask("disable", UNIT)
        return ["Heisenberg was stopped."] if was_there else []

    def _show(self) -> dict[str, str]:
        names = ("LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "MainPID")
        shown = self._systemctl("show", UNIT, f"--property={','.join(names)}")
        values = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        return {"MainPID": "0"} | dict.fromkeys(names[:-1], "") | values

    def _lingers(self) -> bool | None:
        try:
            asked = self._run(["loginctl", "show-user", str(os.geteuid()), "--property=Linger"])
        except ProgramMissing:
            return None
        return {"Linger=yes": True, "Linger=no": False}.get(asked.output.strip())

    def _last_line(self, since_s: int = 0) -> str:
        """What Heisenberg itself wrote last; of an error and its hint, the error."""
        command = ["journalctl", "--user", f"--unit={UNIT}", "--identifier=heisenberg"]
        try:
            asked = self._run(
                [*command, "--lines=5", f"--since=@{since_s}", "--output=cat", "--quiet"]
            )
        except ProgramMissing:
            return ""
        lines = [line for line in asked.output.splitlines() if line.strip()]
        errors = [line for line in lines[-2:] if line.startswith("heisenberg: ")]
        return (errors or lines or [""])[-1].strip().removeprefix("heisenberg: ")

    def _ask(self, *arguments: str) -> ChildResult:
        return self._run(["systemctl", "--user", *arguments])

    def _systemctl(self, *arguments: str) -> str:
        asked = self._ask(*arguments)
        if asked.returncode != 0:
            raise _refused(arguments[0], complaint(asked))
        return asked.output


def render(command: Sequence[str]) -> str:
    """The unit that runs ``command``; its first word is an absolute path."""
    if set(command[0]) & set("\"'\\"):  # systemd refuses such a name for a program itself
        command = ["/usr/bin/env", *command]
    template = resources.systemd_unit().read_text(encoding="utf-8")
    # The colon leaves '$' alone, in which systemd would see variables.
    return template.replace("@EXEC_START@", ":" + " ".join(map(_quote, command)))


def _quote(word: str) -> str:
    """A word of a command line as systemd.syntax(7) and systemd.service(5) read it."""
    escaped = "".join(map(_escape, word))
    return escaped if _PLAIN.fullmatch(escaped) else f'"{escaped}"'


def _escape(sign: str) -> str:
    if sign in '\\"':
        return f"\\{sign}"
    if sign == "%":
        return "%%"
    if sign.isprintable():
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode(errors="surrogateescape"))


def _refused(what: str, reason: str) -> ServiceError:
    return ServiceError(
        f"'systemctl --user {what}' failed: {reason}.", f"See: systemctl --user status {UNIT}"
    )


def _session_hint() -> str:
    uid = os.geteuid()
    if uid == 0:
        return "Run this as the user who talks to Heisenberg, logged in, without sudo."
    export = f"export XDG_RUNTIME_DIR={_SESSIONS / str(uid)}"
    if (_SESSIONS / str(uid) / "systemd").is_dir():
        return f"Run: {export}, then this again."
    user = psutil.Process().username()
    return f"Log in as {user}, or run: sudo loginctl enable-linger {user}; {export}"


_OTHERWISE_HINT: Final = "Have your own service manager run: heisenberg run"

_LINGERING_NOTE: Final = (
    "Lingering is off: Heisenberg and its sound end when you log out, and start when you log in. "
    "To keep it running: sudo loginctl enable-linger {user}"
)
