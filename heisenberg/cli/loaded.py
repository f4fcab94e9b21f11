"""``heisenberg models loaded|use|unload``: the language models of a running Heisenberg."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config
from heisenberg.service.wire import ModelCommand

app = typer.Typer()

_TIMEOUT_S: Final = 300.0
"""A large model is read from a slow disk."""

NameArgument = Annotated[
    str, typer.Argument(help="A name from 'heisenberg models list', or the path of a GGUF file.")
]


@app.command()
def loaded(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> None:
    """Show which language models the running Heisenberg has in memory."""
    state = _ask(config, settings, ModelCommand.LOADED)
    if as_json:
        typer.echo(json.dumps(state))
        return
    for one in state["models"]:
        mark = "*" if one["name"] == state["present"] else " "
        used = "in use" if one["replies"] else f"unused for {one['unused_s']} s"
        typer.echo(f"{mark} {one['name']}  needs {one['needs_mb']} MB, {used}")
    typer.echo(f"* answers. Language models may hold {state['room_mb']} MB.")


@app.command()
def use(name: NameArgument, config: ConfigOption = None, settings: SetOption = None) -> None:
    """Have the running Heisenberg answer with another language model, from its next reply on."""
    state = _ask(config, settings, ModelCommand.USE, name)
    typer.echo(f"'{state['present']}' answers now. To keep it, set llm.model.")


@app.command()
def unload(name: NameArgument, config: ConfigOption = None, settings: SetOption = None) -> None:
    """Take a language model out of memory that the running Heisenberg does not use."""
    _ask(config, settings, ModelCommand.UNLOAD, name)
    typer.echo(f"'{name}' is no longer in memory.")


def _ask(
    config: Path | None, settings: list[str] | None, command: ModelCommand, model: str = ""
) -> dict[str, Any]:
    from heisenberg.service.client import send
    from heisenberg.service.places import Places
    from heisenberg.store.needs import is_path

    if is_path(model):  # the daemon may have been started elsewhere
        model = str(Path(model).expanduser().absolute())
    socket = Places.find().control_socket(load_config(config, settings).control.socket)
    answer = send(socket, {"do": command.value, "model": model}, _TIMEOUT_S)
    return {key: value for key, value in answer.items() if key != "ok"}
