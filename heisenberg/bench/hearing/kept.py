"""What a long measurement has found so far, in a file, so that it can be stopped and go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from heisenberg.core.errors import InputError


class Kept:
    """Findings by name, each a JSON value; without a file they are kept for this run only.

    ``settings`` must be those of the run that began the file. Raises ``InputError``.
    """

    def __init__(self, file: Path | None, settings: dict[str, Any]) -> None:
        self._file = file
        self._found: dict[str, Any] = {}
        if file is None:
            return
        if file.exists():
            self._read(file, settings)
        else:
            self._write({"settings": settings})

    def get(self, name: str) -> Any:
        """What was found, or ``None`` where it is still to be looked for."""
        return self._found.get(name)

    def put(self, name: str, value: Any) -> None:
        self._found[name] = value
        self._write({"name": name, "value": value})

    def _read(self, file: Path, settings: dict[str, Any]) -> None:
        try:
            # What follows the last end of a line was cut off while it was written.
            whole, end, _ = file.read_text(encoding="utf-8").rpartition("\n")
            first, *lines = map(json.loads, whole.splitlines())
            same = first["settings"] == settings
            self._found = {line["name"]: line["value"] for line in lines}
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise InputError(f"{file} does not hold measurements.", "Name another file.") from exc
        if not same:
            raise InputError(
                f"{file} was begun with other settings.", "Name another file, or delete it."
            )
        file.write_text(whole + end, encoding="utf-8")

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
