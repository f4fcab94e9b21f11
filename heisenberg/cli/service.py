"""``heisenberg service``: Heisenberg in the background, from one login to the next."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heisenberg.service.background import ServiceStatus

app = typer.Typer(help="Heisenberg as a service in the background.", no_args_is_help=True)


@app.command()
def install(
    config: ConfigOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> None:
    """Run Heisenberg in the background, from now on.

    It starts at once and after every login, with the options given here. Once more updates it.
    """
    from heisenberg.service.install import find_service, program, unseen_settings

    command = program(load_config(config, settings), config, settings or ())
    service = find_service()
    typer.echo("Installing and starting it. Loading the models may take a minute.", err=True)
    notes = service.install(command) + unseen_settings()
    _show(service.status(), notes, as_json=as_json)


@app.command()
def uninstall(
    config: ConfigOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> None:
    """Stop Heisenberg in the background, and remove the service."""
    from heisenberg.service.install import find_service

    del config, settings  # a service is removed whatever they are
    done = find_service().uninstall()
    if as_json:
        typer.echo(json.dumps({"installed": False, "notes": done}, ensure_ascii=False, indent=2))
        return
    for line in done:
        typer.echo(line)


@app.command()
def status(
    config: ConfigOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> int:
    """Say whether Heisenberg runs in the background.

    The exit code is 1 when it does not.
    """
    from heisenberg.service.install import find_service

    del config, settings  # the service has its own
    found = find_service().status()
    _show(found, (), as_json=as_json)
    return 0 if found.running else 1


def _show(status: ServiceStatus, notes: Sequence[str], *, as_json: bool) -> None:
    notes = [*notes, *status.notes]
    if as_json:
        document = dataclasses.asdict(status) | {"notes": notes}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    process = f", process {status.pid}" if status.pid else ""
    since = f", since {status.since}" if status.since else ""
    rows = [
        ("installed", f"{_yes(status.installed)}{f' ({status.file})' if status.installed else ''}"),
        ("enabled", _yes(status.enabled)),
        ("running", f"{_yes(status.running)}: {status.state}{process}{since}"),
        ("log", status.log),
        ("last line", status.last_line),
    ]
    if status.lingering is not None:
        rows.insert(3, ("lingering", _yes(status.lingering)))
    for name, value in rows:
        if value:
            typer.echo(f"{name:<11}{value}")
    for note in notes:
        typer.echo(note)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
