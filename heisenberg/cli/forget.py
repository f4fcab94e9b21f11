"""``heisenberg forget``: nothing that was said is known any more."""

from __future__ import annotations

import contextlib
from typing import Final

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

_TIMEOUT_S: Final = 5.0


def forget(config: ConfigOption = None, settings: SetOption = None) -> None:
    """Forget what was said, in the running Heisenberg and on disk."""
    from heisenberg.core.errors import NotRunning
    from heisenberg.llm.history.file import HistoryFile
    from heisenberg.service.client import send
    from heisenberg.service.places import Places
    from heisenberg.service.wire import FORGET

    places = Places.find()
    socket = places.control_socket(load_config(config, settings).control.socket)
    with contextlib.suppress(NotRunning):
        send(socket, {"do": FORGET}, _TIMEOUT_S)
    # Of a daemon that no longer keeps its history, or another configuration's.
    HistoryFile(places.history).delete()
    typer.echo("Forgotten: nothing of what you said is known any more.")
