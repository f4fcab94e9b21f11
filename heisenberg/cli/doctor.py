"""``heisenberg doctor``: everything a user may trip over, and what to do about it."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.service.check import Check

_NAME_WIDTH: Final = 21


app = typer.Typer(help="Check this machine and this installation, and say what to do.")


@app.callback(invoke_without_command=True)
def doctor(
    context: typer.Context,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Check this machine and this installation, and say what to do."""
    if context.invoked_subcommand is not None:
        return 0
    return run(load_config(config, settings), as_json=as_json)


@app.command()
def audio(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Play a chirp: what does the microphone hear of the speaker, how late, how much goes away?"""
    from heisenberg.core import lifecycle

    return lifecycle.run(_audio(load_config(config, settings), as_json=as_json))


async def _audio(config: Config, *, as_json: bool) -> int:
    from heisenberg.service.echo_check import judge, measure_echo

    print("Playing a test sound for six seconds; please be quiet.", file=sys.stderr)
    return _show_all(judge(await measure_echo(config.audio)), as_json=as_json)


def run(config: Config, *, as_json: bool) -> int:
    """Examine the machine, print what is found as it is found, and return the exit code."""
    from heisenberg.service.doctor import examine

    return _show_all(examine(config), as_json=as_json)


def _show_all(found: Iterable[Check], *, as_json: bool) -> int:
    from heisenberg.service.doctor import exit_code

    show = _printer()
    checks = []
    for check in found:
        checks.append(check)
        if not as_json:
            show(check)
    code = exit_code(checks)
    if as_json:
        listed = [dataclasses.asdict(check) for check in checks]
        typer.echo(json.dumps({"ok": code == 0, "checks": listed}, ensure_ascii=False, indent=2))
        return code
    problems = sum(check.status != "ok" for check in checks)
    typer.echo(f"{problems} of {len(checks)} need attention." if problems else "All is well.")
    return code


def _printer() -> Callable[[Check], None]:
    from rich.console import Console
    from rich.text import Text

    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    console = Console(soft_wrap=True)

    def show(check: Check) -> None:
        line = Text.assemble((f"{check.status:<6}", colours[check.status]))
        line.append(f"{check.name:<{_NAME_WIDTH}}{check.message}")
        if check.hint:
            line.append(f"\n{'':<{6 + _NAME_WIDTH}}{check.hint}")
        console.print(line)

    return show
