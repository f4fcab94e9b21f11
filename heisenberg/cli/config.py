"""``heisenberg config``: what is set."""

from __future__ import annotations

import json
from typing import Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

_HIDDEN: Final = "**********"
"""What a secret is shown as."""

app = typer.Typer(help="The effective configuration.", no_args_is_help=True)


@app.command()
def show(
    config: ConfigOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> None:
    """Print every setting with its value, as TOML that can be saved as heisenberg.toml."""
    values = load_config(config, settings).model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps(values, indent=2))
        return
    for line in _toml(values):
        typer.echo(line)


@app.command()
def check(config: ConfigOption = None, settings: SetOption = None) -> None:
    """Say whether the configuration can be used."""
    load_config(config, settings)
    typer.echo("The configuration is fine.")


def _toml(values: dict[str, Any], within: str = "") -> list[str]:
    """TOML has no null: what is not set becomes a comment."""
    sections = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [_line(key, value) for key, value in values.items() if key not in sections]
    for key, section in sections.items():
        path = f"{within}{key}"
        lines += ["", f"[{path}]", *_toml(section, f"{path}.")]
    return lines


def _line(key: str, value: object) -> str:
    if value is None:
        return f"# {key} is not set"
    if value == _HIDDEN:
        return f"# {key} is set, and not shown"
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
