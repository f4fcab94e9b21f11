"""``heisenberg doctor``: everything a user may trip over, and what to do about it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.service.check import Check


def doctor(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Check this machine and this installation, and say what to do."""
    return run(load_config(config, settings), as_json=as_json)


def run(config: Config, *, as_json: bool) -> int:
    """Examine the machine, print what was found, and return the exit code."""
    from heisenberg.service.doctor import examine, exit_code

    checks = examine(config)
    code = exit_code(checks)
    if as_json:
        found = [dataclasses.asdict(check) for check in checks]
        typer.echo(json.dumps({"ok": code == 0, "checks": found}, ensure_ascii=False, indent=2))
    else:
        _show(checks)
    return code


def _show(checks: Sequence[Check]) -> None:
    from rich.console import Console
    from rich.text import Text

    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    console = Console(soft_wrap=True)
    width = max(len(check.name) for check in checks) + 2
    for check in checks:
        line = Text.assemble((f"{check.status:<6}", colours[check.status]))
        line.append(f"{check.name:<{width}}{check.message}")
        if check.hint:
            line.append(f"\n{'':<{6 + width}}{check.hint}")
        console.print(line)
    problems = sum(check.status != "ok" for check in checks)
    console.print(f"{problems} of {len(checks)} need attention." if problems else "All is well.")
