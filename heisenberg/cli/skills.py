"""``heisenberg skills``: what can be asked for besides talk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config


def skills(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> None:
    """List the skills, each with a sentence to ask it with, and those left out, and why."""
    found = _found(load_config(config, settings))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found["enabled"]:
        typer.echo("Skills are switched off: skills.enabled is false.")
        return
    names = [one["name"] for kind in ("skills", "left_out") for one in found[kind]]
    width = max(map(len, names), default=0)
    for one in found["skills"]:
        said = [text for text in one["examples"].values() if text] or ["(in your own words)"]
        for name, text in zip([one["name"], *[""] * len(said)], said, strict=False):
            typer.echo(f"{name:{width}}  {text}")
    if found["left_out"]:
        typer.echo("\nLeft out:")
    for one in found["left_out"]:
        typer.echo(f"{one['name']:{width}}  {one['reason']}")


def _found(config: Config) -> dict[str, Any]:
    """What is printed as JSON."""
    from heisenberg.mcp.skill import mcp_skills
    from heisenberg.skills.discovery import find_skills
    from heisenberg.skills.sample import example_of

    if not config.skills.enabled:
        return {"enabled": False, "skills": [], "left_out": []}
    languages = config.languages
    servers = mcp_skills(config.mcp, languages)
    found = find_skills(config.skills, languages, servers, config.home)
    rows = [
        {
            "name": skill.name,
            "examples": {language: example_of(skill, language) for language in languages},
            "actions": [
                {"name": one.name, "about": one.about, "confirm": one.confirm}
                for one in skill.actions
            ],
        }
        for skill in found.skills
    ]
    reasons = {**found.left_out, **dict.fromkeys(config.skills.off, "skills.off names it.")}
    left_out = [{"name": name, "reason": reason} for name, reason in sorted(reasons.items())]
    return {"enabled": True, "skills": rows, "left_out": left_out}
