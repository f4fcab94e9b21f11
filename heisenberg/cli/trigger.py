"""``heisenberg trigger``: push-to-talk, and control of the running daemon."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config
from heisenberg.service.wire import Command

_TIMEOUT_S: Final = 5.0


def trigger(
    what: Annotated[
        Command,
        typer.Argument(
            help="down and up: a key that is held; press: one that is tapped; stop: silence; "
            "mute and unmute: the microphone; status: how it is.",
            show_default=False,
        ),
    ],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Press, hold, stop or mute the running Heisenberg."""
    from heisenberg.service.client import send
    from heisenberg.service.places import Places

    socket = Places.find().control_socket(load_config(config, settings).control.socket)
    answer = send(socket, {"do": what.value}, _TIMEOUT_S)
    if as_json:
        typer.echo(json.dumps(answer))
    elif what is Command.STATUS:
        typer.echo(_describe(answer))


def _describe(answer: dict[str, Any]) -> str:
    muted = ", muted" if answer["muted"] else ""
    drafting = "off (slow machine)" if answer["drafting"] == "slow_machine" else answer["drafting"]
    return f"{answer['state']}{muted} (process {answer['pid']})\ndrafting: {drafting}"
